"""The queries of this package, one file each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_STATEMENTS = Path(__file__).parent / "statements"


@cache
def statement(name: str) -> str:
    """The text of a query; `{table}` is filled in by the caller."""
    return (_STATEMENTS / f"{name}.sql").read_text(encoding="utf-8")
