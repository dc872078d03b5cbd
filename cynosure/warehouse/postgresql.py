"""PostgreSQL: the warehouse of teams. Rows go in by COPY; writers take turns by an advisory lock."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg.types.string import TextLoader

from cynosure.warehouse.errors import WarehouseError, WarehouseLocked
from cynosure.warehouse.landed import KEYS, SEPARATOR, LandedFile, lines

# any constant works; this one spells "cyno"
_TURN = 0x63796E6F
_POLL_SECONDS = 0.1
# COPY's binary format (PostgreSQL manual): every value after its length, instants in microseconds from 2000 on
_EPOCH_2000 = datetime(2000, 1, 1, tzinfo=UTC)
_BINARY_HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
_BINARY_END = struct.pack("!h", -1)
_EIGHT_COLUMNS = struct.pack("!h", 8)
_NULL, _YES, _NO = struct.pack("!i", -1), struct.pack("!i?", 1, True), struct.pack("!i?", 1, False)
_length = struct.Struct("!i").pack
# a quote that never occurs: landed columns need none
_TEXT_FORMAT = r"(format csv, delimiter e'\t', quote e'\x01')"


class PostgresSession:
    """One connection to PostgreSQL."""

    dialect = "postgres"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return psycopg.RawCursor(self._connection).execute(sql, args or None).fetchall()

    def row(self, sql: str, *args: object) -> tuple[Any, ...] | None:
        """The first row, or None."""
        return psycopg.RawCursor(self._connection).execute(sql, args or None).fetchone()

    def execute(self, sql: str, *args: object) -> int:
        """Runs one statement; returns the number of rows it changed."""
        return max(psycopg.RawCursor(self._connection).execute(sql, args or None).rowcount, 0)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits on success, rolls back on any error."""
        with self._connection.transaction():
            yield

    def stage(self, files: Sequence[LandedFile], table: str) -> None:
        """Copies the keys of landed files; memory does not grow with the number of rows."""
        self.execute(f"drop table if exists pg_temp.{table}")
        columns = ", ".join(f"{name} {kind}" for name, kind in KEYS.items())
        self.execute(f"create temporary table {table} ({columns}) on commit preserve rows")
        with self._connection.cursor().copy(f"copy {table} from stdin {_TEXT_FORMAT}") as copy:
            for some in _chunks(files):
                copy.write(b"\n".join([line[: line.rindex(SEPARATOR)] for line in some]) + b"\n")

    def append(self, files: Sequence[LandedFile], table: str, batch: str, chosen: str | None) -> int:
        """Copies lines straight into a raw table."""
        wanted = {b"%d" % n for (n,) in self.rows(f"select n from {chosen}")} if chosen else None
        columns = "id, payload, payload_hash, source_updated_at, extracted_at, valid_from, is_deleted, batch_id"
        cursor = self._connection.cursor()
        # PostgreSQL searches every byte of its text formats for quotes; its binary format takes a third less time
        with cursor.copy(f"copy {table} ({columns}) from stdin (format binary)") as copy:
            copy.write(_BINARY_HEADER)
            for some in _chunks(files):
                copy.write(b"".join(_binary_rows(some, _value(batch.encode()), wanted)))
            copy.write(_BINARY_END)
        return cursor.rowcount

    def append_new(self, files: Sequence[LandedFile], table: str, batch: str) -> int | None:
        """The index of current rows refuses an id that is not new: then nothing of the batch stays."""
        try:
            with self._connection.transaction():
                return self.append(files, table, batch, None)
        except psycopg.errors.UniqueViolation:
            return None

    def count(self, table: str) -> None:
        """Autovacuum would come later; what matters is how many rows there are, so a small sample without payloads does."""
        with self._connection.transaction():
            self.execute("set local default_statistics_target = 10")
            self.execute(f"analyze {table} (id, batch_id, extracted_at, valid_to, is_deleted)")


