"""PostgreSQL: the warehouse of teams. Rows go in by binary COPY; writers take turns by an advisory lock."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import psycopg
import zstandard
from psycopg.types.string import TextLoader

from cynosure.warehouse.errors import WarehouseError, WarehouseLocked

# any constant works; this one spells "cyno"
_TURN = 0x63796E6F
_POLL_SECONDS = 0.1
# PostgreSQL counts binary timestamps in microseconds from 2000-01-01 00:00 UTC (COPY binary format, PostgreSQL manual)
_EPOCH_2000 = 946_684_800
_COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
_COPY_END = struct.pack("!h", -1)
_COPY_CHUNK = 1 << 20


class _Line(msgspec.Struct):
    n: int
    id: str
    seen: float
    hash: str | None = None
    changed: float | None = None
    deleted: bool = False
    payload: msgspec.Raw = msgspec.Raw(b"")


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

    def stage(self, parts: Sequence[Path], table: str) -> None:
        """Streams landed files through binary COPY; memory does not grow with the number of rows."""
        self.execute(f"drop table if exists pg_temp.{table}")
        self.execute(
            f"create temporary table {table} (n bigint, id text, payload_hash text, source_updated_at timestamptz,"
            " extracted_at timestamptz, is_deleted boolean, payload text) on commit preserve rows"
        )
        with self._connection.cursor().copy(f"copy {table} from stdin (format binary)") as copy:
            copy.write(_COPY_HEADER)
            for part in parts:
                for chunk in _binary_rows(part):
                    copy.write(chunk)
            copy.write(_COPY_END)
        self.execute(f"analyze {table}")


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


def _binary_rows(part: Path) -> Iterator[bytes]:
    """The rows of one landed file in COPY's binary format, in chunks."""
    decode = msgspec.json.Decoder(_Line).decode
    buffer = bytearray()
    with part.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
        for line in io.BufferedReader(stream, _COPY_CHUNK):
            row = decode(line)
            buffer += struct.pack("!hiq", 7, 8, row.n)
            buffer += _text(row.id.encode()) + _text(row.hash.encode() if row.hash is not None else None)
            buffer += _instant(row.changed) + _instant(row.seen) + (b"\0\0\0\x01\x01" if row.deleted else b"\0\0\0\x01\0")
            buffer += _text(bytes(row.payload) if row.hash is not None else None)
            if len(buffer) >= _COPY_CHUNK:
                yield bytes(buffer)
                buffer.clear()
    yield bytes(buffer)


def _text(value: bytes | None) -> bytes:
    return struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value


def _instant(seconds: float | None) -> bytes:
    return struct.pack("!i", -1) if seconds is None else struct.pack("!iq", 8, round((seconds - _EPOCH_2000) * 1_000_000))
