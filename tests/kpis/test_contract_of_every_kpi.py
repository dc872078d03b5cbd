"""Every KPI keeps the contract that reports and alerts rely on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cynosure.transform.kpis import read_kpis

pytestmark = pytest.mark.slow

KPIS = sorted(read_kpis(Path(__file__).resolve().parents[2] / "sql"))
COLUMNS = ["period_start", "grain", "dimension", "member", "value", "numerator", "denominator", "sample_size"]


@pytest.mark.parametrize("kpi", KPIS)
def test_it_has_the_columns_of_the_contract(kpi: str, company: Any) -> None:
    found = company.rows(
        "select column_name, data_type from information_schema.columns"
        f" where table_schema = 'kpis' and table_name = '{kpi}' order by ordinal_position"
    )
    kinds = {name: kind.upper().split("(")[0].replace("DECIMAL", "NUMERIC") for name, kind in found}
    assert list(kinds) == COLUMNS
    assert (kinds["period_start"], kinds["sample_size"]) == ("DATE", "BIGINT")
    assert {kinds[name] for name in ("value", "numerator", "denominator")} == {"NUMERIC"}


@pytest.mark.parametrize("kpi", KPIS)
def test_a_figure_is_there_once(kpi: str, company: Any) -> None:
    key = "period_start, grain, dimension, member"
    assert company.rows(f"select {key} from kpis.{kpi} group by {key} having count(*) > 1") == []
    grains = {grain for (grain,) in company.rows(f"select distinct grain from kpis.{kpi}")}
    assert grains <= {"day", "week", "month", "quarter", "year"}


@pytest.mark.parametrize("kpi", KPIS)
def test_a_rate_is_null_exactly_where_its_denominator_is_zero(kpi: str, company: Any) -> None:
    wrong = f"select * from kpis.{kpi} where denominator is not null and (value is null) <> (denominator = 0)"
    assert company.rows(wrong) == []
