"""The ways in which answers come in pages (https://developer.zendesk.com/api-reference/introduction/pagination/)."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from sandbox.zendesk import HOST
from sandbox.zendesk.errors import bad_request
from sandbox.zendesk.store import Body, Position

LARGEST_PAGE, DEEPEST_ROW, EXPORT_PAGE = 100, 10_000, 1000
UNSETTLED_SECONDS = 60
"""Exports leave out the last minute."""

Query = Mapping[str, str]
Items = Sequence[tuple[Any, Any]]
"""(key, what to render) in the order of keys."""


def listed(path: str, name: str, items: Items, render: Callable[[Any], Any], query: Query) -> Body:
    """One page of a list: by cursor if `page[size]` or `page[after]` is given, else by offset."""
    if "page[size]" in query or "page[after]" in query:
        return _by_cursor(path, name, items, render, query)
    return _by_offset(path, name, items, render, query)


def _by_cursor(path: str, name: str, items: Items, render: Callable[[Any], Any], query: Query) -> Body:
    size = number(query, "page[size]", LARGEST_PAGE)
    if not 1 <= size <= LARGEST_PAGE:
        raise bad_request("InvalidPaginationParameter", f"page[size] must be between 1 and {LARGEST_PAGE}")
    begin = 0
    if "page[after]" in query:
        begin = bisect_right(items, _key(query["page[after]"]), key=lambda item: item[0])
    page = items[begin : begin + size]
    more = begin + size < len(items)
    first, last = (_cursor(page[0][0]), _cursor(page[-1][0])) if page else (None, query.get("page[after]"))
    rest = {k: v for k, v in query.items() if k not in ("page[after]", "page[before]")}
    after = f"{HOST}{path}.json?" + urlencode({**rest, "page[after]": last}) if more else None
    return {
        name: [render(item) for _, item in page],
        "meta": {"has_more": more, "after_cursor": last, "before_cursor": first},
        "links": {"prev": None, "next": after},
    }


def _by_offset(path: str, name: str, items: Items, render: Callable[[Any], Any], query: Query) -> Body:
    page, size = number(query, "page", 1), min(number(query, "per_page", LARGEST_PAGE), LARGEST_PAGE)
    if page < 1 or size < 1:
        raise bad_request("InvalidValue", "page and per_page must be positive")
    if page * size > DEEPEST_ROW:
        raise bad_request("InvalidPaginationDepth", f"offset pagination ends at {DEEPEST_ROW} records: use cursor pagination")
    rest = {k: v for k, v in query.items() if k != "page"}

    def link(number: int) -> str:
        return f"{HOST}{path}.json?" + urlencode({**rest, "page": number})

    return {
        name: [render(item) for _, item in items[(page - 1) * size : page * size]],
        "next_page": link(page + 1) if page * size < len(items) else None,
        "previous_page": link(page - 1) if page > 1 else None,
        "count": len(items),
    }


def number(query: Query, name: str, default: int) -> int:
    """A whole number from the query."""
    try:
        return int(query.get(name, default))
    except ValueError:
        raise bad_request("InvalidValue", f"{name} must be an integer") from None


def begin_of(query: Query, now: int) -> Position:
    """Where an export begins: behind a cursor, or at a time that is at least a minute ago."""
    if "cursor" in query:
        return _position(query["cursor"])
    if "start_time" not in query:
        raise bad_request("MissingParameter", "start_time or cursor is required")
    start = number(query, "start_time", 0)
    if start > now - UNSETTLED_SECONDS:
        raise bad_request("StartTimeTooRecent", "Too recent start_time. Use a start_time older than 1 minute")
    return start, 0


def page_size(query: Query) -> int:
    """Rows of an export page."""
    size = number(query, "per_page", EXPORT_PAGE)
    if not 1 <= size <= EXPORT_PAGE:
        raise bad_request("TooManyValues", f"per_page must be between 1 and {EXPORT_PAGE}", max_count=EXPORT_PAGE)
    return size


def exported_by_cursor(path: str, name: str, found: list[Position], more: bool, rows: list[Any], query: Query, now: int) -> Body:
    """A page of a cursor export; the last one has a cursor as well."""
    after = _place(found[-1]) if found else query.get("cursor") or _place(begin_of(query, now))
    return {
        name: rows,
        "after_url": f"{HOST}{path}.json?cursor={quote(after, safe='')}",
        "after_cursor": after,
        "before_url": None,
        "before_cursor": None,
        "end_of_stream": not more,
    }


def exported_by_time(path: str, name: str, found: list[Position], more: bool, rows: list[Any], query: Query) -> Body:
    """A page of a time-based export: the next one begins at the second in which this one ends."""
    end = found[-1][0] if found else None
    rest = {k: v for k, v in query.items() if k != "start_time"}
    url = f"{HOST}{path}.json?" + urlencode({**rest, "start_time": end}) if end is not None else None
    return {name: rows, "count": len(rows), "end_time": end, "next_page": url, "end_of_stream": not more}


def _place(position: Position) -> str:
    return base64.b64encode(f"{position[0]}.0||{position[1]}|".encode()).decode()


def _position(cursor: str) -> Position:
    try:
        stamp, id = base64.b64decode(cursor, validate=True).decode().rstrip("|").split("||")
        return int(float(stamp)), int(id)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise bad_request("InvalidCursor", "Invalid cursor") from None


def _cursor(key: Any) -> str:
    return base64.b64encode(json.dumps({"o": "id", "v": key}).encode()).decode()


def _key(cursor: str) -> Any:
    try:
        return json.loads(base64.b64decode(cursor, validate=True))["v"]
    except (binascii.Error, UnicodeDecodeError, ValueError, KeyError, TypeError):
        raise bad_request("InvalidPaginationParameter", "page[after] is not valid") from None
