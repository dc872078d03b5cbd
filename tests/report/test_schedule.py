"""When a report is due: in the group's time zone, across daylight saving, and once for what was missed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from cynosure.report.schedule import Slot, latest_slot
from cynosure.settings.reports import Measured, Report, Schedule


def report(hold_until: time | None = None, **schedule: Any) -> Report:
    plan = Schedule.model_validate({"at": "08:00"} | schedule)
    return Report(title="t", schedule=plan, groups=("g",), headline=(Measured(kpi="mrr"),), hold_until=hold_until)


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def slot(now: datetime, timezone: str = "UTC", company: str = "UTC", **schedule: Any) -> Slot:
    found = latest_slot(report(**schedule), timezone, company, now)
    assert found is not None
    return found


def test_eight_in_the_morning_is_local() -> None:
    assert slot(utc(7, 6, 6), "Europe/Berlin").due_at == utc(7, 6, 6)
    assert slot(utc(7, 6, 5, 59), "Europe/Berlin").due_at == utc(7, 5, 6)
    assert slot(utc(1, 6, 12), "America/New_York").due_at == utc(1, 5, 13)


def test_the_report_is_on_the_last_day_the_company_has_completed() -> None:
    assert slot(utc(11, 22, 9)).day == date(2026, 11, 21)
    assert slot(utc(11, 22, 0), "Asia/Tokyo").day == date(2026, 11, 20)
    assert slot(utc(11, 22, 9), company="Pacific/Auckland").day == date(2026, 11, 21)


def test_only_the_latest_missed_sending_is_caught_up() -> None:
    assert slot(utc(11, 25, 15)).due_at == utc(11, 25, 8)


@pytest.mark.parametrize(
    ("now", "schedule", "due"),
    [
        (utc(11, 22, 9), {"weekdays": ["monday"]}, utc(11, 16, 8)),
        (utc(11, 23, 9), {"weekdays": ["monday", "friday"]}, utc(11, 23, 8)),
        (utc(11, 22, 9), {"day_of_month": 5}, utc(11, 5, 8)),
        (utc(3, 1, 9), {"day_of_month": 31}, utc(2, 28, 8)),
    ],
)
def test_weekdays_and_days_of_the_month(now: datetime, schedule: dict[str, Any], due: datetime) -> None:
    assert slot(now, **schedule).due_at == due


def test_an_hour_that_daylight_saving_skips_or_repeats_is_sent_once() -> None:
    assert slot(utc(3, 29, 12), "Europe/Berlin", at="02:30").due_at == utc(3, 29, 1, 30)
    assert slot(utc(10, 25, 12), "Europe/Berlin", at="02:30").due_at == utc(10, 25, 0, 30)


def test_the_deadline_is_local_too() -> None:
    assert slot(utc(7, 6, 12), "Europe/Berlin", hold_until=time(11)).deadline == utc(7, 6, 9)
    assert slot(utc(7, 6, 12), "Europe/Berlin").deadline == utc(7, 6, 6)
