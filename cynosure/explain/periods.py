"""Calendar periods by the names that people write: 2026, 2026-Q2, 2026-06, 2026-W23, 2026-06-14."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from cynosure.settings import ConfigError
from cynosure.transform.periods import Grain, period_end

FORMS = "2026, 2026-Q2, 2026-06, 2026-W23 or 2026-06-14"
_READERS: tuple[tuple[str, Grain, Callable[..., date]], ...] = (
    (r"(\d{4})", "year", lambda year: date(year, 1, 1)),
    (r"(\d{4})-q([1-4])", "quarter", lambda year, quarter: date(year, quarter * 3 - 2, 1)),
    (r"(\d{4})-(\d{2})", "month", lambda year, month: date(year, month, 1)),
    (r"(\d{4})-w(\d{2})", "week", lambda year, week: date.fromisocalendar(year, week, 1)),
    (r"(\d{4})-(\d{2})-(\d{2})", "day", date),
)


@dataclass(frozen=True)
class Period:
    """A calendar period; weeks begin on Monday."""

    grain: Grain
    start: date

    @property
    def last_day(self) -> date:
        """The calendar's last day, whatever is known of it."""
        return period_end(self.grain, self.start)

    @property
    def day_before(self) -> date:
        """The day whose closing figure opens the period."""
        return self.start - timedelta(days=1)

    @property
    def name(self) -> str:
        """How people write it."""
        year, week, _ = self.start.isocalendar()
        names = {
            "year": f"{self.start:%Y}",
            "quarter": f"{self.start:%Y}-Q{(self.start.month + 2) // 3}",
            "month": f"{self.start:%Y-%m}",
            "week": f"{year}-W{week:02}",
        }
        return names.get(self.grain, str(self.start))


def parse_period(text: str) -> Period:
    """The period of a name; raises ConfigError naming the forms that are understood."""
    for pattern, grain, start in _READERS:
        if found := re.fullmatch(pattern, text.strip(), re.IGNORECASE):
            try:
                return Period(grain, start(*(int(group) for group in found.groups())))
            except ValueError:
                break
    raise ConfigError(f"{text!r} is no period; write it as {FORMS}")
