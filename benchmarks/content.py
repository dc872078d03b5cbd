"""Proof of equal work: what every contender must have stored, computed from the pages without any of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import md5
from pathlib import Path

import duckdb
import msgspec
import psycopg

from benchmarks.pages import objects_on_one_line


class _Invoice(msgspec.Struct):
    amount_due: int


@dataclass(frozen=True)
class Content:
    """How many objects, the sum of their amounts, and the sum of checksums of their bytes (None: bytes are not kept)."""

    objects: int
    amount: int
    checksum: int | None

    def without_bytes(self) -> Content:
        """What is left to compare where objects were taken apart."""
        return replace(self, checksum=None)

    def require(self, found: Content) -> None:
        """Stops the benchmark unless the same was stored."""
        if found != self:
            raise SystemExit(f"stored {found} instead of {self}: the comparison would not be of equal work")


def content_of(source: Iterable[bytes]) -> Content:
    """What the pages hold."""
    amounts, checksums = [], []
    for page in source:
        for raw in objects_on_one_line(page):
            amounts.append(msgspec.json.decode(raw, type=_Invoice).amount_due)
            checksums.append(int(md5(raw, usedforsecurity=False).hexdigest()[:8], 16))
    return Content(len(amounts), sum(amounts), sum(checksums))


def duckdb_content(file: Path, relation: str) -> Content:
    """What a DuckDB relation with a column `payload` holds."""
    return _duckdb(
        file,
        "select count(distinct payload->>'id'), sum(cast(payload->>'amount_due' as bigint)),"
        f" sum(cast('0x' || substr(md5(payload), 1, 8) as bigint)) from {relation}",
    )


def duckdb_columns(file: Path, relation: str) -> Content:
    """What a DuckDB relation with a column per field holds."""
    return _duckdb(file, f"select count(distinct id), sum(amount_due), null from {relation}")


def postgres_content(url: str, relation: str) -> Content:
    """What a PostgreSQL relation with a column `payload` holds."""
    query = (
        "select count(distinct cast(payload as json)->>'id'), sum(cast(cast(payload as json)->>'amount_due' as bigint)),"
        f" sum(cast(cast('x' || substr(md5(cast(payload as text)), 1, 8) as bit(32)) as bigint)) from {relation}"
    )
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return Content(*map(int, row))


def _duckdb(file: Path, query: str) -> Content:
    connection = duckdb.connect(str(file), read_only=True)
    row = connection.execute(query).fetchone()
    connection.close()
    assert row is not None
    return Content(*(None if value is None else int(value) for value in row))
