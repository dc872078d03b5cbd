"""SQL identifiers: the one place where a name becomes part of a statement."""

from __future__ import annotations

import re

from cynosure.warehouse.errors import WarehouseError

# PostgreSQL cuts identifiers at 63 bytes, silently; refusing is better.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def identifier(name: str) -> str:
    """The name, quoted; raises WarehouseError unless it is a plain lower-case identifier."""
    if not _NAME.fullmatch(name):
        raise WarehouseError(f"{name!r} cannot be a table or schema name: use a-z, 0-9 and _, at most 63 characters")
    return f'"{name}"'


def qualified(schema: str, name: str) -> str:
    """`"schema"."name"`, both checked."""
    return f"{identifier(schema)}.{identifier(name)}"
