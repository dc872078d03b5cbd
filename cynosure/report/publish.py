"""Publishes reports: builds the document, keeps its figures and fills the outbox in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from cynosure import document as doc
from cynosure.deliver import ControlStore, compose, enqueue, formats_for, group_recipients, open_store, unsubscribed
from cynosure.register import figures as register
from cynosure.report import runs
from cynosure.report.build import Content, build
from cynosure.report.measure import Measurement
from cynosure.report.readiness import assess
from cynosure.report.runs import Edition
from cynosure.report.schedule import Slot, latest_slot
from cynosure.settings import Company, ConfigError, Settings
from cynosure.settings.faultpoint import reach
from cynosure.settings.recipients import Recipients, read_recipients
from cynosure.settings.reports import Report, read_reports
from cynosure.settings.targets import Targets, check_targets, read_targets
from cynosure.transform.kpis import Kpi, KpiReader, day_end, last_complete_day, read_kpis
from cynosure.warehouse import Session, WarehouseEmpty, open_warehouse

Outcome = Literal["sent", "correction", "held", "unchanged", "failed"]


@dataclass(frozen=True)
class Publication:
    """What became of one report for one group; `key` is the message's key, `reason` says why it was not sent."""

    report: str
    group: str
    day: date
    outcome: Outcome
    key: str
    reason: str = ""


@dataclass(frozen=True)
class Issue:
    """A document ready to go out, with what the register keeps of its figures."""

    document: doc.Document
    data_as_of: datetime | None
    figures: tuple[register.Registered, ...]
    loaded: Mapping[str, str]


