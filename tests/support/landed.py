"""Lands batches by hand, the way extraction does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zstandard

from cynosure.extract import Record
from cynosure.landing import LandingLog, Manifest
from cynosure.load import load_landing
from cynosure.warehouse import Session, Warehouse

SOURCE, STREAM = "stripe", "invoices"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
T0 = 1_767_225_600.0

#: (id, body or None for a tombstone)
Row = tuple[str, dict[str, Any] | bytes | None]


def land(folder: Path, number: int, rows: Iterable[Row], *, listing_from: int | None = None, ends: bool = False) -> Manifest:
    """Commits batch `number` with these rows."""
    log = LandingLog(f"file://{folder}").stream(SOURCE, STREAM)
    writer = log.begin(number)
    records = [Record(id, json.dumps(body).encode() if isinstance(body, dict) else body, None, body is None) for id, body in rows]
    writer.add(records, seen=T0 + number)
    begun = f"{listing_from:08d}" if listing_from else None
    manifest = Manifest(
        source=SOURCE, stream=STREAM, batch=writer.batch, mode="listing" if begun else "changes", cursor_before=None,
        cursor_after={"since": number}, parts=writer.close(), rows=writer.rows, deleted=writer.deleted, api_version="1",
        connector_version="1", started_at=T0 + number, finished_at=T0 + number, as_of=T0 + number, listing_from=begun,
        sweep_from=begun if ends else None, nul_replaced=writer.nul_replaced,
    )  # fmt: skip
    log.commit(manifest)
    return manifest


def lines_of(file: Path) -> list[dict[str, Any]]:
    """The lines of a landed file, read without any code of the engine; instants in epoch seconds."""
    text = zstandard.ZstdDecompressor().stream_reader(file.read_bytes(), read_across_frames=True).read().decode()
    return [_line(*line.split("\t")) for line in text.removesuffix("\n").split("\n")]


def _line(n: str, id: str, digest: str, changed: str, seen: str, deleted: str, payload: str) -> dict[str, Any]:
    instants = {
        "changed": changed and datetime.fromisoformat(changed).timestamp(),
        "seen": datetime.fromisoformat(seen).timestamp(),
    }
    body = json.loads(payload) if payload else None
    return {"n": int(n), "id": id, "hash": digest, **instants, "deleted": deleted == "true", "payload": body}


def load(warehouse: Warehouse, folder: Path) -> list[Any]:
    """Loads what is pending; the results of the stream's batches."""
    return load_landing(warehouse, LandingLog(f"file://{folder}"), [(SOURCE, STREAM)], NOW)[f"{SOURCE}.{STREAM}"]


def current(session: Session) -> dict[str, Any]:
    """id -> body of the current, undeleted rows."""
    rows = session.rows("select id, payload from raw.stripe__invoices where valid_to is null and not is_deleted order by id")
    return {id: json.loads(payload) for id, payload in rows}


def history(session: Session) -> list[tuple[Any, ...]]:
    """Everything raw history holds, in a comparable order and form."""
    return session.rows(
        "select id, cast(payload as text), payload_hash, source_updated_at, extracted_at, batch_id, valid_from, valid_to, is_deleted"
        " from raw.stripe__invoices order by id, batch_id"
    )
