"""Tells everything that happens around the company, in time order, before the start and after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.agenda import Agenda
from sandbox.company.told import Newcomer, Told
from sandbox.story.events import Event
from sandbox.story.telling import Telling


class Storyteller(Told):
    """Enters the story on the agenda; it listens to the company (`Desk.told`) and calls `tell` for each event.

    Give it to the company's desk as `told`, and call `begin` before the company begins; from then on only time has
    to pass. `customers` is the size of the company at `start`; instants are epoch seconds.
    """

    def __init__(
        self,
        agenda: Agenda,
        seed: int,
        begin: int,
        start: int,
        timezone: str,
        currency: str,
        customers: int,
        tell: Callable[[Event], None],
    ) -> None:
        self._telling = Telling(agenda, seed, begin, start, timezone, tell)
        self._currency = currency.upper()
        self._customers = customers

    def begin(self) -> None:
        """Enter the first jobs; nothing is told before the agenda runs."""

    def identities(self) -> dict[str, dict[str, Any]]:
        """Per organization: its `stripe` customer ids and, per system, whether it is `known` and `linked`, `name`, `domain`."""
        return {}

    def sign_up_planned(self, newcomer: Newcomer, at: int) -> None:
        """Somebody is going to sign up: give them a past."""

    def customer_created(self, customer: str, newcomer: Newcomer, at: int) -> None:
        """Somebody signed up in Stripe."""

    def customer_runs(self, customer: str, at: int) -> None:
        """An organization became a customer, or is one again."""

    def customer_ended(self, customer: str, at: int) -> None:
        """An organization is a customer no more."""

    def customer_grew(self, customer: str, plan: str, seats: int, at: int) -> None:
        """A customer bought more: some sale was behind it."""

    def customer_deleted(self, customer: str, at: int) -> None:
        """A customer asked to be forgotten everywhere."""
