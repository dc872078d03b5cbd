"""A source filled by hand, audited on the embedded engine, or on each."""

from __future__ import annotations

from pathlib import Path

import pytest
from audited import Audited

from cynosure.warehouse import Warehouse, open_warehouse


def twelve_objects(folder: Path, warehouse: Warehouse) -> Audited:
    """Read and loaded: three pages of a walk."""
    made = Audited(folder, warehouse)
    made.shelf.put(*(f"t{number:02d}" for number in range(12)), size=1, score=5, owner={"name": "Ann", "mood": "fine"})
    made.ingest()
    return made


@pytest.fixture
def audited(tmp_path: Path) -> Audited:
    """On DuckDB."""
    return twelve_objects(tmp_path, open_warehouse(f"duckdb://{tmp_path}/warehouse.duckdb"))


@pytest.fixture
def everywhere(tmp_path: Path, warehouse: Warehouse) -> Audited:
    """On every engine."""
    return twelve_objects(tmp_path, warehouse)
