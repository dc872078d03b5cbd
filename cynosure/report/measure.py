"""Measures the KPIs of a report on its day: value, changes, target and recent course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cynosure import document as doc
from cynosure.register.question import Question
from cynosure.settings.reports import Measured
from cynosure.settings.targets import Targets
from cynosure.transform.attainment import standing
from cynosure.transform.kpis import Kpi, KpiReader, same_day_last_month
from cynosure.transform.periods import Grain, period_start

TREND_DAYS = 30


@dataclass(frozen=True)
class Measurement:
    """The means to measure: the reader, what the KPIs mean, the day, the currency and the targets."""

    reader: KpiReader
    kpis: Mapping[str, Kpi]
    day: date
    currency: str
    targets: Targets

    def tile(self, measured: Measured, stamp: str = "") -> doc.Kpi:
        """The KPI as a block shows it."""
        kpi = self.kpis[measured.kpi]
        value = self.value(measured)
        return doc.Kpi(
            label=measured.label or _label(kpi, measured),
            value=kpi.figure(_name(measured), value, self.currency, signed=_may_be_negative(kpi)),
            changes=tuple(self._changes(kpi, measured, value)),
            target=self._target(kpi, measured, value),
            trend=self._trend(measured),
            stamp=stamp,
        )

    def value(self, measured: Measured) -> Decimal | None:
        """The KPI on the report's day in the measure asked for."""
        return self.question(measured).answer(self.reader)

    def question(self, measured: Measured) -> Question:
        """What is asked on the report's day."""
        return Question(measured.kpi, measured.measure, self.day)

    def _changes(self, kpi: Kpi, measured: Measured, value: Decimal | None) -> list[doc.Change]:
        earlier = same_day_last_month(self.day)
        if measured.measure == "day":
            yesterday = self.reader.value(kpi.name, "day", self.day - timedelta(days=1))
            month_ago = self.reader.value(kpi.name, "day", earlier)
            return [
                self._change(kpi, measured, "previous_day", value, yesterday, "vs previous day"),
                self._change(kpi, measured, "previous_month", value, month_ago, f"vs {spoken(earlier)}"),
            ]
        if measured.measure == "month":
            before = self.reader.value(kpi.name, "month", earlier.replace(day=1))
            return [self._change(kpi, measured, "previous_month", value, before, f"vs {earlier:%B}")]
        on_the_day = self.reader.value(kpi.name, "day", self.day)
        before = self.reader.total(kpi.name, earlier.replace(day=1), earlier)
        added = kpi.figure(f"{_name(measured)}.on_the_day", on_the_day, self.currency, signed=True)
        return [
            doc.Change(added, "on the day", kpi.tone(added)),
            self._change(kpi, measured, "previous_month", value, before, f"vs {_span(earlier)}"),
        ]

    def _change(
        self, kpi: Kpi, measured: Measured, name: str, value: Decimal | None, before: Decimal | None, against: str
    ) -> doc.Change:
        name = f"{_name(measured)}.{name}"
        figure = kpi.difference(name, value, before, self.currency)
        relative = kpi.relative(f"{name}.relative", value, before) if kpi.unit != "count" else None
        return doc.Change(figure, against, kpi.tone(figure), relative)

    def _target(self, kpi: Kpi, measured: Measured, value: Decimal | None) -> doc.Line:
        grain: Grain = "day" if measured.measure == "day" else "month"
        start = period_start(grain, self.day)
        stands = standing(kpi, self.targets.get(kpi.name), grain, start, value, until=self.day)
        if stands.target is None:
            return ()
        aim = kpi.figure(f"{kpi.name}.target", stands.target, self.currency)
        colour = (f", {stands.status}",) if stands.status in ("yellow", "red") else ()
        if kpi.better == "down":
            met = value is not None and value <= stands.target
            return ("within target " if met else "not within target ", aim, *colour)
        until = " to date" if measured.measure == "month_to_date" else ""
        return (doc.Figure(f"{kpi.name}.attainment", stands.attained, "percent"), f" of target{until} ", aim, *colour)

    def _trend(self, measured: Measured) -> tuple[Decimal | None, ...]:
        first = self.day - timedelta(days=TREND_DAYS - 1)
        return tuple(value for _, value in self.reader.series(measured.kpi, "day", first, self.day))


def spoken(day: date) -> str:
    """A day without its year: 21 Nov."""
    return f"{day.day} {day:%b}"


def _span(day: date) -> str:
    """The days from the first of the month: 1 to 21 Oct."""
    return spoken(day) if day.day == 1 else f"1 to {spoken(day)}"


def _name(measured: Measured) -> str:
    return f"{measured.kpi}.{measured.measure}"


def _label(kpi: Kpi, measured: Measured) -> str:
    return kpi.title + {"day": "", "month": ", month to date", "month_to_date": ", month to date"}[measured.measure]


def _may_be_negative(kpi: Kpi) -> bool:
    """Money that no direction is better for, or whose name says net, reads better with its sign."""
    return kpi.unit == "currency" and (kpi.better == "none" or kpi.name.startswith("net_"))
