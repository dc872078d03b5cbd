"""An org and a warehouse that follows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from salesforce_account import (
    STREAMS,
    SalesforceAccount,
    tombstones,
    versions,
)
from vendor_account import warehouse_differences

from cynosure.warehouse import Warehouse, open_warehouse


class Followed:
    """An org and the warehouse that follows it."""

    def __init__(self, account: SalesforceAccount, folder: Path) -> None:
        self.account = account
        self.folder = folder
        self.warehouse: Warehouse = open_warehouse(f"duckdb://{folder}/w.duckdb")

    def follow(self, streams: tuple[str, ...] = STREAMS, **more: Any) -> dict[str, Any]:
        """A run without failures, loaded; its results."""
        results = self.account.run(self.folder, streams, **more)
        self.account.load(self.warehouse, self.folder, streams)
        return results

    def wrong(self, streams: tuple[str, ...] = STREAMS) -> dict[str, Any]:
        """What warehouse and org disagree on."""
        return warehouse_differences(self.account, self.warehouse, streams)

    def buried(self, stream: str) -> dict[str, Any]:
        """Tombstones with their last bodies."""
        with self.warehouse.writing() as session:
            return tombstones(session, stream)

    def versions(self) -> dict[str, int]:
        """How many versions history holds."""
        with self.warehouse.writing() as session:
            return {stream: versions(session, stream) for stream in STREAMS}
