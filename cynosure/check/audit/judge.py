"""Asks the source again for every object that differs, and says what is wrong with each: only what is confirmed is drift."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from cynosure.check.audit.compare import Candidate
from cynosure.extract import Connector, Record, Stream

#: ids asked for at once
CHUNK = 100
# a change so recent may have been committed or indexed after the run that should have read it
_LATE = timedelta(days=1)

#: what the reasons mean, for people
REASONS: Mapping[str, str] = {
    "never_arrived": "exists at the source and was never read, though runs have covered the time of its last change",
    "null_cursor": "has no time of change, so that no filter on it finds the object",
    "late": "changed within a day before the last read, and was committed or indexed after it",
    "buried": "exists at the source, while the warehouse holds a tombstone",
    "deleted": "was deleted at the source, and no run was told",
    "hard_deleted": "is unknown to the source, which does not say when or why it went",
    "changed": "has another content at the source",
    "computed": "differs in computed fields only, which change without a sign",
    "lost_fields": "lacks fields that it had: a permission for them was probably withdrawn",
    "unconfirmed": "differs by the walk alone: the source offers no way to ask for single objects",
    "settled": "differs no more",
}
#: what a repair can put right: fields that are not shown any more must not be lost here as well
REPAIRABLE = frozenset(REASONS) - {"lost_fields", "unconfirmed", "settled"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about a candidate: a reason of REASONS or `in_flight`, and the top-level fields that differ."""

    candidate: Candidate
    reason: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """What a judgement rests on: the warehouse's bodies, up to when it is complete, and whether the source tells changes."""

    connector: Connector
    stream: Stream
    here: Mapping[str, str]
    as_of: datetime
    tells_changes: bool


def judge(bench: Bench, candidates: Sequence[Candidate]) -> Iterator[Verdict]:
    """A verdict for each candidate that the source answers for; raises as the connector's `fetch`."""
    by_id = {candidate.id: candidate for candidate in candidates}
    pages = bench.connector.fetch(bench.stream, list(by_id))
    if pages is None:
        yield from (Verdict(candidate, "unconfirmed") for candidate in candidates)
        return
    for page in pages:
        for record in page.records:
            candidate = by_id.pop(record.id, None)
            if candidate is not None:
                yield Verdict(candidate, *_reason(bench, candidate, record))


def _in_flight(record: Record, candidate: Candidate, as_of: datetime) -> bool:
    """Whether the object changed after what the warehouse has read: the next load brings it."""
    if record.deleted and candidate.kind != "extra":
        return False
    return record.changed is not None and datetime.fromtimestamp(record.changed, UTC) > as_of


def _reason(bench: Bench, candidate: Candidate, record: Record) -> tuple[str, tuple[str, ...]]:
    if _in_flight(record, candidate, bench.as_of):
        return "in_flight", ()
    if candidate.kind == "extra":
        return _why_extra(record), ()
    if record.deleted or record.payload is None:
        return "settled", ()
    if candidate.kind == "missing":
        return _why_missing(bench, candidate, record), ()
    here = bench.here.get(candidate.id)
    return _difference(_parsed(here) if here is not None else {}, _as_landed(record), bench.stream.computed)


def _why_extra(record: Record) -> str:
    if not record.deleted:
        # it exists after all: a list that was walked in another order, or one that hides what can be asked for by id
        return "settled"
    return "hard_deleted" if record.changed is None and record.payload is None else "deleted"


def _why_missing(bench: Bench, candidate: Candidate, record: Record) -> str:
    if candidate.buried:
        return "buried"
    if record.changed is None:
        return "null_cursor" if bench.tells_changes else "never_arrived"
    recent = bench.as_of - datetime.fromtimestamp(record.changed, UTC) < _LATE
    return "late" if recent else "never_arrived"


def _difference(here: dict[str, Any], there: dict[str, Any], computed: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The reason and the top-level fields that differ."""
    fields = tuple(sorted(name for name in here.keys() | there.keys() if _entry(here, name) != _entry(there, name)))
    if not fields:
        return "settled", ()
    if all(name in here and name not in there for name in fields):
        return "lost_fields", fields
    if all(_without(here, computed).get(name) == _without(there, computed).get(name) for name in fields):
        return "computed", fields
    return "changed", fields


def _entry(body: Mapping[str, Any], name: str) -> tuple[bool, Any]:
    return name in body, body.get(name)


def _without(body: Any, paths: Sequence[str]) -> Any:
    """The body without the fields at these dotted paths; lists on the way are passed through."""
    if isinstance(body, list):
        return [_without(entry, paths) for entry in body]
    if not isinstance(body, dict):
        return body
    rest = {name: [path.partition(".")[2] for path in paths if path.startswith(f"{name}.")] for name in body}
    return {name: _without(value, rest[name]) if rest[name] else value for name, value in body.items() if name not in paths}


def _as_landed(record: Record) -> dict[str, Any]:
    """The object as the landing log keeps it: U+FFFD stands for NUL, which no database can hold."""
    body = bytes(record.payload or b"{}")
    parsed = _parsed(body)
    return _without_nul(parsed) if b"\\u0000" in body else parsed


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_without_nul(entry) for entry in value]
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(entry) for name, entry in value.items()}
    return value


def _parsed(text: str | bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return found
