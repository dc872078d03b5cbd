"""Retention, churn and cohorts equal the truth at every grain and dimension."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from revenue_truth import DAY, Customer, RevenueTruth, money, ratio, start_of
from revenue_waterfall import Waterfall

pytestmark = pytest.mark.slow

DIMENSIONS = ("all", "plan", "segment", "region", "channel", "cohort")
GRAINS = ("month", "quarter", "year")
Figures = dict[tuple[date, str], Decimal | None]


@dataclass(frozen=True)
class Kept:
    """A customer of a window's start: its worth then and at the end, both at the rates of the start."""

    customer: Customer
    start: int
    end: int


Rate = Callable[[list[Kept]], Decimal | None]


def nrr(kept: list[Kept]) -> Decimal | None:
    """What they are worth."""
    return ratio(sum(k.end for k in kept), sum(k.start for k in kept))


def grr(kept: list[Kept]) -> Decimal | None:
    """The same without what they added."""
    return ratio(sum(min(k.end, k.start) for k in kept), sum(k.start for k in kept))


def churn(kept: list[Kept]) -> Decimal | None:
    """Those who left."""
    return ratio(sum(not k.end for k in kept), len(kept))


def retention(kept: list[Kept]) -> Decimal | None:
    """Those who stayed."""
    return ratio(sum(k.end > 0 for k in kept), len(kept))


def growth(kept: list[Kept]) -> Decimal | None:
    """What those who stayed have gained."""
    stayers = [k for k in kept if k.end]
    return ratio(sum(k.end - k.start for k in stayers), sum(k.start for k in stayers))


RATES: list[tuple[str, Rate, str, tuple[str, ...], tuple[str, ...]]] = [
    ("nrr", nrr, "period", GRAINS, DIMENSIONS),
    ("grr", grr, "period", GRAINS, DIMENSIONS),
    ("customer_churn_rate", churn, "period", ("day", *GRAINS), DIMENSIONS),
    ("customer_retention_rate", retention, "period", GRAINS, DIMENSIONS),
    ("nrr_trailing_12_months", nrr, "year", GRAINS, DIMENSIONS),
    ("grr_trailing_12_months", grr, "year", GRAINS, DIMENSIONS),
    ("customer_churn_rate_annual", churn, "year", GRAINS, DIMENSIONS),
    ("account_growth_rate", growth, "year", GRAINS[1:], DIMENSIONS[:4]),
]


def a_year_before(day: date) -> date:
    """The same day of the year before, or the last of February."""
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def windows(truth: RevenueTruth, kind: str, grain: str) -> Iterator[tuple[date, date, date]]:
    """Period, and the days at whose ends its window starts and ends."""
    for start, last in truth.periods(grain).items():
        yield start, start - DAY if kind == "period" else a_year_before(last), last


def kept_by_member(truth: RevenueTruth, kind: str, grain: str, dimension: str) -> dict[tuple[date, str], list[Kept]]:
    """The customers of every window's start."""
    found: dict[tuple[date, str], list[Kept]] = defaultdict(list)
    for period, opening, closing in windows(truth, kind, grain):
        for customer in truth.paying:
            if customer.pays(opening):
                kept = Kept(customer, truth.mrr(customer, opening), truth.mrr(customer, closing, opening))
                found[period, truth.of_customer(dimension, customer, opening)].append(kept)
    return found


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_rates_over_the_customers_of_the_start(dimension: str, company: Any, revenue_truth: RevenueTruth) -> None:
    known: dict[tuple[str, str], dict[tuple[date, str], list[Kept]]] = {}
    for kpi, rate, kind, grains, dimensions in RATES:
        for grain in grains if dimension in dimensions else ():
            if (kind, grain) not in known:
                known[kind, grain] = kept_by_member(revenue_truth, kind, grain, dimension)
            expected = {key: rate(kept) for key, kept in known[kind, grain].items()}
            company.compare(kpi, grain, dimension, expected)
    assert len(known["period", "day"]) > 100


def age(cohort: str, month: date) -> int:
    """Months since the first month."""
    first = date.fromisoformat(f"{cohort}-01")
    return 12 * (month.year - first.year) + month.month - first.month


def cohorts(truth: RevenueTruth, dimension: str) -> dict[tuple[date, str], list[tuple[int, int]]]:
    """What customers were worth on their first day, and are at the end of every month since, at the rates of that day."""
    found: dict[tuple[date, str], list[tuple[int, int]]] = defaultdict(list)
    for customer in truth.paying:
        first = next(day for day in customer.days if customer.pays(day))
        for month, last in truth.periods("month").items():
            if first <= last:
                member = {
                    "all": "all",
                    "cohort_month": customer.groups["cohort"],
                    "months_since_start": str(age(customer.groups["cohort"], month)),
                    "plan": truth.main_plan(customer, first),
                    "segment": customer.groups["segment"],
                }[dimension]
                found[month, member].append((truth.mrr(customer, first), truth.mrr(customer, last, first)))
    return found


