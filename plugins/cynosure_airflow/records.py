"""Reads what the engine recorded about its own work in `ops`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cynosure.warehouse import Warehouse

_STATEMENTS = Path(__file__).parent / "statements"
_BUILT = "select 1 from information_schema.tables where table_schema = 'ops' and table_name = 'model_runs'"


@cache
def statement(name: str) -> str:
    """The text of a statement."""
    return (_STATEMENTS / f"{name}.sql").read_text(encoding="utf-8")


def is_published(warehouse: Warehouse) -> bool:
    """Whether readers see a state that was built."""
    from cynosure.warehouse import WarehouseEmpty

    try:
        with warehouse.reading() as session:
            return session.row(_BUILT) is not None and session.row("select 1 from ops.model_runs limit 1") is not None
    except WarehouseEmpty:
        return False
