"""Freshness, twice: how long ago a stream was last read completely, and how old its newest fact is.

A load can be minutes old while the rows it brought are from yesterday; both clocks are checked against the targets of
`config/sources.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from cynosure.check.finding import Dimension, Finding, Severity
from cynosure.check.lineage import Lineage
from cynosure.settings import Source
from cynosure.warehouse import Session, qualified


def check_freshness(
    session: Session, sources: Mapping[str, Source], streams: Mapping[str, Sequence[str]], lineage: Lineage, now: datetime
) -> list[Finding]:
    """One finding per stream and clock that has a target."""
    return [
        finding
        for name, source in sources.items()
        for stream in streams[name]
        for finding in _stream(session, name, source, stream, lineage.kpis_of_stream(name, stream), now)
    ]


def _stream(session: Session, name: str, source: Source, stream: str, kpis: tuple[str, ...], now: datetime) -> Iterator[Finding]:
    target = source.freshness_of(stream)
    read = session.row("select max(source_as_of) from ops.loads where source = $1 and stream = $2", name, stream)
    yield _finding("load", name, stream, read[0] if read else None, target.load, kpis, now)
    if target.data is not None:
        yield _finding("data", name, stream, _newest_fact(session, name, stream), target.data, kpis, now)


def _newest_fact(session: Session, source: str, stream: str) -> datetime | None:
    """The newest instant that the source itself gives for a row of this stream."""
    table = qualified("raw", f"{source}__{stream}")
    row = session.row(
        "select max(coalesce(source_updated_at, to_timestamp(cast(payload->>'created' as double precision))))"
        f" from {table} where valid_to is null"
    )
    return row[0] if row else None


def _finding(
    clock: str, source: str, stream: str, newest: datetime | None, target: timedelta, kpis: tuple[str, ...], now: datetime
) -> Finding:
    age = now - newest if newest else None
    name = f"{source}.{stream}"
    what = {"load": f"{name} was last read completely", "data": f"the newest row of {name} is from"}[clock]
    return Finding(
        check_id=f"freshness:{name}:{clock}",
        kind="freshness",
        what=f"{what} {_ago(age)}",
        expected=f"at most {_spoken(target)} ago",
        passed=age is not None and age <= target,
        dimension=Dimension.TIMELINESS,
        severity=Severity.STOP,
        measured=Decimal(round(age.total_seconds())) if age else None,
        source=source,
        stream=stream,
        affected_kpis=kpis,
        detail={"newest": newest.isoformat() if newest else None, "clock": clock},
    )


def _ago(age: timedelta | None) -> str:
    return "never" if age is None else f"{_spoken(max(age, timedelta()))} ago"


def _spoken(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes / 60:.1f} h" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"
