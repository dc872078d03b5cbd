"""The workspace's own books: which rows exist and which are gone, noted as it happens and read by nothing that serves."""

from __future__ import annotations

from typing import Any


class Existence:
    """Per stream of the connector, the ids that exist and those that existed once."""

    def __init__(self) -> None:
        self._here: dict[str, dict[str, None]] = {}
        self._gone: dict[str, dict[str, None]] = {}

    def begin(self, stream: str, id: str) -> None:
        """A row exists, or exists again."""
        self._here.setdefault(stream, {})[id] = None
        self._gone.get(stream, {}).pop(id, None)

    def end(self, stream: str, id: str) -> None:
        """A row is gone."""
        if self._here.get(stream, {}).pop(id, 0) is None:
            self._gone.setdefault(stream, {})[id] = None

    def report(self, stream: str) -> dict[str, Any]:
        """How many rows there are, which, and which were deleted."""
        here, gone = sorted(self._here.get(stream, ())), sorted(self._gone.get(stream, ()))
        return {"count": len(here), "ids": here, "deleted": gone}
