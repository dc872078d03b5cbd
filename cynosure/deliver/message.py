"""A message: a document rendered in the formats its channels need, ready to be kept and sent."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cynosure.document import Document, Image, Rendered, render

MAX_KEY = 200


@dataclass(frozen=True, order=True)
class Recipient:
    """One address on one channel."""

    channel: str
    address: str


@dataclass(frozen=True)
class Message:
    """What is said, under a key made from what happened; messages with one `thread` belong together."""

    key: str
    kind: str
    severity: str
    subject: str
    bodies: dict[str, Rendered] = field(hash=False)
    thread: str = ""

    @property
    def content_hash(self) -> str:
        """Fingerprint of what is said, over all formats."""
        said = json.dumps([self.subject, {name: body.body for name, body in sorted(self.bodies.items())}])
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True)
class Outgoing:
    """A message on its way to one recipient; `thread_id` is where its thread began on that channel."""

    message: Message
    address: str
    created_at: datetime
    thread_id: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for every attempt at this message and recipient, and for no other."""
        return fingerprint(self.message.key, self.address)


def fingerprint(key: str, address: str) -> str:
    """A stable identifier of one message to one address."""
    return hashlib.sha256(f"{key}\0{address}".encode()).hexdigest()[:40]


def compose(
    document: Document,
    formats: Iterable[str],
    *,
    key: str,
    kind: str,
    severity: str = "info",
    subject: str = "",
    thread: str = "",
) -> Message:
    """Renders and checks the document in each format; raises RenderedNumberMismatch."""
    if len(key) > MAX_KEY:
        key = f"{key[: MAX_KEY - 41]}:{hashlib.sha256(key.encode()).hexdigest()[:40]}"
    bodies = {name: render(document, name) for name in sorted(set(formats))}
    return Message(key, kind, severity, subject or document.title, bodies, thread)


def to_json(message: Message) -> str:
    """The message as kept in the outbox."""
    bodies = {name: _body_to_json(body) for name, body in message.bodies.items()}
    kept = {
        "subject": message.subject,
        "thread": message.thread,
        "content_hash": message.content_hash,
        "bodies": bodies,
    }
    return json.dumps(kept, ensure_ascii=False)


def from_json(key: str, kind: str, severity: str, kept: str) -> Message:
    """The message of an outbox row."""
    data = json.loads(kept)
    bodies = {name: _body_from_json(name, body) for name, body in data["bodies"].items()}
    return Message(key, kind, severity, data["subject"], bodies, data["thread"])


def _body_to_json(body: Rendered) -> dict[str, object]:
    images = [{"name": i.name, "alt": i.alt, "png": base64.b64encode(i.png).decode()} for i in body.images]
    return {"body": body.body, "images": images}


def _body_from_json(name: str, kept: dict[str, object]) -> Rendered:
    images = kept["images"]
    assert isinstance(images, list)
    decoded = tuple(Image(i["name"], base64.b64decode(i["png"]), i["alt"]) for i in images)
    return Rendered(name, str(kept["body"]), decoded)
