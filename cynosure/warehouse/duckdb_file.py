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
from cynosure.warehouse.landed import COLUMNS, KEYS, LandedFile

_CONFIG = {
    # extensions are never fetched at run time: a closed network must fail at once, not hang
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # DuckDB's default takes most of the machine as the warehouse grows; beyond this it spills to disk
    "memory_limit": "1GB",
    # each reserves twice the largest object while it reads
    "write_buffer_row_group_count": "1",
    "threads": str(min(4, os.cpu_count() or 1)),
}
_BUFFER_BYTES = 8 << 20
# payloads are wide: DuckDB's own 122,880 rows would be held in memory, written to the log, and then written again
_ROWS_PER_GROUP = 16_384
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

    def stage(self, files: Sequence[LandedFile], table: str) -> None:
        """Reads the keys of landed files with DuckDB's own parallel reader."""
        self._connection.execute(f"create or replace temporary table {table} as select {', '.join(KEYS)} from {_lines(files)}")

    def append(self, files: Sequence[LandedFile], table: str, batch: str, chosen: str | None) -> int:
        """Reads lines straight into a raw table: payloads pass through, and are neither staged nor sorted."""
        only = f"where n in (select n from {chosen})" if chosen else ""
        return self.execute(
            f"insert into {table} select id, payload, payload_hash, source_updated_at, extracted_at, $1, extracted_at, null,"
            f" is_deleted from {_lines(files)} {only}",
            batch,
        )

    def append_new(self, files: Sequence[LandedFile], table: str, batch: str) -> int | None:
        """There is no index that could refuse a line, so the ids are looked at first; they are a small part of a file."""
        self._connection.execute(f"create or replace temporary table arriving as select id from {_lines(files)}")
        # the batch is what is held in memory, and the table, however large, passes by
        known = self.row(
            f"select (select count(*) <> count(distinct id) from arriving) or exists (select 1 from {table} as present"
            " where valid_to is null and exists (select 1 from arriving where arriving.id = present.id))"
        )
        self._connection.execute("drop table arriving")
        return self.append(files, table, batch, None) if known == (False,) else None

    def count(self, table: str) -> None:
        """DuckDB knows how many rows it has."""


def _lines(files: Sequence[LandedFile]) -> str:
    """The table function that reads landed files; the longest line decides how much memory it takes."""
    paths = ", ".join("'" + str(file.path).replace("'", "''") + "'" for file in files)
    kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    longest = max(file.longest for file in files) + 1
    return (
        f"read_csv([{paths}], columns = {{{kinds}}}, delim = '\t', quote = '', escape = '', new_line = '\\n', header = false,"
        f" auto_detect = false, compression = 'zstd', max_line_size = {longest}, buffer_size = {max(_BUFFER_BYTES, 2 * longest)})"
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
        # a connection to the file itself could not choose the size of row groups
        connection = duckdb.connect(config={**_CONFIG, "temp_directory": f"{path}.tmp"})
        try:
            _attach(connection, path, read_only=read_only)
            yield DuckDBSession(connection)
        except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException, duckdb.OutOfMemoryException) as error:
            raise WarehouseError(f"{path} could not be written or read, nothing half done was kept: {error}") from error
        finally:
            connection.close()


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    """Makes a file the connection's database, under the name that DuckDB itself gives it: views know it by that."""
    name = '"' + path.name.split(".", 1)[0].replace('"', '""') + '"'
    file = "'" + str(path).replace("'", "''") + "'"
    options = "read_only" if read_only else f"row_group_size {_ROWS_PER_GROUP}"
    try:
        connection.execute(f"attach {file} as {name} ({options})")
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise WarehouseLocked(f"{path} is open in another program: {error}; close it and run this again") from None
        raise WarehouseError(f"{path} cannot be opened: {error}") from error
    connection.execute(f"use {name}")
    connection.execute("set TimeZone = 'UTC'")
    # JSON payloads: a third less work at each checkpoint than trying every method, and an eighth of the size
    connection.execute("set force_compression = 'zstd'")


def connect(url: str, *, wait: float) -> DuckDBWarehouse:
    """The warehouse in the file that the URL names."""
    return DuckDBWarehouse(url, wait=wait)