@dataclass(frozen=True)
class Newsroom:
    """Everything publishing needs, read once per pass."""

    company: Company
    reports: dict[str, Report]
    recipients: Recipients
    targets: Targets
    kpis: dict[str, Kpi]
    store: ControlStore
    warehouse_url: str
    sql: Path

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The last published state of the warehouse."""
        with open_warehouse(self.warehouse_url).reading() as session:
            yield session

    def content(self, session: Session, edition: Edition) -> Content:
        """What the document of an edition is made of."""
        report = self.reports[edition.name]
        kpis = {name: self.kpis[name] for name in report.kpi_names}
        measurement = Measurement(KpiReader(session), kpis, edition.day, self.company.currency, self.targets)
        readiness = assess(session, kpis, day_end(self.company.timezone, edition.day))
        return Content(report, self.recipients.groups[edition.audience], self.company, measurement, readiness, session)


def open_newsroom(settings: Settings) -> Newsroom:
    """Reads the configuration; raises ConfigError where a report names a group or a KPI that does not exist."""
    reports, recipients, kpis = read_reports(settings.config), read_recipients(settings.config), read_kpis(settings.sql)
    for name, report in reports.items():
        for what, wanted, known in (("group", report.groups, recipients.groups), ("KPI", report.kpi_names, kpis)):
            if unknown := [item for item in wanted if item not in known]:
                allowed = ", ".join(sorted(known))
                raise ConfigError(
                    f"{settings.config / 'reports.yaml'}: {name}: unknown {what} {unknown[0]!r}; allowed: {allowed}"
                )
    targets = read_targets(settings.config)
    check_targets(settings.config, targets, {name: kpi.better for name, kpi in kpis.items()})
    store = register.ensure_tables(runs.ensure_tables(open_store(settings.control)))
    return Newsroom(settings.company, reports, recipients, targets, kpis, store, settings.warehouse, settings.sql)


def send_due(settings: Settings, now: datetime, names: Collection[str] = ()) -> tuple[Publication, ...]:
    """Publishes what is due in each group's time zone; a missed sending is caught up once, only the latest.

    All reports, unless some are named; raises ConfigError for a name that no report has.
    """
    room = open_newsroom(settings)
    wanted = {name: _report(room, name) for name in names or room.reports}
    due = [
        (Edition(name, slot.day, group), slot)
        for name, report in wanted.items()
        for group in report.groups
        if (slot := latest_slot(report, room.recipients.groups[group].timezone, room.company.timezone, now))
    ]
    with room.store.begin() as tx:
        open_ones = [(edition, slot) for edition, slot in due if runs.published(tx, edition) is None]
    return tuple(_guarded(edition, partial(_publish, room, edition, slot, now)) for edition, slot in open_ones)


def send(settings: Settings, name: str, now: datetime, force: bool = False) -> tuple[Publication, ...]:
    """Publishes a report for the last complete day now; with `force` also unverified, or as a correction if figures changed."""
    room = open_newsroom(settings)
    day = last_complete_day(room.company.timezone, now)
    slot = Slot(now, day, now if force else datetime.max.replace(tzinfo=now.tzinfo))
    editions = [Edition(name, day, group) for group in _report(room, name).groups]
    return tuple(_guarded(e, partial(_publish, room, e, slot, now, correct=force)) for e in editions)


def preview(settings: Settings, name: str, now: datetime, format: str = "html", group: str = "") -> doc.Rendered:
    """The report as it would go out now, to the first group unless one is named; nothing is recorded."""
    room = open_newsroom(settings)
    audience = group or _report(room, name).groups[0]
    edition = Edition(name, last_complete_day(room.company.timezone, now), audience)
    with room.reading() as session:
        return doc.render(build(room.content(session, edition)), format)


def _report(room: Newsroom, name: str) -> Report:
    if name not in room.reports:
        raise ConfigError(f"no report is called {name!r}; allowed: {', '.join(room.reports)}")
    return room.reports[name]


def _guarded(edition: Edition, publish: Callable[[], Publication]) -> Publication:
    """One report that cannot be built must not keep the others back; the reason goes to the caller."""
    try:
        return publish()
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return Publication(edition.name, edition.audience, edition.day, "failed", edition.key, reason)


def _publish(room: Newsroom, edition: Edition, slot: Slot, now: datetime, *, correct: bool = False) -> Publication:
    try:
        with room.reading() as session:
            content = room.content(session, edition)
            reasons = content.readiness.reasons()
            if reasons and now < slot.deadline:
                return _hold(room, edition, "; ".join(reasons), now)
            issue = _issue(room, session, content)
    except WarehouseEmpty:
        return _hold(room, edition, "nothing has been loaded yet", now)
    with room.store.begin() as tx:
        last = runs.published(tx, edition)
        if last is not None:
            return _correct(room, tx, edition, issue, last, now, correct)
        return _put(room, tx, edition, issue, edition.key, "sent", now)


def _issue(room: Newsroom, session: Session, content: Content) -> Issue:
    shown = content.visible((*content.report.headline, *content.report.kpis))
    asked = [content.measurement.question(measured) for measured in shown]
    registrar = register.Registrar(session, room.sql, room.kpis, room.company)
    return Issue(build(content), content.data_as_of, registrar.registered(asked), registrar.loaded)


def _hold(room: Newsroom, edition: Edition, reason: str, now: datetime) -> Publication:
    with room.store.begin() as tx:
        runs.record_held(tx, edition, reason, now)
    return Publication(edition.name, edition.audience, edition.day, "held", edition.key, reason)


def _correct(
    room: Newsroom, tx: sa.Connection, edition: Edition, issue: Issue, last: sa.RowMapping, now: datetime, wanted: bool,
) -> Publication:  # fmt: skip
    """New figures for a published period go out only when asked for, under their own key and named as a correction."""
    kept = runs.figures_json(issue.document)
    if not wanted or runs.fingerprint(kept) == last["figures_hash"]:
        return Publication(edition.name, edition.audience, edition.day, "unchanged", last["dedup_key"])
    key = f"{edition.key}:correction:{runs.fingerprint(kept)[:12]}"
    corrected = replace(issue, document=_corrected(issue.document, last, kept))
    return _put(room, tx, edition, corrected, key, "correction", now)


def _corrected(document: doc.Document, last: sa.RowMapping, kept: str) -> doc.Document:
    changed = tuple(runs.differences(last["figures_json"], kept))
    table = doc.Table(("Figure", "Published", "Now"), changed, empty="Figures were added or removed.")
    note = doc.Note((f"Correction of what was published on {last['recorded_at']:%d %b %Y at %H:%M} UTC.",), "warning")
    return replace(document, title=f"Correction: {document.title}", blocks=(note, table, *document.blocks))


def _put(
    room: Newsroom, tx: sa.Connection, edition: Edition, issue: Issue, key: str, outcome: Outcome, now: datetime
) -> Publication:
    document = issue.document
    recipients = group_recipients(room.recipients.groups[edition.audience])
    formats = formats_for({recipient.channel for recipient in recipients})
    subject = f"{document.title}: {edition.day:%A}, {edition.day.day} {edition.day:%B %Y}"
    message = compose(document, formats, key=key, kind="report", subject=subject)
    runs.record_sent(tx, edition, document, message.key, issue.data_as_of, now)
    refused = unsubscribed(room.recipients, recipients)
    register.record(
        tx, issue.figures, key=message.key, name=edition.name, audience=edition.audience, data_as_of=issue.data_as_of,
        loaded=issue.loaded, recipients=[to for to in recipients if to not in refused], now=now,
    )  # fmt: skip
    reach("report.after_record")
    enqueue(tx, message, recipients, now, refused)
    reach("report.before_commit")
    return Publication(edition.name, edition.audience, edition.day, outcome, message.key)
