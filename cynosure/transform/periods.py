"""Calendar periods of the company: where they begin and end, the one before, and the same one a year ago."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, get_args

Grain = Literal["day", "week", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = get_args(Grain)
_MONTHS: dict[Grain, int] = {"month": 1, "quarter": 3, "year": 12}
_WEEKS_OF_A_YEAR = 52


def period_start(grain: Grain, day: date) -> date:
    """The first day of the period that holds a day; weeks begin on Monday (ISO 8601)."""
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[grain]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def period_end(grain: Grain, start: date) -> date:
    """The last day of the period that begins at `start`."""
    return shifted(grain, start, 1) - timedelta(days=1)


def shifted(grain: Grain, start: date, by: int) -> date:
    """The beginning of the period `by` periods later, or earlier if negative."""
    if grain in ("day", "week"):
        return start + timedelta(days=by * (7 if grain == "week" else 1))
    month = start.year * 12 + start.month - 1 + by * _MONTHS[grain]
    return date(month // 12, month % 12 + 1, 1)


def year_before(grain: Grain, start: date) -> date:
    """The same period a year ago: the same date or month, and for weeks the one 52 weeks earlier."""
    if grain == "week":
        return start - timedelta(weeks=_WEEKS_OF_A_YEAR)
    return start.replace(year=start.year - 1, day=min(start.day, monthrange(start.year - 1, start.month)[1]))


def parts(grain: Grain, first: date, last: date) -> Iterator[tuple[date, int, int]]:
    """Each period that days from `first` to `last` fall into: its beginning, how many of them, and of how many days."""
    start = period_start(grain, first)
    while start <= last:
        end = period_end(grain, start)
        yield start, (min(last, end) - max(first, start)).days + 1, (end - start).days + 1
        start = shifted(grain, start, 1)
