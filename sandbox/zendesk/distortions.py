"""Answers as a faulty Zendesk would send them: ready ones by name, and distortions of real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.zendesk.errors import LIMITED, ZendeskError, forbidden, not_found, unauthenticated

_PAGE = "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>"
_HTML = {"Content-Type": "text/html"}
_BUSY = {"error": {"title": "Internal Server Error", "message": "Sorry, something went wrong"}}


def _ready(error: ZendeskError) -> dict[str, Any]:
    return {"status": error.status, "body": error.body}


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "rate_limit": {"status": 429, "body": LIMITED, "headers": {"x-rate-limit-remaining": "0"}},
    "rate_limit_wait": {"status": 429, "body": LIMITED, "headers": {"retry-after": "1", "x-rate-limit-remaining": "0"}},
    "rate_limit_html": {"status": 429, "body": _PAGE, "headers": _HTML},
    "quota": {"status": 429, "body": LIMITED, "headers": {"retry-after": "3600", "x-rate-limit-remaining": "0"}},
    "server_error": {"status": 500, "body": _BUSY},
    "bad_gateway": {"status": 502, "body": _PAGE, "headers": _HTML},
    "unavailable": {"status": 503, "body": _PAGE, "headers": {**_HTML, "retry-after": "1"}},
    "unauthorized": _ready(unauthenticated()),
    "expired_token": {
        "status": 401,
        "body": {"error": "invalid_token", "error_description": "The access token provided is expired, revoked or malformed."},
    },
    "forbidden": _ready(forbidden()),
    "forbidden_empty": {"status": 403, "body": "", "headers": _HTML},
    "missing": _ready(not_found()),
    "no_help_desk": {"status": 404, "body": "<html><body>No help desk at this address</body></html>", "headers": _HTML},
    "html": {"status": 200, "body": _PAGE, "headers": _HTML},
    "truncated": {"cut": 900},
    "reset": {"reset": 900},
    "refused": {"reset": 0},
}
"""Ready answers."""

Distortion = Callable[[Any, Any], Any]


def _main(body: Any) -> str | None:
    """The name of the list that an answer is about: the first one with objects, or with nothing."""
    if not isinstance(body, dict):
        return None
    return next((name for name, value in body.items() if isinstance(value, list)), None)


def _with_rows(body: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    name = _main(body)
    return body if name is None else {**body, name: change(body[name])}


def _empty_page(body: Any, argument: Any) -> Any:
    """No rows, and yet the promise of more."""
    emptied = _with_rows(body, lambda rows: [])
    if "end_of_stream" in emptied:
        return {**emptied, "end_of_stream": False, "count": 0}
    return {**emptied, "meta": {**emptied.get("meta", {}), "has_more": True}}


def _repeat_cursor(body: Any, cursor: Any) -> Any:
    """The same cursor (or end time) again, with the promise of more."""
    if "after_cursor" in body:
        return {**body, "after_cursor": cursor, "end_of_stream": False}
    if "end_time" in body:
        return {**body, "end_time": cursor, "end_of_stream": False}
    return {**body, "meta": {**body.get("meta", {}), "has_more": True, "after_cursor": cursor}}


def _drop_end(body: Any, argument: Any) -> Any:
    """Nothing says whether this is the end."""
    kept = {name: value for name, value in body.items() if name not in ("end_of_stream", "next_page", "links")}
    if "meta" in kept:
        kept["meta"] = {name: value for name, value in kept["meta"].items() if name != "has_more"}
    return kept


def _no_cursor(body: Any, argument: Any) -> Any:
    """The cursor is null."""
    return {**body, "after_cursor": None} if "after_cursor" in body else {**body, "end_time": None}


def _duplicate(body: Any, argument: Any) -> Any:
    """A row twice: the one of this id, or the first."""

    def twice(rows: list[Any]) -> list[Any]:
        chosen = [row for n, row in enumerate(rows) if row.get("id") == argument or (argument is True and n == 0)]
        return [*rows, *chosen]

    return _with_rows(body, twice)


def _swap(body: Any, argument: Any) -> Any:
    """Rows in the opposite order."""
    return _with_rows(body, lambda rows: rows[::-1])


def _each(body: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    return _with_rows(body, lambda rows: [change(row) if isinstance(row, dict) else row for row in rows])


def _add_field(body: Any, argument: Any) -> Any:
    """A field that nobody has heard of, by its name or as {name: value}."""
    values = argument if isinstance(argument, dict) else {str(argument): "new"}
    return _each(body, lambda row: {**row, **values})


def _drop_field(body: Any, argument: Any) -> Any:
    """Rows without a field."""
    return _each(body, lambda row: {name: value for name, value in row.items() if name != argument})


def _change_type(body: Any, argument: Any) -> Any:
    """Every second row shows a field as text."""

    def changed(rows: list[Any]) -> list[Any]:
        return [{**row, argument: str(row[argument])} if n % 2 and argument in row else row for n, row in enumerate(rows)]

    return _with_rows(body, changed)


def _big_number(body: Any, argument: Any) -> Any:
    """A number beyond what a float can hold exactly."""
    return _each(body, lambda row: {**row, str(argument): 9_007_199_254_740_993})


def _hostile_text(body: Any, argument: Any) -> Any:
    """Text with everything that breaks a careless reader."""
    return _each(body, lambda row: {**row, str(argument): "'; --\u0000\n\r\t\"\\ \U0001f600 \u202e </script>"})


def _set(body: Any, argument: Any) -> Any:
    """Fields of every row, or of the answer itself if it has no rows, have these values."""
    return _each(body, lambda row: {**row, **argument}) if _main(body) else {**body, **argument}


def _drop_sideload(body: Any, argument: Any) -> Any:
    """The sideloaded metric sets are missing: all, or that of one ticket."""
    if argument is True:
        return {name: value for name, value in body.items() if name != "metric_sets"}
    return {**body, "metric_sets": [m for m in body.get("metric_sets", []) if m["ticket_id"] != argument]}


def _nulls(body: Any, argument: Any) -> Any:
    """Every field of every row is null, except what identifies and orders it."""
    kept = {"id", "generated_timestamp", "status", "ticket_id", "active", "name"}
    return _each(body, lambda row: {name: value if name in kept else None for name, value in row.items()})


DISTORTIONS: Mapping[str, Distortion] = {
    "empty_page": _empty_page,
    "repeat_cursor": _repeat_cursor,
    "drop_end": _drop_end,
    "no_cursor": _no_cursor,
    "duplicate": _duplicate,
    "swap": _swap,
    "add_field": _add_field,
    "drop_field": _drop_field,
    "change_type": _change_type,
    "big_number": _big_number,
    "hostile_text": _hostile_text,
    "set": _set,
    "drop_sideload": _drop_sideload,
    "nulls": _nulls,
}
"""Distortions by the name that fault rules use under `json`."""
