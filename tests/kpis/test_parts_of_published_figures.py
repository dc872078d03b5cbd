"""The parts that the register keeps of a figure add up to it: otherwise nothing could be said of why it has changed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pytest

from cynosure.register.parts import multiple, read_parts
from cynosure.register.question import Question
from cynosure.transform.kpis import KpiReader

pytestmark = pytest.mark.slow

DAYS = (date(2026, 2, 28), date(2026, 3, 18))
BALANCES = ("mrr", "arr")
FLOWS = ("new_mrr", "expansion_mrr", "reactivated_mrr", "contraction_mrr", "churned_mrr", "net_new_mrr", "fx_mrr")


def added(company: Any, kpi: str, measure: Literal["day", "month_to_date"], day: date) -> tuple[Decimal, Decimal | None]:
    """The sum of the parts, and the figure."""
    with company.warehouse.writing() as session:
        reader = KpiReader(session)
        parts = read_parts(session, Question(kpi, measure, day))
        figure = reader.value(kpi, "day", day) if measure == "day" else reader.total(kpi, day.replace(day=1), day)
    assert parts is not None
    return multiple(kpi) * sum((part.amount for part in parts.values()), Decimal(0)), figure


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("kpi", BALANCES)
def test_balances_are_their_customers(company: Any, kpi: str, day: date) -> None:
    parts, figure = added(company, kpi, "day", day)
    assert parts == figure != 0


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("measure", ["day", "month_to_date"])
@pytest.mark.parametrize("kpi", FLOWS)
def test_movements_are_those_of_their_customers(company: Any, kpi: str, measure: Any, day: date) -> None:
    parts, figure = added(company, kpi, measure, day)
    assert parts == figure


def test_some_movement_is_there_to_be_compared(company: Any) -> None:
    assert all(added(company, kpi, "month_to_date", DAYS[0])[0] for kpi in ("new_mrr", "churned_mrr", "net_new_mrr"))
