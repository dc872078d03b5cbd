"""A control store per test and a mail sink and a Slack workspace that really listen."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from cynosure.deliver import ControlStore, Message, compose, open_store
from cynosure.deliver.tables import ensure_tables
from cynosure.document import Chart, Document, Figure, Point, Text

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def store(tmp_path: Path) -> ControlStore:
    return ensure_tables(open_store(f"sqlite:///{tmp_path}/control.sqlite"))


@pytest.fixture
def message() -> Callable[..., Message]:
    def build(key: str = "report:daily:2026-11-21:all", **values: Any) -> Message:
        document = Document("Daily metrics", (Text(("MRR is ", Figure("mrr", None, "percent"), ".")), CHART))
        formats = ("html", "text", "slack")
        return compose(document, formats, key=key, kind=values.pop("kind", "report"), **values)

    return build


CHART = Chart("c", "Course", "line", (Point("2026-11-20", None), Point("2026-11-21", None)), ("No data.",))


@dataclass
class MailSink:
    """What arrived, and how the server is told to misbehave: a reply per stage, by recipient if given."""

    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    on_rcpt: dict[str, str] = field(default_factory=dict)
    on_data: str = "250 OK"
    after_data: Callable[[], None] | None = None

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if refusal := self.on_rcpt.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.on_data.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.received.append(message_from_bytes(content, policy=policy.default))
            self.recipients += envelope.rcpt_tos
        if self.on_data == "250 and hang up":
            server.transport.abort()
        return self.on_data


@pytest.fixture
def mail() -> Iterator[tuple[MailSink, int]]:
    sink = MailSink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, data_size_limit=300_000)
    controller.start()
    yield sink, port
    controller.stop()


@dataclass
class Workspace:
    """A Slack workspace: posted messages, uploaded files, and answers to give instead of the next ones."""

    posted: list[dict[str, Any]] = field(default_factory=list)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    instead: dict[str, list[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    hang_up_after_post: int = 0
    tokens: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    url: str = ""


class _Endpoint(BaseHTTPRequestHandler):
    workspace: Workspace

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        method = urlsplit(self.path).path.rpartition("/")[2]
        self.workspace.calls.append(method)
        self.workspace.tokens.append(self.headers.get("Authorization", ""))
        if prepared := self.workspace.instead.get(method):
            self._answer(*prepared.pop(0))
            return
        if self.path.startswith("/upload/"):
            self.workspace.uploaded[method] = body
            self._answer(200, {}, b"OK")
            return
        arguments = self._arguments(body)
        if method == "chat.postMessage":
            ts = f"{1_700_000_000 + len(self.workspace.posted)}.000100"
            self.workspace.posted.append(arguments | {"ts": ts})
            if self.workspace.hang_up_after_post:
                self.workspace.hang_up_after_post -= 1
                self.connection.close()
                return
            self._json({"ok": True, "channel": "C1", "ts": ts})
        elif method == "conversations.list":
            self._json({"ok": True, "channels": [{"id": "C1", "name": "metrics"}]})
        elif method in ("conversations.history", "conversations.replies"):
            self._json({"ok": True, "messages": list(reversed(self.workspace.posted))})
        elif method == "files.getUploadURLExternal":
            file = f"F{len(self.workspace.uploaded)}"
            self._json({"ok": True, "file_id": file, "upload_url": f"{self.workspace.url}/upload/{file}"})
        elif method == "files.completeUploadExternal":
            self._json({"ok": True, "files": arguments["files"]})

    def _arguments(self, body: bytes) -> dict[str, Any]:
        if "json" in (self.headers["Content-Type"] or ""):
            return dict(json.loads(body))
        fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return {n: json.loads(v) if v[:1] in "[{" else v for n, v in fields.items()}

    def _json(self, answer: dict[str, Any]) -> None:
        self._answer(200, {"Content-Type": "application/json"}, json.dumps(answer).encode())

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def slack() -> Iterator[Workspace]:
    workspace = Workspace()
    endpoint = type("Endpoint", (_Endpoint,), {"workspace": workspace})
    server = ThreadingHTTPServer(("127.0.0.1", 0), endpoint)
    workspace.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield workspace
    server.shutdown()
    server.server_close()
