"""Distortions of a Stripe answer: pages and events as a faulty server, an older version or a retry would send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.faults import Distortion
from sandbox.stripe.collection import Body
from sandbox.stripe.older import in_older_version

HOSTILE = "a\u0000b\u2028c\"d'e\\f\u202eg\U0001f680\r\n,;\t"


def _without(body: Body, name: str) -> Body:
    return {key: value for key, value in body.items() if key != name}


def _drop(body: Body, name: Any) -> Body:
    """Leave a field of the answer out, `has_more` for one."""
    return _without(body, str(name))


def _empty_page(body: Body, argument: Any) -> Body:
    """No rows, and yet the promise of more."""
    return {**body, "data": [], "has_more": True}


def _has_more(body: Body, value: Any) -> Body:
    """Say that there are more pages, or none."""
    return {**body, "has_more": bool(value)}


def _repeat_cursor(body: Body, id: Any) -> Body:
    """End the page with the same row as the page before, so that a walk does not advance."""
    rows = body["data"]
    stuck = next((row for row in rows if row["id"] == id), rows[-1] if rows else None)
    return {**body, "data": [*rows[:-1], {**stuck, "id": id}] if stuck else rows, "has_more": True}


def _swap(body: Body, argument: Any) -> Body:
    """Turn the rows of the page round."""
    return {**body, "data": body["data"][::-1]}


def _duplicate(body: Body, id: Any) -> Body:
    """Show a row twice on the page: the one of this id, or the first."""
    rows: list[Body] = []
    for position, row in enumerate(body["data"]):
        twice = row["id"] == id or (id is True and position == 0)
        rows += [row, row] if twice else [row]
    return {**body, "data": rows}


def _event_twice(body: Body, type: Any) -> Body:
    """Report each event of the type a second time, under another id."""
    rows: list[Body] = []
    for row in body["data"]:
        if type in (True, row["type"]):
            rows.append({**row, "id": row["id"][:-4] + "twin"})
        rows.append(row)
    return {**body, "data": rows}


def _older_version(body: Body, version: Any) -> Body:
    """Render the objects inside events as an API version before 2025-03-31 did."""
    rows = [
        {
            **row,
            "api_version": version,
            "data": {**row["data"], "object": in_older_version(row["data"]["object"])},
        }
        for row in body["data"]
    ]
    return {**body, "data": rows}


def _set(body: Body, values: Any) -> Body:
    """Give fields of every row these values: an unknown enum value, another type, null."""
    if "data" not in body:
        return {**body, **values}
    return {**body, "data": [{**row, **values} for row in body["data"]]}


def _without_object_id(body: Body, type: Any) -> Body:
    """Events whose object has no id, as `invoice.upcoming`."""
    rows = []
    for position, row in enumerate(body["data"]):
        if position == 0 or row["type"] == type:
            data = {**row["data"], "object": _without(row["data"]["object"], "id")}
            rows.append({**row, "type": type, "data": data})
        else:
            rows.append(row)
    return {**body, "data": rows}


def _drop_end(body: Body, argument: Any) -> Body:
    """Do not say whether there is more."""
    return _without(body, "has_more")


def _rows(body: Body, change: Callable[[Body], Body]) -> Body:
    return {**body, "data": [change(row) for row in body["data"]]} if "data" in body else change(body)


def _add_field(body: Body, name: Any) -> Body:
    """A field that no documentation knows, with something nested in it."""
    return _rows(body, lambda row: {**row, str(name): {"since": "2031", "parts": [1, 2]}})


def _drop_field(body: Body, name: Any) -> Body:
    """Rows without one of their fields."""
    return _rows(body, lambda row: _without(row, str(name)))


def _change_type(body: Body, name: Any) -> Body:
    """A field as text that was a number, and the other way round."""
    return _rows(body, lambda row: {**row, name: len(row[name]) if isinstance(row.get(name), str) else str(row.get(name))})


def _big_number(body: Body, name: Any) -> Body:
    """A number that no floating point number holds exactly."""
    return _rows(body, lambda row: {**row, str(name): 9_007_199_254_740_993})


def _hostile_text(body: Body, name: Any) -> Body:
    """Text that breaks careless readers: a NUL, a line separator, quotes, a lone direction mark, an emoji."""
    return _rows(body, lambda row: {**row, str(name): HOSTILE})


DISTORTIONS: dict[str, Distortion] = {
    "drop": _drop,
    "empty_page": _empty_page,
    "has_more": _has_more,
    "repeat_cursor": _repeat_cursor,
    "swap": _swap,
    "duplicate": _duplicate,
    "event_twice": _event_twice,
    "older_version": _older_version,
    "set": _set,
    "without_object_id": _without_object_id,
    "drop_end": _drop_end,
    "add_field": _add_field,
    "drop_field": _drop_field,
    "change_type": _change_type,
    "big_number": _big_number,
    "hostile_text": _hostile_text,
}
"""Distortions by the name that fault rules use under `json`."""
