"""Applies one landed batch: rows, history and load record in one transaction. Applying it again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from cynosure.landing import Manifest, StreamLog
from cynosure.load.schema import raw_table, statement
from cynosure.settings.faultpoint import reach
from cynosure.warehouse import LandedFile, Session
from cynosure.warehouse.landed import KEYS

_FIRST_BATCH = "00000001"
_TEMPORARY = ("incoming", "latest", "chosen", "seen", "vanished")


class LoadError(Exception):
    """A batch cannot be applied; nothing of it was."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a batch did to raw history: objects new, changed, unchanged, deleted; `applied` is False if it was in already."""

    batch: str
    applied: bool
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0


def load_batch(session: Session, log: StreamLog, manifest: Manifest, now: datetime) -> LoadResult:
    """Applies a batch; raises LoadError when its predecessor is missing or its content contradicts its manifest."""
    with session.transaction():
        loaded = session.row(
            "select max(batch_id), max(case when batch_id = $3 then manifest_sha256 end) from ops.loads"
            " where source = $1 and stream = $2",
            log.source, log.name, manifest.batch,
        )  # fmt: skip
        newest, sha = loaded or (None, None)
        if sha is not None:
            _same(log, manifest, sha)
            return LoadResult(manifest.batch, applied=False)
        if int(newest or 0) != int(manifest.batch) - 1:
            raise LoadError(f"{log.source}.{log.name}: batch {manifest.batch} must follow {newest or 'nothing'}; load in order")
        result = _apply(session, log, manifest)
        _record(session, log, manifest, result, now)
        reach("load.before_commit")
    reach("load.after_commit")
    return result


def _same(log: StreamLog, manifest: Manifest, sha: str) -> None:
    if sha != manifest.sha256():
        raise LoadError(
            f"{log.source}.{log.name}: the warehouse holds another batch {manifest.batch} than the landing log; "
            "the log and the warehouse do not belong together: replay the log into an empty warehouse"
        )


def _apply(session: Session, log: StreamLog, manifest: Manifest) -> LoadResult:
    if not manifest.rows and manifest.sweep_from is None:
        return LoadResult(manifest.batch, applied=True)
    table = raw_table(log.source, log.name)
    _drop(session, *_TEMPORARY)
    with log.local_parts(manifest) as files:
        # nearly always everything in a first listing is new, and nothing needs to be compared; nothing is older, either
        if files and _FIRST_BATCH in (manifest.batch, manifest.listing_from):
            added = session.append_new(files, table, manifest.batch)
            if added is not None:
                _complete(log, manifest, added)
                reach("load.after_append")
                return LoadResult(manifest.batch, True, added, added - manifest.deleted, deleted=manifest.deleted)
        _compare(session, log, manifest, files, table)
    new, changed, unchanged, deleted = session.row(
        "select count(*) filter (where is_new and not is_deleted),"
        " count(*) filter (where is_changed and not is_new and not is_deleted),"
        " count(*) filter (where not is_changed), count(*) filter (where is_changed and is_deleted) from latest"
    ) or (0, 0, 0, 0)
    vanished = _sweep(session, log, manifest, table) if manifest.sweep_from else 0
    _drop(session, *_TEMPORARY)
    return LoadResult(manifest.batch, True, manifest.rows, new, changed, unchanged, deleted + vanished)


def _compare(session: Session, log: StreamLog, manifest: Manifest, files: Sequence[LandedFile], table: str) -> None:
    """Finds what is new or changed by the keys, and makes it history."""
    _stage(session, log, manifest, files)
    reach("load.after_stage")
    session.execute(statement("latest").format(table=table))
    session.execute(statement("close").format(table=table))
    reach("load.after_close")
    _add(session, manifest, files, table)


def _add(session: Session, manifest: Manifest, files: Sequence[LandedFile], table: str) -> None:
    """Adds the new versions: those with a body straight from the files, the others with the last body there was."""
    session.execute("create temporary table chosen as select n from latest where is_changed and payload_hash is not null")
    (wanted,) = session.row("select count(*) from chosen") or (0,)
    if wanted:
        session.append(files, table, manifest.batch, "chosen" if wanted < manifest.rows else None)
    session.execute(statement("keep").format(table=table), manifest.batch)


def _stage(session: Session, log: StreamLog, manifest: Manifest, files: Sequence[LandedFile]) -> None:
    if files:
        session.stage(files, "incoming")
    else:
        columns = ", ".join(f"{name} {kind}" for name, kind in KEYS.items())
        session.execute(f"create temporary table incoming ({columns})")
    (staged,) = session.row("select count(*) from incoming") or (0,)
    _complete(log, manifest, staged)


def _complete(log: StreamLog, manifest: Manifest, rows: int) -> None:
    if rows != manifest.rows:
        raise LoadError(
            f"{log.path}/{manifest.batch} holds {rows} rows, its manifest says {manifest.rows}; restore it from a backup"
        )


def _sweep(session: Session, log: StreamLog, manifest: Manifest, table: str) -> int:
    """Buries what the listing that ends here did not contain; returns how many."""
    assert manifest.sweep_from is not None
    older = session.row(
        f"select 1 from {table} where valid_to is null and not is_deleted and batch_id < $1 limit 1", manifest.sweep_from
    )
    if older is None:
        return 0
    session.execute("create temporary table seen as select distinct id from incoming")
    for earlier in log.since(int(manifest.sweep_from) - 1):
        if earlier.batch >= manifest.batch:
            break
        if earlier.parts:
            with log.local_parts(earlier) as parts:
                session.stage(parts, "incoming")
            session.execute("insert into seen select id from incoming")
    session.execute(statement("vanished").format(table=table), manifest.sweep_from)
    session.execute(statement("close_vanished").format(table=table), manifest.finished_at)
    return session.execute(statement("bury").format(table=table), manifest.batch, manifest.finished_at)


def _record(session: Session, log: StreamLog, manifest: Manifest, result: LoadResult, now: datetime) -> None:
    session.execute(
        "insert into ops.loads values"
        " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_timestamp($11), to_timestamp($12), $13, $14, $15, $16)",
        log.source, log.name, manifest.batch, manifest.mode, manifest.rows, result.new, result.changed, result.unchanged,
        result.deleted, msgspec.json.encode(manifest.cursor_after).decode(), manifest.as_of, manifest.finished_at, now,
        manifest.api_version, manifest.connector_version, manifest.sha256(),
    )  # fmt: skip


def _drop(session: Session, *tables: str) -> None:
    for table in tables:
        session.execute(f"drop table if exists {table}")
