"""When a report is due for a group, in the group's own time zone."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cynosure.settings.reports import WEEKDAYS, Report, Schedule
from cynosure.transform.kpis import last_complete_day

_LOOK_BACK_DAYS = 62


@dataclass(frozen=True)
class Slot:
    """One planned sending: the instant, the last complete company day it reports on, and how long it may wait."""

    due_at: datetime
    day: date
    deadline: datetime


def latest_slot(report: Report, group_timezone: str, company_timezone: str, now: datetime) -> Slot | None:
    """The newest planned sending that is not in the future; older ones that were missed are not caught up."""
    zone = ZoneInfo(group_timezone)
    today = now.astimezone(zone).date()
    for days in range(_LOOK_BACK_DAYS):
        local_day = today - timedelta(days=days)
        due_at = _instant(local_day, report.schedule.at, zone)
        if _planned(report.schedule, local_day) and due_at <= now:
            deadline = _instant(local_day, report.hold_until, zone) if report.hold_until else due_at
            return Slot(due_at, last_complete_day(company_timezone, due_at), deadline)
    return None


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time as an instant; one skipped by daylight saving moves on, one that comes twice means the first."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def _planned(schedule: Schedule, day: date) -> bool:
    if schedule.weekdays and WEEKDAYS[day.weekday()] not in schedule.weekdays:
        return False
    last = monthrange(day.year, day.month)[1]
    return schedule.day_of_month is None or day.day == min(schedule.day_of_month, last)
