"""A KPI is one SQL file and one YAML entry: everything else takes it from there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from build import PROJECT, dbt
from scenario import HOUSE

from cynosure.reference.kpi_page import kpi_page
from cynosure.report.board import Wanted, read_board
from cynosure.settings import load_settings
from cynosure.settings.targets import check_targets, read_targets
from cynosure.transform.kpis import read_kpis

pytestmark = pytest.mark.slow

QUERY = """{{ kpi_rate(ref('int_mrr_periods'), 'expansion_mrr', 'opening_mrr', 'opening_customers', where="grain = 'month'") }}
"""
ENTRY = """
  - name: expansion_share
    description: >-
      Expansion of the period among the MRR that it began with.
    config:
      meta:
        title: Expansion share
        formula: expansion / opening MRR
        unit: percent
        better: up
        owner: CFO
        classification: confidential
        sources: [stripe]
"""


def test_a_query_and_an_entry_are_built_shown_described_and_given_a_target(build: Callable[..., Any], tmp_path: Path) -> None:
    house = build(HOUSE)
    sql = tmp_path / "sql"
    shutil.copytree(PROJECT, sql, ignore=shutil.ignore_patterns("target"))
    area = sql / "models" / "kpis" / "revenue"
    (area / "expansion_share.sql").write_text(QUERY)
    with (area / "_revenue.yml").open("a") as entries:
        entries.write(ENTRY)

    done = dbt(
        ["build", "--select", "expansion_share"], house.warehouse.dbt_environment(), house.variables, tmp_path / "dbt", sql
    )
    assert done.returncode == 0, done.stdout[-4000:]
    house.warehouse.publish()
    settings = _deployment(tmp_path, house.warehouse.url)
    board = read_board(settings, Wanted(("expansion_share",), as_of=date(2026, 3, 31)), datetime(2026, 10, 1, tzinfo=UTC))
    expansion = house.rows(
        "select value from kpis.expansion_mrr where grain = 'month' and dimension = 'all' and period_start = '2026-03-01'"
    )
    opening = house.rows("select value from kpis.mrr where grain = 'month' and dimension = 'all' and period_start = '2026-02-01'")
    march = board.lines[0].values[date(2026, 3, 1)]
    assert march == round(expansion[0][0] / opening[0][0], 6)
    assert board.lines[0].standing.status == "green"
    assert "### Expansion share\n\n`expansion_share`: Expansion of the period among" in kpi_page(tmp_path, sql)
    check_targets(settings.config, read_targets(settings.config), {name: kpi.better for name, kpi in read_kpis(sql).items()})


def _deployment(folder: Path, warehouse: str) -> Any:
    config = folder / "config"
    config.mkdir()
    (config / "company.yaml").write_text("{name: House, timezone: UTC, currency: USD}")
    (config / "targets.yaml").write_text("expansion_share: {target: {'2026-01': 0.0001}}")
    return load_settings(
        {"CYNOSURE_PROJECT": str(folder), "CYNOSURE_HOME": str(folder / "home"), "CYNOSURE_WAREHOUSE": warehouse}
    )
