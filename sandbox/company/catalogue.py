"""What the company sells: plans by interval and currency, add-ons, coupons and promotion codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe.billing import Billing

CURRENCIES = {"usd": 100, "eur": 93, "gbp": 80, "jpy": 150}
"""What a dollar's worth costs in each currency's minor units."""

INTERVALS: dict[str, tuple[dict[str, str], int]] = {
    "month": ({"interval": "month"}, 100),
    "quarter": ({"interval": "month", "interval_count": "3"}, 285),
    "year": ({"interval": "year"}, 1000),
    "week": ({"interval": "week"}, 100),
}
"""Each billing interval and its price in hundredths of the monthly one."""


@dataclass(frozen=True)
class Plan:
    """A product with its dollar amounts in cents; tiers are (up to, unit, flat)."""

    name: str
    unit: str = ""
    tiers: tuple[tuple[str, int, int], ...] = ()
    mode: str = ""
    package: int = 0
    intervals: tuple[str, ...] = ("month", "year")
    seats: tuple[int, int] = (1, 1)


PLANS: dict[str, Plan] = {
    "starter": Plan("Starter", "2900"),
    "team": Plan("Team", "1500", intervals=("month", "quarter", "year"), seats=(2, 40)),
    "business": Plan(
        "Business",
        tiers=(("10", 2000, 5000), ("50", 1600, 0), ("inf", 1200, 0)),
        mode="graduated",
        seats=(3, 90),
    ),
    "scale": Plan("Scale", tiers=(("20", 1800, 0), ("100", 1500, 0), ("inf", 1100, 10000)), mode="volume", seats=(8, 160)),
    "packs": Plan("Seat packs", "5000", package=10, seats=(5, 75)),
    "contacts": Plan("Contacts", "2.5", seats=(400, 20_000)),
    "pulse": Plan("Pulse", "1200", intervals=("week",)),
    "classic": Plan("Classic", "1900", intervals=("month",)),
    "support": Plan("Priority support", "9900", intervals=("month",)),
    "audit": Plan("Audit log", "4900", intervals=("month",)),
}

COUPONS: dict[str, dict[str, Any]] = {
    "WELCOME20": {"percent_off": "20", "duration": "repeating", "duration_in_months": "3"},
    "HALFYEAR": {"percent_off": "50", "duration": "repeating", "duration_in_months": "6"},
    "LOYAL10": {"percent_off": "10", "duration": "forever"},
    "FIRST25": {"percent_off": "25", "duration": "once"},
    "SAVE15": {"amount_off": "1500", "currency": "usd", "duration": "repeating", "duration_in_months": "12"},
    "NONPROFIT": {"percent_off": "33.33", "duration": "forever"},
    "CREDIT5": {"amount_off": "500", "currency": "usd", "duration": "forever"},
    "FRIENDS": {"percent_off": "100", "duration": "forever"},
    "EARLYBIRD": {"percent_off": "20", "duration": "forever"},
}

INCLUSIVE = {"eur": ("19", "11900"), "gbp": ("20", "12000")}
"""Prices that contain their tax: rate in percent and amount; both leave 100.00 exactly."""


@dataclass
class Catalogue:
    """Ids of what exists, by what it is."""

    prices: dict[tuple[str, str, str], str] = field(default_factory=dict)
    products: dict[str, str] = field(default_factory=dict)
    inclusive: dict[str, str] = field(default_factory=dict)
    metered: str = ""
    meter_event: str = "api_calls"
    promotion_code: str = ""


def open_catalogue(billing: Billing, catalogue: Catalogue, at: int) -> None:
    """Create everything the company sells and note its ids."""
    for key, plan in PLANS.items():
        product = billing.products.create({"name": plan.name, "unit_label": "seat"}, at=at)["id"]
        catalogue.products[key] = product
        for interval in plan.intervals:
            for currency in CURRENCIES:
                params = _price(plan, product, interval, currency)
                catalogue.prices[key, interval, currency] = billing.prices.create(params, at=at)["id"]
    _add_inclusive(billing, catalogue, at)
    _add_metered(billing, catalogue, at)
    _add_coupons(billing, catalogue, at)


def _price(plan: Plan, product: str, interval: str, currency: str) -> dict[str, Any]:
    recurring, times = INTERVALS[interval]
    params: dict[str, Any] = {
        "product": product,
        "currency": currency,
        "recurring": recurring,
        "nickname": f"{plan.name} {interval} {currency.upper()}",
        "tax_behavior": "exclusive",
    }
    scale = times * CURRENCIES[currency]
    if plan.tiers:
        tiers = [
            {"up_to": up_to, "unit_amount": _local(unit, scale), "flat_amount": _local(flat, scale)}
            for up_to, unit, flat in plan.tiers
        ]
        return {**params, "billing_scheme": "tiered", "tiers_mode": plan.mode, "tiers": tiers}
    if plan.package:
        params["transform_quantity"] = {"divide_by": str(plan.package), "round": "up"}
    if "." in plan.unit:
        return {**params, "unit_amount_decimal": f"{float(plan.unit) * scale / 10_000:g}"}
    return {**params, "unit_amount": _local(int(plan.unit), scale)}


def _local(cents: int, scale: int) -> str:
    return str(cents * scale // 10_000)


def _add_inclusive(billing: Billing, catalogue: Catalogue, at: int) -> None:
    product = billing.products.create({"name": "Consumer"}, at=at)["id"]
    catalogue.products["consumer"] = product
    for currency, (_, amount) in INCLUSIVE.items():
        params = {
            "product": product,
            "currency": currency,
            "recurring": {"interval": "month"},
            "tax_behavior": "inclusive",
            "unit_amount": amount,
        }
        catalogue.inclusive[currency] = billing.prices.create(params, at=at)["id"]


def _add_metered(billing: Billing, catalogue: Catalogue, at: int) -> None:
    meter = billing.meters.create({"display_name": "API calls", "event_name": catalogue.meter_event}, at=at)["id"]
    product = billing.products.create({"name": "API calls", "unit_label": "call"}, at=at)["id"]
    catalogue.products["api_calls"] = product
    recurring = {"interval": "month", "usage_type": "metered", "meter": meter}
    params = {"product": product, "currency": "usd", "recurring": recurring, "unit_amount_decimal": "0.4"}
    catalogue.metered = billing.prices.create(params, at=at)["id"]


def _add_coupons(billing: Billing, catalogue: Catalogue, at: int) -> None:
    for id, terms in COUPONS.items():
        billing.coupons.create({"id": id, "name": id.title(), **terms}, at=at)
    teams = {"products": [catalogue.products["team"]]}
    billing.coupons.create({"id": "TEAM15", "percent_off": "15", "duration": "forever", "applies_to": teams}, at=at)
    code = billing.promotion_codes.create({"promotion": {"coupon": "WELCOME20"}, "code": "HELLO"}, at=at)
    catalogue.promotion_code = code["id"]
