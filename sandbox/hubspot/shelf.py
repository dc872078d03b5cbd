"""The records of one type: by id, in the order of ids, and in the order of their changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

History = list[tuple[int, str, str]]
"""(epoch milliseconds, value, kind of source), oldest first."""


@dataclass(slots=True)
class Item:
    """A record; instants are epoch milliseconds. `modified` is None for one that does not say when it changed."""

    id: int
    properties: dict[str, str]
    created: int
    modified: int | None
    archived: int | None = None
    source: str = "CRM_UI"
    history: dict[str, History] = field(default_factory=dict)
    """Only of properties that have changed since the creation."""

    def values(self, name: str) -> History:
        """Everything that a property has been."""
        first = [(self.created, self.properties[name], self.source)] if name in self.properties else []
        return self.history.get(name, first)


class Shelf:
    """All records of a type that exist, archived ones included."""

    def __init__(self, first: int) -> None:
        self.items: dict[int, Item] = {}
        self.aliases: dict[int, int] = {}
        """Merged records: which one took them in."""
        self._next = first
        self._order: list[int] = []
        self._changes: list[tuple[int, int]] = []

    def new_id(self) -> int:
        """The next id."""
        self._next += 1
        return self._next

    def put(self, item: Item) -> None:
        """Adds a record."""
        self.items[item.id] = item
        if not self._order or item.id > self._order[-1]:
            self._order.append(item.id)
        else:
            insort(self._order, item.id)
        self.touched(item)

    def drop(self, id: int) -> Item:
        """Removes a record without a trace."""
        return self.items.pop(id)

    def touched(self, item: Item) -> None:
        """Notes that a record has another date of change."""
        if item.modified is not None:
            insort(self._changes, (item.modified, item.id))

    def after(self, id: int, *, archived: bool) -> Iterator[Item]:
        """Records above an id, in the order of ids."""
        for position in range(bisect_right(self._order, id), len(self._order)):
            item = self.items.get(self._order[position])
            if item is not None and (item.archived is not None) == archived:
                yield item

    def changed(self, low: int, high: int) -> list[Item]:
        """Records whose present date of change lies in [low, high]."""
        span = self._changes[bisect_left(self._changes, (low, 0)) : bisect_right(self._changes, (high, 1 << 62))]
        found = {id: self.items[id] for at, id in span if id in self.items and self.items[id].modified == at}
        return list(found.values())

    def living(self) -> list[Item]:
        """All records that are not archived."""
        return [item for item in self.items.values() if item.archived is None]

    def find(self, id: int) -> Item | None:
        """A record, or the one that took it in."""
        while id in self.aliases:
            id = self.aliases[id]
        return self.items.get(id)
