"""The audit: the ids that the source lists now against the ids that the warehouse holds, stream by stream.

Incremental reading cannot notice an event that never came; comparing the sets can. Objects created after the last
load are not counted as missing.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from cynosure.check.finding import Dimension, Finding, Severity
from cynosure.check.lineage import Lineage
from cynosure.extract import Connector, Stream
from cynosure.warehouse import Session, qualified

_SHOWN = 20
# beyond this many differences nobody doubts that something is wrong
_ASKED = 200


def audit_stream(session: Session, source: str, connector: Connector, stream: Stream, lineage: Lineage) -> Finding | None:
    """Compares the two id sets; None where the source cannot list its ids. `detail` names what differs."""
    listed = connector.ids(stream)
    if listed is None:
        return None
    table = qualified("raw", f"{source}__{stream.name}")
    there = set(listed)
    read = session.row("select max(source_as_of) from ops.loads where source = $1 and stream = $2", source, stream.name)
    here = {row[0] for row in session.rows(f"select id from {table} where valid_to is null and not is_deleted")}
    newer = _created_after(connector, stream, sorted(there - here), read[0] if read else None)
    there -= newer
    missing, extra = sorted(there - here), sorted(here - there)
    matching = len(there & here)
    total = len(there | here)
    return Finding(
        check_id=f"audit:{source}.{stream.name}:ids",
        kind="audit",
        what=f"{source}.{stream.name}: {len(there)} at the source, {len(here)} in the warehouse,"
        f" {len(missing)} missing, {len(extra)} extra",
        expected="the same ids on both sides",
        passed=not missing and not extra,
        dimension=Dimension.COMPLETENESS,
        severity=Severity.STOP,
        measured=(Decimal(matching) / total).quantize(Decimal("0.000001")) if total else Decimal(1),
        source=source,
        stream=stream.name,
        relation=f"raw.{source}__{stream.name}",
        affected_kpis=lineage.kpis_of_stream(source, stream.name),
        detail={
            "source": len(there), "warehouse": len(here), "missing": len(missing), "extra": len(extra),
            "missing_ids": missing[:_SHOWN], "extra_ids": extra[:_SHOWN],
        },
    )  # fmt: skip


class _Created(msgspec.Struct):
    created: float = 0.0


def _created_after(connector: Connector, stream: Stream, ids: list[str], loaded: datetime | None) -> set[str]:
    """Of these ids, those that came into being after the last load: the next one brings them."""
    if loaded is None or not ids or len(ids) > _ASKED:
        return set()
    return {
        record.id
        for page in connector.fetch(stream, ids) or ()
        for record in page.records
        if record.payload is not None and msgspec.json.decode(record.payload, type=_Created).created > loaded.timestamp()
    }
