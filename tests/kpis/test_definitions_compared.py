"""Definitions beside the house on a whole company: the bridge adds up exactly, and the command shows it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from command import Ended, call
from revenue_truth import DAY, RevenueTruth, ratio, start_of
from revenue_waterfall import Waterfall, of_money

from cynosure.settings import Settings

pytestmark = pytest.mark.slow

OTHERS = {"stripe", "chartmogul", "profitwell"}


@pytest.fixture
def settings(company: Any, landed: Path) -> Settings:
    return replace(company.settings, landing=f"file://{landed}", warehouse=company.warehouse.url)


def command(settings: Settings, *arguments: str) -> Ended:
    env = {
        "CYNOSURE_PROJECT": str(settings.project),
        "CYNOSURE_HOME": str(settings.home),
        "CYNOSURE_WAREHOUSE": settings.warehouse,
    }
    return call("definitions", *arguments, env=env)


def by_month(rows: list[Any]) -> dict[tuple[str, date], Decimal]:
    return {(definition, month): amount for definition, month, amount in rows}


def test_the_bridge_leads_to_every_definition_exactly(company: Any) -> None:
    bridge = company.rows(
        "select definition, period_start, sum(amount) from marts.mrr_definition_bridge where measure = 'mrr' group by 1, 2"
    )
    single = company.rows("select definition, period_start, sum(amount) from marts.mrr_by_definition group by 1, 2")
    assert {key: amount for key, amount in by_month(bridge).items() if amount} == {k: v for k, v in by_month(single).items() if v}


@pytest.mark.parametrize("grain", ["month", "quarter", "year"])
def test_the_house_is_the_truth(grain: str, company: Any, waterfall: Waterfall) -> None:
    true = {key: value for key, value in of_money(waterfall.closing(grain, "all")).items() if value}
    company.compare("mrr_under_definition", grain, "all", true)
    found = company.kpi("mrr_under_definition", grain, "definition")
    assert {(start, "all"): value for (start, member), value in found.items() if member == "house"} == true


def test_customers_of_the_house_are_the_true_ones(company: Any, revenue_truth: RevenueTruth) -> None:
    expected = {}
    for start, last in list(revenue_truth.periods("month").items()):
        before = [customer for customer in revenue_truth.paying if customer.pays(start - DAY)]
        expected[start, "all"] = ratio(sum(not customer.pays(last) for customer in before), len(before))
    company.compare("customer_churn_under_definition", "month", "all", expected)


@pytest.mark.parametrize("grain", ["month", "quarter", "year"])
def test_a_period_has_what_its_last_month_has(grain: str, company: Any) -> None:
    months = company.kpi("mrr_under_definition", "month", "definition")
    last: dict[tuple[date, str], Decimal] = {}
    for (month, member), value in sorted(months.items()):
        last[start_of(month, grain), member] = value
    assert company.kpi("mrr_under_definition", grain, "definition") == last


def test_every_definition_finds_something_to_differ_about(company: Any) -> None:
    rows = company.rows(
        "select distinct definition, cause from marts.mrr_definition_bridge where amount <> 0 and cause <> 'house'"
    )
    assert {definition for definition, _ in rows} == OTHERS


def test_churn_is_lost_customers_over_those_of_the_start(company: Any) -> None:
    churn = company.kpi("customer_churn_under_definition", "month", "definition")
    members: dict[tuple[str, date], set[str]] = defaultdict(set)
    for definition, customer, month in company.rows(
        "select definition, customer_id, period_start from marts.mrr_by_definition where is_customer"
    ):
        members[definition, month].add(customer)
    months = sorted({month for _, month in members})
    for before, month in pairwise(months):
        for definition in ("house", *OTHERS):
            start = members[definition, before]
            lost = Decimal(len(start - members[definition, month]))
            expected = (lost / len(start)).quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP) if start else None
            assert churn[month, definition] == expected, (definition, month)
    assert any(value for value in churn.values())


def test_the_command_shows_what_leads_to_each_definition(settings: Settings) -> None:
    shown = command(settings, "--period", "2026-02")
    assert (shown.code, "MRR at the end of 2026-02-28" in shown.out) == (0, True)
    document = json.loads(command(settings, "--json").out)
    assert document["month"] == "2026-03-01"
    assert set(document["definitions"]) == {"house", *OTHERS}
    for found in document["definitions"].values():
        total = sum((Decimal(causes["mrr"]) for causes in found["causes"].values()), Decimal(found["house"]["mrr"]))
        assert total == Decimal(found["result"]["mrr"])


@pytest.mark.parametrize(
    ("period", "said"), [("2026-W02", "write a month"), ("2031-01", "there are from 20"), ("soon", "is no period")]
)
def test_a_month_without_data_is_refused(settings: Settings, period: str, said: str) -> None:
    ended = command(settings, "--period", period)
    assert (ended.code, said in ended.err) == (2, True)
