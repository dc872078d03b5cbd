"""Stands in front of a vendor's application: logs every request and does what the fault rules say to the answer."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.faults import Do, Faults, Request
from sandbox.request_log import Entry, RequestLog

_TRANSPORT = "sandbox.transport"
_CURSORS = frozenset(
    ("starting_after", "after", "page[after]", "cursor", "page", "offset", "scroll_param", "locator", "start_time", "startRow")
)
"""Parameters by which vendors continue a listing."""
_logger = logging.getLogger(__name__)


class BreakableProtocol(HttpToolsProtocol):
    """HTTP whose connection an application can break."""

    def on_message_begin(self) -> None:
        """Hand the connection on to the application."""
        super().on_message_begin()
        self.scope["state"][_TRANSPORT] = self.transport


class Answer:
    """An answer on its way: status, headers and whole body."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.status = status
        self.headers = headers or {}
        self.body = body


@dataclass
class Injection:
    """ASGI middleware for one vendor."""

    app: ASGIApp
    vendor: str
    faults: Faults
    log: RequestLog
    now: Callable[[], int]
    """Sandbox time in epoch seconds."""
    wall: Callable[[], float] = lambda: 0.0
    put: Callable[[dict[str, Any]], None] = lambda fixture: None
    """Makes something happen before an answer: see `Do.put`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with whatever faults strike it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, wall = time.perf_counter(), self.wall()
        number = self.log.next_number()
        answer, status = None, 0
        try:
            body, receive = await _read(receive)
            faults = self.faults.strike(Request(self.vendor, scope["method"], scope["path"], _cursors(scope, body)), self.now())
            answer = await self._answer(scope, receive, faults)
            status = 0 if any(fault.reset == 0 for fault in faults) else answer.status
            await _send(scope, receive, send, answer, faults)
        finally:
            self.log.add(
                Entry(
                    number=number,
                    vendor=self.vendor,
                    method=scope["method"],
                    path=scope["path"],
                    query=scope["query_string"].decode("latin-1"),
                    status=status,
                    sandbox_time=self.now(),
                    wall_time=wall,
                    seconds=round(time.perf_counter() - started, 6),
                    key=_last_four(scope),
                )
            )

    async def _answer(self, scope: Scope, receive: Receive, faults: list[Do]) -> Answer:
        for fault in faults:
            if fault.delay:
                await asyncio.sleep(fault.delay)
            if fault.put:
                self.put(fault.put)
        ready = next((fault for fault in faults if fault.body is not None), None)
        answer = self._ready(ready) if ready else await collect(self.app, scope, receive)
        for fault in faults:
            self._alter(answer, fault)
        return answer

    def _ready(self, fault: Do) -> Answer:
        is_text = isinstance(fault.body, str)
        body = fault.body if is_text else json.dumps(fault.body, indent=2)
        kind = "text/plain" if is_text else "application/json"
        headers = {
            "content-type": kind,
            "date": formatdate(self.now(), usegmt=True),
            "request-id": "req_fault",
        }
        return Answer(200, headers, body.encode())

    def _alter(self, answer: Answer, fault: Do) -> None:
        if fault.json and answer.status == 200:
            answer.body = self.faults.distort(self.vendor, answer.body, fault.json)
        if fault.status is not None:
            answer.status = fault.status
        answer.headers |= {name.lower(): value for name, value in fault.headers.items()}
        if fault.clock_skew and "date" in answer.headers:
            shown = parsedate_to_datetime(answer.headers["date"]).timestamp()
            answer.headers["date"] = formatdate(shown + fault.clock_skew, usegmt=True)
        if fault.cut is not None:
            answer.body = answer.body[: fault.cut]


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The whole body of a request, and a receiver that gives it to the application as well."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again


def _cursors(scope: Scope, body: bytes) -> tuple[str, ...]:
    """From where a request goes on, by its query and by its JSON body, at any depth."""
    query = parse_qsl(scope["query_string"].decode("latin-1"))
    found = [value for name, value in query if name in _CURSORS]
    if body[:1] in (b"{", b"["):
        with suppress(ValueError):
            found += _inside(json.loads(body))
    return tuple(found)


def _inside(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for entry in value for found in _inside(entry)]
    if not isinstance(value, dict):
        return []
    own = [str(entry) for name, entry in value.items() if name in _CURSORS and isinstance(entry, str | int)]
    return own + [found for entry in value.values() for found in _inside(entry)]


async def collect(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """The whole answer of an application."""
    answer = Answer()

    async def take(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    try:
        await app(scope, receive, take)
    except Exception:
        _logger.exception("%s %s failed", scope["method"], scope["path"])
        answer.status = 500
    return answer


async def _send(scope: Scope, receive: Receive, send: Send, answer: Answer, faults: list[Do]) -> None:
    reset = next((fault.reset for fault in faults if fault.reset is not None), None)
    if reset == 0:
        await _break(scope, receive)
        return
    headers = answer.headers | {"content-length": str(len(answer.body))}
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    if reset is None:
        await send({"type": "http.response.body", "body": answer.body})
        return
    await send({"type": "http.response.body", "body": answer.body[:reset], "more_body": True})
    # the part that was sent must leave before the connection breaks, or the client sees no answer at all
    await asyncio.sleep(0.02)
    await _break(scope, receive)


async def _break(scope: Scope, receive: Receive) -> None:
    transport = scope.get("state", {}).get(_TRANSPORT)
    if transport is None:
        raise ConnectionResetError("fault: connection broken")
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


def _last_four(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return str(value[-4:].decode("latin-1"))
    return ""
