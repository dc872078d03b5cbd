"""Slack's Web API, as far as a notifier needs it (docs.slack.dev/reference/methods)."""

from __future__ import annotations

import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.slack.blocks import BlocksError, check_blocks
from sandbox.slack.workspace import Message, Workspace

BURST = 10
BURST_SECONDS = 10.0
"""Messages a channel takes in so many seconds: one a second, short bursts allowed (docs.slack.dev/apis/rate-limits)."""

LONGEST_TEXT = 40_000
TEAM, BOT_USER, BOT = "T0SANDBOX", "U0CYNOSURE", "B0CYNOSURE"

Arguments = dict[str, Any]


class SlackError(Exception):
    """An `ok: false` answer."""

    def __init__(self, code: str, *, messages: list[str] | None = None, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages
        self.retry_after = retry_after

    def response(self) -> Response:
        """The HTTP answer: 200 like any other, but 429 when asked to wait."""
        body: dict[str, Any] = {"ok": False, "error": self.code}
        if self.messages:
            body |= {"errors": self.messages, "response_metadata": {"messages": self.messages}}
        if self.retry_after is None:
            return JSONResponse(body)
        return JSONResponse(body, 429, {"Retry-After": str(self.retry_after)})


@dataclass
class SlackApi:
    """The methods over one workspace."""

    workspace: Workspace
    token: str
    webhook_path: str
    now: Callable[[], int]
    is_limited: bool = True
    monotonic: Callable[[], float] = time.monotonic
    _posted: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/api/{method}", self._call, methods=["GET", "POST"]),
                Route("/upload/v1/{id}", self._upload, methods=["POST", "PUT"]),
                Route(self.webhook_path, self._webhook, methods=["POST"]),
                Route("/services/{path:path}", _no_service, methods=["POST"]),
            ]
        )

    async def _call(self, request: Request) -> Response:
        methods: dict[str, Callable[[Arguments, Request], dict[str, Any]]] = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post_message,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.list": self._channels,
            "files.getUploadURLExternal": self._upload_url,
            "files.completeUploadExternal": self._complete_upload,
        }
        try:
            arguments = await _arguments(request)
            self._check_token(request, arguments)
            method = methods.get(request.path_params["method"])
            if method is None:
                raise SlackError("unknown_method")
            response: Response = JSONResponse({"ok": True, **method(arguments, request)})
        except SlackError as error:
            response = error.response()
        response.headers["date"] = formatdate(self.now(), usegmt=True)
        return response

    def _check_token(self, request: Request, arguments: Arguments) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ") or arguments.get("token")
        if not given:
            raise SlackError("not_authed")
        if given != self.token:
            raise SlackError("invalid_auth")

    def _auth_test(self, arguments: Arguments, request: Request) -> dict[str, Any]:
        url = "https://sandbox.slack.com/"
        return {
            "url": url, "team": "Sandbox", "user": "cynosure", "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT,
        }  # fmt: skip

    def _post_message(self, arguments: Arguments, request: Request) -> dict[str, Any]:
        channel = self._open_channel(arguments)
        message = self._message(channel, arguments)
        self._hold_back(channel)
        posted = self.workspace.post(message, at=self.now())
        return {"channel": channel, "ts": posted.ts, "message": _shown(posted)}

    def _update(self, arguments: Arguments, request: Request) -> dict[str, Any]:
        channel = self._open_channel(arguments)
        known = self.workspace.message(channel, str(arguments.get("ts")))
        if known is None:
            raise SlackError("message_not_found")
        message = replace(self._message(channel, arguments), ts=known.ts, thread_ts=known.thread_ts)
        self.workspace.update(message)
        return {"channel": channel, "ts": known.ts, "text": message.text, "message": _shown(message)}

    def _history(self, arguments: Arguments, request: Request) -> dict[str, Any]:
        channel = self._channel(arguments)
        limit = int(arguments.get("limit") or 100)
        start = int(arguments.get("cursor") or 0)
        oldest, latest = float(arguments.get("oldest") or 0), float(arguments.get("latest") or "inf")
        fitting = [message for message in self.workspace.history(channel) if oldest < float(message.ts) < latest]
        has_more = start + limit < len(fitting)
        cursor = str(start + limit) if has_more else ""
        shown = [_shown(message) for message in fitting[start : start + limit]]
        return {"messages": shown, "has_more": has_more, "response_metadata": {"next_cursor": cursor}}

    def _channels(self, arguments: Arguments, request: Request) -> dict[str, Any]:
        channels = [
            {"id": id, "name": name, "is_channel": True, "is_archived": self.workspace.is_archived(id)}
            for id, name in self.workspace.channels().items()
        ]
        return {"channels": channels, "response_metadata": {"next_cursor": ""}}

    def _upload_url(self, arguments: Arguments, request: Request) -> dict[str, Any]:
        if not arguments.get("filename") or not str(arguments.get("length", "")).isdigit():
            raise SlackError("invalid_arguments", messages=["[ERROR] filename and length are required"])
        file = self.workspace.reserve_file(arguments["filename"], int(arguments["length"]))
        return {"file_id": file.id, "upload_url": f"{request.base_url}upload/v1/{file.id}"}

    def _complete_upload(self, arguments: Arguments, request: Request) -> dict[str, Any]:
        files = _parsed(arguments.get("files")) or []
        try:
            shared = [self.workspace.share_file(file["id"], file.get("title")) for file in files]
        except KeyError:
            raise SlackError("file_not_found") from None
        if arguments.get("channel_id"):
            channel = self._open_channel({"channel": arguments["channel_id"]})
            text = arguments.get("initial_comment") or ""
            thread = arguments.get("thread_ts")
            ids = [file.id for file in shared]
            self.workspace.post(Message(channel, "", text, thread_ts=thread, files=ids), at=self.now())
        return {"files": [{"id": file.id, "title": file.title, "name": file.name} for file in shared]}

    def _channel(self, arguments: Arguments) -> str:
        channel = self.workspace.find_channel(str(arguments.get("channel", "")))
        if channel is None:
            raise SlackError("channel_not_found")
        return channel

    def _open_channel(self, arguments: Arguments) -> str:
        channel = self._channel(arguments)
        if self.workspace.is_archived(channel):
            raise SlackError("is_archived")
        return channel

    def _message(self, channel: str, arguments: Arguments, *, by_webhook: bool = False) -> Message:
        blocks = _parsed(arguments.get("blocks")) or []
        attachments = _parsed(arguments.get("attachments")) or []
        text = str(arguments.get("text") or "")
        try:
            check_blocks(blocks)
            for attachment in attachments:
                check_blocks(attachment.get("blocks", []))
        except BlocksError as error:
            raise SlackError(error.code, messages=[str(error)]) from error
        if not (text or blocks or attachments):
            raise SlackError("no_text")
        if len(text) > LONGEST_TEXT:
            raise SlackError("msg_too_long")
        thread = arguments.get("thread_ts")
        return Message(channel, "", text, blocks, thread, attachments=attachments, by_webhook=by_webhook)

    def _hold_back(self, channel: str) -> None:
        now, posted = self.monotonic(), self._posted[channel]
        while posted and posted[0] <= now - BURST_SECONDS:
            posted.popleft()
        if self.is_limited and len(posted) >= BURST:
            raise SlackError("ratelimited", retry_after=max(1, int(posted[0] + BURST_SECONDS - now)))
        posted.append(now)

    async def _upload(self, request: Request) -> Response:
        try:
            self.workspace.store_file(request.path_params["id"], await _uploaded(request))
        except KeyError:
            return PlainTextResponse("file_not_found", 404)
        return PlainTextResponse("OK - file uploaded")

    async def _webhook(self, request: Request) -> Response:
        try:
            arguments = await _arguments(request)
            channel = self.workspace.find_channel(str(arguments.get("channel") or "metrics"))
            if channel is None:
                raise SlackError("channel_not_found")
            self._hold_back(channel)
            self.workspace.post(self._message(channel, arguments, by_webhook=True), at=self.now())
        except SlackError as error:
            refused = error.response()
            headers = {"Retry-After": refused.headers["retry-after"]} if refused.status_code == 429 else {}
            return PlainTextResponse(error.code, 429 if headers else 400, headers)
        return PlainTextResponse("ok")


async def _no_service(request: Request) -> Response:
    return PlainTextResponse("no_service", 404)


async def _arguments(request: Request) -> Arguments:
    arguments: Arguments = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        try:
            return arguments | (await request.json() if await request.body() else {})
        except ValueError:
            raise SlackError("invalid_json") from None
    form = await request.form()
    if isinstance(payload := form.get("payload"), str):
        return arguments | dict(json.loads(payload))
    return arguments | {name: value for name, value in form.items() if isinstance(value, str)}


async def _uploaded(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    form = await request.form()
    for value in form.values():
        if not isinstance(value, str):
            return await value.read()
    return b""


def _parsed(value: Any) -> Any:
    """Arguments such as blocks come as JSON or as a text that holds JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise SlackError("invalid_blocks_format") from None


def _shown(message: Message) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": "message", "user": BOT_USER, "bot_id": BOT, "team": TEAM, "ts": message.ts, "text": message.text,
    }  # fmt: skip
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.attachments:
        shown["attachments"] = message.attachments
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.files:
        shown["files"] = [{"id": id} for id in message.files]
    if message.is_edited:
        shown["edited"] = {"user": BOT_USER, "ts": message.ts}
    return shown
