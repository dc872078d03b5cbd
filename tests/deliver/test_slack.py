"""Slack through its own SDK, against a workspace that listens on this machine."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from cynosure.deliver import ControlStore, Message, Recipient, compose, deliver, enqueue, entries
from cynosure.deliver.channels.slack import SlackWorkspace, connect
from cynosure.deliver.errors import Ambiguous, Refused, RetryLater
from cynosure.deliver.message import Outgoing
from cynosure.document import Document, Text
from cynosure.settings.channels import Slack

Build = Callable[..., Message]
TOKEN = "xoxb-CANARY-slack"


def workspace(url: str) -> SlackWorkspace:
    return connect(Slack(token=TOKEN, base_url=url + "/api/"))


def plain(key: str = "k", **values: Any) -> Message:
    return compose(Document("Daily", (Text(("Words",)),)), ("slack",), key=key, kind="report", **values)


def to_metrics(message: Message, now: datetime, thread: str = "") -> Outgoing:
    return Outgoing(message, "#metrics", now, thread)


def test_a_message_is_posted_with_its_key_and_no_unfurling(slack: Any, now: datetime) -> None:
    assert workspace(slack.url).send(to_metrics(plain(), now)) == "C1:1700000000.000100"
    (posted,) = slack.posted
    assert posted["metadata"]["event_payload"] == {"dedup_key": "k"}
    assert posted["channel"] == "#metrics"
    assert posted["text"] == "Daily"
    assert posted["unfurl_links"] is False
    assert slack.tokens == [f"Bearer {TOKEN}"]


def test_charts_are_uploaded_and_shown_in_place(slack: Any, message: Build, now: datetime) -> None:
    workspace(slack.url).send(to_metrics(message(), now))
    assert [body[:4] for body in slack.uploaded.values()] == [b"\x89PNG"]
    images = [block for block in slack.posted[0]["blocks"] if block["type"] == "image"]
    assert [(image["slack_file"], image["alt_text"]) for image in images] == [({"id": "F0"}, "No data.")]


def test_a_failed_upload_leaves_the_words(slack: Any, message: Build, now: datetime) -> None:
    slack.instead["files.getUploadURLExternal"] = [(200, {}, b'{"ok": false, "error": "missing_scope"}')]
    workspace(slack.url).send(to_metrics(message(), now))
    assert "image" not in {block["type"] for block in slack.posted[0]["blocks"]}


def test_images_that_slack_does_not_accept_are_left_out(slack: Any, message: Build, now: datetime) -> None:
    slack.instead["chat.postMessage"] = [(200, {}, b'{"ok": false, "error": "invalid_blocks"}')]
    workspace(slack.url).send(to_metrics(message(), now))
    assert len(slack.posted) == 1
    assert "image" not in {block["type"] for block in slack.posted[0]["blocks"]}


def test_a_reply_goes_into_the_thread_and_the_channel(slack: Any, now: datetime) -> None:
    workspace(slack.url).send(to_metrics(plain(thread="first"), now, "C1:1700000000.000100"))
    assert slack.posted[0]["thread_ts"] == "1700000000.000100"
    assert slack.posted[0]["reply_broadcast"] is True


@pytest.mark.parametrize(
    "code",
    [
        "invalid_blocks",
        "msg_blocks_too_long",
        "is_archived",
        "channel_not_found",
        "token_revoked",
        "invalid_auth",
        "not_in_channel",
    ],
)
def test_refusals_for_good_arrive_with_status_200(code: str, slack: Any, now: datetime) -> None:
    slack.instead["chat.postMessage"] = [(200, {}, json.dumps({"ok": False, "error": code}).encode())]
    with pytest.raises(Refused, match=code):
        workspace(slack.url).send(to_metrics(plain(), now))


def test_a_rate_limit_is_waited_for_as_long_as_slack_asks(slack: Any, now: datetime) -> None:
    slack.instead["chat.postMessage"] = [(429, {"Retry-After": "37"}, b'{"ok": false, "error": "ratelimited"}')]
    with pytest.raises(RetryLater) as caught:
        workspace(slack.url).send(to_metrics(plain(), now))
    assert caught.value.wait == timedelta(seconds=37)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (503, b"", RetryLater),
        (500, b'{"ok": false, "error": "fatal_error"}', Ambiguous),
        (200, b"<html>proxy</html>", Ambiguous),
        (200, b'{"ok": false, "error": "internal_error"}', Ambiguous),
    ],
)
def test_other_failures_are_retried_or_ambiguous(
    status: int, body: bytes, error: type[Exception], slack: Any, now: datetime
) -> None:
    slack.instead["chat.postMessage"] = [(status, {}, body)]
    with pytest.raises(error):
        workspace(slack.url).send(to_metrics(plain(), now))


def test_nobody_listening_is_tried_again_later(now: datetime) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(RetryLater):
            workspace(f"http://127.0.0.1:{unused.getsockname()[1]}").send(to_metrics(plain(), now))


def test_after_a_lost_answer_the_history_is_searched_instead_of_posting_twice(
    slack: Any, store: ControlStore, now: datetime
) -> None:
    slack.hang_up_after_post = 1
    with store.begin() as tx:
        enqueue(tx, plain(), [Recipient("slack", "#metrics")], now)
    deliver(store, {"slack": workspace(slack.url)}, now)
    assert [e.state for e in entries(store)] == ["unknown"]
    deliver(store, {"slack": workspace(slack.url)}, now + timedelta(minutes=1))
    assert [e.state for e in entries(store)] == ["sent"]
    assert len(slack.posted) == 1
    assert "conversations.history" in slack.calls


def test_another_message_in_the_history_is_not_taken_for_ours(slack: Any, now: datetime) -> None:
    workspace(slack.url).send(to_metrics(plain("other"), now))
    assert workspace(slack.url).find(to_metrics(plain("ours"), now)) == ""


def test_the_token_appears_in_no_log_and_no_error(
    slack: Any, store: ControlStore, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.instead["chat.postMessage"] = [(200, {}, b'{"ok": false, "error": "invalid_auth"}')]
    with store.begin() as tx:
        enqueue(tx, plain(), [Recipient("slack", "#metrics")], now)
    deliver(store, {"slack": workspace(slack.url)}, now)
    assert [e.last_error for e in entries(store)] == ["Slack: invalid_auth"]
    assert "CANARY" not in caplog.text
    assert "CANARY" not in repr(workspace(slack.url))


def test_a_message_is_recognised_even_if_slack_hides_its_metadata(slack: Any, now: datetime) -> None:
    sent = workspace(slack.url).send(to_metrics(plain(), now))
    del slack.posted[0]["metadata"]
    assert workspace(slack.url).find(to_metrics(plain(), now)) == sent
    assert workspace(slack.url).find(Outgoing(plain(), "#other", now)) == ""
