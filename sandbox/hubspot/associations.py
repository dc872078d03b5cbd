"""Associations between records, both ways at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.hubspot.kinds import ASSOCIATION_TYPES

PER_RECORD = 500
"""Associated ids of one record in one answer; more need paging."""

Types = frozenset[int]
Side = dict[int, dict[int, Types]]


class Associations:
    """Who belongs to whom, by pair of types: id -> id -> type ids."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], Side] = {pair: {} for pair in ASSOCIATION_TYPES}
        self._shared: dict[Types, Types] = {}

    def knows(self, kind: str, other: str) -> bool:
        """Whether the account has associations from one type to the other."""
        return (kind, other) in self._pairs

    def add(self, kind: str, id: int, other: str, to: int, *, primary: bool = False) -> None:
        """Associates two records; the first company of a record is its primary one."""
        for pair, left, right in (((kind, other), id, to), ((other, kind), to, id)):
            plain, first = ASSOCIATION_TYPES[pair]
            entries = self._pairs[pair].setdefault(left, {})
            types = entries.get(right, frozenset()) | ({plain} if first is None or not primary else {plain, first})
            # few sets exist, shared by all records
            entries[right] = self._shared.setdefault(types, types)

    def remove(self, kind: str, id: int, other: str, to: int) -> None:
        """Ends an association."""
        for pair, left, right in (((kind, other), id, to), ((other, kind), to, id)):
            self._pairs[pair].get(left, {}).pop(right, None)

    def of(self, kind: str, id: int, other: str) -> dict[int, Types]:
        """Associated ids with their type ids."""
        return self._pairs[kind, other].get(id, {})

    def has_primary(self, kind: str, id: int, other: str) -> bool:
        """Whether a record has a primary one of another type."""
        primary = ASSOCIATION_TYPES[kind, other][1]
        return any(primary in types for types in self.of(kind, id, other).values())

    def forget(self, kind: str, id: int) -> list[tuple[str, int, Types]]:
        """Ends all associations of a record; gives what they were."""
        ended = [(other, to, types) for other, to, types in self._all(kind, id)]
        for other, to, _ in ended:
            self.remove(kind, id, other, to)
        return ended

    def move(self, kind: str, loser: int, winner: int) -> None:
        """Gives all associations of one record to another."""
        for other, to, types in self.forget(kind, loser):
            if kind == other and to == winner:
                continue
            primary = ASSOCIATION_TYPES[kind, other][1]
            self.add(kind, winner, other, to, primary=primary in types and not self.has_primary(kind, winner, other))

    def _all(self, kind: str, id: int) -> Iterator[tuple[str, int, Types]]:
        for (left, other), side in self._pairs.items():
            if left == kind:
                for to, types in side.get(id, {}).items():
                    yield other, to, types


def shown(kind: str, other: str, to: int, types: Types) -> dict[str, Any]:
    """One associated record as answers show it."""
    primary = ASSOCIATION_TYPES[kind, other][1]
    entries = [
        {"category": "HUBSPOT_DEFINED", "typeId": id, "label": "Primary" if id == primary else None} for id in sorted(types)
    ]
    return {"toObjectId": to, "associationTypes": entries}
