"""Sales and support as the marts and KPIs tell them, against what the story knows to have happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from build import dbt
from five_systems import FiveSystems

from cynosure.warehouse import Warehouse
from sandbox.currencies import decimals
from sandbox.story.record import DealRecord, Request

pytestmark = pytest.mark.slow

KPIS = (
    "leads_generated", "ticket_volume", "first_response_time", "csat_support",
)  # fmt: skip
SELECTED = [f"+{model}" for model in (*KPIS, "opportunity_stage_history")]
CRMS = {"hubspot": "deals", "salesforce": "opportunities"}
Rows = Callable[[str], list[Any]]


@pytest.fixture(scope="session")
def rows(warehouse_of_five: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """Answers of the warehouse of the simulated company."""
    command = ["build", "--indirect-selection", "cautious", "--select", *SELECTED]
    done = dbt(command, warehouse_of_five.dbt_environment(), {}, tmp_path_factory.mktemp("dbt"))
    assert done.returncode == 0, done.stdout[-4000:]

    def ask(sql: str) -> list[Any]:
        with warehouse_of_five.writing() as session:
            return session.rows(sql)

    return ask


def day(at: int) -> date:
    """The company's date of an instant."""
    return datetime.fromtimestamp(at, UTC).date()


def deals(world: FiveSystems, system: str) -> dict[str, DealRecord]:
    """Living deals of a CRM by their id there."""
    known = world.teller.record.deals
    return {id: known[key] for key, id in world.living(system, CRMS[system]).items()}


def requests(world: FiveSystems, system: str, stream: str) -> dict[str, Request]:
    """Living tickets or conversations by their id."""
    record = world.teller.record
    known = record.tickets if stream == "tickets" else record.chats
    return {id: known[key] for key, id in world.living(system, stream).items()}


def amount(deal: DealRecord) -> Decimal:
    """What a deal is worth, in its currency."""
    return Decimal(deal.deal.amount).scaleb(-decimals(deal.deal.currency))


def status(deal: DealRecord) -> str:
    """Open, won or lost."""
    return "open" if deal.closed is None else "won" if deal.won else "lost"


@pytest.mark.parametrize("system", CRMS)
def test_opportunities(system: str, rows: Rows, world: FiveSystems) -> None:
    found = {
        id: tuple(rest)
        for id, *rest in rows(
            "select opportunity_id, status, amount, currency, created_date, case when status <> 'open' then close_date end"
            f" from marts.opportunities where system = '{system}'"
        )
    }
    assert found == {
        id: (
            status(deal), amount(deal), deal.deal.currency.upper(), day(deal.stages[0][1]), deal.closed and day(deal.closed),
        )
        for id, deal in deals(world, system).items()
    }  # fmt: skip


@pytest.mark.parametrize("system", CRMS)
def test_the_stages_of_opportunities(system: str, rows: Rows, world: FiveSystems) -> None:
    found = defaultdict(list)
    for id, stage, second in rows(
        "select opportunity_id, lower(stage_name), cast(floor(extract(epoch from entered_at)) as bigint)"
        f" from marts.opportunity_stage_history where system = '{system}' order by opportunity_id, step"
    ):
        found[id].append((stage, second))
    expected = {}
    for id, deal in deals(world, system).items():
        expected[id] = list(deal.stages)
        if deal.closed is not None:
            expected[id].append(("closed won" if deal.won else "closed lost", deal.closed))
    assert found == expected


def test_the_stages_of_leads(rows: Rows, world: FiveSystems) -> None:
    ids = world.living("hubspot", "contacts")
    expected = sorted((ids[e.person], e.stage, e.at) for e in world.reached if e.person in ids)
    found = rows(
        "select lead_id, stage, cast(floor(extract(epoch from entered_at)) as bigint) from marts.lead_stage_history order by 1, 2, 3"
    )
    told = {(id, stage) for id, stage, _ in expected}
    assert sorted(tuple(row) for row in found if (row[0], row[1]) in told) == expected


