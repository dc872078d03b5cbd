"""All objects of one kind, kept as JSON text in creation order, with the indexes that the list filters need."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from typing import Any

import msgspec

Body = dict[str, Any]
Position = tuple[int, str]
"""Where an object stands in every list: creation time in epoch seconds, then id."""

FIRST: Position = (-(2**62), "")
LAST: Position = (2**62, "\U0010ffff")

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class Collection:
    """Objects of one kind; `indexes` maps an index name to the function that reads its value from a body."""

    def __init__(self, created: str, indexes: dict[str, Callable[[Body], Any]]) -> None:
        self._created = created
        self._read_index = indexes
        self._texts: dict[str, bytes] = {}
        self._positions: dict[str, Position] = {}
        self._order: list[Position] = []
        self._index: dict[str, dict[Any, list[Position]]] = {name: defaultdict(list) for name in indexes}

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, id: str) -> bool:
        return id in self._texts

    def get(self, id: str) -> Body | None:
        """A fresh copy of the object, or None."""
        text = self._texts.get(id)
        return None if text is None else _decode(text)

    def position(self, id: str) -> Position | None:
        """Where the object stands in the lists, or None."""
        return self._positions.get(id)

    def put(self, body: Body) -> Body | None:
        """Insert the object, or replace the one with the same id, which is returned."""
        id = body["id"]
        before = known = self.get(id)
        position = (int(body[self._created]), id)
        if known is not None and self._positions[id] != position:
            self.discard(id)
            known = None
        self._texts[id] = _encode(body)
        if known is None:
            self._positions[id] = position
            insort(self._order, position)
        for name, read in self._read_index.items():
            self._place(self._index[name], position, () if known is None else _values(read(known)), _values(read(body)))
        return before

    def _place(self, index: dict[Any, list[Position]], position: Position, old: Iterable[Any], new: Iterable[Any]) -> None:
        """Move an object within an index."""
        if old == new:
            return
        for value in old:
            _take_out(index[value], position)
        for value in new:
            insort(index[value], position)

    def discard(self, id: str) -> Body | None:
        """Take the object out and return it, or None if it is not there."""
        body = self.get(id)
        if body is None:
            return None
        del self._texts[id]
        position = self._positions.pop(id)
        _take_out(self._order, position)
        for name, read in self._read_index.items():
            self._place(self._index[name], position, _values(read(body)), ())
        return body

    def discard_before(self, created: int) -> None:
        """Drop every object created before the instant."""
        for _, id in self._order[: bisect_left(self._order, (created, ""))]:
            self.discard(id)

    def ids(self) -> list[str]:
        """All ids, oldest first."""
        return [id for _, id in self._order]

    def index_test(self, name: str, values: Iterable[Any]) -> Callable[[Body], bool]:
        """Whether a body has one of the values in an index."""
        wanted = set(values)
        return lambda body: not wanted.isdisjoint(_values(self._read_index[name](body)))

    def index_values(self, name: str) -> list[Any]:
        """The values an index holds."""
        return [value for value, order in self._index[name].items() if order]

    def newest_first(
        self,
        after: Position = FIRST,
        before: Position = LAST,
        within: tuple[str, Iterable[Any]] | None = None,
    ) -> Iterator[Body]:
        """Objects strictly between two positions, newest first; `within` limits them to values of an index."""
        spans = [_span(order, after, before) for order in self._orders(within)]
        newest = (map(order.__getitem__, range(high - 1, low - 1, -1)) for order, low, high in spans)
        return (_decode(self._texts[id]) for _, id in merge(*newest, reverse=True))

    def oldest_first(
        self,
        after: Position = FIRST,
        before: Position = LAST,
        within: tuple[str, Iterable[Any]] | None = None,
    ) -> Iterator[Body]:
        """Objects strictly between two positions, oldest first; `within` limits them to values of an index."""
        spans = [_span(order, after, before) for order in self._orders(within)]
        oldest = (map(order.__getitem__, range(low, high)) for order, low, high in spans)
        return (_decode(self._texts[id]) for _, id in merge(*oldest))

    def _orders(self, within: tuple[str, Iterable[Any]] | None) -> list[list[Position]]:
        if within is None:
            return [self._order]
        name, values = within
        return [self._index[name][value] for value in values if value in self._index[name]]


def _values(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple, set)) else (value,)


def _span(order: list[Position], after: Position, before: Position) -> tuple[list[Position], int, int]:
    return order, bisect_right(order, after), bisect_left(order, before)


def _take_out(order: list[Position], position: Position) -> None:
    at = bisect_left(order, position)
    if at < len(order) and order[at] == position:
        order.pop(at)
