"""The control store: small tables several processes write, in a SQLite file (WAL) or PostgreSQL, by URL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable

metadata = sa.MetaData()
_LOCK_WAIT_SECONDS = 30


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant, kept in UTC; a datetime without a time zone is refused."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Naive UTC for the database."""
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Aware UTC for the program."""
        return value and value.replace(tzinfo=UTC)


_versions = sa.Table(
    "schema_version",
    metadata,
    sa.Column("component", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)


class StoreTooNew(Exception):
    """The control store was written by a newer release, which this one must not touch."""


class ControlStore:
    """A connection factory; every use is one short transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use `open_store`."""
        self.engine = engine

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """One transaction, rolled back on any error; SQLite takes the write lock at once."""
        with self.engine.begin() as tx:
            yield tx

    def ensure(self, component: str, version: int, tables: Sequence[sa.Table]) -> None:
        """Creates a component's missing tables; raises StoreTooNew if a newer release was here."""
        with self.begin() as tx:
            if tx.dialect.name == "postgresql":
                tx.exec_driver_sql("select pg_advisory_xact_lock(7243301)")
            for table in (_versions, *tables):
                tx.execute(CreateTable(table, if_not_exists=True))
                for index in sorted(table.indexes, key=lambda i: str(i.name)):
                    tx.execute(CreateIndex(index, if_not_exists=True))
            insert_new(tx, _versions, component=component, version=version)
            found = tx.scalar(sa.select(_versions.c.version).where(_versions.c.component == component))
        if found is not None and found > version:
            raise StoreTooNew(f"{component} tables have version {found}, this release knows {version}; upgrade it")


def open_store(url: str) -> ControlStore:
    """The control store at a SQLAlchemy URL; a SQLite file and its folder are created."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return ControlStore(sa.create_engine(_with_driver(parsed), poolclass=NullPool))
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, poolclass=NullPool, connect_args={"timeout": _LOCK_WAIT_SECONDS})
    sa.event.listen(engine, "connect", _configure_sqlite)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return ControlStore(engine)


def _with_driver(url: sa.URL) -> sa.URL:
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _configure_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def insert_new(tx: sa.Connection, table: sa.Table, **values: Any) -> bool:
    """Inserts a row unless its key exists; says whether it was new."""
    build = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    insert = build(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return tx.execute(insert).first() is not None
