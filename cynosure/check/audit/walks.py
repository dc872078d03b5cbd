"""The audit's memory: how far the walk of each stream is, what it has seen, and what it found. It survives kills and budgets."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from cynosure.extract import Cursor
from cynosure.warehouse import Session

_STATEMENTS = Path(__file__).parent / "statements"

#: walking: not everything was seen yet; comparing: all was seen, some differences cannot be decided yet;
#: impossible: the source cannot enumerate this stream
Phase = Literal["walking", "comparing", "complete", "impossible"]


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk through one stream: where it goes on (`position`), when it saw what, and how the comparison stands.

    `seen_from` and `seen_to` are on the vendor's clock, `started_at` and `ended_at` on ours. `there` and `here` count
    objects at the source and in the warehouse; `unjudged`, `in_flight` and `undecided` count differences.
    """

    source: str
    stream: str
    number: int
    phase: Phase
    started_at: datetime
    position: Cursor | None = None
    ended_at: datetime | None = None
    seen_from: datetime | None = None
    seen_to: datetime | None = None
    pages: int = 0
    there: int = 0
    here: int = 0
    unjudged: int = 0
    in_flight: int = 0
    undecided: int = 0
    totals: dict[str, Any] | None = None
    error: str = ""

    @property
    def next(self) -> Walk | None:
        """The walk to go on with; None when this one has ended."""
        return None if self.phase in ("complete", "impossible") else self


_COLUMNS = (
    "source", "stream", "walk", "phase", "started_at", "position", "ended_at", "seen_from", "seen_to", "pages", "there", "here",
    "unjudged", "in_flight", "undecided", "totals", "error",
)  # fmt: skip
_FIELDS = tuple("number" if name == "walk" else name for name in _COLUMNS)


@cache
def statement(name: str) -> str:
    """The text of a statement; `{table}` is filled in by the caller."""
    return (_STATEMENTS / f"{name}.sql").read_text(encoding="utf-8")


def create_tables(session: Session) -> None:
    """Creates the audit's tables unless they exist."""
    for sql in statement("schema").split(";"):
        session.execute(sql)


def begin_walk(session: Session, source: str, stream: str, now: datetime) -> Walk:
    """A new walk, with nothing seen; it replaces an unfinished one."""
    forget_seen(session, source, stream)
    newest = session.row("select coalesce(max(walk), 0) from ops.audits where source = $1 and stream = $2", source, stream)
    walk = Walk(source, stream, int((newest or (0,))[0]) + 1, "walking", now)
    marks = ", ".join(f"${i}" for i in range(1, len(_COLUMNS) + 1))
    session.execute(f"insert into ops.audits ({', '.join(_COLUMNS)}) values ({marks})", *_values(walk))
    return walk


def save_walk(session: Session, walk: Walk) -> None:
    """Keeps where the walk is now."""
    changing = _COLUMNS[3:]
    assignments = ", ".join(f"{name} = ${number}" for number, name in enumerate(changing, 4))
    session.execute(f"update ops.audits set {assignments} where source = $1 and stream = $2 and walk = $3", *_values(walk))


def end_walk(session: Session, walk: Walk, now: datetime) -> Walk:
    """Everything was compared: what was seen is forgotten, and so is what older walks found."""
    forget_seen(session, walk.source, walk.stream)
    session.execute(
        "delete from ops.audit_drift where source = $1 and stream = $2 and walk < $3", walk.source, walk.stream, walk.number
    )
    ended = replace(walk, phase="complete", ended_at=now)
    save_walk(session, ended)
    return ended


def newest_walk(session: Session, source: str, stream: str, *, complete: bool = False) -> Walk | None:
    """The newest walk of a stream, or the newest that was completed."""
    phases = ("complete",) if complete else ("walking", "comparing", "complete", "impossible")
    names = ", ".join(f"'{phase}'" for phase in phases)
    row = session.row(
        f"select {', '.join(_COLUMNS)} from ops.audits where source = $1 and stream = $2 and phase in ({names})"
        " order by walk desc limit 1",
        source,
        stream,
    )
    return _walk(row) if row else None


def forget_seen(session: Session, source: str, stream: str) -> None:
    """Removes what a walk has seen."""
    session.execute("delete from ops.audit_seen where source = $1 and stream = $2", source, stream)


def _values(walk: Walk) -> list[object]:
    position = None if walk.position is None else json.dumps(walk.position)
    totals = None if walk.totals is None else json.dumps(walk.totals)
    return [
        walk.source, walk.stream, walk.number, walk.phase, walk.started_at, position, walk.ended_at, walk.seen_from,
        walk.seen_to, walk.pages, walk.there, walk.here, walk.unjudged, walk.in_flight, walk.undecided, totals, walk.error,
    ]  # fmt: skip


def _walk(row: tuple[Any, ...]) -> Walk:
    known = dict(zip(_FIELDS, row, strict=True))
    for name in ("position", "totals"):
        known[name] = json.loads(known[name]) if known[name] else None
    return Walk(**known)
