"""Figures of support equal those of the story, at every grain and for every member."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from known_customers import plans, segments
from kpi_oracle import GRAINS, assert_equal, counted, grouped, percentile, ratio, shared
from sales_truth import sales_of
from told_requests import Ask, day, requests

pytestmark = pytest.mark.slow

MEDIAN, NINETIETH = percentile("0.5"), percentile("0.9")


@pytest.fixture(scope="module")
def asked(company: Any) -> list[Ask]:
    """Everything that was asked and is still there."""
    found = requests(company)
    assert len({ask.system for ask in found}) == 2
    return found


def test_requests_by_everything_that_is_known_of_them(asked: list[Ask], company: Any) -> None:
    facts = [ask.fact(ask.opened) for ask in asked]
    assert_equal(company, "ticket_volume", facts, counted, ("system", "category", "priority", "channel", "plan", "segment"))


@pytest.mark.parametrize(
    ("kpi", "value", "business"),
    [
        ("first_response_time", MEDIAN, False),
        ("first_response_time_p90", NINETIETH, False),
        ("first_response_time_business", MEDIAN, True),
    ],
)
def test_time_to_the_first_response(kpi: str, value: Any, business: bool, asked: list[Ask], company: Any) -> None:
    facts = [ask.fact(ask.opened, ask.seconds(ask.told.first_reply, business)) for ask in asked if ask.told.first_reply]
    assert_equal(company, kpi, facts, value, ("system", "priority", "channel", "plan"))


@pytest.mark.parametrize(
    ("kpi", "value", "business"),
    [("resolution_time", MEDIAN, False), ("resolution_time_p90", NINETIETH, False), ("resolution_time_business", MEDIAN, True)],
)
def test_time_to_the_last_resolution(kpi: str, value: Any, business: bool, asked: list[Ask], company: Any) -> None:
    facts = [ask.fact(ask.resolved, ask.seconds(ask.told.turns[-1][0], business)) for ask in asked if ask.resolved]
    assert_equal(company, kpi, facts, value, ("system", "priority", "complexity"))


def test_shares_of_requests(asked: list[Ask], company: Any) -> None:
    assert_equal(company, "resolution_rate", [a.fact(a.opened, a.resolved is not None) for a in asked], shared, ("system",))
    assert_equal(company, "escalation_rate", [a.fact(a.opened, a.escalated) for a in asked], shared, ("system",))
    once = [a.fact(a.resolved, a.told.replies == 1 and a.told.reopened == 0) for a in asked if a.resolved]
    assert_equal(company, "first_contact_resolution_rate", once, shared, ("system",))


def test_satisfaction(asked: list[Ask], company: Any) -> None:
    facts = [ask.fact(_rated(ask), ask.good) for ask in asked if ask.good is not None]
    assert_equal(company, "csat_support", facts, shared, ("system", "agent", "category", "channel"))


def _rated(ask: Ask) -> Any:
    """Intercom keeps the day of the first rating, Zendesk that of the last."""
    return day(ask.told.first_rated if ask.system == "intercom" else ask.told.rated)


def test_open_requests(asked: list[Ask], company: Any) -> None:
    periods = sales_of(company).periods
    known: dict[Any, dict[str, int]] = {}
    for _, until in periods["day"]:
        was_open = [ask.system for ask in asked if _open_at(ask, until)]
        known[until] = {"all": len(was_open), "zendesk": was_open.count("zendesk"), "intercom": was_open.count("intercom")}
    for grain in GRAINS:
        ends = {start: known[last] for start, last in periods[grain]}
        company.compare("open_tickets", grain, "all", {(start, "all"): counts["all"] for start, counts in ends.items()})
        parts = {(start, system): counts[system] for start, counts in ends.items() for system in ("zendesk", "intercom")}
        company.compare("open_tickets", grain, "system", parts)


def _open_at(ask: Ask, until: Any) -> bool:
    turned = [resolved for at, resolved in ask.told.turns if day(at) <= until]
    return ask.opened <= until and not (turned and turned[-1])


def test_categories_as_parts_of_the_whole(asked: list[Ask], company: Any) -> None:
    facts = [ask.fact(ask.opened) for ask in asked]
    for grain in GRAINS:
        whole = {start: len(group) for (start, _), group in grouped(facts, grain, "all").items()}
        expected = {
            (start, category): ratio(len(group), whole[start])
            for (start, category), group in grouped(facts, grain, "category").items()
        }
        company.compare("ticket_category_share", grain, "category", expected)
        idle = dict.fromkeys(company.kpi("ticket_category_share", grain))
        company.compare("ticket_category_share", grain, "all", idle | {(start, "all"): 1 for start in whole})


def test_requests_against_what_is_normal_for_the_weekday(asked: list[Ask], company: Any) -> None:
    days = {start: int(value) for (start, _), value in company.kpi("ticket_volume", "day").items()}
    assert days == {at: sum(ask.opened == at for ask in asked) for at in days}
    expected = {}
    for at, count in days.items():
        before = sorted(days[at - timedelta(weeks=w)] for w in range(1, 9) if at - timedelta(weeks=w) in days)
        if len(before) == 8:
            usual = Decimal(before[3] + before[4]) / 2
            expected[at, "all"] = ratio(count, usual) if usual else None
    assert any(expected.values())
    company.compare("support_volume_index", "day", "all", expected)


def test_requests_for_a_hundred_customers(asked: list[Ask], company: Any) -> None:
    facts = [ask.fact(ask.opened) for ask in asked]
    for grain in GRAINS[1:]:
        for dimension in ("all", "plan", "segment"):
            asks = grouped(facts, grain, dimension)
            payers = {
                (start, member): count
                for start, last in sales_of(company).periods[grain]
                for member, count in _payers(company, last, dimension).items()
            }
            expected = {
                key: ratio(100 * len(asks.get(key, [])), payers[key]) if payers.get(key) else None for key in {*asks, *payers}
            }
            company.compare("tickets_per_100_customers", grain, dimension, expected)


def _payers(company: Any, last: Any, dimension: str) -> dict[str, int]:
    """How many pay at the end of a day, by member."""
    paying = {row["customer"] for row in _balances(company, last)}
    if dimension == "all":
        return {"all": len(paying)}
    group = {"plan": plans, "segment": segments}[dimension](company)
    return Counter(group.get(customer, "unknown") for customer in paying)


_BALANCES: dict[Any, list[dict[str, Any]]] = {}


def _balances(company: Any, at: Any) -> list[dict[str, Any]]:
    if at not in _BALANCES:
        _BALANCES[at] = company.world.truth.mrr_daily(at.isoformat(), at.isoformat())
    return _BALANCES[at]


def test_parts_add_up_to_the_whole(company: Any) -> None:
    for kpi, dimensions in {"ticket_volume": ("system", "category", "priority", "channel", "plan", "segment")}.items():
        for dimension in dimensions:
            whole = {start: value for (start, _), value in company.kpi(kpi, "month").items()}
            parts: dict[Any, Decimal] = {}
            for (start, _), value in company.kpi(kpi, "month", dimension).items():
                parts[start] = parts.get(start, Decimal(0)) + value
            assert {start: parts.get(start, Decimal(0)) for start in whole} == whole


def test_business_minutes_are_those_of_zendesk(company: Any) -> None:
    rows = company.rows(
        "select first_reply_calendar_seconds, zendesk_first_reply_calendar_minutes, first_reply_business_seconds,"
        " zendesk_first_reply_business_minutes, first_resolution_calendar_seconds, zendesk_first_resolution_calendar_minutes,"
        " first_resolution_business_seconds, zendesk_first_resolution_business_minutes, full_resolution_calendar_seconds,"
        " zendesk_full_resolution_calendar_minutes, full_resolution_business_seconds, zendesk_full_resolution_business_minutes"
        " from marts.tickets"
    )
    assert len(rows) > 100
    for row in rows:
        ours = [None if seconds is None else seconds // 60 for seconds in row[::2]]
        assert ours == list(row[1::2])


def test_office_seconds_are_those_of_intercom(company: Any) -> None:
    rows = company.rows(
        "select first_reply_business_seconds, intercom_first_reply_business_seconds, full_resolution_business_seconds,"
        " intercom_full_resolution_business_seconds from marts.conversations"
    )
    assert len(rows) > 50
    assert all(row[0] == row[1] and row[2] == row[3] for row in rows)
