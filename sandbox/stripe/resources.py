"""The reading side of the API as a table: every list, its filters, and what it leaves out by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe.filters import Condition, Filter, created, equals, flag, ignored, in_range, one_of
from sandbox.stripe.selection import (
    event_type,
    event_types,
    has_price,
    is_pending,
    item_periods,
    nested,
    payment,
    recurring,
    reference,
    subscription_defaults,
    subscription_status,
    text,
    without_test_clock,
)

PAGING = ("limit", "starting_after", "ending_before")
"""Parameters that every list takes beside its filters and `expand`."""

EVENT_DAYS = 30
"""Days an event can be read (docs.stripe.com/api/events)."""

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


_CUSTOMER = {"customer": reference("customer"), "customer_account": text("customer_account")}
_PAYMENT = {"charge": reference("charge"), "payment_intent": reference("payment_intent")}
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
        without_test_clock("test_clock"),
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
            "product": reference("product"),
            "recurring": recurring,
            "type": text("type", "one_time", "recurring"),
        },
    ),
    Resource(
        "plan",
        "/v1/plans",
        {"active": flag(nested("active")), "created": created, "product": reference("product")},
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
            "current_period_end": in_range(lambda body: min(item_periods("current_period_end")(body), default=None)),
            "current_period_start": in_range(lambda body: max(item_periods("current_period_start")(body), default=None)),
            **_CUSTOMER,
            "price": has_price,
            "status": subscription_status,
            "test_clock": text("test_clock"),
        },
        subscription_defaults,
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
        without_test_clock("customer"),
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
            "subscription": reference("subscription"),
        },
    ),
    Resource(
        "invoice_item",
        "/v1/invoiceitems",
        {"created": created, **_CUSTOMER, "invoice": reference("invoice"), "pending": flag(is_pending)},
    ),
    Resource(
        "invoice_payment",
        "/v1/invoice_payments",
        {
            "created": created,
            "invoice": reference("invoice"),
            "payment": payment,
            "status": text("status", "canceled", "open", "paid"),
        },
    ),
    Resource(
        "charge",
        "/v1/charges",
        {
            "created": created,
            "customer": reference("customer"),
            "payment_intent": reference("payment_intent"),
            "transfer_group": text("transfer_group"),
        },
    ),
    Resource("payment_intent", "/v1/payment_intents", {"created": created, **_CUSTOMER}),
    Resource("refund", "/v1/refunds", {"created": created, **_PAYMENT}),
    Resource("dispute", "/v1/disputes", {"created": created, **_PAYMENT}),
    Resource(
        "credit_note",
        "/v1/credit_notes",
        {"created": created, **_CUSTOMER, "invoice": reference("invoice")},
    ),
    Resource(
        "balance_transaction",
        "/v1/balance_transactions",
        {
            "created": created,
            "currency": text("currency"),
            "payout": reference("payout"),
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
        {"created": created, "delivery_success": ignored, "type": event_type, "types": event_types},
    ),
)
"""Every collection that can be listed and read by id."""

BY_KIND = {resource.kind: resource for resource in RESOURCES}
