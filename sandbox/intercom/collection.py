"""Records of one kind by id, and the orders in which lists show them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

Body = dict[str, Any]


def made_id(seed: int, kind: str, key: object) -> str:
    """24 hexadecimal digits, as contacts and companies have."""
    return hashlib.sha256(f"intercom {seed} {kind} {key}".encode()).hexdigest()[:24]


def drifting(value: int | None, key: str) -> int | str | None:
    """The number as an integer in one record and as a string in another: Intercom sends both."""
    return value if value is None or sum(key.encode()) % 3 else str(value)


class Collection:
    """Bodies by id; `changed` after each change of a body, so that orders and search results are made anew."""

    def __init__(self) -> None:
        self._rows: dict[str, Body] = {}
        self._orders: dict[tuple[str, bool], list[Body]] = {}
        self.version = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Body]:
        return iter(self._rows.values())

    def get(self, id: str) -> Body | None:
        """The body, or None."""
        return self._rows.get(id)

    def put(self, body: Body) -> Body:
        """Keeps a body under its id."""
        self._rows[str(body["id"])] = body
        self.changed()
        return body

    def remove(self, id: str) -> Body | None:
        """Takes a body out."""
        body = self._rows.pop(id, None)
        self.changed()
        return body

    def changed(self) -> None:
        """Something in a body is different now."""
        self.version += 1
        self._orders.clear()

    def ordered(self, field: str, descending: bool) -> list[Body]:
        """All bodies by a field and then by id."""
        order = (field, descending)
        if order not in self._orders:
            self._orders[order] = sorted(self._rows.values(), key=lambda body: sort_key(body, field), reverse=descending)
        return self._orders[order]


def sort_key(body: Body, field: str) -> tuple[int, float | str, str]:
    """Where a body stands; nothing comes first."""
    value = body.get(field)
    if isinstance(value, str) and value.lstrip("-").isdigit():
        value = int(value)
    kind = 0 if value is None else 2 if isinstance(value, str) else 1
    return kind, value if value is not None else 0, str(body["id"])
