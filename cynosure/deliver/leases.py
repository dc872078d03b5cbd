"""Who works on which delivery: one conditional update claims a row, only the claim's token may settle it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from cynosure.deliver.message import Message, from_json
from cynosure.deliver.tables import State, delivery, outbox

LEASE = timedelta(minutes=5)
"""Longer than the slowest send: a mail server may take three minutes to answer the final dot."""
EXTRA_TRIES_AFTER_LOSS = 1
_URGENCY = {"critical": 0, "high": 1, "warning": 2, "low": 3, "info": 4}


@dataclass(frozen=True)
class Key:
    """One delivery: message, channel and recipient."""

    dedup_key: str
    channel: str
    recipient: str

    def row(self) -> sa.ColumnElement[bool]:
        """The condition that selects this delivery."""
        return sa.and_(
            delivery.c.dedup_key == self.dedup_key,
            delivery.c.channel == self.channel,
            delivery.c.recipient == self.recipient,
        )


@dataclass(frozen=True)
class Claim:
    """A delivery that this process alone may send until the lease ends."""

    key: Key
    token: str
    attempts: int
    ambiguous: int
    message: Message
    created_at: datetime


def expire(tx: sa.Connection, now: datetime) -> list[tuple[Key, bool]]:
    """Deliveries whose sender died become unknown; says for each whether it may be tried again."""
    lost = tx.execute(
        sa.update(delivery)
        .where(delivery.c.state == "sending", delivery.c.lease_until < now)
        .values(
            state="unknown",
            ambiguous=delivery.c.ambiguous + 1,
            next_try_at=now,
            lease_token=None,
            last_error="the sender stopped between hand-over and record",
            updated_at=now,
        )
        .returning(delivery.c.dedup_key, delivery.c.channel, delivery.c.recipient, delivery.c.ambiguous)
    ).all()
    return [(Key(*row[:3]), row.ambiguous <= EXTRA_TRIES_AFTER_LOSS) for row in lost]


def _claimable(now: datetime) -> sa.ColumnElement[bool]:
    waiting = delivery.c.state.in_(("pending", "retry"))
    lost = sa.and_(delivery.c.state == "unknown", delivery.c.ambiguous <= EXTRA_TRIES_AFTER_LOSS)
    return sa.and_(sa.or_(waiting, lost), delivery.c.next_try_at <= now)


def due(tx: sa.Connection, now: datetime, limit: int) -> list[Key]:
    """Deliveries that may be claimed, the most urgent and oldest first."""
    urgency = sa.case(_URGENCY, value=outbox.c.severity, else_=len(_URGENCY))
    columns = (delivery.c.dedup_key, delivery.c.channel, delivery.c.recipient)
    query = (
        sa.select(*columns)
        .join(outbox, outbox.c.dedup_key == delivery.c.dedup_key)
        .where(_claimable(now))
        .order_by(urgency, outbox.c.created_at, *columns)
        .limit(limit)
    )
    return [Key(row.dedup_key, row.channel, row.recipient) for row in tx.execute(query)]


def claim(tx: sa.Connection, key: Key, now: datetime) -> Claim | None:
    """Takes the delivery for the length of a lease; None if somebody else has it."""
    token = str(uuid.uuid4())
    taken = tx.execute(
        sa.update(delivery)
        .where(key.row(), _claimable(now))
        .values(
            state="sending",
            lease_token=token,
            lease_until=now + LEASE,
            attempts=delivery.c.attempts + 1,
            updated_at=now,
        )
        .returning(delivery.c.attempts, delivery.c.ambiguous)
    ).one_or_none()
    if taken is None:
        return None
    message, created_at = load(tx, key.dedup_key)
    return Claim(key, token, taken.attempts, taken.ambiguous, message, created_at)


def load(tx: sa.Connection, dedup_key: str) -> tuple[Message, datetime]:
    """The message under a key and when it was put into the outbox."""
    found = tx.execute(sa.select(outbox).where(outbox.c.dedup_key == dedup_key)).one()
    return from_json(dedup_key, found.kind, found.severity, found.payload_json), found.created_at


def settle(tx: sa.Connection, claim: Claim, state: State, now: datetime, **values: Any) -> bool:
    """Records the outcome; False if the lease was lost meanwhile, and then nothing changes."""
    changed = tx.execute(
        sa.update(delivery)
        .where(claim.key.row(), delivery.c.lease_token == claim.token)
        .values(state=state, lease_token=None, lease_until=None, updated_at=now, **values)
        .returning(delivery.c.state)
    ).all()
    return bool(changed)


def provider_id(tx: sa.Connection, key: Key) -> str:
    """What the other side called a delivered message, or nothing."""
    return tx.scalar(sa.select(delivery.c.provider_id).where(key.row())) or ""


def sent_to(tx: sa.Connection, dedup_key: str) -> Sequence[tuple[str, str]]:
    """Channel and address of everyone a message was sent to, or will be."""
    query = sa.select(delivery.c.channel, delivery.c.recipient).where(
        delivery.c.dedup_key == dedup_key, delivery.c.state != "suppressed"
    )
    return [(row.channel, row.recipient) for row in tx.execute(query)]
