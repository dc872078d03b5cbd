"""The reading side of the API as a table: every list, its filters, and what it leaves out by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe.collection import Body
from sandbox.stripe.errors import StripeError, invalid_choice
from sandbox.stripe.filters import (
    Condition,
    Filter,
    created,
    equals,
    flag,
    ignored,
    in_range,
    one_of,
    refers_to,
)
from sandbox.stripe.store import Store

PAGING = ("limit", "starting_after", "ending_before")
"""Parameters that every list takes beside its filters and `expand`."""

EVENT_DAYS = 30
"""Days an event can be read (docs.stripe.com/api/events)."""

LARGEST_TYPES = 20
"""Names in the `types` filter of events at most (docs.stripe.com/api/events/list)."""

_SUBSCRIPTION_STATUSES = (
    "active", "all", "canceled", "ended", "incomplete", "incomplete_expired", "past_due", "paused", "trialing",
    "unpaid",
)  # fmt: skip


_NOUNS = {"payment_intent": "payment_intent", "payment_method": "PaymentMethod", "invoice_item": "invoiceitem"}


@dataclass(frozen=True)
class Resource:
    """One kind of object at one path; `default` are the conditions of a list without certain parameters."""

    kind: str
    path: str
    filters: dict[str, Filter] = field(default_factory=dict)
    default: Callable[[dict[str, Any]], list[Condition]] = lambda params: []
    deleted_shows: bool = False

    @property
    def noun(self) -> str:
        """The kind as error messages name it."""
        return _NOUNS.get(self.kind, self.kind.replace("_", " "))


def text(name: str, *choices: str) -> Filter:
    """Equality of the field of that name."""
    return equals(lambda body: body.get(name), choices=choices)


def nested(*path: str) -> Callable[[Body], Any]:
    """Reads a field inside nested objects, None where one is absent."""

    def read(body: Body) -> Any:
        value: Any = body
        for name in path:
            value = (value or {}).get(name)
        return value

    return read


def _reference(kind: str, name: str | None = None) -> Filter:
    return refers_to(kind, lambda body: body.get(name or kind), index=name or kind)


def _item_periods(name: str) -> Callable[[Body], list[int]]:
    return lambda body: [item[name] for item in body["items"]["data"] if item.get(name) is not None]


def _subscription_status(name: str, value: Any, store: Store) -> Condition:
    if value not in _SUBSCRIPTION_STATUSES:
        raise invalid_choice(name, list(_SUBSCRIPTION_STATUSES))
    if value == "all":
        return Condition()
    wanted = ("canceled", "incomplete_expired") if value == "ended" else (value,)
    return Condition(lambda body: body["status"] in wanted)


def _has_price(name: str, value: Any, store: Store) -> Condition:
    def price_id(item: Body) -> str:
        return item["price"] if isinstance(item["price"], str) else item["price"]["id"]

    return Condition(lambda body: any(price_id(item) == value for item in body["items"]["data"]))


def _subscription_defaults(params: dict[str, Any]) -> list[Condition]:
    conditions = _without_test_clock("test_clock", "customer")(params)
    if "status" not in params:
        conditions.append(Condition(lambda body: body["status"] != "canceled"))
    return conditions


def _without_test_clock(*unless: str) -> Callable[[dict[str, Any]], list[Condition]]:
    """Objects on a test clock stay out of lists that do not ask for them."""
    hides = Condition(lambda body: body.get("test_clock") is None)
    return lambda params: [] if any(name in params for name in unless) else [hides]


def _event_type(name: str, value: Any, store: Store) -> Condition:
    if not isinstance(value, str):
        raise StripeError("Invalid string", param=name)
    held = store.collection("event").index_values("type")
    prefix = value.removesuffix("*")
    names = [type for type in held if type.startswith(prefix)] if value.endswith("*") else [value]
    return Condition(within=("type", names))


def _event_types(name: str, value: Any, store: Store) -> Condition:
    if not isinstance(value, list):
        raise StripeError("Invalid array", param=name)
    if len(value) > LARGEST_TYPES:
        raise StripeError(f"You may only specify up to {LARGEST_TYPES} event types.", param=name)
    return Condition(within=("type", list(dict.fromkeys(value))))


def _payment(name: str, value: Any, store: Store) -> Condition:
    wanted = value if isinstance(value, dict) else {}
    read = nested("payment", str(wanted.get("type")))
    return Condition(lambda body: read(body) == wanted.get(str(wanted.get("type"))))


def _recurring(name: str, value: Any, store: Store) -> Condition:
    wanted = value if isinstance(value, dict) else {}
    return Condition(lambda body: wanted.items() <= (body.get("recurring") or {}).items())


def _pending(body: Body) -> bool:
    return body.get("invoice") is None


_CUSTOMER = {"customer": _reference("customer"), "customer_account": text("customer_account")}
_PAYMENT = {"charge": _reference("charge"), "payment_intent": _reference("payment_intent")}
_INVOICE_STATUSES = ("draft", "open", "paid", "uncollectible", "void")

RESOURCES: tuple[Resource, ...] = (
    Resource(
        "customer",
        "/v1/customers",
        {
            "created": created,
            "email": equals(nested("email"), index="email"),
            "test_clock": text("test_clock"),
        },
        _without_test_clock("test_clock"),
        deleted_shows=True,
    ),
    Resource(
        "product",
        "/v1/products",
        {
            "active": flag(nested("active")),
            "created": created,
            "ids": one_of(nested("id")),
            "shippable": flag(nested("shippable")),
            "type": text("type"),
            "url": text("url"),
        },
        deleted_shows=True,
    ),
    Resource(
        "price",
        "/v1/prices",
        {
            "active": flag(nested("active")),
            "created": created,
            "currency": text("currency"),
            "lookup_keys": one_of(nested("lookup_key")),
            "product": _reference("product"),
            "recurring": _recurring,
            "type": text("type", "one_time", "recurring"),
        },
    ),
    Resource(
        "plan",
        "/v1/plans",
        {"active": flag(nested("active")), "created": created, "product": _reference("product")},
    ),
    Resource("coupon", "/v1/coupons", {"created": created}),
    Resource(
        "promotion_code",
        "/v1/promotion_codes",
        {
            "active": flag(nested("active")),
            "code": equals(nested("code"), index="code"),
            "coupon": equals(nested("promotion", "coupon")),
            "created": created,
            **_CUSTOMER,
        },
    ),
    Resource(
        "subscription",
        "/v1/subscriptions",
        {
            "automatic_tax": ignored,
            "collection_method": text("collection_method", "charge_automatically", "send_invoice"),
            "created": created,
            "current_period_end": in_range(lambda body: min(_item_periods("current_period_end")(body), default=None)),
            "current_period_start": in_range(lambda body: max(_item_periods("current_period_start")(body), default=None)),
            **_CUSTOMER,
            "price": _has_price,
            "status": _subscription_status,
            "test_clock": text("test_clock"),
        },
        _subscription_defaults,
    ),
    Resource(
        "subscription_schedule",
        "/v1/subscription_schedules",
        {
            "canceled_at": in_range(nested("canceled_at")),
            "completed_at": in_range(nested("completed_at")),
            "created": created,
            **_CUSTOMER,
            "released_at": in_range(nested("released_at")),
            "scheduled": flag(lambda body: body["status"] == "not_started"),
        },
        _without_test_clock("customer"),
    ),
    Resource(
        "invoice",
        "/v1/invoices",
        {
            "collection_method": text("collection_method", "charge_automatically", "send_invoice"),
            "created": created,
            **_CUSTOMER,
            "due_date": in_range(nested("due_date")),
            "status": text("status", *_INVOICE_STATUSES),
            "subscription": _reference("subscription"),
        },
    ),
    Resource(
        "invoice_item",
        "/v1/invoiceitems",
        {"created": created, **_CUSTOMER, "invoice": _reference("invoice"), "pending": flag(_pending)},
    ),
    Resource(
        "invoice_payment",
        "/v1/invoice_payments",
        {
            "created": created,
            "invoice": _reference("invoice"),
            "payment": _payment,
            "status": text("status", "canceled", "open", "paid"),
        },
    ),
    Resource(
        "charge",
        "/v1/charges",
        {
            "created": created,
            "customer": _reference("customer"),
            "payment_intent": _reference("payment_intent"),
            "transfer_group": text("transfer_group"),
        },
    ),
    Resource("payment_intent", "/v1/payment_intents", {"created": created, **_CUSTOMER}),
    Resource("refund", "/v1/refunds", {"created": created, **_PAYMENT}),
    Resource("dispute", "/v1/disputes", {"created": created, **_PAYMENT}),
    Resource(
        "credit_note",
        "/v1/credit_notes",
        {"created": created, **_CUSTOMER, "invoice": _reference("invoice")},
    ),
    Resource(
        "balance_transaction",
        "/v1/balance_transactions",
        {
            "created": created,
            "currency": text("currency"),
            "payout": _reference("payout"),
            "source": equals(nested("source"), index="source"),
            "type": text("type"),
        },
    ),
    Resource(
        "payout",
        "/v1/payouts",
        {
            "arrival_date": in_range(nested("arrival_date")),
            "created": created,
            "destination": text("destination"),
            "status": text("status"),
        },
    ),
    Resource("meter", "/v1/billing/meters", {"status": text("status", "active", "inactive")}),
    Resource(
        "payment_method",
        "/v1/payment_methods",
        {"allow_redisplay": text("allow_redisplay"), **_CUSTOMER, "type": text("type")},
    ),
    Resource("test_clock", "/v1/test_helpers/test_clocks"),
    Resource(
        "event",
        "/v1/events",
        {"created": created, "delivery_success": ignored, "type": _event_type, "types": _event_types},
    ),
)
"""Every collection that can be listed and read by id."""

BY_KIND = {resource.kind: resource for resource in RESOURCES}
