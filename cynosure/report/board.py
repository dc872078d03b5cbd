"""The board: KPIs by period, how they stand against their targets, and which values cannot be trusted and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from cynosure.report.history import History, read_history
from cynosure.report.readiness import Readiness, assess
from cynosure.settings import ConfigError, Settings
from cynosure.settings.suggest import meant
from cynosure.settings.targets import Target, check_targets, read_targets
from cynosure.transform.attainment import NO_PACE, UNAIMED, Pace, Standing, pace, period_target, standing
from cynosure.transform.kpis import Kpi, day_end, last_complete_day, read_kpis
from cynosure.transform.periods import GRAINS, Grain, period_end, period_start, shifted, year_before
from cynosure.warehouse import Session, open_warehouse, qualified


@dataclass(frozen=True)
class Wanted:
    """What to show: KPIs by name or area (all if none), grain, number of periods, dimension and members, up to a day."""

    names: Sequence[str] = ()
    areas: Sequence[str] = ()
    grain: Grain = "month"
    periods: int = 3
    dimension: str = "all"
    members: Sequence[str] = ()
    as_of: date | None = None


@dataclass(frozen=True)
class Line:
    """A KPI, or a member of it: values by beginning of period, newest changes, standing, pace, and why values are doubted.

    `judged` is the value of the newest period that standing and changes are about: while it runs, what adds up counts
    to the last complete day, and so do the `before` and `year_ago` it is compared with.
    """

    kpi: Kpi
    member: str
    values: Mapping[date, Decimal | None]
    judged: Decimal | None = None
    before: Decimal | None = None
    year_ago: Decimal | None = None
    standing: Standing = UNAIMED
    pace: Pace = NO_PACE
    doubts: Mapping[date, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Board:
    """Lines in the order of areas and KPIs; `until` is the last day that the newest period is judged by."""

    lines: tuple[Line, ...]
    periods: tuple[date, ...]
    grain: Grain
    dimension: str
    currency: str
    until: date
    data_as_of: datetime | None
    not_built: tuple[str, ...] = ()


def read_board(settings: Settings, wanted: Wanted, now: datetime) -> Board:
    """The board of the newest periods; raises ConfigError for a KPI, area, grain, dimension or member that there is not."""
    kpis = read_kpis(settings.sql)
    targets = read_targets(settings.config)
    check_targets(settings.config, targets, {name: kpi.better for name, kpi in kpis.items()})
    chosen = _chosen(wanted, kpis)
    company = settings.company
    complete = last_complete_day(company.timezone, now)
    until = min(wanted.as_of or complete, complete)
    with open_warehouse(settings.warehouse).reading() as session:
        built = {name for (name,) in session.rows("select table_name from information_schema.tables where table_schema = 'kpis'")}
        missing = tuple(kpi.name for kpi in chosen if kpi.name not in built)
        chosen = [kpi for kpi in chosen if kpi.name in built]
        found = {kpi.name: read_history(session, kpi, wanted.grain, wanted.dimension, until) for kpi in chosen}
        _known_members(session, wanted, chosen, found)
        readiness = assess(session, {kpi.name: kpi for kpi in chosen}, day_end(company.timezone, until))
        read = session.row("select max(source_as_of) from ops.loads")
    periods = _periods(found.values(), wanted)
    desk = _Desk(wanted, until, periods, targets, readiness, lambda day: day_end(company.timezone, day))
    lines = tuple(line for kpi in chosen for line in desk.lines(found[kpi.name]))
    as_of = read[0] if read else None
    return Board(lines, periods, wanted.grain, wanted.dimension, company.currency, until, as_of, missing)


@dataclass(frozen=True)
class _Desk:
    """Turns histories into lines."""

    wanted: Wanted
    until: date
    periods: tuple[date, ...]
    targets: Mapping[str, Target]
    readiness: Readiness
    day_end: Callable[[date], datetime]

    def lines(self, history: History) -> list[Line]:
        """One line, or one a member; a KPI that this grain or dimension does not have is left out of a breakdown."""
        if self.wanted.dimension == "all":
            return [self._line(history, "all")]
        return [
            self._line(history, name)
            for name in sorted(history.periods)
            if not self.wanted.members or name in self.wanted.members
        ]

    def _line(self, history: History, member: str) -> Line:
        values = {period: self._value(history, member, period) for period in self.periods}
        doubts = {p: why for p in self.periods if values[p] is not None and (why := self._doubts(history.kpi, p))}
        begun = [period for period in self.periods if period <= self.until] or self.periods[-1:]
        if not begun:
            return Line(history.kpi, member, values)
        return self._judged(history, member, begun[-1], replace(Line(history.kpi, member, values), doubts=doubts))

    def _judged(self, history: History, member: str, newest: date, line: Line) -> Line:
        kpi, grain = history.kpi, self.wanted.grain
        key, target = (self.wanted.dimension, member), self.targets.get(kpi.name)
        runs = newest <= self.until < period_end(grain, newest)
        so_far = history.to_date(member, newest, self.until) if runs and kpi.over_time == "sum" else None
        earlier = shifted(grain, newest, -1), year_before(grain, newest)
        judged = line.values[newest] if so_far is None else so_far
        before, year_ago = (
            history.value(member, start) if so_far is None else history.to_date(member, start, self._same_point(newest, start))
            for start in earlier
        )
        stands = standing(kpi, target, grain, newest, judged, member=key, until=None if so_far is None else self.until)
        aim = period_target(kpi, target, grain, newest, member=key)
        whole = history.value(member, earlier[0])
        paced = pace(kpi, aim, grain, self.until, so_far=judged, before=whole, before_so_far=before) if runs else NO_PACE
        return replace(line, judged=judged, before=before, year_ago=year_ago, standing=stands, pace=paced)

    def _value(self, history: History, member: str, period: date) -> Decimal | None:
        """What the warehouse says; of the period that holds a past day asked for, only what that day had seen."""
        if self.wanted.as_of is None or period_end(self.wanted.grain, period) <= self.until:
            return history.value(member, period)
        return history.to_date(member, period, self.until)

    def _same_point(self, newest: date, earlier: date) -> date:
        last = period_end(self.wanted.grain, earlier)
        return min(last, earlier + (self.until - newest))

    def _doubts(self, kpi: Kpi, period: date) -> tuple[str, ...]:
        """Sources that were not complete when the period (or its last complete day) ended, and checks that failed."""
        needed = self.day_end(min(self.until, period_end(self.wanted.grain, period)))
        as_of = self.readiness.as_of
        late = [f"{s} has never been loaded" for s in sorted(kpi.source_names) if s not in as_of]
        late += [
            f"{s} is complete only up to {as_of[s]:%Y-%m-%d %H:%M} UTC"
            for s in sorted(kpi.source_names) if s in as_of and as_of[s] < needed
        ]  # fmt: skip
        return (*late, *(finding.what for finding in self.readiness.stops.get(kpi.name, ())))


def _chosen(wanted: Wanted, kpis: Mapping[str, Kpi]) -> list[Kpi]:
    areas = sorted({kpi.area for kpi in kpis.values()})
    _all_known("area", wanted.areas, areas)
    _all_known("KPI", wanted.names, sorted(kpis))
    asked = [kpi for kpi in kpis.values() if kpi.name in wanted.names or kpi.area in wanted.areas]
    return sorted(asked if wanted.names or wanted.areas else kpis.values(), key=lambda kpi: kpi.area)


def _all_known(what: str, asked: Sequence[str], known: Collection[str]) -> None:
    for name in asked:
        if name not in known:
            raise ConfigError(f"there is no {what} {name!r}{meant(name, known)}; known: {', '.join(known)}")


def _known_members(session: Session, wanted: Wanted, kpis: Sequence[Kpi], found: Mapping[str, History]) -> None:
    """Refuses what none of the KPIs has, and says what they have instead."""
    members = {member for history in found.values() for member in history.periods}
    if members or (not wanted.names and wanted.dimension == "all"):
        _all_known(f"member of {wanted.dimension}", wanted.members, sorted(members))
        return
    rows = [row for kpi in kpis for row in session.rows(f"select distinct grain, dimension from {qualified('kpis', kpi.name)}")]
    dimensions = sorted({dimension for _, dimension in rows})
    which = "this KPI" if len(kpis) == 1 else "these KPIs"
    if wanted.dimension not in dimensions and rows:
        _all_known(f"dimension of {which}", [wanted.dimension], dimensions)
    grains = [grain for grain in GRAINS if (grain, wanted.dimension) in rows]
    if grains and wanted.grain not in grains:
        raise ConfigError(f"{which} cannot be had by {wanted.grain}; allowed: {', '.join(grains)}")


def _periods(found: Collection[History], wanted: Wanted) -> tuple[date, ...]:
    every = {period for history in found for by_period in history.periods.values() for period in by_period}
    last = period_start(wanted.grain, wanted.as_of) if wanted.as_of else max(every, default=date.max)
    return tuple(sorted(period for period in every if period <= last)[-wanted.periods :])
