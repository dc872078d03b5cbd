"""New MRR is shared out among what brought it, by every model, and nothing of it is lost."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from attribution_oracle import MODELS, split, weights
from known_customers import new_mrr
from kpi_oracle import GRAINS, Fact, assert_equal, counted, period_start
from told_marketing import Touch, touches

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def credits(company: Any) -> dict[str, list[Fact]]:
    """Of each model, what every touch is worth."""
    journeys: dict[str, list[Touch]] = defaultdict(list)
    paid = new_mrr(company)
    for touch in touches(company):
        if touch.customer in paid and touch.day.isoformat() <= paid[touch.customer][0]:
            journeys[touch.customer].append(touch)
    assert max(len(journey) for journey in journeys.values()) > 2
    assert 0 < len(journeys) < len(paid)
    found: dict[str, list[Fact]] = {model: [] for model in MODELS}
    for model, facts in found.items():
        for customer, (began, amount) in paid.items():
            on, journey = date.fromisoformat(began), journeys.get(customer)
            if not journey:
                facts.append(Fact(on, _members(model, "unattributed", "unattributed"), amount))
                continue
            for touch, share in zip(journey, split(amount, weights(model, _ages(journey))), strict=True):
                facts.append(Fact(on, _members(model, touch.channel or "unknown", touch.campaign or "no_campaign"), share))
    return found


def _ages(journey: list[Touch]) -> list[int]:
    return [(journey[-1].day - touch.day).days for touch in journey]


def _members(model: str, channel: str, campaign: str) -> dict[str, str | None]:
    named = {"model_channel": f"{model}/{channel}", "model_campaign": f"{model}/{campaign}"}
    return {"channel": channel, "campaign": campaign, "model": model, **named}


def test_the_usual_model(credits: dict[str, list[Fact]], company: Any) -> None:
    assert_equal(company, "attributed_revenue", credits["linear"], counted, ("channel", "campaign"))


@pytest.mark.parametrize("dimension", ["model", "model_channel", "model_campaign"])
def test_every_model(dimension: str, credits: dict[str, list[Fact]], company: Any) -> None:
    everything = [fact for facts in credits.values() for fact in facts]
    for grain in GRAINS:
        expected: dict[Any, Decimal] = defaultdict(Decimal)
        for fact in everything:
            expected[period_start(fact.day, grain), fact.member(dimension)] += Decimal(fact.numerator)
        company.compare("attributed_revenue", grain, dimension, expected)


def test_every_model_shares_out_all_new_mrr(company: Any) -> None:
    for grain in GRAINS:
        whole = {start: value for (start, _), value in company.kpi("new_mrr", grain).items() if value}
        shown = {start: value for (start, _), value in company.kpi("attributed_revenue", grain).items() if value}
        assert shown == whole
        for dimension in ("channel", "campaign"):
            sums: dict[Any, Decimal] = defaultdict(Decimal)
            for (start, _), value in company.kpi("attributed_revenue", grain, dimension).items():
                sums[start] += value
            assert sums == whole
        for dimension in ("model", "model_channel", "model_campaign"):
            by_model: dict[tuple[Any, str], Decimal] = defaultdict(Decimal)
            for (start, member), value in company.kpi("attributed_revenue", grain, dimension).items():
                by_model[start, member.partition("/")[0]] += value
            assert by_model == {(start, model): value for start, value in whole.items() for model in MODELS}
