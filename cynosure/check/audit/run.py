"""The audit of a source: every stream walked a little, compared when it was walked through, confirmed, repaired, and told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cynosure.check.audit.compare import bodies, compare, loaded_as_of, raw, tells_changes, unjudged
from cynosure.check.audit.judge import CHUNK, Bench, Verdict, judge
from cynosure.check.audit.pace import is_due, pages_due
from cynosure.check.audit.repairing import repair_stream
from cynosure.check.audit.slices import walk_slice
from cynosure.check.audit.totals import compare_totals
from cynosure.check.audit.walks import Walk, begin_walk, create_tables, end_walk, newest_walk, save_walk
from cynosure.extract import Connector, ExtractError, Stream
from cynosure.landing import LandingError, LandingLog
from cynosure.load import create_schema
from cynosure.warehouse import Session, Warehouse

# differences to confirm at the source in one run; the others follow in the next
CONFIRMED_AT_ONCE = 1_000

#: told the stream and the pages of its walk so far
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class StreamAudit:
    """What this run did with a stream: pages walked, drift by kind found in this run, objects repaired, and an error if any."""

    source: str
    stream: str
    walk: Walk
    pages: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    repaired: int = 0
    error: str = ""


@dataclass(frozen=True)
class Auditor:
    """Audits one source; `budget` bounds the pages of a run, None paces the walks so that they end within their periods."""

    warehouse: Warehouse
    landing: LandingLog
    source: str
    connector: Connector
    now: datetime
    budget: int | None = None
    full: bool = False
    repair: bool = False
    progress: Progress = lambda stream, pages: None

    def run(self, streams: Iterable[Stream]) -> list[StreamAudit]:
        """Every stream that was loaded once, the most urgent first; one that fails is told and the others go on."""
        with self.warehouse.writing() as session:
            create_schema(session)
            create_tables(session)
            waiting = sorted(
                (self._urgency(session, stream), n, stream) for n, stream in enumerate(streams) if self._loaded(session, stream)
            )
        left = self.budget
        found = []
        for _, _, stream in waiting:
            found.append(self._stream(stream, left))
            left = None if left is None else max(left - found[-1].pages, 0)
        return found

    def _loaded(self, session: Session, stream: Stream) -> bool:
        return loaded_as_of(session, self.source, stream.name) is not None

    def _urgency(self, session: Session, stream: Stream) -> float:
        last = newest_walk(session, self.source, stream.name, complete=True)
        return last.started_at.timestamp() / (stream.walked_within_days or 1) if last else 0.0

    def _stream(self, stream: Stream, left: int | None) -> StreamAudit:
        walk, last, rows = self._resume(stream)
        audit = StreamAudit(self.source, stream.name, walk)
        before = walk.pages
        try:
            if walk.phase == "walking":
                walk = self._walk(stream, walk, last, rows, left)
            if walk.phase == "comparing":
                audit = self._compare(stream, walk)
                walk = audit.walk
            if self.repair:
                put_right = repair_stream(self.warehouse, self.landing, self.connector, stream, self.source, self.now)
                audit = replace(audit, repaired=put_right)
        except (ExtractError, LandingError) as failure:
            audit = replace(audit, error=f"{self.source}.{stream.name}: {failure}")
            walk = self._keep_error(stream, str(failure))
        return replace(audit, walk=walk, pages=max(walk.pages - before, 0))

    def _resume(self, stream: Stream) -> tuple[Walk, Walk | None, int]:
        """The walk to go on with, a new one if it is due; the last that was completed; rows in the warehouse."""
        with self.warehouse.writing() as session:
            newest = newest_walk(session, self.source, stream.name)
            last = newest_walk(session, self.source, stream.name, complete=True)
            due = newest is None or (
                newest.phase == "complete" and (self.full or is_due(newest, stream.walked_within_days, self.now))
            )
            if newest is None or due:
                newest = begin_walk(session, self.source, stream.name, self.now)
            elif newest.phase == "impossible":
                # a newer connector may be able to
                newest = replace(newest, phase="walking")
            count = session.row(f"select count(*) from {raw(newest)} where valid_to is null and not is_deleted")
        return newest, last, int((count or (0,))[0])

    def _walk(self, stream: Stream, walk: Walk, last: Walk | None, rows: int, left: int | None) -> Walk:
        due = pages_due(walk, last, rows, stream.walked_within_days, self.now)
        budget = left if self.full else due if left is None else min(due, left)
        if budget == 0:
            return walk
        walked = walk_slice(
            self.warehouse, self.connector, stream, walk, budget or 1_000_000_000, lambda pages: self.progress(stream.name, pages)
        )
        if walked.phase == "impossible":
            with self.warehouse.writing() as session:
                save_walk(session, walked)
        return walked

    def _compare(self, stream: Stream, walk: Walk) -> StreamAudit:
        """Compares, confirms a bounded number of differences, and ends the walk when nothing is left to decide."""
        totals = self.connector.totals(stream)
        with self.warehouse.writing() as session:
            as_of = loaded_as_of(session, self.source, stream.name)
            assert as_of is not None
            walk = compare(session, walk, as_of)
            if totals is not None:
                walk = replace(walk, totals=compare_totals(session, walk, totals))
            candidates, count = unjudged(session, walk, CONFIRMED_AT_ONCE)
            here = bodies(session, walk, [c.id for c in candidates if c.kind == "different"])
            bench = Bench(self.connector, stream, here, as_of, tells_changes(session, walk))
        asked = [candidates[start : start + CHUNK] for start in range(0, len(candidates), CHUNK)]
        verdicts = [verdict for chunk in asked for verdict in judge(bench, chunk)]
        walk = replace(walk, unjudged=count - len(verdicts), error="")
        return self._conclude(walk, verdicts)

    def _conclude(self, walk: Walk, verdicts: Sequence[Verdict]) -> StreamAudit:
        judged = [verdict for verdict in verdicts if verdict.reason != "in_flight"]
        walk = replace(walk, in_flight=walk.in_flight + len(verdicts) - len(judged))
        with self.warehouse.writing() as session, session.transaction():
            for verdict in judged:
                self._note(session, walk, verdict)
            if walk.unjudged or walk.in_flight or walk.undecided:
                save_walk(session, walk)
            else:
                walk = end_walk(session, walk, self.now)
        drift = [verdict.candidate.kind for verdict in judged if verdict.reason != "settled"]
        return StreamAudit(
            self.source, walk.stream, walk, 0, drift.count("missing"), drift.count("extra"), drift.count("different")
        )

    def _note(self, session: Session, walk: Walk, verdict: Verdict) -> None:
        candidate = verdict.candidate
        session.execute(
            "insert into ops.audit_drift values ($1, $2, $3, $4, $5, $6, $7, $8, $9, null, null)",
            walk.source, walk.stream, walk.number, candidate.id, candidate.kind, verdict.reason, json.dumps(verdict.fields),
            candidate.here_hash, self.now,
        )  # fmt: skip

    def _keep_error(self, stream: Stream, error: str) -> Walk:
        """The walk as it is kept, with what stopped it."""
        with self.warehouse.writing() as session:
            kept = newest_walk(session, self.source, stream.name)
            assert kept is not None
            kept = replace(kept, error=error)
            save_walk(session, kept)
        return kept
