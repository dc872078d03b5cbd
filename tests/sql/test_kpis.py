"""Every KPI is described, and the figures of revenue follow from the ledger."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from build import PROJECT
from scenario import HOUSE

from cynosure.transform.kpis import Kpi, read_kpis

pytestmark = pytest.mark.slow

FOLDER: Path = PROJECT / "models" / "kpis"
KPIS = sorted(path.stem for path in FOLDER.glob("*/*.sql"))
OPTIONAL = {"over_time", "grains", "dimensions"}
META = set(Kpi.model_fields) - {"name", "definition", "area"} - OPTIONAL


@pytest.fixture(scope="session")
def rows(build: Callable[..., Any]) -> Callable[[str], list[Any]]:
    """Answers of the warehouse of the house company."""
    return lambda sql: build(HOUSE).rows(sql)


def test_every_model_is_described_and_every_description_has_a_model() -> None:
    files = FOLDER.glob("*/_*.yml")
    described = [model for file in files for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]]
    assert sorted(model["name"] for model in described) == KPIS
    for model in described:
        assert model["description"].strip()
        meta = model["config"]["meta"]
        assert set(meta) - OPTIONAL == META, model["name"]


def test_what_is_said_of_every_kpi_can_be_read() -> None:
    assert sorted(read_kpis(PROJECT)) == KPIS


def test_the_waterfall_of_a_month_closes(rows: Callable[[str], list[Any]]) -> None:
    figures = {
        name: Decimal(
            rows(f"select value from kpis.{name} where grain = 'month' and dimension = 'all' and period_start = '2026-03-01'")[0][
                0
            ]
        )
        for name in ("mrr", "net_new_mrr", "fx_mrr", "new_mrr", "churned_mrr", "active_customers", "arr")
    }
    before = rows("select value from kpis.mrr where grain = 'month' and dimension = 'all' and period_start = '2026-02-01'")[0][0]
    customers, total = rows(
        "select count(distinct customer_id), sum(mrr_amount) from marts.mrr_daily where mrr_date = '2026-03-31' and mrr_amount > 0"
    )[0]
    assert before + figures["net_new_mrr"] + figures["fx_mrr"] == figures["mrr"] == total
    assert (figures["active_customers"], figures["arr"]) == (customers, 12 * total)


def test_the_dimensions_add_up(rows: Callable[[str], list[Any]]) -> None:
    sums = rows(
        "select dimension, sum(value) from kpis.mrr where grain = 'month' and period_start = '2026-03-01' group by dimension"
    )
    assert {dimension for dimension, _ in sums} == {"all", "plan", "currency", "segment", "region", "channel", "cohort"}
    assert len({amount for _, amount in sums}) == 1


def test_retention_is_the_cohort_form(rows: Callable[[str], list[Any]]) -> None:
    # of scenario 10 (a): leaves and returns within March, so March keeps it though the ledger saw it go
    kept = rows(
        "select start_customers - kept_customers from intermediate.int_retention_windows where window_kind = 'period' and dimension = 'all' and grain = 'month' and period_start = '2026-03-01'"
    )[0][0]
    left = rows(
        "select count(*) from marts.mrr_movements where movement = 'churn' and movement_date between '2026-03-01' and '2026-03-31'"
    )[0][0]
    assert 0 < kept < left
