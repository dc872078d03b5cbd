"""PostgreSQL: the warehouse of teams. Rows go in by COPY; writers take turns by an advisory lock."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg.types.string import TextLoader

from cynosure.warehouse.errors import WarehouseError, WarehouseLocked
from cynosure.warehouse.landed import KEYS, SEPARATOR, LandedFile, lines

# any constant works; this one spells "cyno"
_TURN = 0x63796E6F
_POLL_SECONDS = 0.1
# a quote that never occurs: landed columns need none
_FORMAT = r"(format csv, delimiter e'\t', quote e'\x01')"


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
        with self._connection.cursor().copy(f"copy {table} from stdin {_FORMAT}") as copy:
            for some in _chunks(files):
                copy.write(b"\n".join([line[: line.rindex(SEPARATOR)] for line in some]) + b"\n")
        self.execute(f"analyze {table}")

    def append(self, files: Sequence[LandedFile], table: str, batch: str, chosen: str | None) -> int:
        """Copies lines straight into a raw table."""
        wanted = {b"%d" % n for (n,) in self.rows(f"select n from {chosen}")} if chosen else None
        columns = "id, payload, payload_hash, source_updated_at, extracted_at, batch_id, valid_from, is_deleted"
        cursor = self._connection.cursor()
        with cursor.copy(f"copy {table} ({columns}) from stdin {_FORMAT}") as copy:
            for some in _chunks(files):
                copy.write(b"".join(_raw_rows(some, batch.encode(), wanted)))
        return cursor.rowcount


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


def _raw_rows(some: list[bytes], batch: bytes, wanted: Set[bytes] | None) -> Iterator[bytes]:
    """Landed lines in the order of a raw table's columns."""
    for line in some:
        n, id, digest, changed, seen, deleted, payload = line.split(SEPARATOR)
        if wanted is None or n in wanted:
            yield SEPARATOR.join((id, payload, digest, changed, seen, batch, seen, deleted)) + b"\n"
