"""What the audit knows, as findings: read from its records alone, so that a check sees what has been put right since."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cynosure.check.audit.judge import REASONS
from cynosure.check.audit.walks import Walk, create_tables, newest_walk, statement
from cynosure.check.finding import Dimension, Finding, Severity
from cynosure.check.lineage import Lineage
from cynosure.extract import Stream
from cynosure.warehouse import Session, qualified

# ids that a finding names; their number is always told
SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Drift:
    id: str
    kind: str
    reason: str
    fields: str
    repaired_in: str | None
    repaired_at: datetime | None
    is_open: bool


@dataclass(frozen=True)
class _Subject:
    """A stream, its walks, and what was found in it."""

    source: str
    stream: Stream
    kpis: tuple[str, ...]
    newest: Walk | None
    last: Walk | None
    drift: tuple[_Drift, ...]
    now: datetime

    @property
    def compared(self) -> Walk | None:
        """The walk whose comparison counts: the newest that has seen everything."""
        return self.newest if self.newest and self.newest.phase == "comparing" else self.last

    @property
    def name(self) -> str:
        return f"{self.source}.{self.stream.name}"


def audit_findings(session: Session, declared: Mapping[str, Sequence[Stream]], lineage: Lineage, now: datetime) -> list[Finding]:
    """Per loaded stream: is it walked in time, are the ids the same, are the bodies, do count and sums agree."""
    create_tables(session)
    loaded = dict(_first_loads(session))
    found: list[Finding] = []
    for source, streams in declared.items():
        for stream in streams:
            since = loaded.get((source, stream.name))
            if since is not None:
                subject = _subject(session, source, stream, lineage, now)
                found += [_walked(subject, since), *_compared(subject)]
    return found


def _first_loads(session: Session) -> Iterator[tuple[tuple[str, str], datetime]]:
    for source, stream, at in session.rows("select source, stream, min(loaded_at) from ops.loads group by 1, 2"):
        yield (source, stream), at


def _subject(session: Session, source: str, stream: Stream, lineage: Lineage, now: datetime) -> _Subject:
    rows = session.rows(statement("open_drift").format(table=qualified("raw", f"{source}__{stream.name}")), source, stream.name)
    drift = {(row[0], row[1]): _Drift(*row) for row in rows}
    return _Subject(
        source,
        stream,
        lineage.kpis_of_stream(source, stream.name),
        newest_walk(session, source, stream.name),
        newest_walk(session, source, stream.name, complete=True),
        tuple(drift.values()),
        now,
    )


def _walked(subject: _Subject, loaded_since: datetime) -> Finding:
    """Whether everything was compared within the period; an error of the running walk fails it at once."""
    days = subject.stream.walked_within_days
    newest, last = subject.newest, subject.compared
    since = last.started_at if last else loaded_since
    overdue = subject.now - since > timedelta(days=days)
    impossible = newest is not None and newest.phase == "impossible"
    error = newest.error if newest else ""
    if impossible:
        what = f"{subject.name} cannot be enumerated at the source and is not audited"
    elif last is None:
        what = f"{subject.name} was never compared as a whole with the source"
    else:
        what = f"{subject.name} was last compared as a whole {_ago(subject.now - last.started_at)} ago"
    if newest and newest.phase == "walking":
        what += f"; a walk is under way, {newest.pages} pages so far"
    return _finding(
        subject,
        "walk",
        what=f"{what}; it could not go on: {error}" if error else what,
        expected=f"everything compared within {days} days",
        passed=not error and (impossible or not overdue),
        dimension=Dimension.TIMELINESS,
        severity=Severity.WARN,
        detail={"pages": newest.pages if newest else 0, "phase": newest.phase if newest else "never", "error": error},
    )


def _compared(subject: _Subject) -> Iterator[Finding]:
    walk = subject.compared
    if walk is None:
        return
    yield _difference(subject, walk, "ids", ("missing", "extra"), Dimension.COMPLETENESS)
    yield _difference(subject, walk, "content", ("different",), Dimension.ACCURACY)
    if walk.totals is not None:
        yield _totals(subject, walk.totals)


def _difference(subject: _Subject, walk: Walk, part: str, kinds: Sequence[str], dimension: Dimension) -> Finding:
    drift = [entry for entry in subject.drift if entry.kind in kinds]
    left = [entry for entry in drift if entry.is_open]
    # what this very evaluation repaired is told once more: the models do not know it yet
    repaired = [entry for entry in drift if not entry.is_open and entry.repaired_at and entry.repaired_at >= subject.now]
    counts = Counter(entry.kind for entry in (*left, *repaired))
    total = max(walk.there, walk.here)
    harmless = all(entry.reason == "computed" for entry in left) and not walk.unjudged
    parts = [f"{counts[kind]} {kind}" for kind in kinds]
    parts += [f"{walk.unjudged} more differences not looked at yet"] if walk.unjudged else []
    parts += (
        [f"{len(repaired)} of them repaired by batch {', '.join(sorted({str(e.repaired_in) for e in repaired}))}"]
        if repaired
        else []
    )
    waiting = walk.in_flight + walk.undecided if walk.phase == "comparing" else 0
    parts += [f"{waiting} in flight"] if waiting else []
    sides = f"{subject.name}: {walk.there} at the source, {walk.here} in the warehouse"
    return _finding(
        subject,
        part,
        what=f"{sides}, {', '.join(parts)}{_why(left or repaired)}",
        expected={"ids": "the same ids on both sides", "content": "the same content on both sides"}[part],
        passed=not left and not repaired and not walk.unjudged,
        dimension=dimension,
        severity=Severity.WARN if harmless else Severity.STOP,
        measured=(1 - Decimal(min(len(left), total)) / total).quantize(Decimal("0.000001")) if total else Decimal(1),
        detail={
            "walk": walk.number, "source": walk.there, "warehouse": walk.here, "unjudged": walk.unjudged,
            "in_flight": walk.in_flight, "undecided": walk.undecided, **{kind: counts[kind] for kind in kinds},
            "reasons": dict(Counter(entry.reason for entry in (*left, *repaired))),
            "repaired": len(repaired), "examples": [_example(entry) for entry in (*left, *repaired)[:SHOWN]],
        },
    )  # fmt: skip


def _totals(subject: _Subject, totals: Mapping[str, Any]) -> Finding:
    return _finding(
        subject,
        "totals",
        what=f"{subject.name}: {totals['what']}",
        expected=totals["expected"],
        passed=bool(totals["passed"]),
        dimension=Dimension.COMPLETENESS,
        severity=Severity.STOP if totals["exact"] else Severity.WARN,
        detail=dict(totals),
    )


def _finding(subject: _Subject, part: str, **more: Any) -> Finding:
    return Finding(
        check_id=f"audit:{subject.name}:{part}",
        kind="audit",
        source=subject.source,
        stream=subject.stream.name,
        relation=f"raw.{subject.source}__{subject.stream.name}",
        affected_kpis=subject.kpis,
        **more,
    )


def _why(drift: Sequence[_Drift]) -> str:
    """The commonest reason in words."""
    if not drift:
        return ""
    reason, count = Counter(entry.reason for entry in drift).most_common(1)[0]
    return f"; {count} of them because each {REASONS[reason]}"


def _example(entry: _Drift) -> dict[str, Any]:
    fields = json.loads(entry.fields)
    told: dict[str, Any] = {"id": entry.id, "kind": entry.kind, "reason": entry.reason}
    return {**told, **({"fields": fields} if fields else {}), **({"repaired_in": entry.repaired_in} if entry.repaired_in else {})}


def _ago(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.1f} days"
