"""Works off the outbox. Any number of senders may run at once, and any of them may die anywhere.

A delivery is marked as being sent before it is handed over and settled right after, so a crash between the
two leaves it unknown: it is tried once more. At most one message is repeated per crash, and none is lost.
"""

from __future__ import annotations

import logging
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cynosure.deliver import leases
from cynosure.deliver.channels import Channel
from cynosure.deliver.dead_letters import raise_dead_letter
from cynosure.deliver.errors import Ambiguous, DeliveryError, Refused, RetryLater
from cynosure.deliver.leases import Claim, Key
from cynosure.deliver.message import Outgoing, Recipient
from cynosure.deliver.store import ControlStore
from cynosure.deliver.tables import State, ensure_tables
from cynosure.settings.faultpoint import reach

MAX_ATTEMPTS = 12
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
_MAX_ERROR = 500
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """What one pass did: keys by outcome, and how many deliveries had been left by a dead sender."""

    outcomes: dict[State, tuple[Key, ...]] = field(default_factory=dict)
    recovered: int = 0

    def count(self, state: State) -> int:
        """How many deliveries ended this pass in a state."""
        return len(self.outcomes.get(state, ()))


@dataclass(frozen=True)
class _Outcome:
    state: State
    provider_id: str = ""
    reason: str = ""
    wait: timedelta = timedelta()


def deliver(
    store: ControlStore,
    channels: Mapping[str, Channel],
    now: datetime,
    *,
    operators: Iterable[Recipient] = (),
    limit: int = 1000,
    jitter: Callable[[], float] = random.random,
) -> Delivered:
    """Sends what is due at `now`, which moves on as this pass takes time; one failure stops no other."""
    ensure_tables(store)
    started, operators = time.monotonic(), tuple(operators)

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    with store.begin() as tx:
        lost = leases.expire(tx, now)
        for key in (key for key, again in lost if not again):
            raise_dead_letter(tx, key, "two senders stopped between hand-over and record", operators, now)
        keys = leases.due(tx, now, limit)
    settled: dict[State, list[Key]] = {}
    for key in keys:
        with store.begin() as tx:
            claim = leases.claim(tx, key, clock())
        if claim is None:
            continue
        reach("deliver.after_claim")
        outcome = _attempt(store, channels.get(key.channel), claim, jitter)
        reach("deliver.after_send")
        if _settle(store, claim, outcome, operators, clock()):
            settled.setdefault(outcome.state, []).append(key)
        reach("deliver.after_settle")
    return Delivered({state: tuple(keys) for state, keys in settled.items()}, len(lost))


def _attempt(store: ControlStore, channel: Channel | None, claim: Claim, jitter: Callable[[], float]) -> _Outcome:
    try:
        if channel is None:
            raise RetryLater(f"channel {claim.key.channel!r} is not configured")
        outgoing = Outgoing(claim.message, claim.key.recipient, claim.created_at, _thread(store, claim))
        found = channel.find(outgoing) if claim.ambiguous else ""
        return _Outcome("sent", found or channel.send(outgoing))
    except DeliveryError as error:
        return _failed(error, claim, jitter)
    except Exception as error:  # a defect of one channel must not keep the others' messages back
        where = traceback.format_tb(error.__traceback__)[-1].strip()
        log.error("%s failed with %s %s", claim.key, type(error).__name__, where)
        return _failed(Ambiguous(f"internal error: {type(error).__name__}"), claim, jitter)


def _thread(store: ControlStore, claim: Claim) -> str:
    if not claim.message.thread:
        return ""
    with store.begin() as tx:
        return leases.provider_id(tx, Key(claim.message.thread, claim.key.channel, claim.key.recipient))


def _failed(error: DeliveryError, claim: Claim, jitter: Callable[[], float]) -> _Outcome:
    reason, wait = str(error)[:_MAX_ERROR], back_off(claim.attempts, jitter)
    if isinstance(error, Refused):
        return _Outcome("dead", reason=reason)
    if isinstance(error, Ambiguous):
        return _Outcome("unknown", reason=reason, wait=_FIRST_WAIT)
    if claim.attempts >= MAX_ATTEMPTS:
        return _Outcome("dead", reason=f"given up after {claim.attempts} attempts: {reason}"[:_MAX_ERROR])
    asked = error.wait if isinstance(error, RetryLater) and error.wait else timedelta()
    return _Outcome("retry", reason=reason, wait=max(wait, asked))


def back_off(attempts: int, jitter: Callable[[], float]) -> timedelta:
    """30 s, doubling to at most an hour; up to half is cut at random so that senders fall out of step."""
    full: timedelta = min(_FIRST_WAIT * 2 ** min(attempts - 1, 10), _LONGEST_WAIT)
    return full * (0.5 + jitter() / 2)


def _settle(store: ControlStore, claim: Claim, outcome: _Outcome, operators: tuple[Recipient, ...], now: datetime) -> bool:
    lost = outcome.state == "unknown"
    values = {
        "next_try_at": now + outcome.wait,
        "last_error": outcome.reason or None,
        "ambiguous": claim.ambiguous + lost,
    }
    if outcome.provider_id:
        values["provider_id"] = outcome.provider_id
    with store.begin() as tx:
        if not leases.settle(tx, claim, outcome.state, now, **values):
            return False
        given_up = lost and claim.ambiguous >= leases.EXTRA_TRIES_AFTER_LOSS
        if outcome.state == "dead" or given_up:
            raise_dead_letter(tx, claim.key, outcome.reason, operators, now)
        reach("deliver.before_settle_commit")
    return True


def tally(result: Delivered) -> dict[str, int]:
    """The pass as counts by state, for people and logs."""
    return dict(Counter({state: len(keys) for state, keys in result.outcomes.items()}))
