"""The warehouse: one protocol, one file per engine. SQL uses `$1, $2 ...` placeholders on every engine.

There is one writer at a time. Readers see the last *published* state, so a report never reads a half-built table.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol
from urllib.parse import urlsplit

from cynosure.warehouse.errors import WarehouseEmpty, WarehouseError, WarehouseLocked
from cynosure.warehouse.landed import LandedFile
from cynosure.warehouse.names import identifier, qualified

__all__ = [
    "LandedFile", "Session", "Warehouse", "WarehouseEmpty", "WarehouseError", "WarehouseLocked", "identifier",
    "open_warehouse", "qualified",
]  # fmt: skip

ENGINES = {"duckdb": "cynosure.warehouse.duckdb_file", "postgresql": "cynosure.warehouse.postgresql"}


class Session(Protocol):
    """One connection to the warehouse."""

    dialect: str

    def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        """All rows of a query; JSON columns come as text."""

    def row(self, sql: str, *args: object) -> tuple[Any, ...] | None:
        """The first row, or None."""

    def execute(self, sql: str, *args: object) -> int:
        """Runs one statement; returns the number of rows it changed."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commits on success, rolls everything back on any error."""

    def stage(self, files: Sequence[LandedFile], table: str) -> None:
        """Reads the keys of landed files (all columns but the payload) into the temporary table `table`."""

    def append(self, files: Sequence[LandedFile], table: str, batch: str, chosen: str | None) -> int:
        """Adds lines of landed files to a raw table by the engine's own bulk path, payloads verbatim; returns how many.

        `chosen` names a relation whose column `n` has the numbers of the lines; None takes all of them.
        """

    def append_new(self, files: Sequence[LandedFile], table: str, batch: str) -> int | None:
        """Adds all lines if every id is new to the table and occurs once; None, and nothing added, otherwise."""

    def count(self, table: str) -> None:
        """Tells the planner how large a raw table has become; models are built right after a load."""


class Warehouse(Protocol):
    """A database that holds raw history, models and the engine's own records."""

    dialect: str
    url: str

    def writing(self) -> AbstractContextManager[Session]:
        """The one writer; waits a bounded time for its turn, then raises WarehouseLocked naming the holder."""

    def reading(self) -> AbstractContextManager[Session]:
        """The last published state, read-only; raises WarehouseEmpty before the first publication."""

    def exclusive(self) -> AbstractContextManager[None]:
        """The writer's turn without a connection, for a child process (dbt) that opens its own."""

    def publish(self) -> None:
        """Makes the present state visible to readers, atomically."""

    def dbt_environment(self) -> dict[str, str]:
        """Variables that make the dbt profile point here; `CYNOSURE_DBT_TARGET` names the target."""


def open_warehouse(url: str, *, wait: float = 600.0) -> Warehouse:
    """The warehouse at a URL: duckdb:///path/file.duckdb or postgresql://user@host/database.

    `wait` bounds how many seconds a writer waits for its turn. Nothing is opened before it is used.
    """
    scheme = urlsplit(url).scheme.partition("+")[0]
    if scheme not in ENGINES:
        raise WarehouseError(f"warehouse URL {scheme!r}://... is not known; allowed: {', '.join(sorted(ENGINES))}")
    warehouse: Warehouse = importlib.import_module(ENGINES[scheme]).connect(url, wait=wait)
    return warehouse
