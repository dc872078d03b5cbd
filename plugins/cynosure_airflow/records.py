"""Reads what the engine recorded about its own work in `ops`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cynosure.warehouse import Warehouse

_STATEMENTS = Path(__file__).parent / "statements"
_TABLES = "select count(*) from information_schema.tables where table_schema = 'ops' and table_name in ('loads', 'model_runs')"


@cache
def statement(name: str) -> str:
    """The text of a statement."""
    return (_STATEMENTS / f"{name}.sql").read_text(encoding="utf-8")


def reason_to_build(warehouse: Warehouse) -> str:
    """Why the models should be built now, in words; nothing if the last build was good and nothing came since."""
    with warehouse.writing() as session:
        if session.row(_TABLES) != (2,):
            return ""
        ((loaded_at, began_at, not_well),) = session.rows(statement("last_build"))
    if loaded_at is None:
        return ""
    if began_at is None:
        return "nothing has been built yet"
    if not_well:
        return f"{not_well} models or tests of the last build did not end well"
    return f"something was loaded at {loaded_at:%Y-%m-%d %H:%M:%S} UTC" if loaded_at >= began_at else ""
