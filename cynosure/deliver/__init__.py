"""Delivery: an outbox of messages, one state per recipient, worked off by senders that may die anywhere."""

from __future__ import annotations

from datetime import datetime

from cynosure.deliver.channels import formats_for, open_channels
from cynosure.deliver.ledger import Entry, entries, retry
from cynosure.deliver.message import Message, Recipient, compose
from cynosure.deliver.outbox import enqueue, is_known
from cynosure.deliver.sender import Delivered, deliver, tally
from cynosure.deliver.store import ControlStore, open_store
from cynosure.settings import Settings
from cynosure.settings.channels import read_channels
from cynosure.settings.recipients import Group, Recipients, read_recipients

__all__ = [
    "ControlStore",
    "Delivered",
    "Entry",
    "Message",
    "Recipient",
    "compose",
    "deliver",
    "deliver_pending",
    "enqueue",
    "entries",
    "formats_for",
    "group_recipients",
    "is_known",
    "open_store",
    "retry",
    "tally",
    "unsubscribed",
]


def group_recipients(group: Group) -> tuple[Recipient, ...]:
    """Everyone in a group, on every channel it has."""
    return tuple(Recipient(channel, address) for channel, all_of in group.channels.items() for address in all_of)


def unsubscribed(policy: Recipients, recipients: tuple[Recipient, ...]) -> dict[Recipient, str]:
    """Those who do not want to be written to, with the reason recorded for each."""
    return {r: "unsubscribed" for r in recipients if r.address in policy.unsubscribed}


def deliver_pending(settings: Settings, now: datetime) -> Delivered:
    """Sends everything due through the configured channels; failures are told to the operators' group."""
    policy = read_recipients(settings.config)
    channels = open_channels(read_channels(settings, policy))
    operators = group_recipients(policy.groups[policy.operators])
    return deliver(open_store(settings.control), channels, now, operators=operators)
