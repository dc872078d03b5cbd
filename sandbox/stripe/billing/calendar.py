"""Billing periods in UTC, anchored on a day of the month that short months do not lose."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime

DAY = 86_400
HOUR = 3_600
_FIXED = {"day": DAY, "week": 7 * DAY}
_MONTHS = {"month": 1, "year": 12}


def add_months(instant: int, months: int) -> int:
    """The same day and time so many months later, or the month's last day when it is shorter."""
    moment = datetime.fromtimestamp(instant, UTC)
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())


def period_end(anchor: int, after: int, interval: str, count: int) -> int:
    """The first period boundary later than `after`, for periods that have a boundary at `anchor`."""
    if interval in _FIXED:
        length = _FIXED[interval] * count
        return anchor + ((after - anchor) // length + 1) * length
    step = _MONTHS[interval] * count
    start, moment = datetime.fromtimestamp(anchor, UTC), datetime.fromtimestamp(after, UTC)
    passed = (moment.year - start.year) * 12 + moment.month - start.month
    number = passed // step
    while add_months(anchor, number * step) > after:
        number -= 1
    while add_months(anchor, number * step) <= after:
        number += 1
    return add_months(anchor, number * step)


def period_start(anchor: int, end: int, interval: str, count: int) -> int:
    """The boundary before `end`."""
    if interval in _FIXED:
        return end - _FIXED[interval] * count
    step = _MONTHS[interval] * count
    first, moment = datetime.fromtimestamp(anchor, UTC), datetime.fromtimestamp(end, UTC)
    passed = (moment.year - first.year) * 12 + moment.month - first.month
    return add_months(anchor, (round(passed / step) - 1) * step)


def day_start(instant: int) -> int:
    """Midnight UTC of the instant's day."""
    return instant - instant % DAY
