"""What is asked for: a KPI, a period and a member, found among what is published or refused with what there is instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cynosure.explain.periods import Period, parse_period
from cynosure.explain.walk import Published
from cynosure.settings import ConfigError, Settings
from cynosure.transform.kpis import Kpi, read_kpis
from cynosure.warehouse import Session, qualified


@dataclass(frozen=True)
class Question:
    """A published figure. `known_day` is the last day of the period that there are data for."""

    kpi: Kpi
    period: Period
    known_day: date
    dimension: str
    member: str
    published: Published
    data_as_of: datetime | None

    @property
    def is_running(self) -> bool:
        """Whether the period is not over yet."""
        return self.known_day < self.period.last_day


def known_kpi(settings: Settings, name: str) -> Kpi:
    """A KPI by its name; raises ConfigError with the nearest names."""
    known = read_kpis(settings.sql)
    if name not in known:
        raise ConfigError(f"there is no KPI {name!r};{_close(name, known)} `cynosure kpis` shows all {len(known)}")
    return known[name]


def ask(session: Session, kpi: Kpi, period: str, dimension: str, member: str) -> Question:
    """The published figure; raises ConfigError saying what there is where it does not exist."""
    asked = parse_period(period)
    table = qualified("kpis", kpi.name)
    if not session.row("select 1 from information_schema.tables where table_schema = 'kpis' and table_name = $1", kpi.name):
        raise ConfigError(f"{kpi.name} is not built yet; run `cynosure transform` first")
    query = (
        f"select value, numerator, denominator, sample_size from {table}"
        " where grain = $1 and period_start = $2 and dimension = $3 and member = $4"
    )
    row = session.row(query, asked.grain, asked.start, dimension, member)
    if row is None:
        raise ConfigError(_nothing(session, table, kpi, asked, dimension, member))
    clock = session.row("select as_of_at, last_day from intermediate.int_data_as_of")
    as_of, last_day = clock or (None, None)
    known_day = min(asked.last_day, last_day) if last_day else asked.last_day
    value, numerator, denominator = (None if cell is None else Decimal(str(cell)) for cell in row[:3])
    published = Published(value, numerator, denominator, int(row[3] or 0))
    return Question(kpi, asked, known_day, dimension, member, published, as_of)


def _nothing(session: Session, table: str, kpi: Kpi, period: Period, dimension: str, member: str) -> str:
    """Why there is no such figure, from the outermost choice to the innermost."""
    for column, asked, hint in (("grain", period.grain, "the grains"), ("dimension", dimension, "the dimensions")):
        known = _known(session, f"select distinct {column} from {table}")
        if asked not in known:
            return f"{kpi.name} has no {column} {asked!r}; {hint} are {', '.join(known) or 'none: it has no rows'}"
    known = _known(session, f"select distinct member from {table} where dimension = $1", dimension)
    if member not in known:
        some = ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
        advice = "add --member;" if member == "all" else _close(member, known)
        return f"{kpi.name} has no {dimension} {member!r};{advice if advice.startswith(' ') else ' ' + advice} there are {some}"
    reach = session.row(
        f"select min(period_start), max(period_start) from {table} where grain = $1 and dimension = $2 and member = $3",
        period.grain, dimension, member,
    )  # fmt: skip
    first, last = reach or (None, None)
    if first is None:
        return f"{kpi.name} has no figure by {period.grain} for {dimension} {member}"
    ends = [Period(period.grain, day).name for day in (first, last)]
    return f"{kpi.name} has no figure for {period.name}: there are data from {ends[0]} to {ends[1]}"


def _known(session: Session, query: str, *args: Any) -> list[str]:
    return sorted(str(value) for (value,) in session.rows(query, *args))


def _close(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, 1, 0.5)
    return f" did you mean {close[0]!r}?" if close else ""