class PostgresWarehouse:
    """A PostgreSQL database; readers see each committed state, so nothing needs publishing."""

    dialect = "postgres"

    def __init__(self, url: str, *, wait: float) -> None:
        self.url = url
        self._wait = wait

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Holds the writers' advisory lock on a connection of its own; the server frees it when the process dies."""
        with self._connect() as connection:
            deadline = time.monotonic() + self._wait
            while not _scalar(connection, f"select pg_try_advisory_lock({_TURN})"):
                if time.monotonic() >= deadline:
                    raise WarehouseLocked(self._holder(connection))
                time.sleep(_POLL_SECONDS)
            yield

    @contextmanager
    def writing(self) -> Iterator[PostgresSession]:
        """A read-write connection in the writer's turn."""
        with self.exclusive(), self._connect() as connection:
            yield PostgresSession(connection)

    @contextmanager
    def reading(self) -> Iterator[PostgresSession]:
        """One read-only, repeatable-read transaction: every query of a report sees the same instant."""
        with self._connect() as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with connection.transaction():
                yield PostgresSession(connection)

    def publish(self) -> None:
        """Committed rows are visible already."""

    def dbt_environment(self) -> dict[str, str]:
        """The dbt profile of this database."""
        parts = urlsplit(self.url)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        return {
            "CYNOSURE_DBT_TARGET": "postgres",
            "CYNOSURE_PG_HOST": query.get("host") or parts.hostname or "localhost",
            "CYNOSURE_PG_PORT": str(parts.port or query.get("port") or 5432),
            "CYNOSURE_PG_USER": unquote(parts.username or "postgres"),
            "CYNOSURE_PG_PASSWORD": unquote(parts.password or ""),
            "CYNOSURE_PG_DATABASE": parts.path.lstrip("/") or "postgres",
        }

    def _holder(self, connection: psycopg.Connection[Any]) -> str:
        holder = _scalar(
            connection,
            "select string_agg(format('server process %s (%s)', a.pid, a.application_name), ', ') from pg_locks l"
            f" join pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.objid = {_TURN} and l.granted",
        )
        return f"the warehouse is being written by {holder} and was not free within {self._wait:g} s; wait or stop it"

    @contextmanager
    def _connect(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            connection = psycopg.connect(self.url, autocommit=True, application_name="cynosure", options="-c timezone=UTC")
        except psycopg.OperationalError as error:
            where = urlsplit(self.url)
            raise WarehouseError(
                f"PostgreSQL at {where.hostname or 'the socket'}{where.path} cannot be reached: {error}"
            ) from None
        for kind in ("json", "jsonb"):
            connection.adapters.register_loader(kind, TextLoader)
        try:
            yield connection
        except psycopg.OperationalError as error:
            raise WarehouseError(f"PostgreSQL gave up, nothing half done was kept: {error}; run this again") from error
        finally:
            connection.close()


def connect(url: str, *, wait: float) -> PostgresWarehouse:
    """The warehouse in the database that the URL names."""
    return PostgresWarehouse(url, wait=wait)


def _scalar(connection: psycopg.Connection[Any], sql: str) -> Any:
    row = connection.execute(sql.encode()).fetchone()
    return row[0] if row else None


def _chunks(files: Sequence[LandedFile]) -> Iterator[list[bytes]]:
    for file in files:
        yield from lines(file)


def _binary_rows(some: list[bytes], batch: bytes, wanted: Set[bytes] | None) -> Iterator[bytes]:
    """Landed lines in COPY's binary format, in the order of `append`."""
    for line in some:
        n, id, digest, changed, seen, deleted, payload = line.split(SEPARATOR)
        if wanted is None or n in wanted:
            yield _EIGHT_COLUMNS + _value(id) + _value(payload) + _value(digest)
            extracted = _binary_instant(seen)
            yield b"".join((_binary_instant(changed), extracted, extracted, _YES if deleted == b"true" else _NO, batch))


def _value(text: bytes) -> bytes:
    return _length(len(text)) + text if text else _NULL


@lru_cache(maxsize=4096)
def _binary_instant(iso: bytes) -> bytes:
    if not iso:
        return _NULL
    since = datetime.fromisoformat(iso.decode()) - _EPOCH_2000
    return struct.pack("!iq", 8, since // timedelta(microseconds=1))
