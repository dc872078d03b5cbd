"""Pages of the incremental exports, which must end with a sign of their end.

https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from connectors.zendesk.catalogue import EXPORT_PAGE, UNSETTLED_SECONDS, Export
from connectors.zendesk.listing import cursor_pages
from connectors.zendesk.rows import changed, peek
from connectors.zendesk.transport import Refused, ZendeskApi, decoded
from cynosure.extract import RetryLater, Unexpected

Position = dict[str, Any]
"""Where an export goes on: {"cursor": text} or {"start_time": epoch seconds}."""

_NOTHING_SKIPPED = "nothing was skipped, state is kept"
_SIGNS = ("end_of_stream", "after_cursor", "end_time")


class _Envelope(msgspec.Struct):
    end_of_stream: bool | None = None
    after_cursor: str | None = None
    end_time: int | None = None


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Rows, the sideloaded metric sets, where to go on, and whether this was the last page."""

    rows: list[msgspec.Raw]
    metric_sets: list[msgspec.Raw]
    position: Position
    seen: float
    ends: bool


def export_pages(api: ZendeskApi, export: Export, position: Position) -> Iterator[ExportPage]:
    """Pages from a position to the end of the stream; raises Unexpected when the end cannot be told or never comes."""
    follow = _by_cursor if export.by == "cursor" else _by_time
    return follow(api, export, position)


def _by_cursor(api: ZendeskApi, export: Export, position: Position) -> Iterator[ExportPage]:
    used = {position.get("cursor")}
    while True:
        fields, seen, envelope = api.again(partial(_answer, api, export, position))
        rows = _rows(export, fields)
        ends, after = bool(envelope.end_of_stream), envelope.after_cursor
        if after is None:
            if rows or not ends:
                raise Unexpected(f"{export.path}: a page came without after_cursor; {_NOTHING_SKIPPED}")
            after = position.get("cursor")
        elif not ends and after in used:
            raise Unexpected(f"{export.path}: the cursor does not advance beyond {after}; {_NOTHING_SKIPPED}")
        position = {"cursor": after} if after is not None else position
        metric_sets = decoded(export.path, fields["metric_sets"], list[msgspec.Raw]) if "metric_sets" in fields else []
        yield ExportPage(rows, metric_sets, position, seen, ends)
        if ends:
            return
        used.add(after)


def _by_time(api: ZendeskApi, export: Export, position: Position) -> Iterator[ExportPage]:
    while True:
        fields, seen, envelope = api.again(partial(_answer, api, export, position))
        rows = _rows(export, fields)
        start, end = int(position["start_time"]), envelope.end_time
        if envelope.end_of_stream:
            yield ExportPage(rows, [], {"start_time": max(start, end or start)}, seen, True)
            return
        if end is None:
            raise Unexpected(f"{export.path}: a page came without end_time; {_NOTHING_SKIPPED}")
        if end <= start:
            if len(rows) < EXPORT_PAGE:
                raise Unexpected(f"{export.path}: end_time does not advance beyond {start}; {_NOTHING_SKIPPED}")
            # more rows than a page share this second: by time, the same page would come for ever
            yield from _second(api, export, start)
            end = start + 1
        else:
            yield ExportPage(rows, [], {"start_time": end}, seen, False)
        position = {"start_time": end}


def _second(api: ZendeskApi, export: Export, second: int) -> Iterator[ExportPage]:
    """Every row of one second, by a list that pages through it; raises Unexpected where Zendesk offers none."""
    if not export.fallback:
        raise Unexpected(
            f"{export.path}: more than {EXPORT_PAGE} rows share the second {second}, and nothing pages through it;"
            f" {_NOTHING_SKIPPED}"
        )
    in_order = export.fallback == export.path
    params: dict[str, Any] = {"start_time": second, **export.params} if in_order else {}
    for rows, seen, _ in cursor_pages(api, export.fallback, export.stream.name, params):
        yield ExportPage(rows, [], {"start_time": second}, seen, False)
        if in_order and rows and (changed(peek(rows[-1])) or 0) > second:
            return


def _answer(api: ZendeskApi, export: Export, position: Position) -> tuple[dict[str, msgspec.Raw], float, _Envelope]:
    try:
        fields, seen = api.fields(export.path, {**position, **export.params, "per_page": EXPORT_PAGE})
    except Refused as refusal:
        if position.get("start_time", 0) <= refusal.seen - UNSETTLED_SECONDS:
            raise
        # the last minute is not given out: there is nothing to read yet
        return {export.stream.name: msgspec.Raw(b"[]")}, refusal.seen, _Envelope(end_of_stream=True)
    envelope: _Envelope = decoded(export.path, msgspec.json.encode({k: v for k, v in fields.items() if k in _SIGNS}), _Envelope)
    if envelope.end_of_stream is None:
        raise Unexpected(f"{export.path}: a page does not say whether it is the last one; {_NOTHING_SKIPPED}")
    if not envelope.end_of_stream and not _rows(export, fields):
        raise RetryLater(f"{export.path}: an empty page says that more follows")
    return fields, seen, envelope


def _rows(export: Export, fields: dict[str, msgspec.Raw]) -> list[msgspec.Raw]:
    name = export.stream.name
    if name not in fields:
        raise Unexpected(f"{export.path}: the answer holds no {name}; {_NOTHING_SKIPPED}")
    rows: list[msgspec.Raw] = decoded(export.path, fields[name], list[msgspec.Raw])
    return rows
