"""The outbox, one row per message, and its deliveries, one row per recipient with its own state."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from cynosure.deliver.store import ControlStore, Instant, metadata

State = Literal["pending", "sending", "retry", "sent", "unknown", "dead", "suppressed"]
VERSION = 1

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("dedup_key", sa.String(200), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("severity", sa.String(10), nullable=False),
    sa.Column("payload_json", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("dedup_key", sa.String(200), sa.ForeignKey(outbox.c.dedup_key), primary_key=True),
    sa.Column("channel", sa.String(20), primary_key=True),
    sa.Column("recipient", sa.String(320), primary_key=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("ambiguous", sa.Integer, nullable=False, default=0),
    sa.Column("next_try_at", Instant, nullable=False),
    sa.Column("lease_token", sa.String(36)),
    sa.Column("lease_until", Instant),
    sa.Column("provider_id", sa.String(200)),
    sa.Column("last_error", sa.String(500)),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Index("delivery_due", "state", "next_try_at"),
)


def ensure_tables(store: ControlStore) -> ControlStore:
    """The store with the tables of this package in it."""
    store.ensure("deliver", VERSION, (outbox, delivery))
    return store
