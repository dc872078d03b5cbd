"""Whether the figures of a report can be trusted: late sources and failed checks, by KPI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cynosure.check.finding import Finding, Severity, latest_findings
from cynosure.transform.kpis import Kpi, KpiReader, data_as_of
from cynosure.warehouse import Session

T = TypeVar("T")


@dataclass(frozen=True)
class Readiness:
    """How current each source is, what stops which KPI, every failed finding, and whether any check ran."""

    as_of: Mapping[str, datetime]
    stops: Mapping[str, tuple[Finding, ...]]
    late: Mapping[str, tuple[str, ...]]
    failed: tuple[Finding, ...]
    checked: bool

    @property
    def affected(self) -> tuple[str, ...]:
        """KPIs that are stopped by a finding or fed by a late source."""
        return tuple(sorted({*self.stops, *self.late}))

    def data_as_of(self, sources: Iterable[str]) -> datetime | None:
        """The instant up to which all of these sources are complete; None if one was never loaded."""
        return data_as_of(self.as_of, sources)

    def reasons(self) -> tuple[str, ...]:
        """Why figures are held back, each reason once."""
        findings = [finding.what for stops in self.stops.values() for finding in stops]
        late = [f"{source} is not complete" for sources in self.late.values() for source in sources]
        return tuple(dict.fromkeys(findings + late))


def sources_of(kpis: Iterable[Kpi]) -> tuple[str, ...]:
    """The sources that feed these KPIs, once each."""
    return tuple(sorted({source for kpi in kpis for source in kpi.source_names}))


def assess(session: Session, kpis: Mapping[str, Kpi], complete_until: datetime) -> Readiness:
    """What stands against publishing these KPIs for a period that ended at `complete_until`."""
    findings = latest_findings(session)
    failed = tuple(finding for finding in findings if not finding.passed)
    as_of = KpiReader(session).source_as_of()
    stopping = [finding for finding in failed if finding.severity is Severity.STOP]
    stops = {
        name: tuple(f for f in stopping if kpi.touched_by(f.source, f.stream, f.affected_kpis)) for name, kpi in kpis.items()
    }
    late = {
        name: tuple(source for source in sources_of([kpi]) if source not in as_of or as_of[source] < complete_until)
        for name, kpi in kpis.items()
    }
    return Readiness(as_of, _without_empty(stops), _without_empty(late), failed, bool(findings))


def _without_empty(found: Mapping[str, tuple[T, ...]]) -> dict[str, tuple[T, ...]]:
    return {name: items for name, items in found.items() if items}
