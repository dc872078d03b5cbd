"""Builds the document of a report for one audience."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from cynosure import document as doc
from cynosure.check import Finding
from cynosure.report import charts
from cynosure.report.measure import Measurement
from cynosure.report.readiness import Readiness, sources_of
from cynosure.report.top_changes import top_changes
from cynosure.settings import Company
from cynosure.settings.recipients import Group, cleared
from cynosure.settings.reports import Measured, Report, Trend
from cynosure.warehouse import Session

MAX_FINDINGS, MAX_PLACES = 5, 6


@dataclass(frozen=True)
class Content:
    """One report for one group: everything its document is made of."""

    report: Report
    group: Group
    company: Company
    measurement: Measurement
    readiness: Readiness
    session: Session

    def may_see(self, kpi: str) -> bool:
        """Whether the group's clearance covers a KPI."""
        return cleared(self.group.clearance, self.measurement.kpis[kpi].classification)

    def visible(self, measured: tuple[Measured, ...]) -> tuple[Measured, ...]:
        """The KPIs the group may see."""
        return tuple(m for m in measured if self.may_see(m.kpi))

    @property
    def data_as_of(self) -> datetime | None:
        """The instant up to which every source of the report is complete."""
        kpis = [self.measurement.kpis[name] for name in self.report.kpi_names]
        return self.readiness.data_as_of(sources_of(kpis))


def build(content: Content) -> doc.Document:
    """The report as a document; columns and figures above the group's clearance are not in it."""
    day = content.measurement.day
    lead = _lead(content)
    return doc.Document(
        title=content.report.title,
        overline=content.company.name,
        subtitle=f"{day:%A}, {day.day} {day:%B %Y}",
        preheader=lead,
        blocks=tuple(_blocks(content, lead)),
        footer=(
            f"{content.company.name}. Days end at midnight, {content.company.timezone}; money is in {content.company.currency}.",
        ),
    )


def _blocks(content: Content, lead: doc.Line) -> Iterator[doc.Block]:
    yield _stamp(content)
    if lead:
        yield doc.Text(lead)
    if headline := _tiles(content, content.report.headline):
        yield doc.KpiGrid(headline, "tiles")
    if rows := _tiles(content, content.report.kpis):
        yield doc.Heading("All figures")
        yield doc.KpiGrid(rows, "rows")
    yield from _charts(content)
    yield from _changes(content)
    yield from _findings(content)
    if content.report.definitions_url:
        yield doc.Link("How every figure is defined", content.report.definitions_url)


def _tiles(content: Content, measured: tuple[Measured, ...]) -> tuple[doc.Kpi, ...]:
    return tuple(content.measurement.tile(m, _stamp_of(content, m.kpi)) for m in content.visible(measured))


def _lead(content: Content) -> doc.Line:
    """One sentence on the first headline KPI: what the inbox shows before the mail is opened."""
    visible = content.visible(content.report.headline)
    if not visible:
        return ()
    first = content.measurement.tile(visible[0])
    changes = [part for c in first.changes for part in (c.relative or c.figure, f" {c.against}", ", ")][:-1]
    return (f"{first.label} ", first.value, *((": ", *changes) if changes else ()), ".")


def _stamp(content: Content) -> doc.Note:
    instant = content.data_as_of
    as_of = f"Data as of {_local(instant, content)}." if instant else "Not every source has been loaded yet."
    seen = [name for name in content.readiness.affected if name in content.report.kpi_names]
    if not seen:
        verified = "Every source is on time and every check that matters here has passed."
        return doc.Note((f"{as_of} {verified if content.readiness.checked else 'No check has run yet.'}",))
    reasons = "; ".join(content.readiness.reasons()[:3])
    return doc.Note((f"{as_of} Some figures below are not verified: {reasons}.",), "warning")


def _stamp_of(content: Content, kpi: str) -> str:
    """What is wrong with a figure, beside the figure."""
    if late := content.readiness.late.get(kpi):
        instant = content.readiness.data_as_of(late)
        since = f"data as of {_local(instant, content)}" if instant else "never loaded"
        return f"{', '.join(late)} late: {since}"
    if stops := content.readiness.stops.get(kpi):
        return f"not verified: {stops[0].what}"
    return ""


def _local(instant: datetime, content: Content) -> str:
    local = instant.astimezone(ZoneInfo(content.group.timezone))
    return f"{local.day} {local:%b %Y, %H:%M} {local:%Z}"


def _charts(content: Content) -> Iterator[doc.Block]:
    for chart in content.report.charts:
        if isinstance(chart, Trend):
            block = charts.trend(chart, content.measurement) if content.may_see(chart.kpi) else None
        else:
            names = (chart.opening, *chart.gains, *chart.losses, *chart.either)
            block = charts.waterfall(chart, content.measurement) if all(map(content.may_see, names)) else None
        if block:
            yield block


def _changes(content: Content) -> Iterator[doc.Block]:
    wanted = content.report.top_changes
    if wanted and cleared(content.group.clearance, wanted.classification):
        yield doc.Heading("Largest changes of the day")
        at = content.measurement
        yield top_changes(content.session, at.day, wanted.rows, at.currency)


def _findings(content: Content) -> Iterator[doc.Block]:
    """Open findings on the KPIs of this report, and how many there are elsewhere."""
    names = set(content.report.kpi_names)
    kpis = [content.measurement.kpis[name] for name in names]
    open_here = [f for f in content.readiness.failed if names & set(f.affected_kpis) or f.source in sources_of(kpis)]
    if not open_here:
        return
    yield doc.Heading("Open findings")
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in open_here:
        alike.setdefault((finding.kind, finding.expected), []).append(finding)
    for found in list(alike.values())[:MAX_FINDINGS]:
        yield doc.Note((_told(found),), "warning")
    if len(alike) > MAX_FINDINGS:
        yield doc.Text((f"{sum(map(len, list(alike.values())[MAX_FINDINGS:]))} more are in the findings table.",))


def _told(alike: Sequence[Finding]) -> str:
    """One sentence on findings of one kind: the first in full, the others by where they are."""
    first, *others = alike
    places = list(dict.fromkeys(_place(finding) for finding in others))
    more = [f"{len(places) - MAX_PLACES} more"] if len(places) > MAX_PLACES else []
    likewise = f"; likewise {', '.join(places[:MAX_PLACES] + more)}" if places else ""
    return f"{first.what}{likewise}; expected {first.expected}."


def _place(finding: Finding) -> str:
    return ".".join(part for part in (finding.source, finding.stream) if part) or finding.relation or finding.check_id
