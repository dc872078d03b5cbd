"""Every Stripe object of the simulated account, and the events that changes of them append."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.collection import Body, Collection
from sandbox.stripe.events import EVENT_RETENTION, build_event, event_id, freeze


def _field(name: str) -> Any:
    return lambda body: body.get(name)


def _invoice_subscription(body: Body) -> str | None:
    parent = body.get("parent") or {}
    return (parent.get("subscription_details") or {}).get("subscription")


def _invoice_payment_intent(body: Body) -> str | None:
    payment = body.get("payment") or {}
    return payment.get("payment_intent") or payment.get("charge")


KINDS: dict[str, dict[str, Any]] = {
    "customer": {"email": _field("email")},
    "product": {},
    "price": {"product": _field("product"), "lookup_key": _field("lookup_key")},
    "plan": {"product": _field("product")},
    "coupon": {},
    "promotion_code": {"code": _field("code"), "customer": _field("customer")},
    "discount": {},
    "subscription": {
        "customer": _field("customer"),
        "item": lambda body: [item["id"] for item in body["items"]["data"]],
    },
    "subscription_schedule": {"customer": _field("customer")},
    "invoice": {"customer": _field("customer"), "subscription": _invoice_subscription},
    "invoice_item": {"customer": _field("customer"), "invoice": _field("invoice")},
    "invoice_payment": {"invoice": _field("invoice"), "payment": _invoice_payment_intent},
    "charge": {"customer": _field("customer"), "payment_intent": _field("payment_intent")},
    "payment_intent": {"customer": _field("customer")},
    "refund": {"charge": _field("charge"), "payment_intent": _field("payment_intent")},
    "dispute": {"charge": _field("charge"), "payment_intent": _field("payment_intent")},
    "credit_note": {"customer": _field("customer"), "invoice": _field("invoice")},
    "customer_balance_transaction": {"customer": _field("customer"), "invoice": _field("invoice")},
    "balance_transaction": {"source": _field("source"), "payout": _field("_payout")},
    "payout": {},
    "meter": {},
    "meter_event_summary": {"meter": _field("meter"), "customer": _field("_customer")},
    "payment_method": {"customer": _field("customer")},
    "test_clock": {},
    "event": {"type": _field("type")},
}
"""The kinds of object the account holds, each with the indexes that speed up its list filters."""

CREATED_FIELD = {"discount": "start", "invoice_item": "date", "meter_event_summary": "start_time"}
"""The field that holds the creation time, where it is not `created`."""


class Store:
    """All Stripe objects of the account, in canonical unexpanded form, with complete nested lists.

    A body holds ids where the API would expand, and every includable field (`price.tiers`, `coupon.applies_to`),
    which answers show only when asked for. `customer.discount` is the whole discount, `discounts` are ids; the
    price of a subscription item is an id or the whole price. Fields that begin with an underscore are internal
    and never rendered: `_payout` of a balance transaction, `_customer` of a meter event summary.
    """

    def __init__(self) -> None:
        self._collections = {kind: Collection(CREATED_FIELD.get(kind, "created"), indexes) for kind, indexes in KINDS.items()}
        self._deleted: dict[str, dict[str, tuple[int, Body]]] = {kind: {} for kind in KINDS}
        self._event_count = 0
        self._latest = 0
        self.events_from = 0
        """Events older than this instant are counted but not kept; set it to spare work on a long history."""

    def collection(self, kind: str) -> Collection:
        """The objects of one kind, for paging and filters."""
        return self._collections[kind]

    def put(self, kind: str, body: Body, *, at: int, event: str | None = None) -> Body:
        """Insert or replace an object by its id; with `event`, append the event of that type."""
        before = self._collections[kind].put(body)
        self._deleted[kind].pop(body["id"], None)
        if event:
            self.emit(event, body, at=at, previous=before if event.endswith(".updated") else None)
        return body

    def remove(self, kind: str, id: str, *, at: int, event: str | None = None) -> None:
        """Delete an object; its last body stays known to `deleted`."""
        body = self._collections[kind].discard(id)
        if body is None:
            return
        self._deleted[kind][id] = (at, body)
        if event:
            self.emit(event, body, at=at)

    def emit(self, type: str, body: Body, *, at: int, previous: Body | None = None) -> None:
        """Append an event about the object as it is now; `previous` is its body before an update."""
        self._event_count += 1
        self._latest = max(self._latest, at)
        if at < max(self.events_from, self._latest - EVENT_RETENTION):
            return
        before = None if previous is None else self.frozen(previous)
        event = build_event(event_id(self._event_count), type, self.frozen(body), at=at, previous=before)
        self._collections["event"].put(event)
        if self._event_count % 1024 == 0:
            self._collections["event"].discard_before(self._latest - EVENT_RETENTION)

    def frozen(self, body: Body) -> Body:
        """A copy of the object as an answer without expansion would show it now; events were frozen before."""
        return body if body.get("object") == "event" else freeze(body, self.price)

    def price(self, id: str) -> Body | None:
        """A price by id, deleted ones included."""
        return self.get("price", id) or self.deleted("price", id)

    def get(self, kind: str, id: str) -> Body | None:
        """A copy of the object, or None; changing the copy changes nothing until it is put."""
        return self._collections[kind].get(id)

    def deleted(self, kind: str, id: str) -> Body | None:
        """The last body of a deleted object, or None."""
        grave = self._deleted[kind].get(id)
        return None if grave is None else dict(grave[1])

    def deleted_ids(self, kind: str) -> list[str]:
        """Ids of the deleted objects of a kind, in order of deletion."""
        return list(self._deleted[kind])

    def all(self, kind: str) -> list[Body]:
        """Copies of all objects of a kind, newest first."""
        return list(self._collections[kind].newest_first())

    def where(self, kind: str, index: str, value: Any) -> list[Body]:
        """Copies of the objects whose index (see KINDS) has this value, newest first."""
        return list(self._collections[kind].newest_first(within=(index, [value])))

    def count(self, kind: str) -> int:
        """How many objects of the kind exist."""
        return len(self._collections[kind])
