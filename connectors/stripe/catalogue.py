"""What each Stripe stream is and how it is read; field classes and paths follow https://docs.stripe.com/api."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cynosure.extract import Personal, Stream

CONFIDENTIAL, RESTRICTED = Personal.CONFIDENTIAL, Personal.RESTRICTED
_PERSON: Mapping[str, Personal] = {
    "name": CONFIDENTIAL,
    "email": RESTRICTED,
    "phone": RESTRICTED,
    "address": RESTRICTED,
    "shipping": RESTRICTED,
}
_BILLING: Mapping[str, Personal] = {
    "billing_details": RESTRICTED,
    "payment_method_details": RESTRICTED,
    "receipt_email": RESTRICTED,
}
_INVOICED: Mapping[str, Personal] = {
    "customer_name": CONFIDENTIAL,
    "customer_email": RESTRICTED,
    "customer_phone": RESTRICTED,
    "customer_address": RESTRICTED,
    "customer_shipping": RESTRICTED,
}


@dataclass(frozen=True, slots=True)
class Nested:
    """A list inside an object that Stripe cuts off after ten entries, and the endpoint that pages the rest."""

    field: str
    path: str
    parent: str | None = None
    expand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """How a stream is listed and re-fetched.

    `kind` is the `object` field that events carry; `expand` is relative to one object; `windows` says that it is big
    enough to list by parallel ranges of `created`; `dated` that it can be filtered by `created`.
    """

    stream: Stream
    path: str
    kind: str
    expand: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    nested: Nested | None = None
    windows: bool = False
    dated: bool = True


# how often a coupon was redeemed, and whether that leaves it valid, changes without an event of what holds a copy of it
_REDEEMED = ("times_redeemed", "valid")


def _stream(
    name: str,
    description: str,
    personal: Mapping[str, Personal] | None = None,
    *,
    docs: str = "",
    computed: tuple[str, ...] = (),
) -> Stream:
    page = docs or name.removesuffix("s") + "s"
    link = f"https://docs.stripe.com/api/{page}/list"
    return Stream(name, description, cursor="event", personal=personal or {}, docs=link, computed=computed)


def _copied(path: str) -> tuple[str, ...]:
    return tuple(f"{path}.{field}" for field in _REDEEMED)


EVENTS = Stream(
    "events",
    "What happened, newest 30 days; each names the object that changed.",
    cursor="created",
    personal={"data": RESTRICTED},
    docs="https://docs.stripe.com/api/events/list",
    forgets=True,
)

# a deleted coupon goes on discounting but is listed no more: the copy inside its discount is all that is left of it
RESOURCES: tuple[Resource, ...] = (
    Resource(
        _stream(
            "customers",
            "Who pays.",
            {**_PERSON, "description": CONFIDENTIAL},
            computed=_copied("discount.source.coupon"),
        ),
        "/v1/customers",
        "customer",
        expand=("discount.source.coupon",),
        windows=True,
    ),
    Resource(_stream("products", "What is sold."), "/v1/products", "product"),
    Resource(_stream("prices", "At what price and interval."), "/v1/prices", "price", expand=("tiers", "currency_options")),
    Resource(_stream("plans", "Prices of the older kind."), "/v1/plans", "plan", expand=("tiers",)),
    Resource(
        _stream("coupons", "Discount rules.", computed=_REDEEMED),
        "/v1/coupons",
        "coupon",
        expand=("applies_to", "currency_options"),
    ),
    Resource(_stream("promotion_codes", "Codes that customers enter for a coupon."), "/v1/promotion_codes", "promotion_code"),
    Resource(
        _stream(
            "subscriptions",
            "Every subscription in every status, with all items and discounts.",
            computed=_copied("discounts.source.coupon"),
        ),
        "/v1/subscriptions",
        "subscription",
        params={"status": "all"},
        expand=("discounts.source.coupon", "items.data.discounts"),
        nested=Nested("items", "/v1/subscription_items", parent="subscription", expand=("discounts",)),
        windows=True,
    ),
    Resource(
        _stream("subscription_schedules", "Planned phases of subscriptions."),
        "/v1/subscription_schedules",
        "subscription_schedule",
    ),
    Resource(
        _stream("invoices", "Invoices with all their lines.", _INVOICED, computed=_copied("discounts.source.coupon")),
        "/v1/invoices",
        "invoice",
        expand=("discounts.source.coupon", "lines.data.discounts"),
        nested=Nested("lines", "/v1/invoices/{id}/lines", expand=("discounts",)),
        windows=True,
    ),
    Resource(
        _stream(
            "invoice_items",
            "Lines waiting for, or put on, an invoice.",
            docs="invoiceitems",
            computed=_copied("discounts.source.coupon"),
        ),
        "/v1/invoiceitems",
        "invoiceitem",
        expand=("discounts.source.coupon",),
        windows=True,
    ),
    Resource(_stream("charges", "Attempts to collect money.", _BILLING), "/v1/charges", "charge", windows=True),
    Resource(
        _stream("payment_intents", "Payments and their state.", {"receipt_email": RESTRICTED, "shipping": RESTRICTED}),
        "/v1/payment_intents",
        "payment_intent",
        windows=True,
    ),
    Resource(_stream("refunds", "Money given back."), "/v1/refunds", "refund"),
    Resource(_stream("disputes", "Payments that a bank claims back.", {"evidence": RESTRICTED}), "/v1/disputes", "dispute"),
    Resource(
        _stream("credit_notes", "Corrections of invoices, with all their lines."),
        "/v1/credit_notes",
        "credit_note",
        nested=Nested("lines", "/v1/credit_notes/{id}/lines"),
    ),
    Resource(_stream("payouts", "Transfers to the bank account."), "/v1/payouts", "payout"),
    Resource(
        _stream("meters", "What usage is counted.", docs="billing/meters"), "/v1/billing/meters", "billing.meter", dated=False
    ),
)

INVOICE_PAYMENTS = Resource(
    _stream("invoice_payments", "Which payment settled which invoice; the only link between them."),
    "/v1/invoice_payments",
    "invoice_payment",
    windows=True,
)
BALANCE_TRANSACTIONS = Resource(
    Stream(
        "balance_transactions",
        "Every movement of the Stripe balance with its fee.",
        cursor="created",
        docs="https://docs.stripe.com/api/balance_transactions/list",
    ),
    "/v1/balance_transactions",
    "balance_transaction",
    windows=True,
)
CUSTOMER_BALANCE = Stream(
    "customer_balance_transactions",
    "Credits and debits of each customer's own balance; none of customers deleted before the first load, whom no list names.",
    sync="children",
    cursor="event",
    docs="https://docs.stripe.com/api/customer_balance_transactions/list",
)
METER_SUMMARIES = Stream(
    "meter_event_summaries",
    "Usage per meter, customer and day; the key is meter/customer/start.",
    sync="children",
    primary_key="meter/customer/start_time",
    cursor="day",
    cadence="daily",
    docs="https://docs.stripe.com/api/billing/meter-event-summary/list",
)
