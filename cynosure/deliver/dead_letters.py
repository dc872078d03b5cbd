"""A message that could not be delivered is itself reported, once, through another channel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from cynosure.deliver.channels import formats_for
from cynosure.deliver.leases import Key, load
from cynosure.deliver.message import Recipient, compose
from cynosure.deliver.outbox import enqueue
from cynosure.document import Document, Note, Table, Text

KIND = "dead_letter"


def raise_dead_letter(tx: sa.Connection, key: Key, reason: str, operators: Iterable[Recipient], now: datetime) -> bool:
    """Tells the operators, by another channel than the failed one, of a lost message; once per message."""
    others = [recipient for recipient in operators if recipient.channel != key.channel]
    lost, _ = load(tx, key.dedup_key)
    if lost.kind == KIND or not others:
        return False
    message = compose(
        _document(key, lost.subject, reason),
        formats_for({recipient.channel for recipient in others}),
        key=f"{KIND}:{key.channel}:{key.dedup_key}",
        kind=KIND,
        severity="high",
        subject=f"Not delivered: {lost.subject}",
    )
    return enqueue(tx, message, others, now)


def _document(key: Key, subject: str, reason: str) -> Document:
    return Document(
        "A message was not delivered",
        (
            Note((f"{subject}: not delivered by {key.channel}.",), "critical"),
            Table(
                (),
                (
                    ("Recipient", key.recipient),
                    ("Reason", reason),
                    ("Key", key.dedup_key),
                ),
            ),
            Text(("List what is stuck with `cynosure deliver --list`; send it again with --retry.",)),
        ),
    )
