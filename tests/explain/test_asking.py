"""What people ask for, and what a KPI is made of by its own words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cynosure.explain.formula import read_formula
from cynosure.explain.periods import parse_period
from cynosure.settings import ConfigError

KPIS = Path(__file__).resolve().parents[2] / "sql" / "models" / "kpis"


@pytest.mark.parametrize(
    ("text", "grain", "start", "last_day", "name"),
    [
        ("2026", "year", date(2026, 1, 1), date(2026, 12, 31), "2026"),
        ("2026-Q2", "quarter", date(2026, 4, 1), date(2026, 6, 30), "2026-Q2"),
        ("2026-q4", "quarter", date(2026, 10, 1), date(2026, 12, 31), "2026-Q4"),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
        ("2026-W23", "week", date(2026, 6, 1), date(2026, 6, 7), "2026-W23"),
        # a week belongs to the year of its Thursday
        ("2026-W01", "week", date(2025, 12, 29), date(2026, 1, 4), "2026-W01"),
        ("2026-06-14", "day", date(2026, 6, 14), date(2026, 6, 14), "2026-06-14"),
    ],
)
def test_a_period_is_written_as_people_do(text: str, grain: str, start: date, last_day: date, name: str) -> None:
    period = parse_period(text)
    assert (period.grain, period.start, period.last_day, period.name) == (grain, start, last_day, name)


@pytest.mark.parametrize("text", ["", "june", "2026-13", "2026-Q5", "2026-W54", "2026-02-30", "26-01", "2026-1"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="2026-Q2, 2026-06, 2026-W23 or 2026-06-14"):
        parse_period(text)


def test_a_kpi_explains_itself_by_its_model() -> None:
    read = {path.stem: read_formula(path) for path in KPIS.glob("*/*.sql")}
    assert read["arr"] is not None
    assert dict(read["arr"].numerator) == {"closing_mrr": 12}
    churn = read["net_mrr_churn_rate"]
    assert churn is not None
    assert dict(churn.numerator) == {"contraction_mrr": 1, "churn_mrr": 1, "expansion_mrr": -1, "reactivation_mrr": -1}
    assert dict(churn.denominator or {}) == {"opening_mrr": 1}
    growth = read["mrr_growth_rate"]
    assert growth is not None
    assert dict(growth.numerator) == {"closing_mrr": 1, "opening_mrr": -1}
    annual = read["nrr_trailing_12_months"]
    assert annual is not None
    assert (annual.window, annual.terms) == ("trailing_12_months", ["end_mrr", "start_mrr"])


@pytest.mark.parametrize(
    "text",
    ["{{ kpi_amount('closing_mrr * closing_mrr', 'x') }}", "{{ kpi_amount('usage_amount', 'x') }}", "select 1",
     "{{ kpi_rate(ref('leads'), 'new_mrr', 'opening_mrr', 'x') }}", "{{ kpi_amount('new_mrr churn_mrr', 'x') }}"],
)  # fmt: skip
def test_what_is_not_made_of_the_ledger_is_not_followed(text: str, tmp_path: Path) -> None:
    model = tmp_path / "some.sql"
    model.write_text(text)
    assert read_formula(model) is None
