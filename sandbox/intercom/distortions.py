"""Distortions of an Intercom answer, as a faulty server or another workspace would send it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Body = dict[str, Any]
Distortion = Callable[[Any, Any], Any]
HOSTILE = "\u0000 \u202e\u200b'; drop table contacts; -- <script>\U0001f4a9 \\u0000 \n\r\t"
BEYOND_FLOATS = 2**53 + 1
_ROWS = (
    "data", "conversations", "tickets", "admins", "teams", "activity_logs", "segments", "companies", "handling_events",
)  # fmt: skip


def _field(body: Any) -> str | None:
    return next((name for name in _ROWS if isinstance(body, dict) and isinstance(body.get(name), list)), None)


def _with_rows(body: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    name = _field(body)
    return body if name is None else {**body, name: change(body[name])}


def _each(body: Any, change: Callable[[Body], Body]) -> Any:
    """Every row of a list, or the record itself."""
    return change(body) if _field(body) is None else _with_rows(body, lambda rows: [change(row) for row in rows])


def _empty_page(body: Any, argument: Any) -> Any:
    """No rows, and yet the promise of more."""
    emptied = _with_rows(body, lambda rows: [])
    if "scroll_param" in body:
        return emptied
    pages = {**(body.get("pages") or {})}
    pages["next"] = pages.get("next") or {"page": 2, "starting_after": "Wy0xLDAsIiIsMl0="}
    return {**emptied, "pages": pages}


def _repeat_cursor(body: Any, cursor: Any) -> Any:
    """The next page is always the same one."""
    following = {"page": 2, "starting_after": cursor if isinstance(cursor, str) else "WzMsIDAsICIiLCAyXQ=="}
    return {**body, "pages": {**(body.get("pages") or {}), "next": following}}


def _drop_end(body: Any, argument: Any) -> Any:
    """Nothing tells whether more follows."""
    return {name: value for name, value in body.items() if name != "pages"}


def _no_next(body: Any, argument: Any) -> Any:
    """A page in the middle looks like the last one."""
    return {**body, "pages": {name: value for name, value in (body.get("pages") or {}).items() if name != "next"}}


def _duplicate(body: Any, argument: Any) -> Any:
    """The first row is there twice."""
    return _with_rows(body, lambda rows: [*rows[:1], *rows])


def _swap(body: Any, argument: Any) -> Any:
    """Rows in the opposite order."""
    return _with_rows(body, lambda rows: rows[::-1])


def _add_field(body: Any, name: Any) -> Any:
    """A field that nobody has heard of."""
    return _each(body, lambda row: {**row, str(name): {"new": True}})


def _drop_field(body: Any, name: Any) -> Any:
    """Rows without a field."""
    return _each(body, lambda row: {key: value for key, value in row.items() if key != name})


def _change_type(body: Any, name: Any) -> Any:
    """A number where text was, and text where a number was."""
    return _each(body, lambda row: {**row, name: _turned(row.get(name))} if name in row else row)


def _turned(value: Any) -> Any:
    if isinstance(value, str):
        return int(value) if value.isdigit() else [value]
    return str(value)


def _big_number(body: Any, name: Any) -> Any:
    """A number that no float can hold."""
    return _each(body, lambda row: {**row, str(name): BEYOND_FLOATS})


def _hostile_text(body: Any, name: Any) -> Any:
    """Text that harms whoever is careless."""
    return _each(body, lambda row: {**row, str(name): HOSTILE})


def _set(body: Any, values: Any) -> Any:
    """Fields of every row have these values."""
    return _each(body, lambda row: {**row, **values})


DISTORTIONS: dict[str, Distortion] = {
    "empty_page": _empty_page,
    "repeat_cursor": _repeat_cursor,
    "drop_end": _drop_end,
    "no_next": _no_next,
    "duplicate": _duplicate,
    "swap": _swap,
    "add_field": _add_field,
    "drop_field": _drop_field,
    "change_type": _change_type,
    "big_number": _big_number,
    "hostile_text": _hostile_text,
    "set": _set,
}
"""Distortions by the name that fault rules use under `json`."""
