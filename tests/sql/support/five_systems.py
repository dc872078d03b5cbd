"""A company's story as all five systems hold it: raw rows of each, and which record stands for whom in truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from storied import START, storied
from stripe_rows import RawRow

from sandbox.discovery import vendor_class
from sandbox.story.events import Duplicated, Event, LifecycleReached, PersonMet
from sandbox.story.storyteller import Storyteller
from sandbox.stripe.billing.calendar import add_months
from sandbox.stripe.store import Store
from sandbox.vendor import Setting

SYSTEMS = ("hubspot", "salesforce", "zendesk", "intercom")
SOURCES = ("stripe", "ecb", *SYSTEMS)
AS_OF = START
RATES = {"USD": "1.10", "GBP": "0.88", "JPY": "165"}
"""Units for a euro, on every day."""
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

    reached: list[LifecycleReached] = field(default_factory=list)
    """Stages that people reached while HubSpot had a record of them."""

    def rows(self) -> Iterator[RawRow]:
        """What the CRMs and the help desks show now, as it is landed; of Stripe customers and charges."""
        for kind in ("customer", "charge"):
            for body in self.store.all(kind):
                yield RawRow(f"{kind}s", body["id"], body, AS_OF)
        for currency, rate in RATES.items():
            body = {"date": "2025-01-02", "currency": currency, "rate": rate}
            yield RawRow("reference_rates", f"2025-01-02/{currency}", body, AS_OF, source="ecb")
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
        for key, number in self._hubspot("contacts").items():
            yield "hubspot", "contacts", key, str(number)

    def _organizations(self) -> Iterator[tuple[str, str, str, str]]:
        """System, stream, key of the story and id of the record, of every organization and its copies."""
        for key, number in self._hubspot("companies").items():
            yield "hubspot", "companies", key, str(number)
        for (kind, key), number in self.vendors["zendesk"]._listener.ids.items():
            if kind == "organization":
                yield "zendesk", "organizations", key, str(number)
        for key, id in self.vendors["intercom"]._hearing._companies.items():
            yield "intercom", "companies", key, id
        for key, id in self.salesforce_accounts.items():
            yield "salesforce", "accounts", key, id

    def living(self, system: str, stream: str) -> dict[str, str]:
        """Ids of living deals, contacts, tickets or conversations by the story's key."""
        noted: dict[tuple[str, str], dict[str, Any]] = {
            ("hubspot", "deals"): self._hubspot("deals"),
            ("hubspot", "contacts"): self._hubspot("contacts"),
            ("salesforce", "opportunities"): {k: id for k, (kind, id) in self._salesforce.found.items() if kind == "Opportunity"},
            ("zendesk", "tickets"): {
                k: id for (kind, k), id in self.vendors["zendesk"]._listener.ids.items() if kind == "ticket"
            },
            ("intercom", "conversations"): self.vendors["intercom"]._hearing._chats,
        }
        shown = self.vendors[system].objects(stream)
        return {key: str(id) for key, id in noted[system, stream].items() if str(id) in shown}

    def _hubspot(self, kind: str) -> dict[str, Any]:
        return {key: id for (found, key), id in self.vendors["hubspot"].books.ids.items() if found == kind}

    @property
    def _salesforce(self) -> Any:
        return next(iter(self.vendors["salesforce"]._hears.values())).__self__._known

    @property
    def salesforce_accounts(self) -> dict[str, str]:
        """Accounts by the story's key."""
        return {key: id for key, (kind, id) in self._salesforce.found.items() if kind == "Account"}


def five_systems(customers: int = 30, months: int = 6, seed: int = 7) -> FiveSystems:
    """A company whose whole story was told to four systems beside Stripe."""
    setting = Setting(seed, add_months(START, -months), START, "UTC", "USD")
    vendors: dict[str, Any] = {name: vendor_class(name)(setting) for name in SYSTEMS}
    copies: dict[str, str] = {}
    homes: dict[str, str | None] = {}
    reached: list[LifecycleReached] = []

    def tell(event: Event) -> None:
        if isinstance(event, Duplicated):
            copies[event.copy] = event.entity
        elif isinstance(event, PersonMet):
            homes[event.person.key] = event.person.organization
        elif isinstance(event, LifecycleReached) and vendors["hubspot"].books.living("contacts", event.person):
            reached.append(event)
        for vendor in vendors.values():
            vendor.hear(event)

    company = storied(tell, seed=seed, customers=customers, months=months)
    company.until(START)
    return FiveSystems(company.store, company.teller, vendors, copies, homes, reached)
