"""The outbox and its states: exactly one owner, nothing lost, every recipient on its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from cynosure.deliver import (
    ControlStore,
    Message,
    Recipient,
    deliver,
    enqueue,
    entries,
    leases,
    open_store,
    retry,
)
from cynosure.deliver.errors import Ambiguous, Refused, RetryLater
from cynosure.deliver.message import Outgoing, from_json, to_json
from cynosure.deliver.sender import MAX_ATTEMPTS, back_off
from cynosure.deliver.store import StoreTooNew
from cynosure.deliver.tables import ensure_tables

Build = Callable[..., Message]
ADA, BOB = Recipient("email", "ada@example.com"), Recipient("email", "bob@example.com")
OPS = Recipient("slack", "#ops")


class Script:
    """A channel that answers as told, message by message, and remembers what it was given."""

    def __init__(self, *answers: Exception | str, found: str = "") -> None:
        self.answers, self.found = list(answers), found
        self.sent: list[Outgoing] = []

    def send(self, outgoing: Outgoing) -> str:
        self.sent.append(outgoing)
        answer = self.answers.pop(0) if self.answers else "id"
        if isinstance(answer, Exception):
            raise answer
        return answer

    def find(self, outgoing: Outgoing) -> str:
        return self.found


@pytest.fixture
def put(store: ControlStore, message: Build, now: datetime) -> Callable[..., bool]:
    def enqueue_one(*recipients: Recipient, **values: str) -> bool:
        with store.begin() as tx:
            return enqueue(tx, message(**values), recipients or (ADA,), now)

    return enqueue_one


def states(store: ControlStore) -> dict[str, str]:
    return {entry.recipient: entry.state for entry in entries(store)}


def test_a_message_is_recorded_once_however_often_it_is_raised(
    put: Callable[..., bool], store: ControlStore, now: datetime
) -> None:
    assert [put(ADA), put(ADA, BOB)] == [True, False]
    channel = Script()
    deliver(store, {"email": channel}, now)
    deliver(store, {"email": channel}, now)
    assert [o.address for o in channel.sent] == ["ada@example.com"]


def test_nothing_is_recorded_when_the_cause_is_rolled_back(store: ControlStore, message: Build, now: datetime) -> None:
    with contextlib.suppress(ZeroDivisionError), store.begin() as tx:
        enqueue(tx, message(), (ADA,), now)
        _ = 1 / 0
    assert entries(store) == []


def test_a_suppressed_recipient_is_recorded_with_the_reason(store: ControlStore, message: Build, now: datetime) -> None:
    with store.begin() as tx:
        enqueue(tx, message(), (ADA, BOB), now, suppressed={BOB: "unsubscribed"})
    channel = Script()
    deliver(store, {"email": channel}, now)
    assert states(store) == {"ada@example.com": "sent", "bob@example.com": "suppressed"}
    assert len(channel.sent) == 1


def test_a_second_claim_is_refused_and_a_zombie_settles_nothing(
    put: Callable[..., bool], store: ControlStore, now: datetime
) -> None:
    put(ADA)
    with store.begin() as tx:
        (key,) = leases.due(tx, now, 10)
        first = leases.claim(tx, key, now)
        assert leases.claim(tx, key, now) is None
    later = now + leases.LEASE + timedelta(seconds=1)
    with store.begin() as tx:
        assert leases.expire(tx, later) == [(key, True)]
        second = leases.claim(tx, key, later)
    assert first
    assert second
    assert second.attempts == 2
    with store.begin() as tx:
        assert not leases.settle(tx, first, "dead", later)
        assert leases.settle(tx, second, "sent", later)
        assert leases.claim(tx, key, later) is None


def test_a_temporary_refusal_is_retried_after_the_wait_that_was_asked_for(
    put: Callable[..., bool], store: ControlStore, now: datetime
) -> None:
    put(ADA)
    channel = Script(RetryLater("429", timedelta(minutes=7)))
    deliver(store, {"email": channel}, now)
    (entry,) = entries(store, ["retry"])
    assert entry.next_try_at - now >= timedelta(minutes=7)
    assert entry.last_error == "429"
    deliver(store, {"email": channel}, now + timedelta(minutes=6))
    assert len(channel.sent) == 1
    deliver(store, {"email": channel}, now + timedelta(minutes=8))
    assert states(store) == {"ada@example.com": "sent"}


def test_waits_double_up_to_an_hour_and_spread() -> None:
    assert [back_off(n, lambda: 1.0).seconds for n in (1, 2, 3, 12)] == [30, 60, 120, 3600]
    assert back_off(1, lambda: 0.0).seconds == 15


def test_one_bad_recipient_does_not_affect_the_others(put: Callable[..., bool], store: ControlStore, now: datetime) -> None:
    put(ADA, BOB)
    deliver(store, {"email": Script(Refused("550 no such user"))}, now)
    assert states(store) == {"ada@example.com": "dead", "bob@example.com": "sent"}


def test_a_defect_in_one_channel_leaves_the_others_working(put: Callable[..., bool], store: ControlStore, now: datetime) -> None:
    put(ADA, OPS)
    deliver(store, {"email": Script(ZeroDivisionError("secret-text")), "slack": Script()}, now)
    assert states(store) == {"ada@example.com": "unknown", "#ops": "sent"}
    assert "secret-text" not in str(entries(store))


def test_a_message_that_keeps_failing_dies_and_can_be_given_a_fresh_start(
    put: Callable[..., bool], store: ControlStore, now: datetime
) -> None:
    put(ADA)
    channel = Script(*[RetryLater("451 try later")] * MAX_ATTEMPTS)
    for hour in range(MAX_ATTEMPTS + 3):
        deliver(store, {"email": channel}, now + timedelta(hours=2 * hour))
    assert len(channel.sent) == MAX_ATTEMPTS
    assert entries(store)[0].last_error == f"given up after {MAX_ATTEMPTS} attempts: 451 try later"
    assert retry(store, now + timedelta(days=3)) == 1
    deliver(store, {"email": channel}, now + timedelta(days=3))
    assert states(store) == {"ada@example.com": "sent"}


def test_an_unconfigured_channel_keeps_the_message_and_says_so(
    put: Callable[..., bool], store: ControlStore, now: datetime
) -> None:
    put(ADA)
    deliver(store, {}, now)
    assert [(e.state, e.last_error) for e in entries(store)] == [("retry", "channel 'email' is not configured")]


def test_a_lost_answer_leads_to_at_most_one_more_try(put: Callable[..., bool], store: ControlStore, now: datetime) -> None:
    put(ADA)
    channel = Script(*[Ambiguous("no answer")] * 5)
    for minute in range(0, 60, 5):
        deliver(store, {"email": channel}, now + timedelta(minutes=minute))
    assert len(channel.sent) == 2
    assert states(store) == {"ada@example.com": "unknown"}


def test_after_a_lost_answer_a_channel_that_finds_the_message_does_not_send_again(
    put: Callable[..., bool], store: ControlStore, now: datetime
) -> None:
    put(ADA)
    deliver(store, {"email": Script(Ambiguous("no answer"))}, now)
    again = Script(found="known-id")
    deliver(store, {"email": again}, now + timedelta(minutes=1))
    assert again.sent == []
    assert states(store) == {"ada@example.com": "sent"}


@pytest.mark.parametrize("failure", [Refused("550 gone"), Ambiguous("no answer")])
def test_a_dead_letter_is_raised_once_through_another_channel(
    failure: Exception, put: Callable[..., bool], store: ControlStore, now: datetime
) -> None:
    put(ADA, BOB)
    mail, slack = Script(*[failure] * 4), Script()
    for minute in range(0, 10, 2):
        deliver(store, {"email": mail, "slack": slack}, now + timedelta(minutes=minute), operators=(ADA, OPS))
    assert [o.message.subject for o in slack.sent] == ["Not delivered: Daily metrics"]
    assert "ada@example.com" in slack.sent[0].message.bodies["slack"].body


def test_a_dead_letter_that_dies_raises_no_other(put: Callable[..., bool], store: ControlStore, now: datetime) -> None:
    put(ADA)
    refused = {"email": Script(Refused("no")), "slack": Script(Refused("no"))}
    for minute in range(3):
        deliver(store, refused, now + timedelta(minutes=minute), operators=(ADA, OPS))
    assert sorted(entry.kind for entry in entries(store)) == ["dead_letter", "report"]


def test_a_second_dead_sender_is_raised_too(put: Callable[..., bool], store: ControlStore, now: datetime) -> None:
    put(ADA)
    for hour in range(2):
        with store.begin() as tx:
            leases.expire(tx, now + timedelta(hours=hour))
            (key,) = leases.due(tx, now + timedelta(hours=hour), 10)
            assert leases.claim(tx, key, now + timedelta(hours=hour))
    slack = Script()
    for hour in (2, 3):
        deliver(store, {"slack": slack}, now + timedelta(hours=hour), operators=(OPS,))
    assert states(store)["ada@example.com"] == "unknown"
    assert len(slack.sent) == 1


def test_the_most_urgent_message_goes_first(put: Callable[..., bool], store: ControlStore, now: datetime) -> None:
    put(ADA, key="a", severity="info")
    put(ADA, key="b", severity="critical")
    channel = Script()
    deliver(store, {"email": channel}, now)
    assert [o.message.key for o in channel.sent] == ["b", "a"]


def test_a_later_message_of_a_thread_knows_where_the_thread_began(
    put: Callable[..., bool], store: ControlStore, now: datetime
) -> None:
    put(ADA, key="first")
    put(ADA, key="second", thread="first")
    channel = Script("id-1", "id-2")
    deliver(store, {"email": channel}, now)
    assert [o.thread_id for o in channel.sent] == ["", "id-1"]


def test_a_message_survives_the_store_byte_for_byte(message: Build) -> None:
    original = message()
    restored = from_json(original.key, original.kind, original.severity, to_json(original))
    assert restored == original
    assert restored.content_hash == original.content_hash


def test_tables_are_created_once_and_a_newer_release_is_respected(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/control.sqlite"
    ensure_tables(open_store(url))
    ensure_tables(open_store(url))
    with open_store(url).begin() as tx:
        assert tx.scalar(sa.text("pragma journal_mode")) == "wal"
        tx.execute(sa.text("update schema_version set version = 99"))
    with pytest.raises(StoreTooNew, match="upgrade"):
        ensure_tables(open_store(url))


@pytest.mark.postgres
def test_the_same_store_works_on_postgresql(postgres_url: str, message: Build, now: datetime) -> None:
    store = ensure_tables(open_store(postgres_url))
    with store.begin() as tx:
        assert enqueue(tx, message(), (ADA, BOB), now)
        assert not enqueue(tx, message(), (ADA, BOB), now)
    deliver(store, {"email": Script(RetryLater("later"), Ambiguous("lost"))}, now)
    assert states(store) == {"ada@example.com": "retry", "bob@example.com": "unknown"}
    deliver(store, {"email": Script()}, now + timedelta(minutes=2))
    assert states(store) == {"ada@example.com": "sent", "bob@example.com": "sent"}
    assert entries(store)[0].created_at == now
