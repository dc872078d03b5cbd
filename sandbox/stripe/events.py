"""Events: frozen copies of objects at the moment they changed (docs.stripe.com/api/events)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from sandbox.stripe import API_VERSION
from sandbox.stripe.collection import Body

EVENT_RETENTION = 31 * 86_400
"""Seconds the store keeps events: a day more than the API shows, so that a fault can reach back."""

INLINED = 10
"""Rows of a nested list that an answer shows (docs.stripe.com/api/invoices/object)."""

INCLUDABLE: dict[str, tuple[str, ...]] = {
    "price": ("tiers", "currency_options"),
    "plan": ("tiers",),
    "coupon": ("applies_to", "currency_options"),
    "customer": ("sources", "subscriptions", "tax", "tax_ids", "cash_balance"),
    "charge": ("refunds",),
    "invoice": ("payments", "total_margin_amounts"),
}
"""Fields that an answer holds only when they are asked for by `expand`."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def event_id(sequence: int) -> str:
    """The id of the n-th event; ids sort in order of their events."""
    text = ""
    number = sequence
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return f"evt_1{text:0>9}{hashlib.sha256(str(sequence).encode()).hexdigest()[:14]}"


def build_event(id: str, type: str, object: Body, *, at: int, previous: Body | None = None) -> Body:
    """The event object around a frozen copy."""
    data: Body = {"object": object}
    if previous is not None:
        data["previous_attributes"] = previous_attributes(previous, object)
    return {
        "id": id,
        "object": "event",
        "api_version": API_VERSION,
        "created": at,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": type,
    }


def previous_attributes(before: Body, after: Body) -> Body:
    """What the changed fields held before: nested objects by their changed fields, lists whole."""
    changes: Body = {}
    for key in {**before, **after}:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        nested = isinstance(old, dict) and isinstance(new, dict)
        changes[key] = previous_attributes(old or {}, new or {}) if nested else old
    return changes


def freeze(body: Body, price: Callable[[str], Body | None]) -> Body:
    """A copy as an answer without expansion shows it: nested lists cut, includable and internal fields gone."""
    if body.get("object") == "subscription_item":
        held = body["price"]
        body = {**body, "price": price(held if isinstance(held, str) else held["id"]) or held}
    frozen = body.copy()
    for key in INCLUDABLE.get(body.get("object", ""), ()):
        frozen.pop(key, None)
    for key, value in body.items():
        kind = type(value)
        if key[0] == "_":
            del frozen[key]
        # whole objects stand in fields and in lists of fields, never deeper inside anonymous ones
        elif kind is dict and "object" in value and key != "metadata" and key in frozen:
            frozen[key] = _freeze_object(value, price)
        elif kind is list and value and type(value[0]) is dict and "object" in value[0]:
            frozen[key] = [freeze(row, price) for row in value]
    return frozen


def _freeze_object(value: Body, price: Callable[[str], Body | None]) -> Body:
    if value["object"] != "list":
        return freeze(value, price)
    rows = [freeze(row, price) for row in value["data"][:INLINED]]
    return {**value, "data": rows, "has_more": len(value["data"]) > INLINED}
