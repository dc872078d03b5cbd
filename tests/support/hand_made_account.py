"""A small hand-made Stripe account, object by object, without a billing engine."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from sandbox.clock import Clock
from sandbox.stripe.billing import payment_templates, templates
from sandbox.stripe.store import Store
from sandbox.stripe.system import StripeSystem

START = 1_767_225_600  # 2026-01-01T00:00:00Z
DAY = 86_400
SECRET = "sk_test_0123456789abcdef"


class Account:
    """A store and a clock, without a billing engine."""

    def __init__(self) -> None:
        self.store = Store()
        self.clock = Clock.starting_at(START, lambda: 0.0)
        self.truth = Truth()
        self.systems: dict[str, Any] = {"stripe": StripeSystem(self, self._carry_out, dict, 7, "usd")}

    def now(self) -> int:
        return self.clock.now()

    @property
    def clock_offset(self) -> int:
        return self.clock.offset

    def catch_up(self) -> None: ...

    def advance(self, seconds: int) -> int:
        return self.clock.advance(seconds)

    def write(self, operation: str, arguments: dict[str, Any], vendor: str = "stripe") -> dict[str, Any]:
        return self._carry_out(operation, arguments, self.now())

    def _carry_out(self, operation: str, arguments: dict[str, Any], at: int) -> dict[str, Any]:
        assert operation == "create_customer", operation
        params = arguments["params"]
        number = self.store.count("customer")
        body = made("CUSTOMER", id=f"cus_new{number}", created=self.now(), email=params.get("email"))
        return self.store.put("customer", body, at=self.now(), event="customer.created")


class Truth:
    """Something the control API can serve."""

    def board(self, month: str = "") -> dict[str, Any]:
        return {"month": month, "mrr": "12.000000"}


def made(template: str, **values: Any) -> dict[str, Any]:
    home = templates if hasattr(templates, template) else payment_templates
    return {**deepcopy(getattr(home, template)), **values}


def nested(rows: list[Any], url: str) -> dict[str, Any]:
    return templates.nested_list(rows, url)


def price(id: str, **values: Any) -> dict[str, Any]:
    recurring = {"interval": "month", "interval_count": 1, "meter": None, "trial_period_days": None}
    return made(
        "PRICE",
        **{
            "id": id,
            "created": START - 90 * DAY,
            "currency": "usd",
            "product": "prod_plan",
            "recurring": recurring | {"usage_type": "licensed"},
            "unit_amount": 1000,
            "unit_amount_decimal": "1000",
            "type": "recurring",
            **values,
        },
    )


def plan(id: str) -> dict[str, Any]:
    at = START - 90 * DAY
    return made("PLAN", id=id, created=at, currency="usd", interval="month", amount=1000, amount_decimal="1000")


def subscription(id: str, customer: str, items: int = 1, **values: Any) -> dict[str, Any]:
    at = values.pop("created", START - 40 * DAY)
    rows = [
        made(
            "SUBSCRIPTION_ITEM",
            id=f"si_{id[4:]}_{number:03}",
            subscription=id,
            price="price_monthly",
            plan=plan("price_monthly"),
            quantity=1,
            created=at,
            current_period_start=at,
            current_period_end=at + 30 * DAY,
        )
        for number in range(items)
    ]
    return made(
        "SUBSCRIPTION",
        id=id,
        customer=customer,
        created=at,
        start_date=at,
        billing_cycle_anchor=at,
        currency="usd",
        status=values.pop("status", "active"),
        items=nested(rows, f"/v1/subscription_items?subscription={id}"),
        **values,
    )


def invoice(id: str, customer: str, subscription: str, lines: int = 1, **values: Any) -> dict[str, Any]:
    at = values.pop("created", START - 40 * DAY)
    rows = [
        made(
            "LINE_ITEM",
            id=f"il_{id[3:]}_{number:03}",
            invoice=id,
            amount=1000,
            subtotal=1000,
            currency="usd",
            quantity=1,
            quantity_decimal="1",
            period={"start": at, "end": at + 30 * DAY},
            pricing={
                "type": "price_details",
                "price_details": {"price": "price_monthly", "product": "prod_plan"},
                "unit_amount_decimal": "1000",
            },
        )
        for number in range(lines)
    ]
    details = {"subscription": subscription, "metadata": {}}
    return made(
        "INVOICE",
        id=id,
        customer=customer,
        created=at,
        period_start=at,
        period_end=at,
        currency="usd",
        billing_reason="subscription_cycle",
        status=values.pop("status", "paid"),
        total=1000 * lines,
        subtotal=1000 * lines,
        parent={"type": "subscription_details", "subscription_details": details, "quote_details": None},
        lines=nested(rows, f"/v1/invoices/{id}/lines"),
        **values,
    )


def fill(store: Store) -> None:
    """Twenty-five customers of whom two share each second, and one object of every kind a test needs."""
    at = START - 40 * DAY
    store.put("product", made("PRODUCT", id="prod_plan", name="Plan", created=at - DAY, updated=at - DAY), at=at)
    tiers = [{"up_to": None, "unit_amount": 100, "unit_amount_decimal": "100", "flat_amount": None}]
    store.put("price", price("price_monthly"), at=at)
    tiered = price("price_tiered", billing_scheme="tiered", tiers_mode="graduated", tiers=tiers, unit_amount=None)
    store.put("price", tiered, at=at)
    coupon = made("COUPON", id="WELCOME", created=at, percent_off=20.0, duration="forever")
    store.put("coupon", {**coupon, "applies_to": {"products": ["prod_plan"]}}, at=at)
    discount = made("DISCOUNT", id="di_1", start=at, source={"type": "coupon", "coupon": "WELCOME"}, customer="cus_00")
    store.put("discount", discount, at=at)
    for number in range(25):
        body = made("CUSTOMER", id=f"cus_{number:02}", created=at + number // 2, email=f"c{number}@example.com")
        store.put("customer", body, at=at + number // 2, event="customer.created")
    for number, status in enumerate(("active", "past_due", "canceled", "trialing", "incomplete_expired")):
        body = subscription(f"sub_{number}", f"cus_{number:02}", items=12 if number == 0 else 1, status=status)
        body["discounts"] = ["di_1"] if number == 0 else []
        store.put("subscription", body, at=at, event="customer.subscription.created")
    on_clock = subscription("sub_clock", "cus_05", test_clock="clock_1")
    store.put("subscription", on_clock, at=at)
    store.put("invoice", invoice("in_0", "cus_00", "sub_0", lines=13), at=at)
    store.put("invoice", invoice("in_1", "cus_01", "sub_1"), at=at)
    store.put(
        "charge",
        made("CHARGE", id="ch_0", amount=1000, created=at, currency="usd", status="succeeded"),
        at=at,
    )
    for number in range(12):
        refund = made("REFUND", id=f"re_{number:02}", charge="ch_0", amount=10, created=at + number, currency="usd")
        store.put("refund", refund, at=at)
