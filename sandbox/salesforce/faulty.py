"""Faulty answers of the org: ready ones by name, and distortions of good ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Body = Any


def _error(code: str, message: str) -> list[dict[str, str]]:
    return [{"message": message, "errorCode": code}]


BIG = 9_007_199_254_740_993
"""More than a float can hold exactly."""
HOSTILE = "=cmd|'!A0 '; drop table t; --\u0000\n\r\t\"\\ \U0001f600 \u202e </script>"
_PAGE = "<!DOCTYPE html><html><body><h1>We are down for maintenance</h1></body></html>"
_HTML = {"Content-Type": "text/html"}
_EXPIRED = _error("INVALID_SESSION_ID", "Session expired or invalid")

PRESETS: dict[str, Mapping[str, Any]] = {
    "rate_limit": {
        "status": 403,
        "body": _error("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    },
    "rate_limit_wait": {
        "status": 503,
        "headers": {"Retry-After": "1"},
        "body": _error("SERVER_UNAVAILABLE", "Server unavailable. Try again later."),
    },
    "quota": {"status": 403, "body": _error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")},
    "server_error": {"status": 500, "body": _error("UNKNOWN_EXCEPTION", "An unexpected error occurred.")},
    "bad_gateway": {"status": 502, "headers": _HTML, "body": _PAGE},
    "unavailable": {"status": 503, "body": _error("SERVER_UNAVAILABLE", "Server unavailable. Try again later.")},
    "unavailable_html": {"status": 503, "headers": _HTML, "body": _PAGE},
    "unauthorized": {"status": 401, "body": _EXPIRED},
    "unauthorized_object": {"status": 401, "body": {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}},
    "expired_token": {"status": 401, "body": _EXPIRED},
    "forbidden": {
        "status": 403,
        "body": _error("INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id"),
    },
    "api_disabled": {"status": 403, "body": _error("API_DISABLED_FOR_ORG", "API is not enabled for this Organization.")},
    "missing": {"status": 404, "body": _error("NOT_FOUND", "The requested resource does not exist")},
    "locator_expired": {"status": 400, "body": _error("INVALID_QUERY_LOCATOR", "invalid query locator")},
    "html": {"status": 200, "headers": _HTML, "body": _PAGE},
    "truncated": {"cut": 900},
    "reset": {"reset": 900},
}


def _pages(change: Callable[[Body, Any], Body]) -> Callable[[Body, Any], Body]:
    """Applies a distortion to a query answer, also to those inside a composite one."""

    def distort(body: Body, argument: Any) -> Body:
        if isinstance(body, dict) and "compositeResponse" in body:
            parts = [{**part, "body": distort(part["body"], argument)} for part in body["compositeResponse"]]
            return {**body, "compositeResponse": parts}
        return change(body, argument) if isinstance(body, dict) and "records" in body else body

    return distort


def _rows(change: Callable[[dict[str, Any], Any], dict[str, Any]]) -> Callable[[Body, Any], Body]:
    return _pages(lambda body, argument: {**body, "records": [change(row, argument) for row in body["records"]]})


def _duplicate(body: Body, id: Any) -> Body:
    rows = []
    for position, row in enumerate(body["records"]):
        rows += [row, row] if row.get("Id") == id or (id is True and position == 0) else [row]
    return {**body, "records": rows, "totalSize": body["totalSize"] + len(rows) - len(body["records"])}


def _without(row: dict[str, Any], name: Any) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _set(body: Body, values: Any) -> Body:
    return {**body, **values} if isinstance(body, dict) else body


def _field(value: Callable[[Any], Any]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Gives an existing field of a row another value."""
    return lambda row, name: {**row, name: value(row[name])} if name in row else row


DISTORTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "empty_page": _pages(
        lambda body, _: {**body, "records": [], "done": False, "nextRecordsUrl": "/services/data/v66.0/query/01g-0"}
    ),
    "repeat_cursor": _pages(lambda body, url: {**body, "done": False, "nextRecordsUrl": url}),
    "drop_end": _pages(lambda body, _: _without(body, "done")),
    "drop": _pages(_without),
    "duplicate": _pages(_duplicate),
    "swap": _pages(lambda body, _: {**body, "records": body["records"][::-1]}),
    "shorten": _pages(lambda body, rows: {**body, "records": body["records"][: -int(rows)]}),
    "short_ids": _rows(lambda row, _: {**row, "Id": row["Id"][:15]} if "Id" in row else row),
    "add_field": _rows(lambda row, name: {**row, name: "surprise"}),
    "drop_field": _rows(_without),
    "change_type": _rows(_field(str)),
    "big_number": _rows(lambda row, name: {**row, name: BIG}),
    "hostile_text": _rows(lambda row, name: {**row, name: HOSTILE}),
    "set": _set,
}
"""Distortions by the name that fault rules use under `json`."""
