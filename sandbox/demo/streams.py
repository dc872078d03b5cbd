"""The rows of every stream in the warehouse against what exists and what was deleted in each system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx

Books = Mapping[str, Any]
Told = Mapping[str, Mapping[str, Books]]
"""What the sandbox says is true: system, stream, then `ids` and `deleted`; `forgets` where old rows leave the API."""

SETTLING = "10m"
"""Simulated time between taking note of the truth and reading: longer than any vendor takes to show a change."""

_TIMEOUT_SECONDS = 300.0
_NOTHING: Books = {"ids": (), "deleted": ()}


@dataclass(frozen=True)
class Compared:
    """One stream: its current rows, and ids that are missing, too many, or deleted although they exist."""

    source: str
    stream: str
    rows: int
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    buried: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether the warehouse holds what is true."""
        return not (self.missing or self.extra or self.buried)


def now(control: str) -> int:
    """The simulation's present."""
    answer = httpx.get(f"{control}/clock", timeout=_TIMEOUT_SECONDS, trust_env=False)
    return int(answer.raise_for_status().json()["now"])


def told(control: str) -> dict[str, Any]:
    """What is true now of every system's streams."""
    answer = httpx.get(f"{control}/truth/streams", timeout=_TIMEOUT_SECONDS, trust_env=False)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def settle(control: str) -> None:
    """Lets so much simulated time pass that whatever was told can be read."""
    answer = httpx.post(f"{control}/advance", json={"by": SETTLING}, timeout=_TIMEOUT_SECONDS, trust_env=False)
    answer.raise_for_status()


def compare(before: Told, after: Told, sources: Mapping[str, str], warehouse: Path) -> list[Compared]:
    """Every stream of the sources (name -> system). What came or went between the two tellings may be there or not."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        named = connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
        tables = {row[0] for row in named}
        return [
            difference(source, stream, before[system].get(stream, _NOTHING), books, _rows(connection, tables, source, stream))
            for source, system in sources.items()
            for stream, books in after[system].items()
        ]


def difference(source: str, stream: str, before: Books, after: Books, rows: Iterable[tuple[str, bool]]) -> Compared:
    """One stream, from its current rows: (id, is deleted)."""
    held = list(rows)
    present, buried = {id for id, gone in held if not gone}, {id for id, gone in held if gone}
    lasting, possible = set(before["ids"]) & set(after["ids"]), set(before["ids"]) | set(after["ids"])
    return Compared(
        source,
        stream,
        len(present),
        missing=tuple(sorted(lasting - present - buried)),
        extra=() if after.get("forgets") else tuple(sorted(present - possible)),
        buried=tuple(sorted(lasting & buried)),
    )


def _rows(connection: duckdb.DuckDBPyConnection, tables: set[str], source: str, stream: str) -> list[tuple[str, bool]]:
    name = f"{source}__{stream}"
    if name not in tables:
        return []
    return connection.execute(f'select id, is_deleted from raw."{name}" where valid_to is null').fetchall()
