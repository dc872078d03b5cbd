"""Slack by its Web API (https://docs.slack.dev/reference/methods/chat.postMessage).

Slack has no idempotency key for posting: every message carries our key in its metadata and a fingerprint as the
id of its first block (metadata may be hidden from an app). After a lost answer the channel's recent history is
searched for them before posting again.
"""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from cynosure.deliver.channels import Channel, ChannelKind
from cynosure.deliver.errors import Ambiguous, DeliveryError, Refused, RetryLater
from cynosure.deliver.message import Outgoing
from cynosure.document import Image
from cynosure.settings.channels import Channels, Slack

_EVENT = "cynosure_delivery"
_HISTORY = 200
_UNKNOWN_OUTCOME = ("fatal_error", "internal_error", "request_timeout")
_TEMPORARY = ("ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "accesslimited")
_CODE = re.compile(r"[a-z_]+")
_NETWORK = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class SlackWorkspace:
    """A workspace, as the app with this token sees it."""

    client: WebClient

    def send(self, outgoing: Outgoing) -> str:
        """Posts the message with its images where they can be uploaded; returns `channel:timestamp`."""
        body = outgoing.message.bodies["slack"]
        content = json.loads(body.body)
        files = self._uploaded(body.images)
        try:
            return self._post(outgoing, content, with_images(content["blocks"], files))
        except Refused:
            if not files:
                raise
            return self._post(outgoing, content, content["blocks"])

    def find(self, outgoing: Outgoing) -> str:
        """`channel:timestamp` of the message if the channel's recent history or the thread holds it."""
        try:
            channel, messages = self._recent(outgoing)
        except (SlackClientError, *_NETWORK):
            return ""
        for message in messages:
            if _is_ours(message, outgoing):
                return f"{channel}:{message['ts']}"
        return ""

    def _recent(self, outgoing: Outgoing) -> tuple[str, list[dict[str, Any]]]:
        channel, _, thread = outgoing.thread_id.partition(":")
        if thread:
            answer = self.client.conversations_replies(channel=channel, ts=thread, limit=_HISTORY, include_all_metadata=True)
        else:
            channel = self._channel_id(outgoing.address)
            answer = self.client.conversations_history(channel=channel, limit=_HISTORY, include_all_metadata=True)
        return channel, answer.get("messages") or []

    def _channel_id(self, address: str) -> str:
        """History is asked for by id; a name is looked up."""
        if not address.startswith("#"):
            return address
        for page in self.client.conversations_list(exclude_archived=True, limit=1000):
            for channel in page["channels"]:
                if channel["name"] == address[1:]:
                    return str(channel["id"])
        return address

    def _post(self, outgoing: Outgoing, content: dict[str, Any], blocks: list[dict[str, Any]]) -> str:
        thread = outgoing.thread_id.partition(":")[2]
        try:
            answer = self.client.chat_postMessage(
                channel=outgoing.address,
                text=content["text"],
                blocks=[blocks[0] | {"block_id": outgoing.fingerprint}, *blocks[1:]],
                metadata={"event_type": _EVENT, "event_payload": {"dedup_key": outgoing.message.key}},
                unfurl_links=False,
                unfurl_media=False,
                thread_ts=thread or None,
                reply_broadcast=True if thread else None,
            )
        except SlackApiError as error:
            raise _translated(error) from None
        except URLError as error:
            raise RetryLater(f"Slack: {error.reason}") from None
        except (SlackClientError, *_NETWORK) as error:
            raise Ambiguous(f"Slack: {type(error).__name__} after the message was handed over") from None
        return f"{answer['channel']}:{answer['ts']}"

    def _uploaded(self, images: tuple[Image, ...]) -> dict[str, tuple[str, str]]:
        """File id and description by image name; what cannot be uploaded is left out, the words stay."""
        files = {}
        for image in images:
            try:
                answer = self.client.files_upload_v2(
                    file=image.png, filename=f"{image.name}.png", title=image.name, alt_txt=image.alt
                )
                files[image.name] = (str(answer["files"][0]["id"]), image.alt)
            except (SlackClientError, KeyError, *_NETWORK):
                return files
        return files


def _is_ours(message: dict[str, Any], outgoing: Outgoing) -> bool:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    ids = {block.get("block_id") for block in message.get("blocks") or ()}
    return payload.get("dedup_key") == outgoing.message.key or outgoing.fingerprint in ids


def with_images(blocks: list[dict[str, Any]], files: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """The blocks with each uploaded image after its caption, in place of its sparkline."""
    shown = []
    for block in blocks:
        name, course = str(block.get("block_id", "")), str(block.get("block_id", "")).removesuffix("-course")
        if name != course and course in files:
            continue
        shown.append(block)
        if name in files:
            file, alt = files[name]
            shown.append({"type": "image", "slack_file": {"id": file}, "alt_text": alt[:2000] or name})
    return shown


def _translated(error: SlackApiError) -> DeliveryError:
    response = error.response
    found = _CODE.fullmatch(str(response.get("error") or "")) if isinstance(response.data, dict) else None
    code = found.group() if found else ""
    reason = f"Slack: {code or f'HTTP {response.status_code}'}"
    if response.status_code == 429 or code in _TEMPORARY:
        return RetryLater(reason, _wait(response.headers))
    if code in _UNKNOWN_OUTCOME:
        return Ambiguous(reason)
    if response.status_code >= 500:
        return RetryLater(reason, _wait(response.headers))
    return Refused(reason) if code else Ambiguous(f"{reason}: the answer is not Slack's")


def _wait(headers: Any) -> timedelta | None:
    found = {str(name).lower(): value for name, value in dict(headers).items()}.get("retry-after")
    text = str(found[0] if isinstance(found, list) else found or "")
    return timedelta(seconds=int(text)) if text.isdecimal() else None


def connect(settings: Slack) -> SlackWorkspace:
    """The workspace of the configured token; nothing is retried in here, the outbox does that."""
    token = settings.token.get_secret_value()
    client = WebClient(token, base_url=settings.base_url, timeout=settings.timeout_seconds, retry_handlers=[])
    return SlackWorkspace(client)


def _open(settings: Channels) -> Channel | None:
    return connect(settings.slack) if settings.slack else None


CHANNEL = ChannelKind("slack", ("slack",), _open)
