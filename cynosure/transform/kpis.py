"""KPIs as everything after the transformation sees them: what they mean, and their values by period and member."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from cynosure.document import Figure, KpiUnit
from cynosure.settings import ConfigError
from cynosure.settings.targets import TOTAL, Direction
from cynosure.transform.periods import Grain
from cynosure.warehouse import Session, qualified

OverTime = Literal["sum", "last", "none"]


class Kpi(BaseModel):
    """What `sql/models/kpis/<area>/_<area>.yml` says of a KPI; percent values are fractions.

    `over_time` is how days make a longer period: they add up (`sum`, for money and counts unless the entry says
    otherwise), the last one counts (`last`), or each period is computed by itself (`none`).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    title: str
    definition: str
    formula: str
    unit: KpiUnit
    better: Direction = "none"
    owner: str = ""
    area: str = ""
    classification: str = "restricted"
    sources: tuple[str, ...] = ()
    over_time: OverTime = "none"
    grains: tuple[Grain, ...] = ()
    dimensions: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _adds_up(cls, data: dict[str, Any]) -> dict[str, Any]:
        """What counts something adds up unless its entry says otherwise."""
        return {"over_time": "sum" if data.get("unit") in ("currency", "count") else "none"} | data

    @property
    def is_rate(self) -> bool:
        """Whether a value means something else for a month than for a year."""
        return self.unit in ("percent", "ratio")

    def figure(self, name: str, value: Decimal | None, currency: str, *, signed: bool = False) -> Figure:
        """A value of this KPI as a figure; money is in `currency`."""
        return Figure(name, value, self.unit, currency if self.unit == "currency" else None, signed)

    def difference(self, name: str, value: Decimal | None, before: Decimal | None, currency: str) -> Figure:
        """The signed change between two values: points for rates, steps for a status; n/a unless both are known."""
        change = None if value is None or before is None else value - before
        if self.unit == "status":
            return Figure(name, change, "count", signed=True)
        if self.unit == "percent":
            return Figure(name, change, "points", signed=True)
        return self.figure(name, change, currency, signed=True)

    def relative(self, name: str, value: Decimal | None, before: Decimal | None) -> Figure | None:
        """The change relative to the value before; None for rates and scores, after nothing, and if it shows as zero."""
        if self.unit in ("percent", "score", "status") or value is None or not before:
            return None
        figure = Figure(name, (value - before) / abs(before), "percent", signed=True)
        return figure if figure.direction else None

    def tone(self, change: Figure) -> Literal["good", "bad", "neutral"]:
        """Whether a change is welcome."""
        if self.better == "none" or change.direction == 0:
            return "neutral"
        return "good" if (change.direction > 0) == (self.better == "up") else "bad"

    @property
    def source_names(self) -> frozenset[str]:
        """The source systems that feed this KPI, without their streams."""
        return frozenset(source.partition(".")[0] for source in self.sources)

    def touched_by(self, source: str | None, stream: str | None, affected: Sequence[str]) -> bool:
        """Whether something found about a source or stream concerns this KPI: by lineage, or the source as a whole."""
        if affected or stream:
            return self.name in affected
        return source in self.source_names


def read_kpis(sql: Path) -> dict[str, Kpi]:
    """Every KPI of the project by name; raises ConfigError naming file and KPI."""
    folder = sql / "models" / "kpis"
    stamps = tuple((path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*/*.yml")))
    return dict(_read(stamps))


@cache
def _read(stamps: tuple[tuple[Path, int], ...]) -> dict[str, Kpi]:
    """Remembered as long as the files stay the same: a large project has a hundred KPIs."""
    return {kpi.name: kpi for path, _ in stamps for kpi in _kpis_of(path)}


def _kpis_of(path: Path) -> Iterable[Kpi]:
    for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models") or ():
        meta: dict[str, Any] = (model.get("config") or {}).get("meta") or {}
        words = " ".join(str(model.get("description") or "").split())
        try:
            yield Kpi.model_validate(meta | {"name": model["name"], "definition": words, "area": path.parent.name})
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, first["loc"]))
            raise ConfigError(f"{path}: {model['name']}: config.meta.{key}: {first['msg']}") from None


@dataclass(frozen=True)
class KpiReader:
    """Reads KPI relations; a KPI or a period that does not exist has no value, never zero."""

    session: Session

    def value(self, kpi: str, grain: Grain, period: date, member: tuple[str, str] = TOTAL) -> Decimal | None:
        """The value of the period that starts at `period`, of (dimension, member) or the total."""
        row = self.session.row(
            f"select value from {qualified('kpis', kpi)}"
            " where grain = $1 and period_start = $2 and dimension = $3 and member = $4",
            grain, period, *member,
        )  # fmt: skip
        return _decimal(row[0]) if row else None

    def series(
        self, kpi: str, grain: Grain, first: date, last: date, member: tuple[str, str] = TOTAL
    ) -> list[tuple[date, Decimal | None]]:
        """Values of the periods that start between `first` and `last`, both included, in order."""
        rows = self.session.rows(
            f"select period_start, value from {qualified('kpis', kpi)}"
            " where grain = $1 and period_start between $2 and $3 and dimension = $4 and member = $5 order by period_start",
            grain, first, last, *member,
        )  # fmt: skip
        return [(_date(start), _decimal(value)) for start, value in rows]

    def members(self, kpi: str, grain: Grain, dimension: str, first: date, last: date) -> dict[str, dict[date, Decimal | None]]:
        """Values by member of a dimension and beginning of period, for periods that start between `first` and `last`."""
        rows = self.session.rows(
            f"select member, period_start, value from {qualified('kpis', kpi)}"
            " where grain = $1 and dimension = $2 and period_start between $3 and $4 order by period_start",
            grain, dimension, first, last,
        )  # fmt: skip
        found: dict[str, dict[date, Decimal | None]] = {}
        for member, start, value in rows:
            found.setdefault(member, {})[_date(start)] = _decimal(value)
        return found

    def total(self, kpi: str, first: date, last: date) -> Decimal | None:
        """The sum of the days from `first` to `last`; None unless every day is there."""
        days = self.series(kpi, "day", first, last)
        values = [value for _, value in days if value is not None]
        return sum(values, Decimal(0)) if len(values) == (last - first).days + 1 else None

    def source_as_of(self) -> dict[str, datetime]:
        """Per source, the newest complete read of any stream; a stream that lags behind is a finding of its own."""
        query = "select source, max(source_as_of) from ops.loads where source_as_of is not null group by source"
        return dict(self.session.rows(query))


def same_day_last_month(day: date) -> date:
    """The same day of the month before, or that month's last day if it is shorter."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, monthrange(last.year, last.month)[1]))


def last_complete_day(company_timezone: str, now: datetime) -> date:
    """Yesterday, in the company's time zone."""
    return now.astimezone(ZoneInfo(company_timezone)).date() - timedelta(days=1)


def day_end(company_timezone: str, day: date) -> datetime:
    """The instant at which a company day is over."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(company_timezone)).astimezone(UTC)


def data_as_of(as_of: Mapping[str, datetime], sources: Iterable[str]) -> datetime | None:
    """The instant up to which all of these sources are complete; None if one was never loaded."""
    instants = [as_of.get(source) for source in sources]
    known = [instant for instant in instants if instant is not None]
    return min(known) if known and len(known) == len(instants) else None


def _decimal(value: object) -> Decimal | None:
    """An exact number; binary floats have no place among KPI values."""
    if isinstance(value, float):
        raise TypeError("a KPI value is a binary float; cast it to numeric in its model")
    return None if value is None else Decimal(str(value))


def _date(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
