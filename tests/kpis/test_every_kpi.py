"""What is said of a KPI is true of its figures: how days make a longer period, and which grains and dimensions it has."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cynosure.transform.kpis import read_kpis
from cynosure.transform.periods import GRAINS, period_start

pytestmark = pytest.mark.slow

KPIS = read_kpis(Path(__file__).resolve().parents[2] / "sql")


def days_by_month(company: Any, name: str) -> dict[date, list[tuple[date, Decimal | None]]]:
    found: dict[date, list[tuple[date, Decimal | None]]] = defaultdict(list)
    for (day, _), value in sorted(company.kpi(name, "day").items()):
        found[period_start("month", day)].append((day, value))
    return found


@pytest.mark.parametrize("name", [name for name, kpi in KPIS.items() if kpi.over_time == "sum"])
def test_days_add_up_to_months_where_it_is_said(company: Any, name: str) -> None:
    days = days_by_month(company, name)
    months = {month: value for (month, _), value in company.kpi(name, "month").items() if month in days}
    assert {month: sum(value or 0 for _, value in found) for month, found in days.items()} == months


@pytest.mark.parametrize("name", [name for name, kpi in KPIS.items() if kpi.over_time == "last"])
def test_a_month_has_the_value_of_its_last_day_where_it_is_said(company: Any, name: str) -> None:
    days = days_by_month(company, name)
    months = {month: value for (month, _), value in company.kpi(name, "month").items() if month in days}
    assert {month: found[-1][1] for month, found in days.items()} == months


@pytest.mark.parametrize("name", KPIS)
def test_grains_and_dimensions_are_those_that_are_said(company: Any, name: str) -> None:
    found = company.rows(f"select distinct grain, dimension from kpis.{name}")
    if not found:
        assert KPIS[name].area == "data_platform", "only what checks and audits tell can be missing here: none has run"
        return
    assert {grain for grain, _ in found} == set(KPIS[name].grains or GRAINS)
    assert {dimension for _, dimension in found} - {"all"} == set(KPIS[name].dimensions)
