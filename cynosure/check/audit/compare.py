"""Compares what a walk has seen with raw history, exactly, id by id and body by body."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from cynosure.check.audit.walks import Walk, statement
from cynosure.warehouse import Session, qualified

Kind = Literal["missing", "extra", "different"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An id on which both sides differ, to be confirmed at the source: `buried` means that the warehouse holds a tombstone."""

    id: str
    kind: Kind
    here_hash: str | None
    buried: bool
    changed_at: datetime | None


def raw(walk: Walk) -> str:
    """The quoted raw table of the walk's stream."""
    return qualified("raw", f"{walk.source}__{walk.stream}")


def loaded_as_of(session: Session, source: str, stream: str) -> datetime | None:
    """Up to when everything that happened at the source is in the warehouse."""
    row = session.row("select max(source_as_of) from ops.loads where source = $1 and stream = $2", source, stream)
    return row[0] if row else None


def compare(session: Session, walk: Walk, as_of: datetime) -> Walk:
    """Finds the candidates, as a temporary table of this session, and counts both sides.

    A difference is decided once the warehouse has read beyond the instant at which the source showed it; before that
    it is in flight, or undecided where the source does not tell when an object changed.
    """
    session.execute("drop table if exists candidates")
    session.execute(
        statement("candidates").format(table=raw(walk)),
        walk.source, walk.stream, walk.seen_from, walk.seen_to, as_of,
    )  # fmt: skip
    counts = dict(session.rows("select verdict, count(*) from candidates group by verdict"))
    there = session.row("select count(*) from ops.audit_seen where source = $1 and stream = $2", walk.source, walk.stream)
    here = session.row(f"select count(*) from {raw(walk)} where valid_to is null and not is_deleted")
    return replace(
        walk,
        there=int((there or (0,))[0]),
        here=int((here or (0,))[0]),
        in_flight=int(counts.get("in_flight", 0)),
        undecided=int(counts.get("undecided", 0)),
    )


def unjudged(session: Session, walk: Walk, limit: int) -> tuple[list[Candidate], int]:
    """The first candidates that can be decided and were not judged in this walk, and how many there are."""
    where = (
        "verdict = 'decided' and not exists (select 1 from ops.audit_drift as judged where judged.source = $1"
        " and judged.stream = $2 and judged.walk = $3 and judged.id = candidates.id and judged.kind = candidates.kind)"
    )
    key = (walk.source, walk.stream, walk.number)
    rows = session.rows(
        f"select id, kind, here_hash, buried, changed_at from candidates where {where} order by kind, id limit {limit:d}", *key
    )
    count = session.row(f"select count(*) from candidates where {where}", *key)
    return [Candidate(*row) for row in rows], int((count or (0,))[0])


def bodies(session: Session, walk: Walk, ids: list[str]) -> dict[str, str]:
    """The current bodies of these ids in the warehouse, as text."""
    if not ids:
        return {}
    marks = ", ".join(f"${i}" for i in range(1, len(ids) + 1))
    rows = session.rows(
        f"select id, cast(payload as text) from {raw(walk)} where valid_to is null and payload is not null and id in ({marks})",
        *ids,
    )
    return dict(rows)


def tells_changes(session: Session, walk: Walk) -> bool:
    """Whether the source says of most objects of this stream when they changed."""
    row = session.row(
        "select count(source_updated_at), count(*) from ops.audit_seen where source = $1 and stream = $2",
        walk.source,
        walk.stream,
    )
    known, of = row or (0, 0)
    return bool(of) and known * 2 > of
