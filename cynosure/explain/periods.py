"""Calendar periods by the names that people write: 2026, 2026-Q2, 2026-06, 2026-W23, 2026-06-14."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from cynosure.settings import ConfigError
from cynosure.transform.kpis import Grain

FORMS = "2026, 2026-Q2, 2026-06, 2026-W23 or 2026-06-14"


@dataclass(frozen=True)
class Period:
    """A calendar period; weeks begin on Monday. `last_day` is the calendar's, whatever is known of it."""

    name: str
    grain: Grain
    start: date
    last_day: date

    @property
    def day_before(self) -> date:
        """The day whose closing figure opens the period."""
        return self.start - timedelta(days=1)


def parse_period(text: str) -> Period:
    """The period of a name; raises ConfigError naming the forms that are understood."""
    for pattern, make in _READERS:
        if found := re.fullmatch(pattern, text.strip(), re.IGNORECASE):
            try:
                grain, start, last_day = make(*(int(group) for group in found.groups()))
            except ValueError:
                break
            return Period(text.strip().upper(), grain, start, last_day)
    raise ConfigError(f"{text!r} is no period; write it as {FORMS}")


def period_at(grain: Grain, day: date) -> Period:
    """The period of a grain that holds a day."""
    quarter = (day.month - 1) // 3 + 1
    year, week, _ = day.isocalendar()
    names = {"year": f"{day:%Y}", "quarter": f"{day:%Y}-Q{quarter}", "month": f"{day:%Y-%m}", "week": f"{year}-W{week:02}"}
    return parse_period(names.get(grain, str(day)))


def twelve_months_before(day: date) -> date:
    """The same day a year earlier, or the last of that month where it has no such day."""
    return day.replace(year=day.year - 1, day=min(day.day, monthrange(day.year - 1, day.month)[1]))


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def _quarter(year: int, number: int) -> tuple[Grain, date, date]:
    return "quarter", *_months(year, number * 3 - 2, number * 3)


def _week(year: int, number: int) -> tuple[Grain, date, date]:
    monday = date.fromisocalendar(year, number, 1)
    return "week", monday, monday + timedelta(days=6)


def _day(year: int, month: int, day: int) -> tuple[Grain, date, date]:
    return "day", date(year, month, day), date(year, month, day)


_READERS: tuple[tuple[str, Callable[..., tuple[Grain, date, date]]], ...] = (
    (r"(\d{4})", lambda year: ("year", *_months(year, 1, 12))),
    (r"(\d{4})-q([1-4])", _quarter),
    (r"(\d{4})-(\d{2})", lambda year, month: ("month", *_months(year, month, month))),
    (r"(\d{4})-w(\d{2})", _week),
    (r"(\d{4})-(\d{2})-(\d{2})", _day),
)
