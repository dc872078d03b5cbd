"""Ready faulty answers of HubSpot, and distortions of its pages, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.hubspot.errors import HubspotError, limited, missing, unauthenticated, unscoped

Body = Any
_PAGE = "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"
_HTML = {"Content-Type": "text/html"}


def _answer(error: HubspotError) -> dict[str, Any]:
    return {"status": error.status, "headers": error.headers, "body": error.body(0)}


PRESETS: dict[str, dict[str, Any]] = {
    "rate_limit": _answer(limited("TEN_SECONDLY_ROLLING", 1)),
    "rate_limit_wait": _answer(limited("TEN_SECONDLY_ROLLING", 1, 1)),
    "rate_limit_search": _answer(limited("SECONDLY", 1)),
    "rate_limit_html": {"status": 429, "headers": _HTML, "body": _PAGE},
    "quota": _answer(limited("DAILY", 1)),
    "server_error": _answer(HubspotError(500, "INTERNAL_ERROR", "internal error")),
    "bad_gateway": {"status": 502, "headers": _HTML, "body": _PAGE},
    "unavailable": _answer(HubspotError(503, "SERVICE_UNAVAILABLE", "unavailable")),
    "gateway_timeout": {"status": 504, "headers": _HTML, "body": _PAGE},
    "unauthorized": _answer(unauthenticated("Authentication credentials not found.")),
    "expired_token": _answer(unauthenticated("The OAuth token used to make this call expired.", expired=True)),
    "malformed_token": _answer(HubspotError(530, "INVALID_AUTHENTICATION", "The token is malformed.")),
    "forbidden": _answer(unscoped("crm.objects.deals.read")),
    "missing": _answer(missing("resource not found")),
    "missing_html": {"status": 404, "headers": _HTML, "body": _PAGE},
    "too_long": {"status": 414, "headers": _HTML, "body": _PAGE},
    "html": {"status": 200, "headers": _HTML, "body": _PAGE},
    "truncated": {"cut": 900},
    "reset": {"reset": 900},
    "refused": {"reset": 0},
}
"""Ready answers, usable as `do: {preset: rate_limit}`."""


def _rows(body: Body) -> list[Any]:
    rows: list[Any] = body.get("results", []) if isinstance(body, dict) else []
    return rows


def _with_rows(body: Body, rows: list[Any]) -> Body:
    return {**body, "results": rows} if isinstance(body, dict) and "results" in body else body


def _empty_page(body: Body, argument: Any) -> Body:
    """No rows, and yet the promise of more."""
    return {**body, "results": [], "paging": {"next": {"after": "1", "link": "?"}}}


def _repeat_cursor(body: Body, after: Any) -> Body:
    """Paging that leads back to the same place."""
    return {**body, "paging": {"next": {"after": str(after), "link": "?"}}}


def _drop_end(body: Body, argument: Any) -> Body:
    """No sign of whether more follows."""
    return {name: value for name, value in body.items() if name != "paging"}


def _duplicate(body: Body, argument: Any) -> Body:
    """The first row twice."""
    return _with_rows(body, [*_rows(body)[:1], *_rows(body)])


def _swap(body: Body, argument: Any) -> Body:
    """Rows in the opposite order."""
    return _with_rows(body, _rows(body)[::-1])


def _drop_row(body: Body, argument: Any) -> Body:
    """The last row missing, in silence."""
    return _with_rows(body, _rows(body)[:-1])


def _changed(body: Body, change: Callable[[Body], Body]) -> Body:
    """Each row changed, inside its properties where it has some."""
    rows = [{**row, "properties": change(row["properties"])} if "properties" in row else change(row) for row in _rows(body)]
    return _with_rows(body, rows)


def _valued(body: Body, name: str, value: Any) -> Body:
    """A value in each row: of the property of that name, or else of a field beside the properties."""
    rows = [
        {**row, "properties": {**row["properties"], name: value}} if name in row.get("properties", ()) else {**row, name: value}
        for row in _rows(body)
    ]
    return _with_rows(body, rows)


def _add_field(body: Body, name: Any) -> Body:
    """A field that nobody expects."""
    return _valued(body, str(name), "new")


def _drop_field(body: Body, name: Any) -> Body:
    """A property left out, as HubSpot does with empty ones at times."""
    return _changed(body, lambda values: {key: value for key, value in values.items() if key != name})


def _change_type(body: Body, name: Any) -> Body:
    """A property as a number instead of text."""
    return _valued(body, str(name), 12.5)


def _big_number(body: Body, name: Any) -> Body:
    """An integer beyond what binary floating point holds exactly."""
    return _valued(body, str(name), 9_007_199_254_740_993)


def _hostile_text(body: Body, name: Any) -> Body:
    """Quotes, markup, a NUL, a line break and an emoji."""
    return _valued(body, str(name), "a\"b'c;--\n<script>\x00\U0001f600")


def _partial(body: Body, id: Any) -> Body:
    """A part of a batch that failed inside HubSpot."""
    error = {"status": "error", "category": "INTERNAL_ERROR", "message": "try again", "context": {"ids": [str(id)]}}
    return {**_with_rows(body, _rows(body)[1:]), "numErrors": 1, "errors": [error]}


def _set(body: Body, values: Any) -> Body:
    """These properties in every row."""
    return _changed(body, lambda known: {**known, **values})


DISTORTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "empty_page": _empty_page, "repeat_cursor": _repeat_cursor, "drop_end": _drop_end, "duplicate": _duplicate, "swap": _swap,
    "drop_row": _drop_row, "add_field": _add_field, "drop_field": _drop_field, "change_type": _change_type,
    "big_number": _big_number, "hostile_text": _hostile_text, "partial": _partial, "set": _set,
}  # fmt: skip
"""Distortions by the name that fault rules use under `json`."""
