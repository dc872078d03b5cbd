"""How much of a stream to walk now, so that everything is compared within its period and no run asks for too much."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from cynosure.check.audit.walks import Walk

# a stream of so few pages is walked in one go
LEAST_PAGES = 10
# the next run comes within this; a schedule may be denser
LONGEST_PAUSE = timedelta(days=1)
# objects on a page of a list, for streams that were never walked to the end
_PAGE = 100


def half(days: int) -> timedelta:
    """A walk takes half of the period and the next begins after it, so that no object waits longer than the period."""
    return timedelta(days=days) / 2


def is_due(last: Walk | None, days: int, now: datetime) -> bool:
    """Whether a new walk should begin."""
    return last is None or last.started_at + half(days) <= now


def pages_due(walk: Walk, last: Walk | None, rows: int, days: int, now: datetime) -> int:
    """Pages to read now to be in time; `rows` is what the warehouse holds, the measure where no walk was completed."""
    expected = last.pages if last else rows // _PAGE + 1
    if walk.pages >= expected:
        expected = 2 * walk.pages
    share = min(1.0, (now + LONGEST_PAUSE - walk.started_at) / half(days))
    return max(ceil(expected * share) - walk.pages, LEAST_PAGES)
