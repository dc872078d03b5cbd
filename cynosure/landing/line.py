r"""One landed line: `{"n":1,"id":"cus_1","hash":"...","changed":1763.5,"seen":1763.9,"payload":{...}}`.

The payload comes last and is the object's own bytes; an object that was sent over several lines loses the white space
between its tokens, and nothing else. `hash` is the first half of its SHA-256. The escape `\u0000`, which no
PostgreSQL text can hold, becomes U+FFFD here, once, and is counted.
"""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec

# an even number of backslashes before it means that the escape is real
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def encode_line(
    n: int, id: str, payload: bytes | msgspec.Raw | None, *, changed: float | None, seen: float, deleted: bool
) -> tuple[bytes, int]:
    """The line and how many NUL escapes were replaced; raises msgspec.DecodeError if the payload is not JSON."""
    when = b"" if changed is None else b',"changed":%s' % repr(changed).encode()
    head = b'{"n":%d,"id":%s%s,"seen":%s%s' % (
        n, msgspec.json.encode(id), when, repr(seen).encode(), b',"deleted":true' if deleted else b"",
    )  # fmt: skip
    if payload is None:
        return head + b"}\n", 0
    body, replaced = _one_line(payload), 0
    # one byte is found much faster than six, and hardly any object has a backslash
    if b"\\" in body and b"\\u0000" in body:
        body, replaced = _NUL.subn(rb"\1\\ufffd", body)
    return b'%s,"hash":"%s","payload":%s}\n' % (head, sha256(body).hexdigest()[:32].encode(), body), replaced


def _one_line(payload: bytes | msgspec.Raw) -> bytes:
    """The payload's bytes without line breaks, proved to be JSON: a decoder has done that for a Raw already."""
    body = bytes(payload)
    if b"\n" in body or b"\r" in body:
        return msgspec.json.format(body, indent=-1)
    if not isinstance(payload, msgspec.Raw):
        msgspec.json.decode(body, type=msgspec.Raw)
    return body
