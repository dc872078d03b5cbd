"""What the status page shows, read from the published state of the warehouse and from the delivery ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cynosure.check import latest_findings
from cynosure.check.finding import Finding
from cynosure.deliver import Entry, entries, open_store
from cynosure.settings import Settings
from cynosure.warehouse import Session, WarehouseEmpty, open_warehouse
from cynosure_airflow.records import statement

_BAD = ("error", "fail", "runtime error")
_SHOWN_ENTRIES = 200


@dataclass(frozen=True)
class Stream:
    """How current a stream is, against its target."""

    source: str
    name: str
    complete_until: datetime | None
    loaded_at: datetime
    batch: str
    moved: int
    target: timedelta
    is_late: bool


@dataclass(frozen=True)
class Build:
    """One dbt build."""

    run_id: str
    began_at: datetime
    seconds: float
    models: int
    tests: int
    failed: int
    skipped: int


@dataclass(frozen=True)
class Node:
    """One model or test of the newest build."""

    name: str
    status: str
    seconds: float
    message: str

    @property
    def is_bad(self) -> bool:
        """Whether it stopped what depends on it."""
        return self.status in _BAD


@dataclass(frozen=True)
class Sent:
    """One message and how its deliveries stand; recipients are not named."""

    created_at: datetime
    kind: str
    subject: str
    outcomes: str
    is_dead: bool


@dataclass(frozen=True)
class Status:
    """Everything on the page."""

    company: str
    now: datetime
    streams: Sequence[Stream] = ()
    findings: Sequence[Finding] = ()
    checks: int = 0
    builds: Sequence[Build] = ()
    nodes: Sequence[Node] = ()
    messages: Sequence[Sent] = ()
    notice: str = ""
    late: Sequence[Stream] = field(default=())

    @property
    def complete_until(self) -> datetime | None:
        """The instant up to which every stream is complete."""
        known = [stream.complete_until for stream in self.streams]
        return None if None in known else min((at for at in known if at), default=None)

    @property
    def dead(self) -> int:
        """Messages that some recipient will not get."""
        return sum(message.is_dead for message in self.messages)


def read_status(settings: Settings) -> Status:
    """The present status; before the first publication only a notice."""
    now = settings.now()
    found: dict[str, Any] = {"company": settings.company.name, "now": now, "messages": _messages(settings)}
    try:
        with open_warehouse(settings.warehouse).reading() as session:
            found.update(_published(session, settings, now))
    except WarehouseEmpty:
        found["notice"] = "Nothing has been published yet. Start the ingest DAGs; the first build makes this page come alive."
    return Status(**found)


def _published(session: Session, settings: Settings, now: datetime) -> Mapping[str, Any]:
    streams = [_stream(row, settings, now) for row in session.rows(statement("streams"))]
    findings = latest_findings(session)
    builds = [Build(run, _utc(at), *rest) for run, at, *rest in session.rows(statement("builds"))]
    nodes = [Node(id.split(".")[2], *row) for id, *row in session.rows(statement("slowest"), builds[0].run_id)] if builds else []
    return {
        "streams": streams,
        "late": [stream for stream in streams if stream.is_late],
        "findings": [finding for finding in findings if not finding.passed],
        "checks": len(findings),
        "builds": builds,
        "nodes": nodes,
    }


def _stream(row: Sequence[Any], settings: Settings, now: datetime) -> Stream:
    source, name, complete, loaded, batch, moved = row
    declared = settings.sources.get(source)
    target = declared.freshness_of(name).load if declared else timedelta.max
    until = _utc(complete) if complete else None
    return Stream(source, name, until, _utc(loaded), batch, moved, target, until is None or now - until > target)


def _messages(settings: Settings) -> list[Sent]:
    by_key: dict[str, list[Entry]] = {}
    for entry in entries(open_store(settings.control), limit=_SHOWN_ENTRIES):
        by_key.setdefault(entry.dedup_key, []).append(entry)
    return [_sent(found) for found in list(by_key.values())[:15]]


def _sent(found: Sequence[Entry]) -> Sent:
    counts = Counter((entry.channel, entry.state) for entry in found)
    outcomes = ", ".join(f"{channel}: {count} {state}" for (channel, state), count in sorted(counts.items()))
    first = found[0]
    return Sent(first.created_at, first.kind, first.subject, outcomes, any(entry.state == "dead" for entry in found))


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
