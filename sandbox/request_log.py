"""What the local servers were asked: one entry per request, with its times and its outcome."""

from __future__ import annotations

import fnmatch
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 200_000
"""Entries kept; older ones are forgotten."""


@dataclass(frozen=True)
class Entry:
    """One request; `status` is 0 when the connection was broken before an answer."""

    number: int
    vendor: str
    method: str
    path: str
    query: str
    status: int
    sandbox_time: int
    wall_time: float
    seconds: float
    key: str


class RequestLog:
    """The journal of requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0

    def next_number(self) -> int:
        """The number of the next entry, starting with 1."""
        self._count += 1
        return self._count

    def add(self, entry: Entry) -> None:
        """Append an entry."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        self._entries.clear()

    def select(
        self,
        *,
        since: int = 0,
        vendor: str | None = None,
        method: str | None = None,
        path: str = "*",
        status: int | None = None,
        limit: int = 1000,
    ) -> list[dict[str, Any]]:
        """Entries after the number `since` that fit, the newest `limit` of them."""
        fitting = [
            asdict(entry)
            for entry in self._entries
            if entry.number > since
            and vendor in (None, entry.vendor)
            and method in (None, entry.method)
            and status in (None, entry.status)
            and fnmatch.fnmatchcase(entry.path, path)
        ]
        return fitting[-limit:]