@pytest.mark.parametrize("dimension", ["all", "cohort_month", "months_since_start", "plan", "segment"])
def test_cohorts(dimension: str, company: Any, revenue_truth: RevenueTruth) -> None:
    found = cohorts(revenue_truth, dimension)
    company.compare(
        "cohort_customer_retention",
        "month",
        dimension,
        {key: ratio(sum(now > 0 for _, now in worths), len(worths)) for key, worths in found.items()},
    )
    company.compare(
        "cohort_revenue_retention",
        "month",
        dimension,
        {key: ratio(sum(now for _, now in worths), sum(new for new, _ in worths)) for key, worths in found.items()},
    )
    if dimension in ("all", "cohort_month", "months_since_start"):
        company.compare(
            "cohort_revenue_per_customer",
            "month",
            dimension,
            {
                key: ratio(sum(now for _, now in worths), 10**6 * sum(now > 0 for _, now in worths))
                for key, worths in found.items()
            },
        )


def eleven_months_before(day: date) -> date:
    """The first day of that month."""
    months = 12 * day.year + day.month - 1 - 11
    return date(months // 12, months % 12 + 1, 1)


@pytest.mark.parametrize("dimension", ["all", "plan", "segment", "channel"])
def test_lifetime_value_on_revenue(dimension: str, company: Any, revenue_truth: RevenueTruth, waterfall: Waterfall) -> None:
    lost: dict[tuple[date, str], tuple[int, int]] = {
        key: (sum(not k.end for k in kept), len(kept))
        for key, kept in kept_by_member(revenue_truth, "period", "month", dimension).items()
    }
    for grain in GRAINS[:2]:
        customers = waterfall.customers(grain, dimension)
        expected: Figures = {}
        for (start, member), micros in waterfall.closing(grain, dimension).items():
            arpu = ratio(micros, 10**6 * customers[start, member])
            if arpu is None:
                continue
            last = revenue_truth.periods(grain)[start]
            months = [m for m in revenue_truth.periods("month") if eleven_months_before(last) <= m <= last]
            gone = sum(lost.get((month, member), (0, 0))[0] for month in months)
            there = sum(lost.get((month, member), (0, 0))[1] for month in months)
            rate = ratio(gone, there) or Decimal(0)
            expected[start, member] = ratio(int(arpu * 10**6), int(rate * 10**6))
        company.compare("ltv_revenue_basis", grain, dimension, expected)
        assert any(value for value in expected.values())


def test_the_share_of_referrals(company: Any, revenue_truth: RevenueTruth) -> None:
    for grain in GRAINS:
        counts: dict[tuple[date, str], list[bool]] = defaultdict(list)
        for customer in revenue_truth.paying:
            first = next(day for day in customer.days if customer.pays(day))
            for dimension in ("all", "segment"):
                member = revenue_truth.of_customer(dimension, customer, first)
                counts[start_of(first, grain), member].append(customer.groups["channel"] in ("referrals", "employee_referral"))
        for dimension in ("all", "segment"):
            expected: Figures = {(start, "all"): None for start in revenue_truth.periods(grain)} if dimension == "all" else {}
            expected |= {
                key: ratio(sum(referred), len(referred))
                for key, referred in counts.items()
                if (key[1] == "all") == (dimension == "all")
            }
            company.compare("referral_customer_share", grain, dimension, expected)


def test_the_arr_of_one_customer_that_left(company: Any, revenue_truth: RevenueTruth) -> None:
    left: dict[tuple[date, str], int] = defaultdict(int)
    for part in revenue_truth.parts:
        if part.kind == "churn":
            left[part.day, part.customer] += part.micros
    assert left
    company.compare("churned_arr_large_customer", "day", "customer", {key: 12 * money(m) for key, m in left.items()})
    largest = {day: max((m for (at, _), m in left.items() if at == day), default=0) for day in revenue_truth.periods("day")}
    company.compare("churned_arr_large_customer", "day", "all", {(day, "all"): 12 * money(m) for day, m in largest.items()})


def test_the_largest_customers(company: Any, revenue_truth: RevenueTruth) -> None:
    for grain in GRAINS:
        expected: Figures = {}
        largest: Figures = {}
        for start, last in revenue_truth.periods(grain).items():
            worths = sorted((-revenue_truth.mrr(c, last), c.id) for c in revenue_truth.paying if c.pays(last))
            whole = -sum(micros for micros, _ in worths)
            if worths:
                largest[start, "all"] = ratio(-worths[0][0], whole)
            expected |= {(start, id): ratio(-micros, whole) for micros, id in worths[:10]}
        company.compare("customer_revenue_concentration", grain, "customer", expected)
        company.compare("customer_revenue_concentration", grain, "all", largest)
