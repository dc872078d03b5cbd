"""What every part of the billing engine works on: the objects, the facts, the agenda and fresh ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.agenda import Agenda
from sandbox.stripe.billing.ids import Ids
from sandbox.stripe.errors import missing
from sandbox.stripe.store import Store
from sandbox.truth.facts import Facts

Body = dict[str, Any]

STREAMS = {
    kind: f"{kind}s"
    for kind in [
        "customer",
        "product",
        "price",
        "plan",
        "coupon",
        "promotion_code",
        "subscription",
        "subscription_schedule",
        "invoice",
        "invoice_payment",
        "invoice_item",
        "charge",
        "payment_intent",
        "refund",
        "dispute",
        "credit_note",
        "customer_balance_transaction",
        "balance_transaction",
        "payout",
        "meter",
    ]
}
STREAMS["meter_event_summary"] = "meter_event_summaries"
"""The stream in which objects of a kind are listed; kinds without one are never counted."""

ON_TEST_CLOCKS = ("customer", "subscription", "subscription_schedule")
"""Kinds that lists leave out when they are on a test clock (docs.stripe.com/billing/testing/test-clocks)."""


@dataclass
class Books:
    """One account's objects and the reports of what happens to them."""

    store: Store
    facts: Facts
    agenda: Agenda
    ids: Ids
    defaults: dict[str, Any] = field(default_factory=dict)

    def add(self, kind: str, body: Body, at: int, event: str | None = None) -> Body:
        """Keep a new object and report that it exists."""
        stream = STREAMS.get(kind)
        if stream and not (kind in ON_TEST_CLOCKS and body["test_clock"]):
            self.facts.exists(stream, body["id"])
        return self.store.put(kind, body, at=at, event=event)

    def change(self, kind: str, body: Body, at: int, event: str | None = None) -> Body:
        """Keep a new version of an object."""
        return self.store.put(kind, body, at=at, event=event)

    def drop(self, kind: str, id: str, at: int, event: str | None = None) -> Body:
        """Delete an object, report it and answer as the API does."""
        body = self.need(kind, id)
        self.store.remove(kind, id, at=at, event=event)
        stream = STREAMS.get(kind)
        if stream:
            self.facts.is_deleted(stream, id, at)
        return {"id": id, "object": body["object"], "deleted": True}

    def need(self, kind: str, id: str, param: str = "id") -> Body:
        """A copy of an object that must exist."""
        body = self.store.get(kind, id)
        if body is None:
            raise missing(kind.replace("_", " "), id, param=param)
        return body

    def tell(self, event: str, body: Body, at: int) -> None:
        """Append an event about an object that is already kept."""
        self.store.emit(event, body, at=at)
