"""Pages of a listing: by a cursor that names the last row, or by number."""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.intercom.collection import Body, Collection, sort_key
from sandbox.intercom.errors import invalid

MOST_PER_PAGE = 150
_REMEMBERED = 16


@dataclass(frozen=True)
class Slice:
    """Rows of a page, how many there are in all, and the object that tells of other pages."""

    rows: list[Body]
    total: int
    pages: Body


def page_size(given: Any, default: int, most: int = MOST_PER_PAGE) -> int:
    """A page size between 1 and the maximum; a refusal for anything else."""
    try:
        size = int(given) if given not in (None, "") else default
    except (TypeError, ValueError):
        raise invalid(f"per_page must be a number, not {given!r}") from None
    if not 1 <= size <= most:
        raise invalid(f"per_page must be between 1 and {most}")
    return size


def _encode(key: tuple[int, Any, str], page: int) -> str:
    return base64.b64encode(json.dumps([*key, page]).encode()).decode()


def _decode(cursor: str) -> tuple[tuple[int, Any, str], int]:
    try:
        kind, value, id, page = json.loads(base64.b64decode(cursor, validate=True))
        return (int(kind), value, str(id)), int(page)
    except (ValueError, TypeError):
        raise invalid("starting_after is invalid", "client_error") from None


class Listings:
    """Rows of a collection that pass a test, in an order; remembered while nothing changes."""

    def __init__(self) -> None:
        self._remembered: OrderedDict[str, tuple[int, list[Body]]] = OrderedDict()

    def rows(self, rows: Collection, name: str, field: str, descending: bool, test: Callable[[Body], bool] | None) -> list[Body]:
        """All rows of the listing called `name`."""
        ordered = rows.ordered(field, descending)
        if test is None:
            return ordered
        key = f"{name} {field} {descending}"
        held = self._remembered.get(key)
        if held is None or held[0] != rows.version:
            held = (rows.version, [body for body in ordered if test(body)])
            self._remembered[key] = held
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return held[1]


def after_cursor(rows: list[Body], field: str, descending: bool, size: int, cursor: str | None) -> Slice:
    """The rows after the one that the cursor names, wherever it stands by now."""
    begin, page = 0, 1
    if cursor:
        key, page = _decode(cursor)
        if descending:
            keys = _Reversed(rows, field)
            begin = len(rows) - bisect_left(keys, key)
        else:
            begin = bisect_right(rows, key, key=lambda body: sort_key(body, field))
    shown = rows[begin : begin + size]
    pages: Body = {"type": "pages", "page": page, "per_page": size, "total_pages": -(-len(rows) // size)}
    if begin + size < len(rows):
        pages["next"] = {"page": page + 1, "starting_after": _encode(sort_key(shown[-1], field), page + 1)}
    return Slice(shown, len(rows), pages)


class _Reversed:
    """Keys of a descending list, ascending, without making them all."""

    def __init__(self, rows: list[Body], field: str) -> None:
        self._rows, self._field = rows, field

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> tuple[int, Any, str]:
        return sort_key(self._rows[len(self._rows) - 1 - index], self._field)


def numbered(rows: list[Body], size: int, page: Any, url: Callable[[int], str]) -> Slice:
    """The page of this number, with the address of the next."""
    try:
        number = int(page or 1)
    except (TypeError, ValueError):
        raise invalid(f"page must be a number, not {page!r}") from None
    if number < 1:
        raise invalid("page must be at least 1")
    total = -(-len(rows) // size)
    following = url(number + 1) if number < total else None
    pages = {"type": "pages", "next": following, "page": number, "per_page": size, "total_pages": total}
    return Slice(rows[(number - 1) * size : number * size], len(rows), pages)
