"""What the raw tables of a warehouse hold of a source."""

from __future__ import annotations

import json
from typing import Any

from cynosure.warehouse import Session


def current_objects(session: Session, stream: str, *, source: str) -> dict[str, Any]:
    """id -> body of the current rows."""
    rows = session.rows(f"select id, payload from raw.{source}__{stream} where valid_to is null and not is_deleted")
    return {id: json.loads(payload) for id, payload in rows}


def tombstones(session: Session, stream: str, *, source: str) -> dict[str, Any]:
    """id -> last body of records whose current version is a tombstone."""
    rows = session.rows(f"select id, payload from raw.{source}__{stream} where valid_to is null and is_deleted")
    return {id: json.loads(payload or "null") for id, payload in rows}


def versions(session: Session, stream: str, *, source: str) -> int:
    """How many versions raw history holds."""
    return int((session.row(f"select count(*) from raw.{source}__{stream}") or (0,))[0])
