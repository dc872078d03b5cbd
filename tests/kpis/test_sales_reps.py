"""What reps were to win, won and did equals what the story knows, at every grain and dimension."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from kpi_oracle import GRAINS, period_start
from sales_truth import ROLES, Sales, Values, began, ratio, sales_of, totals
from told_requests import day

from sandbox.story.people import Employee

pytestmark = pytest.mark.slow

OF: dict[str, Callable[[Employee], str]] = {
    "all": lambda rep: "all",
    "rep": lambda rep: rep.name,
    "team": lambda rep: rep.team,
    "role": lambda rep: ROLES[rep.role],
}


@pytest.fixture
def sales(company: Any) -> Sales:
    """The truth."""
    return sales_of(company)


def won_by(sales: Sales, grain: str, start: date) -> dict[str, Decimal]:
    """What each employee won in a period."""
    found: dict[str, Decimal] = {}
    for sale in sales.won:
        if period_start(sale.closed or date.min, grain) == start:
            found[sale.owner.key] = found.get(sale.owner.key, Decimal(0)) + sales.signed(sale)
    return found


@pytest.mark.parametrize("grain", GRAINS[1:])
@pytest.mark.parametrize("dimension", OF)
def test_quota_attainment(dimension: str, grain: str, company: Any, sales: Sales) -> None:
    expected: Values = {}
    for start, _ in sales.periods[grain]:
        quota, won = sales.quota(grain, start), won_by(sales, grain, start)
        sums: dict[str, list[Decimal]] = {"all": [Decimal(0), Decimal(0)]} if dimension == "all" else {}
        for key in quota.keys() | won.keys():
            parts = sums.setdefault(OF[dimension](sales.employee(key)), [Decimal(0), Decimal(0)])
            parts[0] += won.get(key, Decimal(0))
            parts[1] += quota.get(key, Decimal(0))
        expected |= {(start, member): ratio(*parts) for member, parts in sums.items()}
    assert any(expected.values())
    company.compare("quota_attainment", grain, dimension, expected)


@pytest.mark.parametrize("grain", GRAINS[1:])
@pytest.mark.parametrize("dimension", ["all", "role"])
def test_reps_at_quota(dimension: str, grain: str, company: Any, sales: Sales) -> None:
    expected: Values = {}
    for start, _ in sales.periods[grain]:
        won = won_by(sales, grain, start)
        reached: dict[str, list[bool]] = {"all": []} if dimension == "all" else {}
        for key, quota in sales.quota(grain, start).items():
            reached.setdefault(OF[dimension](sales.employee(key)), []).append(won.get(key, Decimal(0)) >= quota)
        expected |= {(start, member): ratio(sum(reps), len(reps)) for member, reps in reached.items()}
    company.compare("quota_attainment_share", grain, dimension, expected)


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("dimension", ["all", "rep", "type"])
def test_sales_activities(dimension: str, grain: str, company: Any, sales: Sales) -> None:
    counted = [deed for deed in sales.activities if deed.kind in ("call", "email", "meeting")]
    assert {deed.kind for deed in counted} == {"call", "email", "meeting"}
    of = {"all": None, "rep": lambda deed: sales.employee(deed.employee).name, "type": lambda deed: deed.kind}[dimension]
    groups = sales.flow(counted, lambda deed: day(began(deed)), of, grain)
    company.compare("sales_activity_count", grain, dimension, totals(groups, lambda _: 1))


def test_sales_productivity(company: Any, sales: Sales) -> None:
    expected: Values = {}
    for start, last in sales.periods["quarter"]:
        arr = Decimal(company.world.truth.board(f"{last:%Y-%m}")["arr"])
        expected[start, "all"] = ratio(arr, len(sales.quota("quarter", start)))
    assert any(expected.values())
    company.compare("sales_productivity", "quarter", "all", expected)
