"""The sandbox's memory: an append-only file of everything that was done to the simulated company."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Journal:
    """One JSON object a line; the first describes the company, the rest happened to it in this order."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def exists(self) -> bool:
        """Whether a company was ever recorded here."""
        return self._path.exists() and any(True for _ in self.entries())

    def entries(self) -> Iterator[Entry]:
        """Everything recorded; a last line that was cut off by a crash does not count."""
        with self._path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield json.loads(line)

    def begin(self, entry: Entry) -> None:
        """Record a new company; whatever was cut off before it is gone."""
        self._path.write_bytes(b"")
        self.append(entry)

    def append(self, entry: Entry) -> None:
        """Record one more entry, on disk before this returns."""
        with self._path.open("ab") as file:
            file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            file.flush()

    def repair(self) -> None:
        """Cut off an incomplete last line."""
        content = self._path.read_bytes()
        complete = content.rfind(b"\n") + 1
        if complete < len(content):
            with self._path.open("rb+") as file:
                file.truncate(complete)
