"""Monthly figures of the board equal those that the simulation knows, on every warehouse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

pytestmark = pytest.mark.slow

BOARD = {
    "mrr": "end_mrr",
    "arr": "arr",
    "net_new_mrr": "net_new_mrr",
    "new_mrr": "new",
    "churned_mrr": "churn",
    "active_customers": "end_customers",
    "churned_customers": "churned_customers",
}


@pytest.mark.parametrize("kpi", BOARD)
def test_a_month_equals_the_truth(kpi: str, company: Any, in_all: Callable[[str, str], dict[date, Decimal | None]]) -> None:
    found = in_all(kpi, "month")
    assert len(found) >= 15
    for month, value in found.items():
        assert value == Decimal(company.world.truth.board(f"{month:%Y-%m}")[BOARD[kpi]]), month
