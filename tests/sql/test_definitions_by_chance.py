"""Histories made by chance: what the models make of them under every definition is what the story says, to the last decimal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from generated import GENERATED, MONTHS, histories

pytestmark = pytest.mark.slow

DEFINITIONS = ("house", "stripe", "chartmogul", "profitwell")
HISTORIES = histories()


@pytest.fixture(scope="session")
def built(build: Callable[..., Any]) -> Any:
    return build(GENERATED)


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_month_of_every_history_is_exact(definition: str, built: Any) -> None:
    query = f"select customer_id, period_start, amount from marts.mrr_by_definition where definition = '{definition}'"
    found = {(customer, month): amount for customer, month, amount in built.rows(query)}
    told = {history.case.customer: history for history in HISTORIES}
    wrong = {
        (history, month): (found.get((customer, month), Decimal(0)), history.worth(definition, month))
        for customer, history in told.items()
        for month in MONTHS
        if found.get((customer, month), Decimal(0)) != history.worth(definition, month)
    }
    assert wrong == {}


def test_the_histories_tell_the_definitions_apart() -> None:
    differing = {
        definition: [h for h in HISTORIES if any(h.worth(definition, month) != h.worth("house", month) for month in MONTHS)]
        for definition in DEFINITIONS
    }
    assert all(len(differing[definition]) > 5 for definition in DEFINITIONS[1:])


def test_the_bridge_adds_up_exactly(built: Any) -> None:
    rows = built.rows(
        "select definition, period_start, sum(amount) from marts.mrr_definition_bridge where measure = 'mrr' group by 1, 2"
    )
    found = {(definition, month): amount for definition, month, amount in rows if month in MONTHS}
    true: dict[Any, Decimal] = defaultdict(Decimal)
    for definition in DEFINITIONS:
        for month in MONTHS:
            true[definition, month] = sum((history.worth(definition, month) for history in HISTORIES), Decimal(0))
    assert found == true


def test_no_invariant_is_broken(built: Any) -> None:
    assert built.rows("select * from intermediate.int_identity_violations") == []
