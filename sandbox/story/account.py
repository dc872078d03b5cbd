"""What the story knows of one customer."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sandbox.story.deals import Sale
from sandbox.story.people import Person


@dataclass(eq=False)
class Account:
    """One customer: `spell` counts how often it began, so that what belongs to an earlier time ends."""

    organization: str
    people: list[Person]
    random: Random
    plan: str
    interval: str
    stripe: str
    seats: int
    owner: str
    spell: int = 0
    began: int = 0
    active: bool = False
    praises: bool = False
    sale: Sale | None = None
    place: int = -1
    """Where it stands among the running ones."""

    def anybody(self) -> Person:
        """Somebody of the customer, most often the first."""
        return self.people[min(len(self.people) - 1, int(self.random.expovariate(0.9)))]
