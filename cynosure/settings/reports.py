"""`config/reports.yaml`: which reports exist, when each group receives them, and what they show."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from cynosure.settings import read_yaml_as
from cynosure.settings.recipients import Classification

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Measure = Literal["day", "month_to_date", "month"]


def _time(value: object) -> object:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"{value!r} is no time of day; write it in quotes, such as '08:00'")
    return time.fromisoformat(value)


TimeOfDay = Annotated[time, BeforeValidator(_time)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Schedule(_Model):
    """A local time of day: every day, on some weekdays, or on a day of the month (29 to 31 mean its last day at most)."""

    at: TimeOfDay
    weekdays: tuple[Weekday, ...] = ()
    day_of_month: int | None = Field(default=None, ge=1, le=31)


class Measured(_Model):
    """A KPI as the report shows it: of the day, summed from the first of the month to the day, or of the running month."""

    kpi: str
    measure: Measure = "day"
    label: str = ""


def _measured(value: object) -> object:
    return {"kpi": value} if isinstance(value, str) else value


MeasuredKpi = Annotated[Measured, BeforeValidator(_measured)]


class Trend(_Model):
    """A line of a KPI's daily values."""

    chart: Literal["trend"]
    kpi: str
    days: int = Field(default=90, ge=7, le=400)


class Waterfall(_Model):
    """How MRR moved from the end of the last month to the day: opening, movements, closing."""

    chart: Literal["waterfall"]
    opening: str = "mrr"
    gains: tuple[str, ...] = ("new_mrr", "expansion_mrr", "reactivated_mrr")
    losses: tuple[str, ...] = ("contraction_mrr", "churned_mrr")
    either: tuple[str, ...] = ("fx_mrr",)


class TopChanges(_Model):
    """The customers whose MRR moved most on the day; names are shown only to groups cleared for `classification`."""

    rows: int = Field(default=8, ge=1, le=50)
    classification: Classification = "confidential"


class Report(_Model):
    """One report: when, to whom, until when it waits for late data, and its contents in order."""

    title: str
    schedule: Schedule
    groups: tuple[str, ...] = Field(min_length=1)
    hold_until: TimeOfDay | None = None
    headline: tuple[MeasuredKpi, ...] = Field(min_length=1)
    kpis: tuple[MeasuredKpi, ...] = ()
    charts: tuple[Annotated[Trend | Waterfall, Field(discriminator="chart")], ...] = ()
    top_changes: TopChanges | None = None
    definitions_url: str = ""

    @model_validator(mode="after")
    def _deadline_after_schedule(self) -> Report:
        if self.hold_until is not None and self.hold_until <= self.schedule.at:
            raise ValueError("hold_until must be later on the day than schedule.at")
        return self

    @property
    def kpi_names(self) -> tuple[str, ...]:
        """Every KPI the report reads, once each."""
        charted = [name for chart in self.charts for name in _charted(chart)]
        return tuple(dict.fromkeys([m.kpi for m in (*self.headline, *self.kpis)] + charted))


def _charted(chart: Trend | Waterfall) -> tuple[str, ...]:
    if isinstance(chart, Trend):
        return (chart.kpi,)
    return (chart.opening, *chart.gains, *chart.losses, *chart.either)


def read_reports(config: Path) -> dict[str, Report]:
    """Reports by name; raises ConfigError naming file, line and allowed values."""
    reports: dict[str, Report] = read_yaml_as(config / "reports.yaml", TypeAdapter(dict[str, Report]))
    return reports
