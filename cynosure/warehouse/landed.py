"""What a landed file holds: lines of tab-separated columns, read by each engine's own bulk path without unescaping.

No column can contain a tab or a line break: JSON escapes them inside of strings, keys and instants have none. An empty
column is null. Both engines know the types by these names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

COLUMNS = {
    "n": "bigint",
    "id": "text",
    "payload_hash": "text",
    "source_updated_at": "timestamptz",
    "extracted_at": "timestamptz",
    "is_deleted": "boolean",
    "payload": "text",
}
#: what a batch is compared by: everything but the payload
KEYS = {name: kind for name, kind in COLUMNS.items() if name != "payload"}

SEPARATOR = b"\t"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A landed file on this machine; `longest` is the length in bytes of its longest line."""

    path: Path
    longest: int


def lines(file: LandedFile) -> Iterator[list[bytes]]:
    """The lines of a file, without their ends, some at a time."""
    rest = b""
    with file.path.open("rb") as compressed:
        for chunk in zstandard.ZstdDecompressor().read_to_iter(compressed, read_size=_CHUNK, write_size=_CHUNK):
            first, *others = chunk.split(b"\n")
            if not others:
                rest += first
                continue
            *whole, last = others
            yield [rest + first, *whole]
            rest = last
