"""What exists and what is gone, noted when it happens: the account's own truth, apart from what its server reads."""

from __future__ import annotations

from typing import Any


class Existence:
    """Ids per stream of the connector."""

    def __init__(self) -> None:
        self._living: dict[str, dict[str, None]] = {}
        self._gone: dict[str, dict[str, None]] = {}

    def begins(self, stream: str, id: str) -> None:
        """Something exists, perhaps again."""
        self._living.setdefault(stream, {})[id] = None
        self._gone.setdefault(stream, {}).pop(id, None)

    def ends(self, stream: str, id: str) -> None:
        """Something is gone."""
        self._living.setdefault(stream, {}).pop(id, None)
        self._gone.setdefault(stream, {})[id] = None

    def streams(self) -> dict[str, dict[str, Any]]:
        """Per stream `count`, `ids` and `deleted`."""
        return {
            stream: {"count": len(ids), "ids": sorted(ids), "deleted": sorted(self._gone.get(stream, {}))}
            for stream, ids in self._living.items()
        }
