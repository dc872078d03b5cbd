"""A source that is late ends the figures that it feeds, and no others: what is not known is not zero."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from build import dbt, fill
from stripe_rows import RawRow

from cynosure.warehouse import Warehouse

pytestmark = pytest.mark.slow

SOURCES = ("stripe", "ecb", "hubspot", "zendesk", "intercom")
AS_OF = int(datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp())
LATE = int(datetime(2026, 3, 8, 12, tzinfo=UTC).timestamp())
COMMAND = ["build", "--indirect-selection", "cautious", "--select", "+ticket_volume", "+leads_generated"]


def requests() -> list[RawRow]:
    """A ticket and a conversation on the 7th, a ticket on the 10th, and a lead on the 7th."""
    seventh = int(datetime(2026, 3, 7, 9, tzinfo=UTC).timestamp())
    history = {"lifecyclestage": [{"value": "lead", "timestamp": "2026-03-07T09:00:00.000Z"}]}
    rows = [
        ("zendesk", "tickets", "1", {"id": 1, "created_at": "2026-03-07T09:00:00Z"}),
        ("zendesk", "tickets", "2", {"id": 2, "created_at": "2026-03-10T09:00:00Z"}),
        ("intercom", "conversations", "1", {"id": "1", "created_at": seventh}),
        ("hubspot", "contacts", "1", {"id": "1", "properties": {}}),
        ("hubspot", "property_history", "contacts/1", {"id": "1", "propertiesWithHistory": history}),
    ]
    return [RawRow(stream, id, body, AS_OF, source=source) for source, stream, id, body in rows]


def test_days_that_a_source_has_not_told_of_have_no_figure(new_warehouse: Callable[[], Warehouse], tmp_path: Path) -> None:
    warehouse = new_warehouse()
    fill(warehouse, requests(), AS_OF, SOURCES)
    with warehouse.writing() as session:
        session.execute(f"update ops.loads set source_as_of = to_timestamp({LATE}) where source = 'intercom'")
    done = dbt(COMMAND, warehouse.dbt_environment(), {}, tmp_path)
    assert done.returncode == 0, done.stdout[-4000:]
    with warehouse.writing() as session:
        days = {
            kpi: [
                (day.day, int(value))
                for day, value in session.rows(
                    f"select period_start, value from kpis.{kpi} where grain = 'day' and dimension = 'all' order by period_start"
                )
            ]
            for kpi in ("ticket_volume", "leads_generated")
        }
    assert days == {"ticket_volume": [(7, 2), (8, 0)], "leads_generated": [(7, 1), (8, 0), (9, 0), (10, 0)]}
