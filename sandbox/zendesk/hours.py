"""Business hours: seconds of work between two instants, with holidays and changes of the clock.

A schedule counts minutes from Sunday 00:00 of its own time zone, which has a Rails name
(https://developer.zendesk.com/api-reference/ticketing/ticket-management/schedules/).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONES = {
    "UTC": "UTC",
    "London": "Europe/London",
    "Berlin": "Europe/Berlin",
    "Eastern Time (US & Canada)": "America/New_York",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
}
"""IANA names of the zone names in use."""

DAY_MINUTES, LONGEST_DAYS = 1440, 3660


@dataclass
class Schedule:
    """Weekly hours in a zone, and days off as (first, last)."""

    id: int
    zone: str
    intervals: list[tuple[int, int]]
    holidays: list[tuple[date, date]] = field(default_factory=list)
    _days: dict[date, list[tuple[int, int]]] = field(default_factory=dict)

    def forget(self) -> None:
        """The hours or days off are others now."""
        self._days.clear()

    def worked(self, since: int, until: int) -> int:
        """Seconds of business hours between two instants."""
        total = 0
        for begin, end in self._spans(since, until):
            total += max(0, min(end, until) - max(begin, since))
        return total

    def when(self, since: int, seconds: int) -> int:
        """The instant at which so many seconds of business hours have passed."""
        for begin, end in self._spans(since, since + LONGEST_DAYS * 86_400):
            from_here = max(begin, since)
            if end > from_here and seconds <= end - from_here:
                return from_here + seconds
            seconds -= max(0, end - from_here)
        raise ValueError(f"schedule {self.id} never works so long")

    def _spans(self, since: int, until: int) -> Iterator[tuple[int, int]]:
        zone = ZoneInfo(ZONES[self.zone])
        day, last = (datetime.fromtimestamp(instant, zone).date() for instant in (since, until))
        while day <= last:
            yield from self.day(day)
            day += timedelta(days=1)

    def day(self, day: date) -> list[tuple[int, int]]:
        """The business hours of a day in epoch seconds."""
        if day not in self._days:
            self._days[day] = self._hours(day)
        return self._days[day]

    def _hours(self, day: date) -> list[tuple[int, int]]:
        if any(first <= day <= last for first, last in self.holidays):
            return []
        zone = ZoneInfo(ZONES[self.zone])
        offset = (day.weekday() + 1) % 7 * DAY_MINUTES
        found = []
        for begin, end in self.intervals:
            low, high = max(begin - offset, 0), min(end - offset, DAY_MINUTES)
            if low < high:
                found.append((_instant(day, low, zone), _instant(day, high, zone)))
        return found


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    """The instant of a wall-clock minute of a day."""
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    return int(wall.replace(tzinfo=zone).astimezone(UTC).timestamp())
