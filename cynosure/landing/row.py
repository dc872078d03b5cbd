r"""One landed object is one line: `1 <tab> cus_1 <tab> hash <tab> changed <tab> seen <tab> false <tab> {"id":...}`.

The payload is the object's own bytes; an object that was sent over several lines or with tabs loses the white space
between its tokens, and nothing else. The hash is the first half of its SHA-256. The escape `\u0000`, which no PostgreSQL
text can hold, becomes U+FFFD here, once, and is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

import msgspec

from cynosure.landing.manifest import LandingError
from cynosure.warehouse.landed import FALSE, TRUE

# an even number of backslashes before it means that the escape is real
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Landable(Protocol):
    """What can be landed."""

    @property
    def id(self) -> str:
        """The key, without control characters."""

    @property
    def payload(self) -> bytes | msgspec.Raw | None:
        """The object's bytes as JSON; None for a tombstone."""

    @property
    def changed(self) -> float | None:
        """When the source says it changed, in epoch seconds."""

    @property
    def deleted(self) -> bool:
        """Whether it is gone at the source."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Lines, and what they hold."""

    lines: list[bytes]
    deleted: int
    nul_replaced: int


def encode(records: Iterable[Landable], *, first: int, seen: float) -> Encoded:
    """The lines of records that were read at `seen`, numbered from `first`; raises LandingError for what is not JSON."""
    read_at, lines, deleted, nuls = _instant(seen), [], 0, 0
    for n, record in enumerate(records, first):
        changed, tombstone = record.changed, record.deleted
        body, digest = b"", b""
        if record.payload is not None:
            body = _one_line(record)
            # one byte is found much faster than six, and hardly any object has a backslash
            if b"\\" in body and b"\\u0000" in body:
                body, replaced = _NUL.subn(rb"\1\\ufffd", body)
                nuls += replaced
            digest = sha256(body).hexdigest()[:32].encode()
        lines.append(
            b"%d\t%b\t%b\t%b\t%b\t%b\t%b\n"
            % (
                n,
                _key(record.id),
                digest,
                b"" if changed is None else _instant(changed),
                read_at,
                TRUE if tombstone else FALSE,
                body,
            )
        )
        deleted += tombstone
    return Encoded(lines, deleted, nuls)


def _key(id: str) -> bytes:
    if not id or (not id.isprintable() and _CONTROL.search(id)):
        raise LandingError(f"{id!r} cannot be the key of an object: it is empty or holds a control character")
    return id.encode()


def _instant(seconds: float) -> bytes:
    return datetime.fromtimestamp(seconds, UTC).isoformat().encode()


def _one_line(record: Landable) -> bytes:
    """The payload's bytes without line breaks, proved to be JSON: a decoder has done that for a Raw already."""
    body = bytes(record.payload or b"")
    try:
        if not body.isascii():
            body.decode()
        if b"\n" in body or b"\r" in body or b"\t" in body:
            return msgspec.json.format(body, indent=-1)
        if not isinstance(record.payload, msgspec.Raw):
            msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LandingError(f"object {record.id} is not valid JSON: {error}; nothing of its page was kept") from None
    return body
