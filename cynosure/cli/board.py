"""The board: KPIs by period, from the published state."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cynosure.settings import ConfigError, Settings
from cynosure.transform.kpis import Kpi, read_kpis
from cynosure.warehouse import Session, open_warehouse, qualified

GRAINS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Board:
    """Values of KPIs: `values[kpi][member][period]`; a period without data has no value."""

    kpis: tuple[Kpi, ...]
    periods: tuple[str, ...]
    values: dict[str, dict[str, dict[str, Decimal | None]]]
    grain: str
    dimension: str
    currency: str
    data_as_of: datetime | None

    def rows(self) -> list[list[str]]:
        """One row per KPI and member, formatted for people."""
        table = []
        for kpi in self.kpis:
            for member, by_period in sorted(self.values[kpi.name].items()):
                cells = [kpi.figure(kpi.name, by_period.get(period), self.currency).text for period in self.periods]
                table.append([kpi.title, *([] if self.dimension == "all" else [member]), *cells])
        return table

    def as_json(self) -> dict[str, Any]:
        """Exact values as text, for a program to read."""
        return {
            "data_as_of": self.data_as_of,
            "grain": self.grain,
            "dimension": self.dimension,
            "currency": self.currency,
            "kpis": {kpi.name: {"title": kpi.title, "unit": kpi.unit, "values": self.values[kpi.name]} for kpi in self.kpis},
        }


def board(settings: Settings, names: Sequence[str], grain: str, periods: int, dimension: str, as_of: date | None) -> Board:
    """The board's newest periods up to the one that holds `as_of`; raises ConfigError for an unknown KPI."""
    known = read_kpis(settings.sql)
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f" did you mean {close[0]!r}?" if close else ""
            raise ConfigError(f"there is no KPI {name!r};{hint} Known: {', '.join(sorted(known))}")
    kpis = tuple(known[name] for name in (names or known))
    with open_warehouse(settings.warehouse).reading() as session:
        values = {kpi.name: _values(session, kpi.name, grain, dimension, as_of) for kpi in kpis}
        read = session.row("select max(source_as_of) from ops.loads")
    every = {period for members in values.values() for by_period in members.values() for period in by_period}
    found = sorted(every)[-periods:]
    shown = {
        kpi: {member: {period: value for period, value in by.items() if period in found} for member, by in members.items()}
        for kpi, members in values.items()
    }
    return Board(kpis, tuple(found), shown, grain, dimension, settings.company.currency, read[0] if read else None)


def _values(session: Session, kpi: str, grain: str, dimension: str, as_of: date | None) -> dict[str, dict[str, Decimal | None]]:
    rows = session.rows(
        f"select member, period_start, value from {qualified('kpis', kpi)}"
        " where grain = $1 and dimension = $2 and period_start <= coalesce(cast($3 as date), date '9999-12-31')",
        grain,
        dimension,
        as_of,
    )
    values: dict[str, dict[str, Decimal | None]] = {}
    for member, period, value in rows:
        values.setdefault(str(member), {})[str(period)[:10]] = value
    return values
