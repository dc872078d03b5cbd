"""Puts messages into the outbox, in the transaction of whatever caused them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from cynosure.deliver.message import Message, Recipient, to_json
from cynosure.deliver.store import insert_new
from cynosure.deliver.tables import delivery, outbox


def enqueue(
    tx: sa.Connection,
    message: Message,
    recipients: Iterable[Recipient],
    now: datetime,
    suppressed: Mapping[Recipient, str] | None = None,
) -> bool:
    """Records the message with one delivery per recipient; False if its key is known, then nothing changes.

    A suppressed recipient (unsubscribed, muted) is recorded with the reason and not sent to.
    """
    reasons = suppressed or {}
    kept = {
        "kind": message.kind,
        "severity": message.severity,
        "payload_json": to_json(message),
        "created_at": now,
    }
    if not insert_new(tx, outbox, dedup_key=message.key, **kept):
        return False
    for recipient in sorted(set(recipients)):
        reason = reasons.get(recipient)
        tx.execute(
            sa.insert(delivery).values(
                dedup_key=message.key,
                channel=recipient.channel,
                recipient=recipient.address,
                state="suppressed" if reason else "pending",
                attempts=0,
                ambiguous=0,
                next_try_at=now,
                last_error=reason,
                updated_at=now,
            )
        )
    return True


def is_known(tx: sa.Connection, key: str) -> bool:
    """Whether a message with this key was ever put into the outbox."""
    return tx.scalar(sa.select(sa.literal(1)).where(outbox.c.dedup_key == key)) is not None
