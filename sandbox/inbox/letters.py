"""A mail as the inbox shows it: its parts, with inline images inside the HTML."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from email.message import EmailMessage

_CID = re.compile(r"cid:([^\"'\s)>]+)")


@dataclass(frozen=True)
class Attachment:
    """A part that is neither text, HTML nor an image used in the HTML."""

    position: int
    name: str
    type: str
    size: int


def html_of(message: EmailMessage) -> str | None:
    """The HTML part with every `cid:` image put in as data, or None if there is no such part."""
    part = message.get_body(("html",))
    if part is None:
        return None
    images = _images(message)
    text: str = part.get_content()
    return _CID.sub(lambda found: images.get(found[1], found[0]), text)


def text_of(message: EmailMessage) -> str | None:
    """The text part, or None if there is none."""
    part = message.get_body(("plain",))
    return None if part is None else str(part.get_content())


def attachments_of(message: EmailMessage) -> list[Attachment]:
    """The parts that a reader would save."""
    return [
        Attachment(position, part.get_filename() or f"part-{position}", part.get_content_type(), len(content_of(part)))
        for position, part in enumerate(message.walk())
        if part.get_content_disposition() == "attachment"
    ]


def attachment(message: EmailMessage, position: int) -> tuple[Attachment, bytes]:
    """An attachment and its content; KeyError if there is none at the position."""
    for found in attachments_of(message):
        if found.position == position:
            return found, content_of(list(message.walk())[position])
    raise KeyError(position)


def content_of(part: object) -> bytes:
    """The decoded bytes of a part."""
    payload = part.get_payload(decode=True) if isinstance(part, EmailMessage) else b""
    return payload if isinstance(payload, bytes) else b""


def _images(message: EmailMessage) -> dict[str, str]:
    images = {}
    for part in message.walk():
        name = part.get("content-id")
        if name:
            content = base64.b64encode(content_of(part)).decode()
            images[str(name).strip("<> ")] = f"data:{part.get_content_type()};base64,{content}"
    return images
