"""What a published figure answers; the same question can be asked again at any time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cynosure.settings.reports import Measure
from cynosure.transform.kpis import KpiReader
from cynosure.transform.periods import period_end, period_start


@dataclass(frozen=True)
class Question:
    """The total of a KPI: of the day, summed from the first of the month to the day, or of the day's month."""

    kpi: str
    measure: Measure
    day: date

    @property
    def name(self) -> str:
        """Tells it from every other question."""
        return f"{self.kpi}.{self.measure}.{self.day.isoformat()}"

    @property
    def last_day(self) -> date:
        """The day after which the answer ought not to change any more."""
        return period_end("month", self._month) if self.measure == "month" else self.day

    @property
    def statement(self) -> str:
        """The query that gives the answer."""
        relation, total = f"from kpis.{self.kpi}", "dimension = 'all' and member = 'all'"
        if self.measure == "month_to_date":
            days = f"period_start between '{self._month}' and '{self.day}'"
            return f"select sum(value) {relation} where grain = 'day' and {days} and {total}"
        grain, start = ("day", self.day) if self.measure == "day" else ("month", self._month)
        return f"select value {relation} where grain = '{grain}' and period_start = '{start}' and {total}"

    def answer(self, reader: KpiReader) -> Decimal | None:
        """What the published state of the warehouse says; None if it is not known."""
        if self.measure == "day":
            return reader.value(self.kpi, "day", self.day)
        if self.measure == "month":
            return reader.value(self.kpi, "month", self._month)
        return reader.total(self.kpi, self._month, self.day)

    @property
    def _month(self) -> date:
        return period_start("month", self.day)
