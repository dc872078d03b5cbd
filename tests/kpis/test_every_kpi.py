"""What is said of a KPI is true of its figures: how days make a longer period, and which grains and dimensions it has."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from cynosure.transform.kpis import read_kpis
from cynosure.transform.periods import GRAINS, period_start

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]
KPIS = read_kpis(PROJECT / "sql")
Figures = tuple[str, str, str]
"""A KPI, a grain and a dimension."""

COMPARED_ELSEWHERE = dict.fromkeys(
    (
        "data_accuracy", "data_completeness", "data_consistency", "data_validity", "data_freshness", "data_volume",
        "etl_job_duration", "pipeline_success_rate", "processing_lag",
    ),
    "tests/sql/test_platform_kpis.py",
)  # fmt: skip
"""KPIs that the company here says nothing of, since they measure the platform's own work, and where they are compared."""

NOT_OFFERED = {
    "billing_status day all": "how payments stand is said of each customer; of all of them there is no status",
    "payment_failure_count week customer": "each customer's failures are told by day and month",
    "payment_failure_count quarter customer": "each customer's failures are told by day and month",
    "payment_failure_count year customer": "each customer's failures are told by day and month",
    "revenue_mix_by_plan * all": "the whole would always be one",
    "revenue_mix_by_segment * all": "the whole would always be one",
    "revenue_mix_by_region * all": "the whole would always be one",
}
"""Grains and dimensions of a KPI that it has no figures for, and why; `*` stands for any."""

NOT_COMPARED = {
    "mrr_under_definition * definition": "the house is; the others are, by customer and month, in tests/sql/test_definitions*.py",
    "customer_churn_under_definition month definition": "the same; here it is computed from the customers of each definition",
}
"""Figures that no oracle for the simulated company is held against, and why."""


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


def offered() -> set[Figures]:
    """Every KPI at every grain and dimension that its entry names."""
    kpis = [kpi for name, kpi in KPIS.items() if name not in COMPARED_ELSEWHERE]
    return {
        (kpi.name, grain, dimension) for kpi in kpis for grain in kpi.grains or GRAINS for dimension in ("all", *kpi.dimensions)
    }


def meant(figures: set[Figures], exempt: dict[str, str]) -> set[Figures]:
    """Those that a list of exemptions names."""
    return {figure for figure in figures if any(fnmatchcase(" ".join(figure), pattern) for pattern in exempt)}


def test_every_figure_is_compared_with_the_truth(company: Any, everything_ran: bool) -> None:
    if not everything_ran:
        pytest.skip("whether a comparison is missing shows only when all of them have run")
    assert sorted(offered() - company.compared - meant(offered(), NOT_OFFERED | NOT_COMPARED)) == []
    assert sorted(company.compared & meant(offered(), NOT_COMPARED)) == [], "these are compared: take them off the list"


def test_what_is_said_not_to_be_offered_is_not(company: Any) -> None:
    assert set(COMPARED_ELSEWHERE) <= set(KPIS)
    assert {file for file in COMPARED_ELSEWHERE.values() if not (PROJECT / file).exists()} == set()
    for pattern in NOT_OFFERED | NOT_COMPARED:
        assert meant(offered(), {pattern: ""}), f"{pattern} names nothing that an entry offers"
    for kpi, grain, dimension in sorted(meant(offered(), NOT_OFFERED)):
        assert company.kpi(kpi, grain, dimension) == {}, (kpi, grain, dimension)
