"""Puts right what the audit found: fetched again, landed as a batch of its own, loaded, and noted with the batch."""

from __future__ import annotations

from datetime import datetime

from cynosure.check.audit.compare import Kind
from cynosure.check.audit.judge import CHUNK, REPAIRABLE
from cynosure.check.audit.walks import statement
from cynosure.extract import Connector, Stream
from cynosure.extract.repair import RepairBatch
from cynosure.landing import LandingLog, StreamLog
from cynosure.load import load_batch, pending
from cynosure.settings.faultpoint import reach
from cynosure.warehouse import Warehouse, qualified

# objects put right in one run; the others follow in the next
REPAIRED_AT_ONCE = 5_000


def repair_stream(
    warehouse: Warehouse, landing: LandingLog, connector: Connector, stream: Stream, source: str, now: datetime
) -> int:
    """Repairs the drift that is open; returns how many objects. Raises as `fetch` does, and BatchTaken if a run was first.

    A tombstone is written only for what the source, asked for that very object, says is gone.
    """
    drift = _open_drift(warehouse, source, stream)
    if not drift:
        return 0
    log = landing.stream(source, stream.name)
    # begun before anything is fetched: a run that lands something meanwhile wins
    batch = RepairBatch(connector, log)
    try:
        repaired = _fetch(connector, stream, drift, batch)
        manifest = batch.commit()
    finally:
        batch.discard()
    if manifest is not None:
        reach("audit.after_repair")
        _load(warehouse, log, repaired, manifest.batch, now)
    return len(repaired)


def _open_drift(warehouse: Warehouse, source: str, stream: Stream) -> dict[str, Kind]:
    table = qualified("raw", f"{source}__{stream.name}")
    with warehouse.writing() as session:
        rows = session.rows(statement("open_drift").format(table=table), source, stream.name)
    found: dict[str, Kind] = {row[0]: row[1] for row in rows if row[-1] and row[2] in REPAIRABLE}
    return dict(list(found.items())[:REPAIRED_AT_ONCE])


def _fetch(connector: Connector, stream: Stream, drift: dict[str, Kind], batch: RepairBatch) -> list[str]:
    ids = list(drift)
    repaired = []
    for start in range(0, len(ids), CHUNK):
        for page in connector.fetch(stream, ids[start : start + CHUNK]) or ():
            for record in page.records:
                # what was missing and is gone by now needs nothing
                needed = drift.get(record.id) != ("missing" if record.deleted else "extra")
                if record.id in drift and needed and (record.deleted or record.payload is not None):
                    batch.add(record, page.seen)
                    repaired.append(record.id)
    return repaired


def _load(warehouse: Warehouse, log: StreamLog, repaired: list[str], batch: str, now: datetime) -> None:
    with warehouse.writing() as session:
        for waiting in pending(session, log):
            load_batch(session, log, waiting, now)
        with session.transaction():
            for id in repaired:
                session.execute(
                    "update ops.audit_drift set repaired_in = $4, repaired_at = $5 where source = $1 and stream = $2 and id = $3",
                    log.source, log.name, id, batch, now,
                )  # fmt: skip
