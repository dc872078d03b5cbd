"""The golden scenarios under every definition of MRR, and the bridge from one to the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from build import PROJECT
from scenario import COMPANIES, Case, Company, all_cases
from yaml import safe_load

pytestmark = pytest.mark.slow

DEFINITIONS = ("house", *safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["definitions"])
CASES = all_cases()
OTHERS = [case for case in CASES if case.told.get("definitions")]
NOTHING = (Decimal(0), False)

Balances = dict[str, dict[date, tuple[Decimal, bool]]]


@pytest.fixture(scope="session")
def balances(build: Any) -> Callable[[Case], Balances]:
    """What a case is worth, and whether it is a customer, by definition and month."""

    @cache
    def of_company(company: Company) -> dict[str, Balances]:
        found: dict[str, Balances] = defaultdict(lambda: defaultdict(dict))
        query = "select customer_id, definition, period_start, amount, is_customer from marts.mrr_by_definition"
        for customer, definition, month, amount, is_customer in build(company).rows(query):
            found[customer][definition][month] = (amount, is_customer)
        return found

    return lambda case: of_company(case.company)[case.customer]


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_every_month_is_exact(case: Case, definition: str, balances: Callable[[Case], Balances]) -> None:
    expected = case.by_definition(definition)
    found = balances(case)[definition]
    assert {month: found.get(month, NOTHING)[0] for month in expected} == expected
    customers = case.customers_by_definition(definition)
    assert {month: found.get(month, NOTHING)[1] for month in customers} == customers


def test_every_definition_differs_from_the_house_somewhere() -> None:
    assert {name for case in OTHERS for name in case.told["definitions"]} >= {*DEFINITIONS} - {"house"}


@pytest.mark.parametrize("company", COMPANIES.values(), ids=lambda company: company.name)
@pytest.mark.parametrize("measure", ["mrr", "customers", "start_customers", "lost_customers"])
def test_the_bridge_adds_up_exactly(company: Company, measure: str, build: Any) -> None:
    rows = build(company).rows("select definition, customer_id, period_start, amount, is_customer from marts.mrr_by_definition")
    months = sorted({month for _, _, month, _, _ in rows})
    expected = {(name, month): _measured(measure, rows, name, month) for name in DEFINITIONS for month in months}
    bridge = build(company).rows(
        f"select definition, period_start, sum(amount) from marts.mrr_definition_bridge where measure = '{measure}' group by 1, 2"
    )
    assert {(name, month): amount for name, month, amount in bridge if month in months} == expected
    assert any(expected.values())


@pytest.mark.parametrize("company", COMPANIES.values(), ids=lambda company: company.name)
def test_the_house_is_the_ledger(company: Company, build: Any) -> None:
    rows = build(company).rows(
        "select period_start, sum(amount) from marts.mrr_by_definition where definition = 'house' group by 1"
    )
    closing = build(company).rows(
        "select period_start, closing_mrr from intermediate.int_mrr_periods where grain = 'month' and dimension = 'all' and closing_mrr <> 0"
    )
    assert dict(rows) == dict(closing)


def test_each_cause_has_the_amount_that_its_cases_give_it(build: Any) -> None:
    """The sum over the cases of what each definition makes of it, against the bridge's causes taken together."""
    bridge = build(COMPANIES["house"]).rows(
        "select definition, cause, sum(amount) from marts.mrr_definition_bridge"
        " where measure = 'mrr' and period_start = '2026-03-01' group by 1, 2"
    )
    found = {(definition, cause): amount for definition, cause, amount in bridge if cause != "house"}
    assert found == {key: _caused(*key) for key in found}
    assert {cause for (_, cause), amount in found.items() if amount} == {
        "repeating_discounts",
        "once_discounts",
        "paused_collection",
        "churn",
        "metered",
    }


# which cases differ in March 2026, and through which switch
MARCH = {
    ("stripe", "repeating_discounts"): ("05_b", "22_three_months_off_a_year", "22_euro_with_three_months_off"),
    ("chartmogul", "once_discounts"): ("22_first_invoice_of_a_year",),
    ("chartmogul", "metered"): ("12_a",),
    ("profitwell", "once_discounts"): ("22_first_invoice_of_a_year",),
    ("profitwell", "paused_collection"): ("08_house_shown_beside",),
    ("profitwell", "churn"): ("09_house", "10_a", "10_b", "10_c"),
}


def _caused(definition: str, cause: str) -> Decimal:
    total = Decimal(0)
    for case in CASES:
        if case.company is COMPANIES["house"] and case.key.rsplit("_", 1)[0] in MARCH.get((definition, cause), ()):
            month = date(2026, 3, 1)
            total += case.by_definition(definition)[month] - case.by_definition("house")[month]
    return total


def _measured(measure: str, rows: list[Any], definition: str, month: date) -> Decimal:
    """A measure of a month from single customers."""
    if measure == "mrr":
        return sum((amount for name, _, at, amount, _ in rows if (name, at) == (definition, month)), Decimal(0))
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    customers = {
        at: {who for name, who, when, _, is_one in rows if (name, when) == (definition, at) and is_one} for at in (before, month)
    }
    found = {
        "customers": customers[month],
        "start_customers": customers[before],
        "lost_customers": customers[before] - customers[month],
    }
    return Decimal(len(found[measure]))
