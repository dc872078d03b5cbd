"""What was invoiced for usage and services, what add-ons are worth and which payments failed: as Stripe's books have it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from revenue_truth import DAY, RevenueTruth, start_of
from revenue_waterfall import Sums, Waterfall, of_money

from sandbox.currencies import decimals
from sandbox.truth.facts import Payment, StatusSince
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
            company.compare("usage_revenue", grain, dimension, of_money(expected))


def test_services(company: Any, revenue_truth: RevenueTruth) -> None:
    truth = revenue_truth
    sold = [line for line in lines(truth) if not is_metered(line) and not line.subscription and not line.prorated]
    assert sum(line.micros for line in sold) > 0
    for grain in GRAINS:
        in_all = {(start, "all"): 0 for start in truth.periods(grain)}
        by_service: dict[tuple[date, str], int] = defaultdict(int)
        for line in sold:
            start = start_of(line.day, grain)
            in_all[start, "all"] += line.micros
            by_service[start, truth.products[line.price["product"]] if line.price else "unknown"] += line.micros
        company.compare("services_revenue", grain, "all", of_money(in_all))
        company.compare("services_revenue", grain, "service", of_money(by_service))


def test_the_price_of_what_was_used(company: Any, revenue_truth: RevenueTruth) -> None:
    truth = revenue_truth
    by_month = {month: truth.world.truth.usage_mrr(f"{month:%Y-%m}") for month in truth.periods("month")}
    assert any(by_month.values())
    for grain in GRAINS:
        sums = {(start, "all"): Decimal(0) for start in truth.periods(grain)}
        for month, used in by_month.items():
            sums[start_of(month, grain), "all"] += sum(Decimal(row["reporting"]) for row in used)
        company.compare("usage_mrr", grain, "all", sums)


def test_addons(company: Any, waterfall: Waterfall) -> None:
    for grain in GRAINS:
        closing = waterfall.closing(grain, "plan")
        parts = {key: micros for key, micros in closing.items() if key[1] in ADDONS}
        whole = {(start, "all"): sum(m for (at, _), m in parts.items() if at == start) for start, _ in closing}
        assert any(whole.values())
        company.compare("addon_revenue", grain, "addon", of_money(parts))
        company.compare("addon_revenue", grain, "all", of_money(whole))


def test_failed_payments(company: Any, revenue_truth: RevenueTruth) -> None:
    truth = revenue_truth
    for grain in ("day", "week", *GRAINS):
        amounts = of_payments(truth, truth.world.facts.failed_payments, grain)
        counts, by_customer = dict.fromkeys(amounts, 0), defaultdict(int)
        for payment in truth.world.facts.failed_payments:
            start = start_of(datetime.fromtimestamp(payment.at, UTC).date(), grain)
            counts[start, "all"] += 1
            by_customer[start, payment.customer] += 1
        assert by_customer
        company.compare("failed_payment_amount", grain, "all", of_money(amounts))
        company.compare("payment_failure_count", grain, "all", counts)
        if grain in ("day", "month"):
            company.compare("payment_failure_count", grain, "customer", by_customer)


def test_refunds(company: Any, revenue_truth: RevenueTruth) -> None:
    for grain in ("day", "week", *GRAINS):
        amounts = of_payments(revenue_truth, revenue_truth.world.facts.refunds, grain)
        assert any(amounts.values())
        company.compare("refund_amount", grain, "all", of_money(amounts))


def of_payments(truth: RevenueTruth, payments: Iterable[Payment], grain: str) -> Sums:
    """What they moved, at the rates of their days; zero where there were none."""
    sums = {(start, "all"): 0 for start in truth.periods(grain)}
    for payment in payments:
        day = datetime.fromtimestamp(payment.at, UTC).date()
        native = micros_of_minor(payment.amount, 10 ** decimals(payment.currency))
        sums[start_of(day, grain), "all"] += truth.convert(native, day, payment.currency)
    return sums


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
    company.compare("billing_status", "day", "customer", expected)
