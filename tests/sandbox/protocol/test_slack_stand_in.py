"""The Slack stand-in, driven by Slack's own SDK."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError

from sandbox.slack.blocks import BlocksError, check_blocks
from sandbox.slack.workspace import Message, Workspace

Block = dict[str, Any]


def section(text: str = "*MRR* $12") -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.fixture
def slack(site: SimpleNamespace) -> WebClient:
    """The real client with the right token."""
    return WebClient(token=site.endpoints["keys"]["slack"], base_url=site.endpoints["slack"])


def code_of(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


def test_the_token_is_checked(site: SimpleNamespace, slack: WebClient) -> None:
    assert slack.auth_test()["user"] == "cynosure"
    with pytest.raises(SlackApiError) as wrong:
        WebClient(token="xoxb-wrong", base_url=site.endpoints["slack"]).auth_test()
    with pytest.raises(SlackApiError) as none:
        WebClient(base_url=site.endpoints["slack"]).auth_test()
    assert (code_of(wrong), code_of(none)) == ("invalid_auth", "not_authed")


def test_a_message_is_posted_by_channel_name_and_read_back(slack: WebClient) -> None:
    posted = slack.chat_postMessage(channel="#metrics", text="MRR $12", blocks=[section()])
    newest = slack.conversations_history(channel=posted["channel"], limit=1)["messages"][0]
    assert (newest["ts"], newest["text"], newest["blocks"]) == (posted["ts"], "MRR $12", [section()])


def test_a_message_is_updated_in_its_place(slack: WebClient) -> None:
    posted = slack.chat_postMessage(channel="alerts", text="MRR fell")
    slack.chat_update(channel=posted["channel"], ts=posted["ts"], text="MRR recovered")
    newest = slack.conversations_history(channel=posted["channel"], limit=1)["messages"][0]
    assert (newest["ts"], newest["text"], "edited" in newest) == (posted["ts"], "MRR recovered", True)
    with pytest.raises(SlackApiError) as missing:
        slack.chat_update(channel=posted["channel"], ts="1.000001", text="?")
    assert code_of(missing) == "message_not_found"


def test_history_is_paged_newest_first(slack: WebClient) -> None:
    stamps = [slack.chat_postMessage(channel="finance", text=str(number))["ts"] for number in range(5)]
    channel = slack.chat_postMessage(channel="finance", text="last")["channel"]
    first = slack.conversations_history(channel=channel, limit=4)
    rest = slack.conversations_history(channel=channel, limit=4, cursor=first["response_metadata"]["next_cursor"])
    texts = [message["text"] for message in [*first["messages"], *rest["messages"]]]
    assert texts == ["last", "4", "3", "2", "1", "0"]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    since = slack.conversations_history(channel=channel, oldest=stamps[3])["messages"]
    assert [message["text"] for message in since] == ["last", "4"]


def test_a_file_goes_through_the_two_step_upload(slack: WebClient, site: SimpleNamespace) -> None:
    channel = slack.chat_postMessage(channel="board", text="report follows")["channel"]
    done = slack.files_upload_v2(
        channel=channel, content=b"%PDF-1.7 report", filename="report.pdf", title="Report", initial_comment="Here"
    )
    file_id = done["files"][0]["id"]
    newest = slack.conversations_history(channel=channel, limit=1)["messages"][0]
    assert (newest["text"], newest["files"]) == ("Here", [{"id": file_id}])
    assert site.site.workspace.content(file_id) == b"%PDF-1.7 report"
    with pytest.raises(SlackApiError) as missing:
        slack.files_completeUploadExternal(files=[{"id": "F0", "title": "x"}])
    assert code_of(missing) == "file_not_found"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"channel": "#nowhere", "text": "x"}, "channel_not_found"),
        ({"channel": "#metrics"}, "no_text"),
        ({"channel": "#metrics", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "#metrics", "text": "x", "blocks": [section()] * 51}, "invalid_blocks"),
        ({"channel": "#metrics", "text": "x", "blocks": [section("x" * 2900)] * 5}, "msg_blocks_too_long"),
    ],
)
def test_a_message_that_slack_refuses(slack: WebClient, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(**arguments)
    assert code_of(refused) == code


def test_an_archived_channel_takes_nothing(slack: WebClient, site: SimpleNamespace) -> None:
    httpx.post(site.endpoints["control"] + "/slack", json={"create": ["old"], "archive": ["old"]}).raise_for_status()
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(channel="old", text="x")
    assert code_of(refused) == "is_archived"


def test_a_burst_is_held_back_with_a_time_to_wait(slack: WebClient, site: SimpleNamespace, tmp_path: Path) -> None:
    httpx.post(
        site.endpoints["control"] + "/faults",
        json={
            "match": {"vendor": "slack", "path": "/api/chat.postMessage"},
            "do": {"status": 429, "headers": {"Retry-After": "7"}, "body": {"ok": False, "error": "ratelimited"}},
        },
    ).raise_for_status()
    with pytest.raises(SlackApiError) as limited:
        slack.chat_postMessage(channel="metrics", text="x")
    assert (limited.value.response.status_code, limited.value.response.headers["Retry-After"]) == (429, "7")
    slack.chat_postMessage(channel="metrics", text="x")


def test_the_incoming_webhook_posts_and_refuses(site: SimpleNamespace) -> None:
    hook = WebhookClient(site.endpoints["slack_webhook"])
    assert hook.send(text="hello", blocks=[section()]).body == "ok"
    assert site.site.workspace.history()[0].by_webhook
    refused = hook.send(blocks=[{"type": "lines"}])
    assert (refused.status_code, refused.body) == (400, "invalid_blocks")
    assert WebhookClient(site.endpoints["slack_webhook"] + "x").send(text="hello").status_code == 404


FINE: list[list[Block]] = [
    [],
    [{"type": "header", "text": {"type": "plain_text", "text": "x" * 150}}],
    [section("x" * 3000)],
    [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 10}],
    [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 10}],
    [{"type": "divider"}] * 50,
    [{"type": "image", "image_url": "https://example.com/a.png", "alt_text": "chart"}],
    [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "chart"}],
    [{"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Open"}}]}],
]
BAD: list[tuple[Any, str]] = [
    ({"type": "divider"}, "/blocks]"),
    ([{"type": "lines"}], "/blocks/0]"),
    ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "/blocks/0/text/text"),
    ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "/blocks/0/text]"),
    ([section(), section("x" * 3001)], "/blocks/1/text/text"),
    ([section("")], "/blocks/0/text/text"),
    ([{"type": "section"}], "/blocks/0]"),
    ([{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}], "/blocks/0/fields]"),
    ([{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}], "/blocks/0/fields/0/text"),
    ([{"type": "context", "elements": []}], "/blocks/0/elements]"),
    ([{"type": "image", "image_url": "cid:chart", "alt_text": "chart"}], "/blocks/0/image_url"),
    ([{"type": "image", "image_url": "https://example.com/a.png"}], "alt_text [json-pointer:/blocks/0]"),
    ([{"type": "actions", "elements": [{"type": "button"}]}], "/blocks/0/elements/0/text]"),
    ([{"type": "divider", "block_id": "x" * 256}], "/blocks/0/block_id"),
]


@pytest.mark.parametrize("blocks", FINE)
def test_blocks_within_the_limits_are_taken(blocks: list[Block]) -> None:
    check_blocks(blocks)


@pytest.mark.parametrize(("blocks", "place"), BAD)
def test_blocks_beyond_the_limits_are_refused_at_their_place(blocks: Any, place: str) -> None:
    with pytest.raises(BlocksError) as refused:
        check_blocks(blocks)
    assert refused.value.code == "invalid_blocks"
    assert place in str(refused.value)


def test_messages_and_files_survive_a_restart(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    channel = workspace.add_channel("metrics")
    posted = workspace.post(Message(channel, "", "one"), at=5)
    workspace.update(Message(channel, posted.ts, "two"))
    file = workspace.reserve_file("a.png", 3)
    workspace.store_file(file.id, b"png")
    workspace.share_file(file.id, "Chart")
    again = Workspace(tmp_path)
    assert [(message.text, message.is_edited) for message in again.history(channel)] == [("two", True)]
    assert (again.file(file.id).title, again.content(file.id)) == ("Chart", b"png")
    assert again.post(Message(channel, "", "three"), at=5).ts > posted.ts
