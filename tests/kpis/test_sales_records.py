"""Sales of both CRMs, what was known of them at any time, and what was done for them, equal what the story knows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from kpi_oracle import period_start
from sales_truth import REGIONS, TYPES, began, sales_of
from told_requests import day

from sandbox.currencies import decimals
from sandbox.story.record import DealRecord

pytestmark = pytest.mark.slow

CRMS = {"hubspot": "deals", "salesforce": "opportunities"}
ACTIVITIES = {"hubspot": ("calls", "meetings", "emails", "notes", "tasks"), "salesforce": ("tasks", "events")}


def living(company: Any, system: str, streams: Iterable[str]) -> dict[str, str]:
    """Ids of records that a CRM shows, by the story's key."""
    vendor, streams = company.world.systems[system], tuple(streams)
    shown = {str(id) for stream in streams for id in vendor.objects(stream)}
    if system == "hubspot":
        noted = {key: id for (kind, key), id in vendor.books.ids.items() if kind in streams}
    else:
        noted = {key: id for key, (_, id) in next(iter(vendor._hears.values())).__self__._known.found.items()}
    return {key: str(id) for key, id in noted.items() if str(id) in shown}


def deals(company: Any, system: str) -> dict[str, DealRecord]:
    """Living deals of a CRM by their id there."""
    return {
        id: company.record.deals[key]
        for key, id in living(company, system, [CRMS[system]]).items()
        if key in company.record.deals
    }


def outcome(record: DealRecord) -> str:
    """Open, won or lost."""
    return "open" if record.closed is None else "won" if record.won else "lost"


@pytest.mark.parametrize("system", CRMS)
def test_what_an_opportunity_is_about(system: str, company: Any) -> None:
    columns = "owner_name, type, plan, competitor, partner, partner_role, status, reason, region"
    found = {
        id: tuple(rest)
        for id, *rest in company.rows(f"select opportunity_id, {columns} from marts.opportunities where system = '{system}'")
    }
    sales = sales_of(company)
    expected = {}
    for id, record in deals(company, system).items():
        deal, kind = record.deal, TYPES[record.deal.kind]
        country = sales.organization(deal.organization).country
        expected[id] = (
            sales.employee(deal.owner).name, "expansion" if (system, kind) == ("hubspot", "renewal") else kind, deal.plan,
            deal.competitor, deal.partner, deal.partner_role, outcome(record), record.reason or None,
            next(region for region, countries in REGIONS.items() if country in countries),
        )  # fmt: skip
    assert len(expected) > 30
    assert found == expected


def changes(states: Iterable[tuple[date, Any]]) -> list[tuple[date, Any]]:
    """What held at the end of the days on which it was something else than before."""
    last = dict(states)
    found: list[tuple[date, Any]] = []
    for when in sorted(last):
        if not found or found[-1][1] != last[when]:
            found.append((when, last[when]))
    return found


def told(record: DealRecord) -> list[tuple[date, Any]]:
    """Stage, amount and expected close of a deal from each day of a change on."""
    days = sorted({day(at) for at, _ in record.told} | {day(at) for _, at in record.stages} | {day(record.closed or 0)})
    states = []
    for when in days if record.closed else days[1:]:
        deal = [deal for at, deal in record.told if day(at) <= when][-1]
        stage, close = [stage for stage, at in record.stages if day(at) <= when][-1], day(deal.close)
        if record.closed and day(record.closed) <= when:
            stage, close = "closed won" if record.won else "closed lost", day(record.closed)
        states.append((when, (stage, deal.amount, close)))
    return changes(states)


@pytest.mark.parametrize("system", CRMS)
def test_what_was_known_of_an_opportunity_on_each_day(system: str, company: Any) -> None:
    states: dict[str, list[tuple[date, Any]]] = {}
    for id, when, stage, amount, currency, close in company.rows(
        "select opportunity_id, changed_date, lower(stage_name), amount, currency, expected_close_date from marts.opportunity_states"
        f" where system = '{system}' order by opportunity_id, state_number"
    ):
        states.setdefault(id, []).append((when, (stage, int(amount.scaleb(decimals(currency.lower()))), close)))
    found = {id: changes(known) for id, known in states.items()}
    assert found == {id: told(record) for id, record in deals(company, system).items()}


@pytest.mark.parametrize("system", CRMS)
def test_activities(system: str, company: Any) -> None:
    sales, opportunities = sales_of(company), living(company, system, [CRMS[system]])
    found = sorted(
        tuple(row)
        for row in company.rows(
            "select type, owner_name, done_date, coalesce(opportunity_key, '') from marts.sales_activities"
            f" where system = '{system}'"
        )
    )
    expected = []
    for key in living(company, system, ACTIVITIES[system]):
        deed = company.record.deeds.get(key)
        if deed is not None and deed.done:
            kind = "task" if (system, deed.kind) == ("salesforce", "note") else deed.kind
            # HubSpot is told of a meeting when it is over
            when = day(began(deed) if system == "salesforce" else deed.done)
            deal = f"{system}/{opportunities[deed.deal]}" if deed.deal in opportunities else ""
            expected.append((kind, sales.employee(deed.employee).name, when, deal))
    assert len(expected) > 100
    assert found == sorted(expected)


def test_a_quota_is_for_its_quarter(company: Any) -> None:
    sales = sales_of(company)
    found = {
        (name, start): (amount, last)
        for name, start, amount, last in company.rows("select owner_name, start_date, amount, last_date from marts.quotas")
    }
    assert len(found) == len(company.record.quotas)
    for (employee, text), amount in company.record.quotas.items():
        first = date.fromisoformat(text)
        quota, last = found[sales.employee(employee).name, first]
        assert quota * 100 == amount
        assert period_start(last, "quarter") == period_start(first, "quarter")
