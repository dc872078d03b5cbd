"""Loads everything that is landed and not yet in the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from cynosure.landing import LandingLog, Manifest, StreamLog
from cynosure.load.batch import LoadResult, load_batch
from cynosure.load.schema import create_raw_table, create_schema, raw_table
from cynosure.warehouse import Session, Warehouse

Progress = Callable[[str, LoadResult], None]


def pending(session: Session, log: StreamLog) -> Iterator[Manifest]:
    """Batches of a stream that are landed but not loaded, oldest first."""
    newest = session.row("select max(batch_id) from ops.loads where source = $1 and stream = $2", log.source, log.name)
    yield from log.since(int((newest and newest[0]) or 0))


def load_landing(
    warehouse: Warehouse,
    landing: LandingLog,
    declared: Iterable[tuple[str, str]],
    now: datetime,
    progress: Progress = lambda stream, result: None,
) -> dict[str, list[LoadResult]]:
    """Creates the raw tables of all declared (source, stream) and applies their pending batches, in order.

    Returns the results by "source.stream". Killed anywhere, a rerun ends in the same state.
    """
    results: dict[str, list[LoadResult]] = {}
    with warehouse.writing() as session:
        create_schema(session)
        for source, stream in declared:
            create_raw_table(session, source, stream)
            log = landing.stream(source, stream)
            loaded = results.setdefault(f"{source}.{stream}", [])
            for manifest in pending(session, log):
                loaded.append(load_batch(session, log, manifest, now))
                progress(f"{source}.{stream}", loaded[-1])
            if any(result.new + result.changed for result in loaded):
                session.count(raw_table(source, stream))
    return results
