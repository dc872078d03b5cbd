"""All values of a KPI in one grain and dimension, with the days that make up periods still running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cynosure.settings.targets import TOTAL
from cynosure.transform.kpis import Kpi, KpiReader
from cynosure.transform.periods import Grain, period_start, shifted, year_before
from cynosure.warehouse import Session

Values = Mapping[str, Mapping[date, Decimal | None]]


@dataclass(frozen=True)
class History:
    """Values by member and beginning of period; `known_days` are the days of which the total has a value."""

    kpi: Kpi
    periods: Values
    days: Values
    known_days: frozenset[date]

    def value(self, member: str, start: date) -> Decimal | None:
        """The value of a period; None where there is none."""
        return self.periods.get(member, {}).get(start)

    def to_date(self, member: str, start: date, until: date) -> Decimal | None:
        """The period as its days up to `until` tell; None for what each period computes by itself, and for unknown days."""
        days = self.days.get(member, {})
        if self.kpi.over_time == "last":
            return days.get(until)
        span = [start + timedelta(days=n) for n in range((until - start).days + 1)]
        if self.kpi.over_time == "none" or not self.known_days.issuperset(span):
            return None
        return sum((days.get(day) or Decimal(0) for day in span), Decimal(0))


def read_history(session: Session, kpi: Kpi, grain: Grain, dimension: str, until: date) -> History:
    """Every period of a KPI, and the days of the periods that running ones are compared with."""
    reader = KpiReader(session)
    periods = reader.members(kpi.name, grain, dimension, date.min, date.max)
    newest = period_start(grain, until)
    days: dict[str, dict[date, Decimal | None]] = {}
    known: set[date] = set()
    for start in (newest, shifted(grain, newest, -1), year_before(grain, newest)) if kpi.over_time != "none" else ():
        last = start + (until - newest)
        for member, values in reader.members(kpi.name, "day", dimension, start, last).items():
            days.setdefault(member, {}).update(values)
        known |= {day for day, value in reader.series(kpi.name, "day", start, last, TOTAL) if value is not None}
    return History(kpi, periods, days, frozenset(known))
