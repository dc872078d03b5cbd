"""What was open at the end of a period, and how it moved, equals what the story knows, at every grain and dimension."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from kpi_oracle import GRAINS, period_start
from sales_truth import STAGES, Sale, Sales, Values, end_of, expect, ratio, rounded, sales_of, shares, totals
from told_requests import day

pytestmark = pytest.mark.slow

Open = tuple[Sale, date]
OF: dict[str, Callable[[Open], str | None] | None] = {
    "all": None,
    "stage": lambda it: it[0].stage_on(it[1]).capitalize(),
    "rep": lambda it: it[0].owner.name,
    "segment": lambda it: it[0].segment,
    "region": lambda it: it[0].region,
    "type": lambda it: it[0].type,
    "close_month": lambda it: closing(it)[:7],
    "renewal_month": lambda it: closing(it)[:7],
}


def closing(it: Open) -> str:
    """The date on which an open sale was expected to close, as it was known then."""
    return day(it[0].told_on(it[1]).close).isoformat()


@pytest.fixture
def sales(company: Any) -> Sales:
    """The truth."""
    return sales_of(company)


def worth(sales: Sales) -> Callable[[Open], Decimal]:
    """An open sale at the amount and rate of the day."""
    return lambda it: sales.worth(it[0].told_on(it[1]), it[1])


def weighed(sales: Sales) -> Callable[[Open], Decimal]:
    """The same times the probability of its stage."""
    return lambda it: rounded(worth(sales)(it) * Decimal(STAGES[it[0].stage_on(it[1])]))


def test_history_matters(sales: Sales) -> None:
    changed = [sale for sale in sales.sales if len({deal.amount for _, deal in sale.record.told}) > 1]
    assert changed


def test_pipeline_value(company: Any, sales: Sales) -> None:
    expect(
        company, "pipeline_value", "all stage rep segment region type", lambda d, g: totals(sales.stock(OF[d], g), worth(sales))
    )


def test_weighted_pipeline(company: Any, sales: Sales) -> None:
    expect(company, "weighted_pipeline", "all stage close_month rep", lambda d, g: totals(sales.stock(OF[d], g), weighed(sales)))


def test_renewal_pipeline(company: Any, sales: Sales) -> None:
    customers = dict(company.rows("select opportunity_id, customer_id from marts.opportunities where system = 'salesforce'"))

    def truth(dimension: str, grain: str) -> Values:
        of = (lambda it: customers[it[0].id]) if dimension == "customer" else OF[dimension]
        return totals(sales.stock(of, grain, lambda sale: sale.type == "renewal"), worth(sales))

    expect(company, "renewal_pipeline_value", "all customer renewal_month stage", truth)


def test_stalled_opportunities(company: Any, sales: Sales) -> None:
    def truth(dimension: str, grain: str) -> Values:
        return totals(sales.stock(OF[dimension], grain), lambda it: sales.stalled(*it))

    assert any(truth("all", "day").values())
    expect(company, "stalled_opportunities", "all stage rep", truth)


def test_pipeline_coverage(company: Any, sales: Sales) -> None:
    def truth(dimension: str, grain: str) -> Values:
        amounts = totals(sales.stock(OF[dimension], grain), worth(sales))
        expected: Values = {}
        for start, _ in sales.periods[grain]:
            quotas = sales.quota(grain, start)
            by_rep: dict[str, Decimal] = {}
            for employee, quota in quotas.items():
                name = sales.employee(employee).name
                by_rep[name] = by_rep.get(name, Decimal(0)) + quota
            members = {member for when, member in amounts if when == start} | (by_rep.keys() if dimension == "rep" else set())
            for member in members:
                quota = by_rep.get(member, Decimal(0)) if dimension == "rep" else sum(quotas.values(), Decimal(0))
                expected[start, member] = ratio(amounts.get((start, member)) or 0, quota)
        return expected

    expect(company, "pipeline_coverage", "all rep segment", truth, GRAINS[1:])


def test_pipeline_velocity(company: Any, sales: Sales) -> None:
    def truth(dimension: str, grain: str) -> Values:
        of = (lambda sale: OF[dimension]((sale, sales.today))) if OF[dimension] else None
        opened = sales.stock(OF[dimension], grain)
        closed = sales.flow(sales.closed, lambda sale: sale.closed, of, grain)
        expected: Values = {}
        for key in opened.keys() | closed.keys():
            ended = closed.get(key, [])
            won = [sale for sale in ended if sale.outcome == "won"]
            days = sum((sale.closed - sale.created).days for sale in won)
            top = len(opened.get(key, [])) * len(won) * sum(map(sales.signed, won), Decimal(0)) * 365
            expected[key] = ratio(top, len(ended) * days * 12)
        return expected

    expect(company, "pipeline_velocity", "all segment rep", truth, GRAINS[1:])


def visits(sales: Sales, dimension: str, which: Callable[[Any], bool], when: int, grain: str) -> dict[Any, list[Any]]:
    """Stays in stages, as (sale, visit), by the day of entering (1) or leaving (2)."""
    facts = [(sale, visit) for sale in sales.sales for visit in sale.visits() if which(visit)]
    of = {"all": None, "stage": lambda it: it[1][0].capitalize()}.get(dimension, OF[dimension])
    return sales.flow(facts, lambda it: day(it[1][when]), of, grain)


def test_time_in_stage(company: Any, sales: Sales) -> None:
    def truth(dimension: str, grain: str) -> Values:
        groups = visits(sales, dimension, lambda visit: visit[2] is not None, 2, grain)
        return shares(groups, lambda it: it[1][2] - it[1][1], lambda _: 86_400)

    expect(company, "average_time_in_stage", "all stage rep", truth)


def test_stage_conversion(company: Any, sales: Sales) -> None:
    def truth(dimension: str, grain: str) -> Values:
        return shares(visits(sales, dimension, lambda visit: visit[3], 1, grain), lambda it: it[1][4], lambda _: 1)

    expect(company, "stage_conversion_rate", "all stage rep segment", truth)


def test_forecast_accuracy(company: Any, sales: Sales) -> None:
    first = min(sale.created for sale in sales.sales)

    def truth(dimension: str, grain: str) -> Values:
        booked = totals(sales.flow(sales.won, lambda sale: sale.closed, None, grain), sales.signed)
        expected: Values = {}
        for start, _ in sales.periods[grain]:
            eve = start - timedelta(days=1)
            if start <= first or end_of(grain, start) > sales.today:
                continue
            pipeline = [(sale, eve) for sale in sales.sales if sale.open_on(eve)]
            due = [it for it in pipeline if period_start(day(it[0].told_on(eve).close), grain) == start]
            won = booked[start, "all"] or Decimal(0)
            expected[start, "all"] = ratio(won - abs(sum(map(weighed(sales), due), Decimal(0)) - won), won)
        return expected

    expect(company, "forecast_accuracy", "all", truth, ("month", "quarter", "year"))


@pytest.mark.parametrize("kpi", ["pipeline_value", "weighted_pipeline", "stalled_opportunities", "renewal_pipeline_value"])
def test_parts_sum_to_the_whole(kpi: str, company: Any) -> None:
    dimensions = [
        dimension for (dimension,) in company.rows(f"select distinct dimension from kpis.{kpi} where dimension <> 'all'")
    ]
    assert dimensions
    for grain in GRAINS:
        whole = {start: value for (start, _), value in company.kpi(kpi, grain).items() if value}
        for dimension in dimensions:
            parts: dict[Any, Decimal] = {}
            for (start, _), value in company.kpi(kpi, grain, dimension).items():
                parts[start] = parts.get(start, Decimal(0)) + (value or 0)
            assert {start: value for start, value in parts.items() if value} == whole, (grain, dimension)