def test_tickets(rows: Rows, world: FiveSystems) -> None:
    urgent_at_once = {
        str(update["ticket_id"])
        for update in world.vendors["zendesk"].objects("ticket_events").values()
        for event in update["child_events"]
        if event["event_type"] == "Create" and event.get("priority") == "urgent"
    }
    found = {
        id: tuple(rest)
        for id, *rest in rows(
            "select ticket_id, created_date, first_reply_calendar_seconds, solved_date, reopen_count, reply_count, is_rated_good,"
            " escalated_at is not null, category, zendesk_first_reply_calendar_minutes from marts.tickets"
        )
    }
    assert found == {
        id: (
            day(ticket.opened), ticket.first_reply and ticket.first_reply - ticket.opened,
            day(ticket.turns[-1][0]) if ticket.turns and ticket.turns[-1][1] else None, ticket.reopened, ticket.replies,
            None if ticket.rating is None else ticket.rating == "good", ticket.escalated and id not in urgent_at_once,
            ticket.category, ticket.first_reply and (ticket.first_reply - ticket.opened) // 60,
        )
        for id, ticket in requests(world, "zendesk", "tickets").items()
    }  # fmt: skip


def test_conversations(rows: Rows, world: FiveSystems) -> None:
    found = {
        id: tuple(rest)
        for id, *rest in rows(
            "select conversation_id, created_date, first_reply_calendar_seconds, closed_date, rating from marts.conversations"
        )
    }
    assert found == {
        id: (
            day(chat.opened),
            chat.first_reply and chat.first_reply - chat.opened,
            day(chat.turns[-1][0]) if chat.turns and chat.turns[-1][1] else None,
            chat.rating,
        )
        for id, chat in requests(world, "intercom", "conversations").items()
    }


def months(found: Iterable[Any]) -> dict[date, Any]:
    """Values by month."""
    return dict(found)


def by_month(rows: Rows, kpi: str, column: str = "value") -> dict[date, Any]:
    """A KPI's months in total."""
    return months(rows(f"select period_start, {column} from kpis.{kpi} where grain = 'month' and dimension = 'all'"))


def in_month(month: date, at: int | None) -> bool:
    """Whether something happened in a month."""
    return at is not None and day(at).replace(day=1) == month


def test_leads_generated(rows: Rows, world: FiveSystems) -> None:
    living = world.living("hubspot", "contacts")
    first: dict[str, int] = {}
    for event in world.reached:
        if event.stage == "lead" and event.person in living:
            first.setdefault(event.person, event.at)
    found = by_month(rows, "leads_generated")
    assert sum(found.values()) == len(first) > 20
    assert found == {month: sum(in_month(month, at) for at in first.values()) for month in found}


def test_support(rows: Rows, world: FiveSystems) -> None:
    tickets = list(requests(world, "zendesk", "tickets").values())
    chats = list(requests(world, "intercom", "conversations").values())
    volume, response = by_month(rows, "ticket_volume"), by_month(rows, "first_response_time")
    for month, count in volume.items():
        opened = [request for request in tickets + chats if in_month(month, request.opened)]
        assert count == len(opened)
        seconds = sorted(r.first_reply - r.opened for r in opened if r.first_reply is not None)
        if seconds:
            assert response[month] == ratio(seconds[(len(seconds) - 1) // 2], 3600)
    good = sum(r.rating == "good" for r in tickets) + sum(int(r.rating or 0) >= 4 for r in chats)
    rated = sum(r.rating is not None for r in tickets + chats)
    assert sum(by_month(rows, "csat_support", "numerator").values()) == good > 0
    assert sum(by_month(rows, "csat_support", "denominator").values()) == rated


def test_parts_sum_to_the_whole(rows: Rows) -> None:
    for kpi in ("leads_generated", "ticket_volume"):
        wrong = rows(
            f"select grain, period_start from kpis.{kpi} group by grain, period_start, dimension"
            f" having dimension <> 'all' and sum(value) <> (select min(whole.value) from kpis.{kpi} as whole where whole.dimension = 'all'"
            f" and whole.grain = {kpi}.grain and whole.period_start = {kpi}.period_start)"
        )
        assert wrong == [], kpi


def ratio(numerator: Decimal | int, denominator: Decimal | int) -> Decimal:
    """Six places, half away from zero."""
    return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
