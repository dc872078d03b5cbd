"""What was opened, won and lost equals what the story knows, at every grain and dimension."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from kpi_oracle import GRAINS, period_start
from sales_truth import Sale, Sales, Values, expect, ratio, sales_of, shares, totals

pytestmark = pytest.mark.slow

OF: dict[str, Callable[[Sale], str | None] | None] = {
    "all": None,
    "rep": lambda sale: sale.owner.name,
    "segment": lambda sale: sale.segment,
    "region": lambda sale: sale.region,
    "type": lambda sale: sale.type,
    "source": lambda sale: sale.deal.source,
    "plan": lambda sale: sale.deal.plan,
    "partner": lambda sale: sale.deal.partner,
    "competitor": lambda sale: sale.deal.competitor,
    "outcome": lambda sale: sale.outcome,
    "reason": lambda sale: f"{sale.outcome}/{sale.record.reason}",
}


@pytest.fixture
def sales(company: Any) -> Sales:
    """The truth."""
    return sales_of(company)


def deal_size(sales: Sales) -> Callable[[Sale], str]:
    """The band of what a sale was worth."""
    bands = (("large", 25_000), ("medium", 5_000), ("small", 0))
    return lambda sale: next(name for name, limit in bands if sales.signed(sale) >= limit)


def by_close(sales: Sales, facts: list[Sale], dimension: str, grain: str) -> dict[Any, list[Sale]]:
    """Closed sales by period and member."""
    of = deal_size(sales) if dimension == "deal_size" else OF[dimension]
    return sales.flow(facts, lambda sale: sale.closed, of, grain)


def amounts(sales: Sales, facts: list[Sale], dimension: str, grain: str) -> Values:
    """What closed sales were worth."""
    return totals(by_close(sales, facts, dimension, grain), sales.signed)


def test_there_is_something_to_compare(sales: Sales) -> None:
    assert len(sales.won) > 10
    assert len(sales.lost) > 5
    assert any(sale.deal.partner_role == "sourced" for sale in sales.won)
    assert any(sale.record.reason == "competitor" for sale in sales.lost)


def test_opportunities_created(company: Any, sales: Sales) -> None:
    def truth(dimension: str, grain: str) -> Values:
        return totals(sales.flow(sales.sales, lambda sale: sale.created, OF[dimension], grain), lambda _: 1)

    expect(company, "opportunities_created", "all rep segment source type", truth)


def test_deals_closed(company: Any, sales: Sales) -> None:
    expect(company, "deals_closed", "all rep segment type", lambda d, g: totals(by_close(sales, sales.won, d, g), lambda _: 1))


def test_bookings(company: Any, sales: Sales) -> None:
    expect(company, "bookings", "all segment plan region rep type", lambda d, g: amounts(sales, sales.won, d, g))


def test_bookings_growth_rate(company: Any, sales: Sales) -> None:
    new = [sale for sale in sales.won if sale.type == "new_business"]

    def truth(dimension: str, grain: str) -> Values:
        booked = sorted(amounts(sales, new, dimension, grain).items())
        return {now: ratio(value - earlier, earlier) for (_, earlier), (now, value) in pairwise(booked)}

    expect(company, "bookings_growth_rate", "all", truth, GRAINS[1:])


def test_average_deal_size_and_its_growth(company: Any, sales: Sales) -> None:
    def average(dimension: str, grain: str) -> Values:
        return shares(by_close(sales, sales.won, dimension, grain), sales.signed, lambda _: 1)

    def growth(dimension: str, grain: str) -> Values:
        known = average(dimension, grain)
        year_ago = {key: known.get((key[0].replace(year=key[0].year - 1), "all")) for key in known}
        return {key: None if known[key] is None else ratio(known[key] - value, value) for key, value in year_ago.items() if value}

    expect(company, "average_deal_size", "all segment rep", average)
    expect(company, "average_deal_size_growth", "all", growth, ("quarter", "year"))


def test_average_contract_value(company: Any, sales: Sales) -> None:
    expect(company, "acv", "all segment", lambda d, g: shares(by_close(sales, sales.won, d, g), sales.signed, lambda _: 1))


def test_win_rate(company: Any, sales: Sales) -> None:
    def truth(dimension: str, grain: str) -> Values:
        return shares(by_close(sales, sales.closed, dimension, grain), lambda sale: sale.outcome == "won", lambda _: 1)

    expect(company, "win_rate", "all rep type segment competitor", truth)


def test_competitive_win_rate(company: Any, sales: Sales) -> None:
    contested = [sale for sale in sales.closed if sale.deal.competitor]

    def truth(dimension: str, grain: str) -> Values:
        return shares(by_close(sales, contested, dimension, grain), lambda sale: sale.outcome == "won", lambda _: 1)

    expect(company, "competitive_win_rate", "all competitor", truth)


def of_whole(
    sales: Sales, parts: list[Sale], whole: list[Sale], worth: Callable[[Sale], Decimal | int]
) -> Callable[[str, str], Values]:
    """Parts by member over the whole of the period."""

    def truth(dimension: str, grain: str) -> Values:
        all_of_it = totals(by_close(sales, whole, "all", grain), worth)
        if dimension == "reason":
            groups = sales.flow(parts, lambda sale: sale.closed, lambda sale: sale.record.reason, grain)
        else:
            groups = by_close(sales, parts, dimension, grain)
        return {key: ratio(value or 0, all_of_it[key[0], "all"] or 0) for key, value in totals(groups, worth).items()}

    return truth


def test_competitive_loss_share(company: Any, sales: Sales) -> None:
    beaten = [sale for sale in sales.lost if sale.record.reason == "competitor"]
    expect(company, "competitive_loss_share", "all competitor reason", of_whole(sales, beaten, sales.lost, lambda _: 1))


def test_win_and_loss_reasons(company: Any, sales: Sales) -> None:
    def truth(dimension: str, grain: str) -> Values:
        return totals(by_close(sales, sales.closed, dimension, grain), lambda _: 1)

    expect(company, "win_loss_reasons", "all reason competitor outcome", truth)


def test_partner_revenue(company: Any, sales: Sales) -> None:
    sourced = [sale for sale in sales.won if sale.deal.partner_role == "sourced"]
    helped = [sale for sale in sales.won if sale.deal.partner]
    expect(company, "partner_sourced_revenue", "all partner", lambda d, g: amounts(sales, sourced, d, g))
    expect(company, "partner_influenced_revenue", "all partner", lambda d, g: amounts(sales, helped, d, g))
    expect(company, "partner_revenue_share", "all partner", of_whole(sales, sourced, sales.won, sales.signed))


def test_sales_cycle_length(company: Any, sales: Sales) -> None:
    def truth(dimension: str, grain: str) -> Values:
        groups = by_close(sales, sales.won, dimension, grain)
        return shares(groups, lambda sale: (sale.closed - sale.created).days, lambda _: 1)

    expect(company, "sales_cycle_length", "all rep type segment deal_size", truth)


@pytest.mark.parametrize(
    "kpi", ["opportunities_created", "deals_closed", "bookings", "win_loss_reasons", "partner_sourced_revenue"]
)
def test_parts_sum_to_the_whole(kpi: str, company: Any) -> None:
    dimensions = [
        dimension for (dimension,) in company.rows(f"select distinct dimension from kpis.{kpi} where dimension <> 'all'")
    ]
    for grain in GRAINS:
        whole = {start: value for (start, _), value in company.kpi(kpi, grain).items() if value}
        for dimension in dimensions:
            parts: dict[Any, Decimal] = {}
            for (start, _), value in company.kpi(kpi, grain, dimension).items():
                parts[start] = parts.get(start, Decimal(0)) + (value or 0)
            assert parts == whole, (grain, dimension)
    days = company.kpi(kpi, "day")
    months = company.kpi(kpi, "month")
    assert {key: sum(v or 0 for (d, _), v in days.items() if period_start(d, "month") == key[0]) for key in months} == months
