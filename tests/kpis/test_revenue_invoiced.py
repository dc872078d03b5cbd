"""What was invoiced for usage and services, what add-ons are worth and which payments failed: as Stripe's books have it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from revenue_truth import DAY, RevenueTruth, money, start_of

from sandbox.currencies import decimals
from sandbox.truth.facts import StatusSince
from sandbox.truth.rates import micros_of_minor

pytestmark = pytest.mark.slow

GRAINS = ("month", "quarter", "year")
ADDONS = ("Priority support", "Audit log")
FINAL = ("open", "paid", "uncollectible")


@dataclass(frozen=True)
class Line:
    """A line of a final invoice in the reporting currency."""

    day: date
    customer: str
    price: dict[str, Any]
    subscription: str | None
    prorated: bool
    micros: int


def lines(truth: RevenueTruth) -> Iterator[Line]:
    """All of them, after discounts."""
    store = truth.world.store
    for invoice in store.all("invoice"):
        if invoice["status"] not in FINAL:
            continue
        day = datetime.fromtimestamp(invoice["created"], UTC).date()
        for line in invoice["lines"]["data"]:
            price = store.get("price", ((line.get("pricing") or {}).get("price_details") or {}).get("price") or "") or {}
            details = (line["parent"] or {}).get(f"{(line['parent'] or {}).get('type')}") or {}
            net = line["amount"] - sum(discount["amount"] for discount in line.get("discount_amounts") or ())
            native = micros_of_minor(net, 10 ** decimals(line["currency"]))
            micros = truth.convert(native, day, line["currency"])
            yield Line(day, invoice["customer"], price, details.get("subscription"), bool(details.get("proration")), micros)


def is_metered(line: Line) -> bool:
    """Whether its price is charged by use."""
    return bool(line.price) and (line.price["recurring"] or {}).get("usage_type") == "metered"


def plan_beside(truth: RevenueTruth, line: Line) -> str:
    """The main plan of the day, or the last before."""
    customer = next(customer for customer in truth.customers if customer.id == line.customer)
    day = line.day
    while not customer.pays(day):
        day -= DAY
    return truth.main_plan(customer, day)


def test_usage(company: Any, revenue_truth: RevenueTruth) -> None:
    truth = revenue_truth
    used = [line for line in lines(truth) if is_metered(line)]
    assert sum(line.micros for line in used) > 0
    meters = {body["id"]: body["display_name"] for body in truth.world.store.all("meter")}
    for grain in GRAINS:
        sums: dict[str, dict[tuple[date, str], int]] = {name: defaultdict(int) for name in ("all", "meter", "plan")}
        sums["all"] |= {(start, "all"): 0 for start in truth.periods(grain)}
        for line in used:
            start = start_of(line.day, grain)
            sums["all"][start, "all"] += line.micros
            sums["meter"][start, meters[line.price["recurring"]["meter"]]] += line.micros
            sums["plan"][start, plan_beside(truth, line)] += line.micros
        for dimension, expected in sums.items():
            found = company.kpi("usage_revenue", grain, dimension)
            assert found == {key: money(micros) for key, micros in expected.items()}, (grain, dimension)


def test_services(company: Any, revenue_truth: RevenueTruth) -> None:
    sold = [line for line in lines(revenue_truth) if not is_metered(line) and not line.subscription and not line.prorated]
    for grain in GRAINS:
        expected = {(start, "all"): 0 for start in revenue_truth.periods(grain)}
        for line in sold:
            expected[start_of(line.day, grain), "all"] += line.micros
        assert company.kpi("services_revenue", grain) == {key: money(micros) for key, micros in expected.items()}, grain


def test_addons(company: Any, revenue_truth: RevenueTruth) -> None:
    for grain in GRAINS:
        plans = company.kpi("mrr", grain, "plan")
        parts = {key: value for key, value in plans.items() if key[1] in ADDONS}
        assert any(parts.values())
        assert company.kpi("addon_revenue", grain, "addon") == parts
        whole = {(start, "all"): sum(v or 0 for (at, _), v in parts.items() if at == start) for start, _ in plans}
        assert company.kpi("addon_revenue", grain) == whole


def test_failed_payments(company: Any, revenue_truth: RevenueTruth) -> None:
    truth = revenue_truth
    for grain in ("day", "week", *GRAINS):
        amounts = dict.fromkeys(((start, "all") for start in truth.periods(grain)), 0)
        counts, by_customer = dict(amounts), defaultdict(int)
        for payment in truth.world.facts.failed_payments:
            day = datetime.fromtimestamp(payment.at, UTC).date()
            native = micros_of_minor(payment.amount, 10 ** decimals(payment.currency))
            start = start_of(day, grain)
            amounts[start, "all"] += truth.convert(native, day, payment.currency)
            counts[start, "all"] += 1
            by_customer[start, payment.customer] += 1
        assert by_customer
        assert company.kpi("failed_payment_amount", grain) == {key: money(micros) for key, micros in amounts.items()}, grain
        assert company.kpi("payment_failure_count", grain) == counts, grain
        if grain in ("day", "month"):
            assert company.kpi("payment_failure_count", grain, "customer") == by_customer, grain


def test_how_payments_stand(company: Any, revenue_truth: RevenueTruth) -> None:
    truth, order = revenue_truth, {"unpaid": 0, "past_due": 1, "active": 2, "trialing": 2, "paused": 2}
    failed: dict[str, list[date]] = defaultdict(list)
    for payment in truth.world.facts.failed_payments:
        failed[payment.customer].append(datetime.fromtimestamp(payment.at, UTC).date())
    expected = {}
    for id, facts in truth.world.facts.by_customer.items():
        for day in (truth.last - n * DAY for n in range(31)):
            status = {}
            for fact in facts:
                if isinstance(fact, StatusSince) and datetime.fromtimestamp(fact.at, UTC).date() <= day:
                    status[fact.subscription] = fact.status
            running = [order[now] for now in status.values() if now in order]
            if running:
                lately = any(day - 30 * DAY < at <= day for at in failed[id])
                expected[day, id] = min(*running, 1 if lately else 2, 2)
    assert {0, 1, 2} & set(expected.values()) >= {1, 2}
    assert company.kpi("billing_status", "day", "customer") == expected
