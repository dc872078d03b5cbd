"""DuckDB: the embedded warehouse, one file with one writer; readers get an atomically swapped snapshot.

A DuckDB file that one process has open for writing cannot be opened by any other, not even for reading, and closing
a second descriptor of it inside the writing process drops the lock. Hence the turn of writers is kept in a file of
its own, and readers never touch the main file.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from cynosure.settings.faultpoint import reach
from cynosure.warehouse.errors import WarehouseEmpty, WarehouseError, WarehouseLocked

_CONFIG = {
    # extensions are never fetched at run time: a closed network must fail at once, not hang
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # DuckDB's default takes most of the machine as the warehouse grows; beyond this it spills to disk
    "memory_limit": "1GB",
    # each reserves twice the largest object while it reads
    "threads": str(min(4, os.cpu_count() or 1)),
}
_MAX_OBJECT_BYTES = 64 * 1024 * 1024
_POLL_SECONDS = 0.05


class DuckDBSession:
    """One connection to a DuckDB file."""

    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        found: list[tuple[Any, ...]] = self._connection.execute(sql, list(args)).fetchall()
        return found

    def row(self, sql: str, *args: object) -> tuple[Any, ...] | None:
        """The first row, or None."""
        found: tuple[Any, ...] | None = self._connection.execute(sql, list(args)).fetchone()
        return found

    def execute(self, sql: str, *args: object) -> int:
        """Runs one statement; returns the number of rows it changed (0 for statements that change none)."""
        result = self._connection.execute(sql, list(args)).fetchone()
        return int(result[0]) if result and isinstance(result[0], int) else 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits on success, rolls back on any error."""
        self._connection.execute("begin transaction")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def stage(self, parts: Sequence[Path], table: str) -> None:
        """Reads landed files with DuckDB's own parallel JSON reader; the payload stays the bytes that were landed."""
        # the payload is cut out of the line instead of parsed: a parsed number such as 1.10 would come back as 1.1
        self._connection.execute(
            f"""
            create or replace temporary table {table} as
            with lines as (
                select
                    json::varchar as line,
                    strpos(json::varchar, ',"payload":') as cut
                from read_ndjson_objects($1, maximum_object_size = {_MAX_OBJECT_BYTES})
            ),

            halves as (
                select
                    case when cut > 0 then substr(line, 1, cut - 1) || '}}' else line end as head,
                    case when cut > 0 then substr(line, cut + 11, length(line) - cut - 11) end as payload
                from lines
            ),

            parsed as (
                select
                    json_extract_string(head, ['$.n', '$.id', '$.hash', '$.changed', '$.seen', '$.deleted']) as field,
                    payload
                from halves
            )

            select
                field[1]::bigint as n,
                field[2] as id,
                field[3] as payload_hash,
                to_timestamp(field[4]::double) as source_updated_at,
                to_timestamp(field[5]::double) as extracted_at,
                coalesce(field[6]::boolean, false) as is_deleted,
                payload
            from parsed
            """,
            [[str(part) for part in parts]],
        )


class DuckDBWarehouse:
    """A warehouse in one file, with its lock and its published snapshot beside it."""

    dialect = "duckdb"

    def __init__(self, url: str, *, wait: float) -> None:
        self.url = url
        self.path = Path(url.removeprefix("duckdb://")).resolve()
        self.snapshot = self.path.with_suffix(".published.duckdb")
        self._lock = self.path.with_suffix(".lock")
        self._wait = wait

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Waits for the writer's turn; the kernel gives it up when the process dies."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a+", encoding="utf-8") as lock:
            self._take(lock.fileno())
            lock.truncate(0)
            lock.write(f"process {os.getpid()}")
            lock.flush()
            yield

    @contextmanager
    def writing(self) -> Iterator[DuckDBSession]:
        """A read-write connection in the writer's turn."""
        with self.exclusive():
            self._create()
            with self._connect(self.path, read_only=False) as session:
                yield session

    @contextmanager
    def reading(self) -> Iterator[DuckDBSession]:
        """A read-only connection to the snapshot; the snapshot may be replaced meanwhile without disturbing it."""
        if not self.snapshot.exists():
            raise WarehouseEmpty(f"{self.path}: nothing has been published yet; run an ingest and a transform first")
        with self._connect(self.snapshot, read_only=True) as session:
            yield session

    def publish(self) -> None:
        """Copies the checkpointed file and swaps the copy in; readers keep what they have open."""
        with self.exclusive():
            with self._connect(self.path, read_only=False) as session:
                session.execute("force checkpoint")
            # always the same name, in the writer's turn: what a killed process left is overwritten, not added to
            copy = self.snapshot.with_suffix(".tmp")
            shutil.copyfile(self.path, copy)
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            reach("publish.before_swap")
            copy.replace(self.snapshot)

    def dbt_environment(self) -> dict[str, str]:
        """The dbt profile of this file."""
        return {"CYNOSURE_DBT_TARGET": "duckdb", "CYNOSURE_DUCKDB_PATH": str(self.path)}

    def _create(self) -> None:
        """Makes the file under another name first: one that a full disk or a kill left half made could never be opened."""
        if self.path.exists():
            return
        beginning = self.path.with_suffix(".new")
        beginning.unlink(missing_ok=True)
        with self._connect(beginning, read_only=False):
            pass
        beginning.replace(self.path)

    def _take(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise WarehouseLocked(self._holder()) from None
                time.sleep(_POLL_SECONDS)

    def _holder(self) -> str:
        holder = self._lock.read_text(encoding="utf-8") or "another process"
        return f"{self.path} is being written by {holder} and was not free within {self._wait:g} s; wait for it or stop it"

    @contextmanager
    def _connect(self, path: Path, *, read_only: bool) -> Iterator[DuckDBSession]:
        try:
            connection = duckdb.connect(str(path), read_only=read_only, config=dict(_CONFIG))
        except duckdb.IOException as error:
            if "lock" in str(error):
                raise WarehouseLocked(f"{path} is open in another program: {error}; close it and run this again") from None
            raise WarehouseError(f"{path} cannot be opened: {error}") from error
        try:
            connection.execute("set TimeZone = 'UTC'")
            # JSON payloads: a third less work at each checkpoint than trying every method, and an eighth of the size
            connection.execute("set force_compression = 'zstd'")
            yield DuckDBSession(connection)
        except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException, duckdb.OutOfMemoryException) as error:
            raise WarehouseError(f"{path} could not be written or read, nothing half done was kept: {error}") from error
        finally:
            connection.close()


def connect(url: str, *, wait: float) -> DuckDBWarehouse:
    """The warehouse in the file that the URL names."""
    return DuckDBWarehouse(url, wait=wait)
