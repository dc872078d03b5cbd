"""What goes wrong in systems: second records, merges, records archived, deleted, erased and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from sandbox.story.events import Duplicated, Merged, Removed, Restored
from sandbox.story.people import Organization, Person, System
from sandbox.story.society import Society
from sandbox.story.spelling import SYSTEMS, misspelt
from sandbox.story.staff import slug
from sandbox.story.telling import DAY, HOUR, Act, Telling, around, chance

CRM: tuple[System, ...] = ("hubspot", "salesforce")
_WHERE: dict[str, Sequence[System]] = {
    "deal": CRM,
    "activity": CRM,
    "campaign member": ("salesforce",),
    "ticket": ("zendesk",),
    "chat": ("intercom",),
    "person": CRM,
}
_PERCENT = {"deal": 2.5, "activity": 1.0, "campaign member": 1.0, "ticket": 1.2, "chat": 0.9, "person": 9.0, "organization": 5.0}
"""How many records of a kind are removed once nothing happens to them any more."""
_ARCHIVES_PERCENT = {"hubspot": 100, "salesforce": 60, "zendesk": 40, "intercom": 0}
"""How often what is removed could be restored, by what a system offers."""
_ERASED_PERCENT = 0.8
_TWICE_PERCENT = 5.0


class Slips:
    """Makes the mistakes. Nobody and nothing that was removed anywhere takes part in what is new."""

    def __init__(self, telling: Telling, society: Society) -> None:
        self._telling = telling
        self._society = society
        self._deleted: set[tuple[System, str]] = set()

    def maybe_twice(self, who: Organization | Person, random: Random, systems: Sequence[System] = SYSTEMS) -> None:
        """Somebody may get a second record in one of the systems that know them."""
        if not chance(random, _TWICE_PERCENT):
            return
        known = [system for system in systems if system not in who.unknown_to]
        if known:
            self._telling.play(self._twice(who, random.choice(known), random), around(random, 5 * DAY))

    def _twice(self, who: Organization | Person, system: System, random: Random) -> Act:
        telling = self._telling
        if who.key in self._society.gone:
            return
        copy, kind = telling.key("copy"), "person" if isinstance(who, Person) else "organization"
        name = misspelt(random, who.name, who.country) if isinstance(who, Organization) else _misheard(who, random)
        telling.tell(Duplicated(telling.now, system, who.key, copy, name, _second_address(who, random)))
        fate = random.random()
        if fate < 0.25:
            return
        yield telling.at_work(telling.now + around(random, 18 * DAY), random)
        if who.key in self._society.gone:
            return
        if fate < 0.85:
            telling.tell(Merged(telling.now, system, who.key, copy))
        else:
            telling.tell(Removed(telling.now, system, kind, copy, "delete"))

    def maybe_remove(self, kind: str, entity: str, random: Random, unknown_to: frozenset[System] = frozenset()) -> None:
        """A record to which nothing happens any more may be removed from a system some time later."""
        known = [system for system in _WHERE[kind] if system not in unknown_to]
        if known and chance(random, _PERCENT[kind]):
            self._telling.play(self._remove(kind, entity, random.choice(known), random), around(random, 25 * DAY))

    def reject(self, kind: str, entity: str, random: Random) -> None:
        """A record that is nothing but rubbish is removed within hours."""
        self._telling.play(self._remove(kind, entity, _WHERE[kind][0], random), around(random, 3 * HOUR))

    def _remove(self, kind: str, entity: str, system: System, random: Random) -> Act:
        telling = self._telling
        if entity.rpartition("/")[2] in self._society.gone:
            return
        if kind == "person":
            self._society.gone.add(entity)
        how = "archive" if chance(random, _ARCHIVES_PERCENT[system]) else "delete"
        telling.tell(Removed(telling.now, system, kind, entity, how))
        if how == "delete" and kind == "person":
            self._deleted.add((system, entity))
        if how == "archive" and chance(random, 30):
            yield telling.now + around(random, 4 * DAY)
            if entity not in self._society.erased:
                telling.tell(Restored(telling.now, system, kind, entity))
                self._society.gone.discard(entity)

    def maybe_erase(self, person: Person, random: Random) -> None:
        """A person of whom nothing is heard any more may ask to be forgotten."""
        if chance(random, _ERASED_PERCENT):
            self._telling.play(self._erase_later(person), around(random, 40 * DAY))

    def _erase_later(self, person: Person) -> Act:
        self.erase(person)
        yield from ()

    def erase(self, person: Person) -> None:
        """Nothing is left of a person in any system."""
        if person.key in self._society.erased:
            return
        self._society.gone.add(person.key)
        self._society.erased.add(person.key)
        for system in SYSTEMS:
            if system not in person.unknown_to and (system, person.key) not in self._deleted:
                self._telling.tell(Removed(self._telling.now, system, "person", person.key, "erase"))

    def maybe_shelve(self, organization: Organization, random: Random) -> None:
        """A former customer's record may be archived some time later."""
        if "hubspot" not in organization.unknown_to and chance(random, _PERCENT["organization"]):
            self._telling.play(self._shelve(organization.key), around(random, 60 * DAY))

    def _shelve(self, key: str) -> Act:
        if key not in self._society.running and key not in self._society.gone:
            self._society.gone.add(key)
            self._telling.tell(Removed(self._telling.now, "hubspot", "organization", key, "archive"))
        yield from ()

    def unshelve(self, key: str) -> None:
        """Who is a customer again needs a record."""
        if key in self._society.gone:
            self._society.gone.discard(key)
            self._telling.tell(Restored(self._telling.now, "hubspot", "organization", key))

    def by_accident(self, organization: Organization, random: Random) -> Act:
        """A customer's record is archived by mistake and missed some days later."""
        telling = self._telling
        if "hubspot" in organization.unknown_to or organization.key in self._society.gone:
            return
        self._society.gone.add(organization.key)
        telling.tell(Removed(telling.now, "hubspot", "organization", organization.key, "archive"))
        yield telling.at_work(telling.now + around(random, 2 * DAY) + HOUR, random)
        self.unshelve(organization.key)


def _misheard(who: Person, random: Random) -> str:
    short = slug(who.first).capitalize()
    return random.choice(
        (who.name, who.name.upper(), f"{who.last}, {who.first}", f"{short[:1]}. {who.last}", f"{short} {who.last}")
    )


def _second_address(who: Organization | Person, random: Random) -> str:
    if isinstance(who, Organization):
        return f"info{random.randint(10, 99_999)}@{who.domain}"
    local, _, domain = who.email.partition("@")
    ways = (f"{local}.{random.randint(10, 99_999)}@mail.example", f"{local}+{random.randint(2, 999)}@{domain}")
    return random.choice(ways)
