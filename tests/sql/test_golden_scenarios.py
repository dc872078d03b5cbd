"""The golden scenarios: exact ledgers and months, however the company came to know what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from scenario import COMPANIES, Case, Company, all_cases, last_of

pytestmark = pytest.mark.slow

CASES = all_cases()
BESIDE = ("scheduled_churn", "trial", "paused")
QUERIES = {
    "ledger": "select customer_id, movement_date, movement, amount from marts.mrr_movements order by 1, 2, movement <> 'fx', 3",
    "balances": f"select customer_id, mrr_date, mrr_amount, {', '.join(f'{name}_amount' for name in BESIDE)} from marts.mrr_daily",
    "usage": "select customer_id, usage_month, usage_amount from marts.usage_mrr_months",
    "items": "select customer_id, price_id, monthly_amount from marts.subscription_item_periods order by from_at",
}


Figures = dict[str, list[Any]]


@pytest.fixture(scope="session")
def figures(build: Any) -> Callable[[Case], Figures]:
    """What the models say about a case: ledger, daily balances, usage by month and item periods."""

    @cache
    def of_company(company: Company) -> dict[str, Figures]:
        found: dict[str, Figures] = defaultdict(lambda: defaultdict(list))
        for name, sql in QUERIES.items():
            for customer, *values in build(company).rows(sql):
                found[customer][name].append(tuple(values))
        return found

    return lambda case: of_company(case.company)[case.customer]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
class TestScenario:
    """Each scenario by each route that can tell it."""

    def test_the_ledger_is_exact(self, case: Case, figures: Callable[[Case], Figures]) -> None:
        rows = [row for row in figures(case)["ledger"] if row[0] <= case.last_day]
        assert rows == case.ledger

    def test_every_month_is_exact(self, case: Case, figures: Callable[[Case], Figures]) -> None:
        seen = figures(case)
        balances = _daily(seen["balances"], 0)
        for month in case.months:
            moved: dict[str, Decimal] = defaultdict(Decimal)
            for day, movement, amount in seen["ledger"]:
                if month.first_day <= day <= month.last_day:
                    moved[movement] += amount
            before = date.fromordinal(month.first_day.toordinal() - 1)
            assert (balances[before], dict(moved), balances[month.last_day]) == (month.start, month.moved, month.end), month

    def test_what_is_shown_beside(self, case: Case, figures: Callable[[Case], Figures]) -> None:
        seen = figures(case)
        for name, amounts in case.beside.items():
            if name == "usage":
                assert dict(seen["usage"]) == amounts
                continue
            balances = _daily(seen["balances"], 1 + BESIDE.index(name))
            for first, amount in amounts.items():
                assert balances[last_of(first)] == amount, (name, first)

    def test_each_item_bears_its_share(self, case: Case, figures: Callable[[Case], Figures]) -> None:
        seen = figures(case)
        latest = {price.removeprefix(f"price_{case.key}_"): amount for price, amount in seen["items"]}
        expected = {name: Decimal(str(amount)) for name, amount in case.told.get("items", {}).items()}
        assert {name: latest[name] for name in expected} == expected


def _daily(rows: list[Any], position: int) -> dict[date, Decimal]:
    """Sums by day; a day without a row is worth nothing."""
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for day, *amounts in rows:
        sums[day] += amounts[position]
    return sums


def test_all_twenty_scenarios_are_there() -> None:
    assert {case.scenario[:2] for case in CASES} >= {f"{number:02d}" for number in range(1, 21)}


@pytest.mark.parametrize("company", COMPANIES.values(), ids=lambda company: company.name)
def test_no_invariant_is_broken(company: Company, build: Any) -> None:
    assert build(company).rows("select * from intermediate.int_identity_violations") == []
