"""The story as the sales system learns it: which of its records stand for whom, and what events do to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.currencies import decimals
from sandbox.salesforce.records import Records
from sandbox.salesforce.schema import Row
from sandbox.salesforce.setup import Furnished
from sandbox.story.people import Campaign, Deal, Employee, Organization, Person

NAME = "salesforce"
Hearing = Callable[[Any], None]


@dataclass
class Acquaintance:
    """Who and what is known by the story's keys, and the records that stand for them: (object, id)."""

    records: Records
    furnished: Furnished
    employees: dict[str, Employee] = field(default_factory=dict)
    organizations: dict[str, Organization] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    deals: dict[str, Deal] = field(default_factory=dict)
    stripe: dict[str, str] = field(default_factory=dict)
    found: dict[str, tuple[str, str]] = field(default_factory=dict)

    def id(self, key: str | None, *kinds: str) -> str | None:
        """The id of a living record that stands for a key, if it is of one of these kinds."""
        kind, id = self.found.get(key or "", ("", ""))
        if not id or (kinds and kind not in kinds):
            return None
        row = self.records.org.table(kind).get(id)
        return id if row and not row.get("IsDeleted") else None

    def user(self, key: str | None) -> str:
        """The user that an employee is, else the integration user."""
        return self.id(key, "User") or self.furnished.user

    def create(self, key: str, kind: str, values: Row, at: int) -> str:
        """A new record that stands for a key."""
        id = str(self.records.create(kind, values, at)["Id"])
        self.found[key] = (kind, id)
        return id

    def update(self, key: str, values: Row, at: int) -> None:
        """Changes the record that stands for a key, if there is one and something differs."""
        id = self.id(key)
        if id is None:
            return
        kind = self.found[key][0]
        row = self.records.org.row(kind, id)
        if any(row.get(name) != value for name, value in values.items()):
            self.records.update(kind, id, values, at)


def money(amount: int, currency: str) -> Decimal:
    """An amount of minor units in units of the currency."""
    return Decimal(amount).scaleb(-decimals(currency.lower()))


def listeners(*parts: Any) -> dict[type, Hearing]:
    """What listens to each kind of event; every part has `hears`."""
    return {kind: hearing for part in parts for kind, hearing in part.hears().items()}
