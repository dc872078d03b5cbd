"""Opening hours between two instants: zones, holidays, nights, weekends and the changes of the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from build import dbt, fill
from stripe_rows import RawRow
from told_requests import opening_seconds

from cynosure.warehouse import Warehouse

pytestmark = pytest.mark.slow

AS_OF = int(datetime(2026, 4, 30, tzinfo=UTC).timestamp())
BEGIN = int(datetime(2025, 10, 1, tzinfo=UTC).timestamp())
HOUR = 3600
WEEK = [{"start_time": day * 1440 + 9 * 60, "end_time": day * 1440 + 17 * 60} for day in range(1, 6)]
HOLIDAYS = [
    {"name": "Christmas", "start_date": "2025-12-25", "end_date": "2025-12-26"},
    {"name": "New Year", "start_date": "2026-01-01", "end_date": "2026-01-01"},
]
OFF = (date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1))
OFFICE = [{"start_minute": day * 1440 + 8 * 60, "end_minute": day * 1440 + 20 * 60, "day_of_week": day} for day in range(5)]
KNOWN = {
    # Friday 16:00 to Monday 10:00 in Berlin: an hour on each side of the weekend
    "1": ("2026-02-06T15:00:00Z", "2026-02-09T09:00:00Z", 2 * HOUR),
    # across the change to summer time, Friday 16:00 to Monday 10:00 there: an hour less by the calendar, as long at work
    "2": ("2026-03-27T15:00:00Z", "2026-03-30T08:00:00Z", 2 * HOUR),
    # Christmas and a weekend leave the eve's last hour and Monday's first
    "3": ("2025-12-24T15:00:00Z", "2025-12-29T09:00:00Z", 2 * HOUR),
    # by night nothing passes
    "4": ("2026-02-10T20:00:00Z", "2026-02-11T06:00:00Z", 0),
    # within a day, to the second
    "5": ("2026-02-11T10:00:01Z", "2026-02-11T10:20:00Z", 1199),
}


def spans(count: int = 40) -> dict[str, tuple[int, int]]:
    """Any two instants, seconds to a month apart."""
    random = Random(5)
    found = {}
    for number in range(count):
        begin = random.randrange(BEGIN, AS_OF - 31 * 86_400)
        found[str(100 + number)] = (begin, begin + int(86_400 * 31 ** random.random()) - 86_000)
    return found


def zendesk(id: str, created: str, answered: str) -> list[RawRow]:
    """A ticket that an agent answered."""
    at = int(datetime.fromisoformat(answered).timestamp())
    comment = {"id": int(id), "event_type": "Comment", "author_id": 7, "public": True}
    return [
        RawRow("tickets", id, {"id": int(id), "created_at": created}, AS_OF, source="zendesk"),
        RawRow("ticket_events", id, {"ticket_id": int(id), "timestamp": at, "child_events": [comment]}, AS_OF, source="zendesk"),
    ]


def intercom(id: str, created: int, answered: int) -> list[RawRow]:
    """A conversation that a teammate answered."""
    part = {"id": id, "part_type": "comment", "author": {"type": "admin", "id": "1"}, "created_at": answered}
    body = {"id": id, "created_at": created, "conversation_parts": {"conversation_parts": [part]}}
    return [RawRow("conversations", id, body, AS_OF, source="intercom")]


def company() -> list[RawRow]:
    """Two help desks with schedules in two zones; of Zendesk's, the second is not the one that counts."""
    schedules = {
        "20": {"name": "Support hours", "time_zone": "Berlin", "intervals": WEEK, "holidays": HOLIDAYS},
        "100": {"name": "Americas", "time_zone": "Eastern Time (US & Canada)", "intervals": WEEK, "holidays": []},
    }
    rows = [RawRow("schedules", id, {"id": int(id), **body}, AS_OF, source="zendesk") for id, body in schedules.items()]
    office = {
        "id": "1",
        "name": "Office",
        "time_zone_name": "America/New_York",
        "time_intervals": OFFICE,
        "twenty_four_seven": False,
    }
    rows.append(RawRow("office_hours_schedules", "1", office, AS_OF, source="intercom"))
    rows.append(RawRow("users", "7", {"id": 7, "role": "agent"}, AS_OF, source="zendesk"))
    for id, (created, answered, _) in KNOWN.items():
        rows += zendesk(id, created, answered)
    for id, (begin, end) in spans().items():
        rows += zendesk(id, iso(begin), iso(end)) + intercom(id, begin, end)
    return rows


def iso(at: int) -> str:
    """An instant as Zendesk writes it."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def measured(new_warehouse: Callable[[], Warehouse], tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Opening seconds to the first reply, by system and request."""
    warehouse = new_warehouse()
    fill(warehouse, company(), AS_OF, ("zendesk", "intercom"))
    done = dbt(["run", "--select", "+int_request_durations"], warehouse.dbt_environment(), {}, tmp_path)
    assert done.returncode == 0, done.stdout[-4000:]
    with warehouse.writing() as session:
        rows = session.rows("select system, request_id, answered_business_seconds from intermediate.int_request_durations")
    found: dict[str, dict[str, Any]] = {"zendesk": {}, "intercom": {}}
    for system, id, seconds in rows:
        found[system][id] = seconds
    return found


def test_opening_seconds(measured: dict[str, dict[str, Any]]) -> None:
    assert {id: measured["zendesk"][id] for id in KNOWN} == {id: seconds for id, (*_, seconds) in KNOWN.items()}
    for id, (begin, end) in spans().items():
        assert measured["zendesk"][id] == opening_seconds(begin, end, 9, 17, "Europe/Berlin", OFF), (iso(begin), iso(end))
        assert measured["intercom"][id] == opening_seconds(begin, end, 8, 20, "America/New_York"), (iso(begin), iso(end))
