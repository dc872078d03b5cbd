r"""One landed object is one line: `1 <tab> cus_1 <tab> hash <tab> changed <tab> seen <tab> false <tab> {"id":...}`.

The payload is the object's own bytes; an object that was sent over several lines or with tabs loses the white space
between its tokens, and nothing else. The hash is the first half of its SHA-256. The escape `\u0000`, which no PostgreSQL
text can hold, becomes U+FFFD here, once, and is counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

import msgspec

from cynosure.landing.manifest import LandingError

# an even number of backslashes before it means that the escape is real
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
# half of a SHA-256: enough to tell the versions of an object apart
_HASH_LENGTH = 32
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
    """Lines, how many, and what they hold; the longest of so many bytes."""

    text: bytes
    rows: int
    longest: int
    deleted: int
    nul_replaced: int


def encode(records: Sequence[Landable], *, first: int, seen: float) -> Encoded:
    """The lines of records that were read at `seen`, numbered from `first`; raises LandingError for what is not JSON."""
    bodies, nuls = _bodies(records)
    read_at, longest = _instant(seen), 0
    pieces: list[bytes] = []
    for n, (record, body) in enumerate(zip(records, bodies, strict=True), first):
        digest = sha256(body).hexdigest()[:_HASH_LENGTH] if body else ""
        changed = "" if record.changed is None else _instant(record.changed)
        gone = "true" if record.deleted else "false"
        head = f"{n}\t{_key(record.id)}\t{digest}\t{changed}\t{read_at}\t{gone}\t".encode()
        pieces += (head, body, b"\n")
        longest = max(longest, len(head) + len(body) + 1)
    return Encoded(b"".join(pieces), len(records), longest, sum(record.deleted for record in records), nuls)


def _bodies(records: Sequence[Landable]) -> tuple[list[bytes], int]:
    """The payloads, fit for a line, and how many NULs were replaced; b"" for none."""
    bodies = [b"" if record.payload is None else bytes(record.payload) for record in records]
    decoded = all(isinstance(record.payload, msgspec.Raw | None) for record in records)
    # one search in a page is cheaper than one in each object, and hardly any page has anything to find
    page = b"".join(bodies)
    if not decoded or not _is_plain(page):
        bodies = [_one_line(record) if record.payload is not None else b"" for record in records]
    # one byte is found much faster than six
    if b"\\" not in page or b"\\u0000" not in page:
        return bodies, 0
    found = [_NUL.subn(rb"\1\\ufffd", body) for body in bodies]
    return [body for body, _ in found], sum(count for _, count in found)


def _is_plain(page: bytes) -> bool:
    """Whether it can be landed as it is: it is ASCII and has no white space but spaces."""
    return page.isascii() and not (b"\n" in page or b"\r" in page or b"\t" in page)


def _key(id: str) -> str:
    if not id or (not id.isprintable() and _CONTROL.search(id)):
        raise LandingError(f"{id!r} cannot be the key of an object: it is empty or holds a control character")
    return id


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _one_line(record: Landable) -> bytes:
    """The payload's bytes without line breaks, proved to be JSON: a decoder has done that for a Raw already."""
    body = bytes(record.payload or b"")
    try:
        body.decode()
        if b"\n" in body or b"\r" in body or b"\t" in body:
            return msgspec.json.format(body, indent=-1)
        if not isinstance(record.payload, msgspec.Raw):
            msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LandingError(f"object {record.id} is not valid JSON: {error}; nothing of its page was kept") from None
    return body
