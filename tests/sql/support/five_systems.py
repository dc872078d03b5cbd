"""A company's story as all five systems hold it: raw rows of each, and which record stands for whom in truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from storied import START, storied
from stripe_rows import RawRow

from sandbox.discovery import vendor_class
from sandbox.story.events import Duplicated, Event, PersonMet
from sandbox.story.storyteller import Storyteller
from sandbox.stripe.billing.calendar import add_months
from sandbox.stripe.store import Store
from sandbox.vendor import Setting

SYSTEMS = ("hubspot", "salesforce", "zendesk", "intercom")
SOURCES = ("stripe", "ecb", *SYSTEMS)
AS_OF = START
Record = tuple[str, str, str]
"""System, stream and id of a record."""


@dataclass
class FiveSystems:
    """One company at `AS_OF`, as its systems show it and as it is."""

    store: Store
    teller: Storyteller
    vendors: dict[str, Any]
    copies: dict[str, str] = field(default_factory=dict)
    """Second records, by their key, and whom they stand for."""
    homes: dict[str, str | None] = field(default_factory=dict)
    """The organization of each person, by their keys."""

    def rows(self) -> Iterator[RawRow]:
        """Everything that the sources show now, as it is landed."""
        for body in self.store.all("customer"):
            yield RawRow("customers", body["id"], body, AS_OF)
        for system, vendor in self.vendors.items():
            for stream in vendor.streams():
                for id, body in vendor.objects(stream).items():
                    yield RawRow(stream, id, body, AS_OF, source=system)

    def customer_of(self) -> dict[Record, str | None]:
        """The Stripe customer that each living record stands for; None if it is nobody's."""
        customers = {key: told["stripe"] for key, told in self.teller.identities().items()}
        found: dict[Record, str | None] = {}
        living = {}
        for system, stream, key, id in (*self._organizations(), *self._people()):
            original = self.copies.get(key, key)
            home = self.homes.get(original, original)
            if (system, stream) not in living:
                living[system, stream] = set(self.vendors[system].objects(stream))
            if id in living[system, stream]:
                found[system, stream, id] = next(iter(customers.get(home or "", ())), None)
        return found

    def _people(self) -> Iterator[tuple[str, str, str, str]]:
        for (kind, key), number in self.vendors["hubspot"].books.ids.items():
            if kind == "contacts":
                yield "hubspot", "contacts", key, str(number)

    def _organizations(self) -> Iterator[tuple[str, str, str, str]]:
        """System, stream, key of the story and id of the record, of every organization and its copies."""
        for (kind, key), number in self.vendors["hubspot"].books.ids.items():
            if kind == "companies":
                yield "hubspot", "companies", key, str(number)
        for (kind, key), number in self.vendors["zendesk"]._listener.ids.items():
            if kind == "organization":
                yield "zendesk", "organizations", key, str(number)
        for key, id in self.vendors["intercom"]._hearing._companies.items():
            yield "intercom", "companies", key, id
        for key, id in self.salesforce_accounts.items():
            yield "salesforce", "accounts", key, id

    @property
    def salesforce_accounts(self) -> dict[str, str]:
        """Accounts by the story's key."""
        known = next(iter(self.vendors["salesforce"]._hears.values())).__self__._known
        return {key: id for key, (kind, id) in known.found.items() if kind == "Account"}


def five_systems(customers: int = 30, months: int = 6, seed: int = 7) -> FiveSystems:
    """A company whose whole story was told to four systems beside Stripe."""
    setting = Setting(seed, add_months(START, -months), START, "UTC", "USD")
    vendors: dict[str, Any] = {name: vendor_class(name)(setting) for name in SYSTEMS}
    copies: dict[str, str] = {}
    homes: dict[str, str | None] = {}

    def tell(event: Event) -> None:
        if isinstance(event, Duplicated):
            copies[event.copy] = event.entity
        elif isinstance(event, PersonMet):
            homes[event.person.key] = event.person.organization
        for vendor in vendors.values():
            vendor.hear(event)

    company = storied(tell, seed=seed, customers=customers, months=months)
    company.until(START)
    return FiveSystems(company.store, company.teller, vendors, copies, homes)
