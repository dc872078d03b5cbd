"""What became of every message: the delivery ledger, and the second chance for what died."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from cynosure.deliver.store import ControlStore
from cynosure.deliver.tables import State, delivery, ensure_tables, outbox


@dataclass(frozen=True)
class Entry:
    """One delivery as the ledger shows it."""

    dedup_key: str
    kind: str
    severity: str
    subject: str
    channel: str
    recipient: str
    state: State
    attempts: int
    created_at: datetime
    updated_at: datetime
    next_try_at: datetime
    last_error: str


def entries(store: ControlStore, states: Sequence[State] = (), limit: int = 200) -> list[Entry]:
    """Deliveries, the newest message first; all states unless some are named."""
    ensure_tables(store)
    query = sa.select(outbox, delivery).join(delivery, delivery.c.dedup_key == outbox.c.dedup_key)
    if states:
        query = query.where(delivery.c.state.in_(states))
    newest_first = (
        outbox.c.created_at.desc(),
        delivery.c.dedup_key,
        delivery.c.channel,
        delivery.c.recipient,
    )
    with store.begin() as tx:
        return [_entry(row) for row in tx.execute(query.order_by(*newest_first).limit(limit)).mappings()]


def retry(store: ControlStore, now: datetime, dedup_key: str = "", recipient: str = "") -> int:
    """Gives dead and unknown deliveries a fresh start; returns how many."""
    ensure_tables(store)
    change = sa.update(delivery).where(delivery.c.state.in_(("dead", "unknown")))
    if dedup_key:
        change = change.where(delivery.c.dedup_key == dedup_key)
    if recipient:
        change = change.where(delivery.c.recipient == recipient)
    # one ambiguous hand-over is kept in mind, so that channels that can look for the message do
    fresh = {
        "state": "retry",
        "attempts": 0,
        "ambiguous": sa.case((delivery.c.ambiguous > 0, 1), else_=0),
        "updated_at": now,
    }
    with store.begin() as tx:
        return tx.execute(change.values(next_try_at=now, **fresh)).rowcount


def _entry(row: sa.RowMapping) -> Entry:
    return Entry(
        dedup_key=row[outbox.c.dedup_key],
        kind=row["kind"],
        severity=row["severity"],
        subject=json.loads(row["payload_json"])["subject"],
        channel=row["channel"],
        recipient=row["recipient"],
        state=row["state"],
        attempts=row["attempts"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        next_try_at=row["next_try_at"],
        last_error=row["last_error"] or "",
    )
