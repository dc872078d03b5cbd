r"""One landed line: `{"n":1,"id":"cus_1","hash":"...","changed":1763.5,"seen":1763.9,"payload":{...}}`.

The payload comes last and is the object's own bytes with insignificant white space removed, so that numbers keep the
form in which they were sent. `hash` is its BLAKE2b-128. The escape `\u0000`, which no PostgreSQL text can hold,
becomes U+FFFD here, once, and is counted.
"""

from __future__ import annotations

import re
from hashlib import blake2b

import msgspec

# an even number of backslashes before it means that the escape is real
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def encode_line(
    n: int, id: str, payload: bytes | None, *, changed: float | None, seen: float, deleted: bool
) -> tuple[bytes, int]:
    """The line and how many NUL escapes were replaced; raises msgspec.DecodeError if the payload is not JSON."""
    head = b'{"n":%d,"id":%s' % (n, msgspec.json.encode(id))
    if changed is not None:
        head += b',"changed":%s' % repr(changed).encode()
    head += b',"seen":%s' % repr(seen).encode()
    if deleted:
        head += b',"deleted":true'
    if payload is None:
        return head + b"}\n", 0
    body = msgspec.json.format(payload, indent=-1)
    replaced = 0
    if b"\\u0000" in body:
        body, replaced = _NUL.subn(rb"\1\\ufffd", body)
    digest = blake2b(body, digest_size=16).hexdigest().encode()
    return b'%s,"hash":"%s","payload":%s}\n' % (head, digest, body), replaced
