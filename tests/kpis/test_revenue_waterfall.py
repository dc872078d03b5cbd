"""Every amount and count of the MRR waterfall equals the truth, at every grain and dimension; parts sum to the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from revenue_truth import Part, RevenueTruth, money, ratio
from revenue_waterfall import Waterfall, earlier, of_money

pytestmark = pytest.mark.slow

GRAINS = ("day", "week", "month", "quarter", "year")
USUAL = ("all", "plan", "currency", "segment", "region")
GAINS, LOSSES = ("new", "reactivation", "expansion"), ("contraction", "churn")


def signed(*kinds: str) -> Callable[[Part], int]:
    """Amounts of some kinds of movements; those lost are taken off the others."""
    return lambda part: part.signed if part.kind in kinds else 0


def size(kind: str) -> Callable[[Part], int]:
    """Amounts of one kind as positive numbers."""
    return lambda part: part.micros if part.kind == kind else 0


AMOUNTS: dict[str, tuple[Callable[[Part], int], tuple[str, ...]]] = {
    "new_mrr": (size("new"), (*USUAL, "channel")),
    "reactivated_mrr": (size("reactivation"), USUAL),
    "expansion_mrr": (size("expansion"), USUAL),
    "contraction_mrr": (size("contraction"), USUAL),
    "churned_mrr": (size("churn"), USUAL),
    "fx_mrr": (size("fx"), USUAL),
    "net_new_mrr": (signed(*GAINS, *LOSSES), USUAL),
}
COUNTS = {"new_customers": ("new", (*USUAL, "channel", "rep")), "churned_customers": ("churn", USUAL)}
RATES = {
    "mrr_growth_rate": (lambda f: f["net"], lambda f: f["opening"], (*USUAL, "cohort"), GRAINS[1:]),
    "revenue_growth_rate": (lambda f: f["net"], lambda f: f["opening"], USUAL, ("quarter", "year")),
    "mrr_churn_rate": (lambda f: f["lost"], lambda f: f["opening"], USUAL, GRAINS[1:]),
    "net_mrr_churn_rate": (lambda f: f["lost"] - f["expansion"] - f["reactivation"], lambda f: f["opening"], USUAL, GRAINS[1:]),
    "customer_growth_rate": (lambda f: f["customers"] - f["before"], lambda f: f["before"], USUAL, GRAINS[1:]),
    "quick_ratio": (lambda f: f["gained"], lambda f: f["lost"], USUAL, GRAINS[2:]),
}


def test_what_customers_pay_makes_some_of_them_large(revenue_truth: RevenueTruth) -> None:
    by_people = {customer.id: revenue_truth.groups_of(customer.id)["segment"] for customer in revenue_truth.paying}
    grown = [customer for customer in revenue_truth.paying if customer.groups["segment"] != by_people[customer.id]]
    assert 0 < len(grown) < len(by_people)


@pytest.mark.parametrize("kpi", AMOUNTS)
def test_movements(kpi: str, company: Any, waterfall: Waterfall) -> None:
    amount, dimensions = AMOUNTS[kpi]
    for dimension in dimensions:
        for grain in GRAINS:
            company.compare(kpi, grain, dimension, of_money(waterfall.moved(grain, dimension, amount)))


@pytest.mark.parametrize("kpi", COUNTS)
def test_encounters(kpi: str, company: Any, waterfall: Waterfall) -> None:
    kind, dimensions = COUNTS[kpi]
    for dimension in dimensions:
        for grain in GRAINS:
            company.compare(kpi, grain, dimension, waterfall.encounters(grain, dimension, kind))


@pytest.mark.parametrize("dimension", [*USUAL, "channel", "cohort"])
def test_balances(dimension: str, company: Any, waterfall: Waterfall) -> None:
    for grain in GRAINS:
        closing = waterfall.closing(grain, dimension)
        company.compare("mrr", grain, dimension, of_money(closing))
        if dimension in USUAL:
            customers = waterfall.customers(grain, dimension)
            company.compare("arr", grain, dimension, {key: 12 * money(micros) for key, micros in closing.items()})
            company.compare("active_customers", grain, dimension, customers)
            company.compare("arpu", grain, dimension, {key: ratio(closing[key], 10**6 * customers[key]) for key in closing})


def test_the_run_rate_is_told_by_day(company: Any, waterfall: Waterfall) -> None:
    expected = {key: 12 * money(micros) for key, micros in waterfall.closing("day", "all").items()}
    company.compare("revenue_run_rate", "day", "all", expected)


@pytest.mark.parametrize("kpi", RATES)
def test_rates(kpi: str, company: Any, waterfall: Waterfall) -> None:
    numerator, denominator, dimensions, grains = RATES[kpi]
    for dimension in dimensions:
        for grain in grains:
            opening, closing = waterfall.opening(grain, dimension), waterfall.closing(grain, dimension)
            customers = waterfall.customers(grain, dimension)
            ends = {"opening": opening, "customers": customers, "before": earlier(customers, grain)}
            moved = {kind: waterfall.moved(grain, dimension, size(kind)) for kind in (*GAINS, *LOSSES)}
            expected = {}
            for key in opening:
                figures = {name: sums[key] for name, sums in (moved | ends).items()}
                figures["net"] = closing[key] - opening[key]
                figures["gained"] = sum(figures[kind] for kind in GAINS)
                figures["lost"] = sum(figures[kind] for kind in LOSSES)
                expected[key] = ratio(numerator(figures), denominator(figures))
            company.compare(kpi, grain, dimension, expected)


@pytest.mark.parametrize("dimension", ["plan", "segment", "region"])
def test_the_mix_and_its_largest_part(dimension: str, company: Any, waterfall: Waterfall) -> None:
    for grain in GRAINS[1:]:
        closing, whole = waterfall.closing(grain, dimension), waterfall.closing(grain, "all")
        expected = {key: ratio(micros, whole[key[0], "all"]) for key, micros in closing.items()}
        company.compare(f"revenue_mix_by_{dimension}", grain, dimension, expected)
        if dimension != "plan" and grain != "week":
            largest = {
                start: min((-micros, member) for (at, member), micros in closing.items() if at == start)[1]
                for start, _ in closing
            }
            shares = {(start, member): expected[start, member] for start, member in largest.items()}
            company.compare("segment_revenue_concentration", grain, dimension, shares)
            if dimension == "segment":
                in_all = {(start, "all"): share for (start, _), share in shares.items()}
                company.compare("segment_revenue_concentration", grain, "all", in_all)


def test_what_is_due_to_end(company: Any, revenue_truth: RevenueTruth) -> None:
    truth = revenue_truth
    for grain in GRAINS:
        due: dict[str, dict[tuple[date, str], int]] = {
            "all": {(start, "all"): 0 for start in truth.periods(grain)},
            "currency": defaultdict(int),
        }
        for start, last in truth.periods(grain).items():
            for customer in truth.paying:
                for currency, native in customer.at(last).scheduled.items():
                    if native:
                        micros = truth.convert(native, last, currency)
                        due["all"][start, "all"] += micros
                        due["currency"][start, currency.upper()] += micros
        for dimension, sums in due.items():
            company.compare("scheduled_churn_mrr", grain, dimension, of_money(sums))


@pytest.mark.parametrize("kpi", [*(kpi for kpi in AMOUNTS), "mrr", "arr"])
def test_parts_sum_to_the_whole(kpi: str, company: Any) -> None:
    wrong = company.rows(
        f"select grain, period_start, dimension from kpis.{kpi} group by grain, period_start, dimension having dimension <> 'all'"
        f" and sum(value) <> (select min(whole.value) from kpis.{kpi} as whole where whole.dimension = 'all'"
        f" and whole.grain = {kpi}.grain and whole.period_start = {kpi}.period_start)"
    )
    # a movement shared by several plans of a customer may only change places between them
    assert [row for row in wrong if kpi in ("mrr", "arr") or row[2] not in ("plan", "currency")] == []
