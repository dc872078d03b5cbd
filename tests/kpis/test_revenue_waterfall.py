"""Every amount and count of the MRR waterfall equals the truth, at every grain and dimension; parts sum to the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from revenue_truth import Part, RevenueTruth, by_plan, money, ratio, start_of

pytestmark = pytest.mark.slow

GRAINS = ("day", "week", "month", "quarter", "year")
USUAL = ("all", "plan", "currency", "segment", "region")
GAINS, LOSSES = ("new", "reactivation", "expansion"), ("contraction", "churn")
Sums = dict[tuple[date, str], int]


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
    "quick_ratio": (lambda f: f["gained"], lambda f: f["lost"], USUAL, GRAINS[2:]),
}


class Waterfall:
    """Sums of the ledger by period and member, and what they lead to."""

    def __init__(self, truth: RevenueTruth) -> None:
        self.truth = truth
        self._days: dict[str, dict[tuple[date, str], list[Part]]] = {}

    def parts(self, dimension: str) -> dict[tuple[date, str], list[Part]]:
        """Movements by day and member of a dimension; what stays inside a customer moves plans and currencies alone."""
        if dimension not in self._days:
            member, found = self.truth.member(dimension), defaultdict(list)
            for part in self.truth.parts:
                if dimension in ("plan", "currency") or not part.kind.startswith("transfer"):
                    found[part.day, member(part)].append(part)
            self._days[dimension] = found
        return self._days[dimension]

    def members(self, dimension: str) -> set[str]:
        """Every member that anything ever happened to."""
        return {member for _, member in self.parts(dimension)} | ({"all"} if dimension == "all" else set())

    def moved(self, grain: str, dimension: str, amount: Callable[[Part], int]) -> Sums:
        """Sums of movements; zero where there are none."""
        sums = {(start, member): 0 for start in self.truth.periods(grain) for member in self.members(dimension)}
        for (day, member), parts in self.parts(dimension).items():
            sums[start_of(day, grain), member] += sum(map(amount, parts))
        return sums

    def encounters(self, grain: str, dimension: str, kind: str) -> Sums:
        """How often customers moved in a way, at most once a day."""
        sums = {(start, member): 0 for start in self.truth.periods(grain) for member in self.members(dimension)}
        for (day, member), parts in self.parts(dimension).items():
            sums[start_of(day, grain), member] += len({part.customer for part in parts if part.kind == kind})
        return sums

    def closing(self, grain: str, dimension: str) -> Sums:
        """MRR at the end of periods, from balances and not from movements."""
        sums = {(start, member): 0 for start in self.truth.periods(grain) for member in self.members(dimension)}
        for start, last in self.truth.periods(grain).items():
            for customer in self.truth.paying:
                for (currency, plan), micros in self.truth.spread(by_plan(customer.at(last)), last).items():
                    member = self._member_of(dimension, customer, currency, plan)
                    sums[start, member] += micros
        return sums

    def customers(self, grain: str, dimension: str) -> Sums:
        """Who pays at the end of periods; in several plans or currencies, in each."""
        sums = {(start, member): 0 for start in self.truth.periods(grain) for member in self.members(dimension)}
        for start, last in self.truth.periods(grain).items():
            for customer in self.truth.paying:
                for member in {self._member_of(dimension, customer, *key) for key in by_plan(customer.at(last))}:
                    sums[start, member] += 1
        return sums

    def _member_of(self, dimension: str, customer: Any, currency: str, plan: str) -> str:
        return self.truth.member(dimension)(Part(self.truth.first, customer.id, "", currency, plan, 0, 0))

    def opening(self, grain: str, dimension: str) -> Sums:
        """MRR at the end of the periods before."""
        closing, found = self.closing(grain, dimension), {}
        for start, member in closing:
            before = start_of(start - timedelta(days=1), grain)
            found[start, member] = closing.get((before, member), 0)
        return found


@pytest.fixture(scope="session")
def waterfall(revenue_truth: RevenueTruth) -> Waterfall:
    """The ledger of the truth."""
    return Waterfall(revenue_truth)


def of_money(sums: Sums) -> dict[tuple[date, str], Decimal]:
    """Millionths as amounts."""
    return {key: money(micros) for key, micros in sums.items()}


@pytest.mark.parametrize("kpi", AMOUNTS)
def test_movements(kpi: str, company: Any, waterfall: Waterfall) -> None:
    amount, dimensions = AMOUNTS[kpi]
    for dimension in dimensions:
        for grain in GRAINS:
            assert company.kpi(kpi, grain, dimension) == of_money(waterfall.moved(grain, dimension, amount)), (grain, dimension)


@pytest.mark.parametrize("kpi", COUNTS)
def test_encounters(kpi: str, company: Any, waterfall: Waterfall) -> None:
    kind, dimensions = COUNTS[kpi]
    for dimension in dimensions:
        for grain in GRAINS:
            assert company.kpi(kpi, grain, dimension) == waterfall.encounters(grain, dimension, kind), (grain, dimension)


@pytest.mark.parametrize("dimension", [*USUAL, "channel", "cohort"])
def test_balances(dimension: str, company: Any, waterfall: Waterfall) -> None:
    for grain in GRAINS:
        closing = waterfall.closing(grain, dimension)
        assert company.kpi("mrr", grain, dimension) == of_money(closing), grain
        if dimension in USUAL:
            customers = waterfall.customers(grain, dimension)
            assert company.kpi("arr", grain, dimension) == {key: 12 * money(micros) for key, micros in closing.items()}
            assert company.kpi("active_customers", grain, dimension) == customers
            assert company.kpi("arpu", grain, dimension) == {
                key: ratio(closing[key], 10**6 * customers[key]) for key in closing
            }, grain


def test_the_run_rate_is_told_by_day(company: Any, waterfall: Waterfall) -> None:
    expected = {key: 12 * money(micros) for key, micros in waterfall.closing("day", "all").items()}
    assert company.kpi("revenue_run_rate", "day") == expected


@pytest.mark.parametrize("kpi", RATES)
def test_rates(kpi: str, company: Any, waterfall: Waterfall) -> None:
    numerator, denominator, dimensions, grains = RATES[kpi]
    for dimension in dimensions:
        for grain in grains:
            opening, closing = waterfall.opening(grain, dimension), waterfall.closing(grain, dimension)
            moved = {kind: waterfall.moved(grain, dimension, size(kind)) for kind in (*GAINS, *LOSSES)}
            expected = {}
            for key in opening:
                figures = {kind: sums[key] for kind, sums in moved.items()} | {"opening": opening[key]}
                figures["net"] = closing[key] - opening[key]
                figures["gained"] = sum(figures[kind] for kind in GAINS)
                figures["lost"] = sum(figures[kind] for kind in LOSSES)
                expected[key] = ratio(numerator(figures), denominator(figures))
            assert company.kpi(kpi, grain, dimension) == expected, (grain, dimension)


@pytest.mark.parametrize("dimension", ["plan", "segment", "region"])
def test_the_mix_and_its_largest_part(dimension: str, company: Any, waterfall: Waterfall) -> None:
    for grain in GRAINS[2:]:
        closing, whole = waterfall.closing(grain, dimension), waterfall.closing(grain, "all")
        expected = {key: ratio(micros, whole[key[0], "all"]) for key, micros in closing.items()}
        assert company.kpi(f"revenue_mix_by_{dimension}", grain, dimension) == expected, grain
        if dimension != "plan":
            largest = {
                start: min((-micros, member) for (at, member), micros in closing.items() if at == start)[1]
                for start, _ in closing
            }
            found = company.kpi("segment_revenue_concentration", grain, dimension)
            assert found == {(start, member): expected[start, member] for start, member in largest.items()}, grain


@pytest.mark.parametrize("kpi", [*(kpi for kpi in AMOUNTS), "mrr", "arr"])
def test_parts_sum_to_the_whole(kpi: str, company: Any) -> None:
    wrong = company.rows(
        f"select grain, period_start, dimension from kpis.{kpi} group by grain, period_start, dimension having dimension <> 'all'"
        f" and sum(value) <> (select min(whole.value) from kpis.{kpi} as whole where whole.dimension = 'all'"
        f" and whole.grain = {kpi}.grain and whole.period_start = {kpi}.period_start)"
    )
    # a movement shared by several plans of a customer may only change places between them
    assert [row for row in wrong if kpi in ("mrr", "arr") or row[2] not in ("plan", "currency")] == []
