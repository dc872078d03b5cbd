"""Office hours of the workspace: which part of a span counts in statistics that leave out the time out of office."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

OPENS, CLOSES = 9, 18
WORKDAYS = 5


def office_seconds(begin: int, end: int, zone: ZoneInfo) -> int:
    """Seconds between two instants that lie in office hours."""
    if end <= begin:
        return 0
    day = datetime.fromtimestamp(begin, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    total = 0
    while day.timestamp() < end:
        if day.weekday() < WORKDAYS:
            opens, closes = day.replace(hour=OPENS).timestamp(), day.replace(hour=CLOSES).timestamp()
            total += max(0, int(min(end, closes) - max(begin, opens)))
        day += timedelta(days=1)
    return total
