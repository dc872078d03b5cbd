"""The tables that loading needs: raw history per stream, and the engine's own records in `ops`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cynosure.warehouse import Session, identifier, qualified

_STATEMENTS = Path(__file__).parent / "statements"


@cache
def statement(name: str) -> str:
    """The text of a statement; `{table}` and `{payload}` are filled in by the caller."""
    return (_STATEMENTS / f"{name}.sql").read_text(encoding="utf-8")


def raw_table(source: str, stream: str) -> str:
    """The quoted name of a stream's raw table."""
    return qualified("raw", f"{source}__{stream}")


def create_schema(session: Session) -> None:
    """Creates the schemas raw and ops and the engine's records, unless they exist."""
    for sql in statement("schema").split(";"):
        session.execute(sql)


def create_raw_table(session: Session, source: str, stream: str) -> None:
    """Creates the raw table of a stream unless it exists."""
    session.execute(statement("raw_table").format(table=raw_table(source, stream)))
    if session.dialect == "postgres":
        index = identifier(f"{source}__{stream}__current")
        session.execute(f"create unique index if not exists {index} on {raw_table(source, stream)} (id) where valid_to is null")
