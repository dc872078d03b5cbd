"""What exists and what is gone, noted as it happens; never computed from the records that the server reads."""

from __future__ import annotations

from typing import Any


class Truth:
    """Ids by stream: those that a warehouse must hold, and those that it must have buried."""

    def __init__(self) -> None:
        self._alive: dict[str, dict[str, None]] = {}
        self._gone: dict[str, dict[str, None]] = {}

    def came(self, stream: str, id: str) -> None:
        """A record exists from now on, or again."""
        self._alive.setdefault(stream, {})[id] = None
        self._gone.get(stream, {}).pop(id, None)

    def went(self, stream: str, id: str) -> None:
        """A record is gone, whether it lies in the recycle bin or nowhere."""
        self._alive.get(stream, {}).pop(id, None)
        self._gone.setdefault(stream, {})[id] = None

    def alive(self, stream: str) -> list[str]:
        """Ids that exist."""
        return list(self._alive.get(stream, ()))

    def report(self, streams: list[str]) -> dict[str, dict[str, Any]]:
        """Per stream: count, sorted ids, and sorted ids of what is gone."""
        return {
            stream: {
                "count": len(self._alive.get(stream, ())),
                "ids": sorted(self._alive.get(stream, ())),
                "deleted": sorted(self._gone.get(stream, ())),
            }
            for stream in streams
        }
