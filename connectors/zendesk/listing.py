"""Lists that are read as a whole, by cursor where Zendesk pages them.

https://developer.zendesk.com/api-reference/introduction/pagination/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from connectors.zendesk.catalogue import LIST_PAGE, SCHEDULES, Listing
from connectors.zendesk.rows import records
from connectors.zendesk.transport import ZendeskApi, decoded
from cynosure.extract import Page, RetryLater, Unexpected

_HOLIDAYS = "/api/v2/business_hours/schedules/{}/holidays.json"
_DEEP_PAGE = 100
# where a list is paged by numbers, this stands before the number of the next page
_NUMBERED = "page:"


class _Meta(msgspec.Struct):
    has_more: bool | None = None
    after_cursor: str | None = None


def cursor_pages(
    api: ZendeskApi, path: str, rows: str, params: Mapping[str, Any], after: str | None = None
) -> Iterator[tuple[list[msgspec.Raw], float, str | None]]:
    """(rows, vendor's clock, where the next page begins) of each page; the last one has no next."""
    used = {after}
    number = 0
    while True:
        found, seen, following = api.again(partial(_page, api, path, rows, {**params, **_place(after)}, number >= _DEEP_PAGE))
        if following is not None and following in used:
            raise Unexpected(f"{path}: the cursor does not advance beyond {after}; nothing was skipped, state is kept")
        yield found, seen, following
        if following is None:
            return
        after = following
        used.add(after)
        number += 1


def listed_pages(api: ZendeskApi, listing: Listing, after: str | None = None) -> Iterator[tuple[Page, str | None]]:
    """Pages of records of a whole list, each with the cursor of the next."""
    name, key = listing.stream.name, listing.key
    if listing.paged:
        for rows, seen, following in cursor_pages(api, listing.path, listing.rows, listing.params, after):
            yield Page(records(name, rows, key), seen), following
        return
    fields, seen = api.fields(listing.path, listing.params)
    meta: _Meta = decoded(listing.path, fields.get("meta", b"{}"), _Meta)
    if bytes(fields.get("next_page", b"null")) != b"null" or meta.has_more:
        raise Unexpected(f"{listing.path}: the list comes in pages, which its documentation excludes; nothing was skipped")
    rows = _decoded_rows(listing.path, listing.rows, fields)
    if listing is SCHEDULES:
        rows = [_with_holidays(api, raw) for raw in rows]
    yield Page(records(name, rows, key), seen), None


def _with_holidays(api: ZendeskApi, raw: msgspec.Raw) -> msgspec.Raw:
    fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    path = _HOLIDAYS.format(bytes(fields["id"]).decode().strip('"'))
    answer, _ = api.fields(path)
    fields["holidays"] = answer.get("holidays", msgspec.Raw(b"[]"))
    return msgspec.Raw(msgspec.json.encode(fields))


def _place(after: str | None) -> dict[str, Any]:
    """The parameters that ask for a page: behind a cursor, or by its number where a list knows no cursors."""
    if after is not None and after.startswith(_NUMBERED):
        return {"page": after.removeprefix(_NUMBERED), "per_page": LIST_PAGE}
    return {"page[size]": LIST_PAGE, **({} if after is None else {"page[after]": after})}


def _page(
    api: ZendeskApi, path: str, rows: str, query: Mapping[str, Any], deep: bool
) -> tuple[list[msgspec.Raw], float, str | None]:
    fields, seen = api.fields(path, query, deep=deep)
    found = _decoded_rows(path, rows, fields)
    following = _following(path, fields, query)
    if following is not None and not found:
        raise RetryLater(f"{path}: an empty page says that more follows")
    return found, seen, following


def _following(path: str, fields: Mapping[str, msgspec.Raw], query: Mapping[str, Any]) -> str | None:
    if "meta" in fields:
        meta: _Meta = decoded(path, fields["meta"], _Meta)
        if meta.has_more is not None and not (meta.has_more and meta.after_cursor is None):
            return meta.after_cursor if meta.has_more else None
    elif "next_page" in fields:
        is_last = bytes(fields["next_page"]) == b"null"
        return None if is_last else f"{_NUMBERED}{int(query.get('page', 1)) + 1}"
    raise Unexpected(f"{path}: the answer does not say whether and where more follows; nothing was skipped, state is kept")


def _decoded_rows(path: str, name: str, fields: Mapping[str, msgspec.Raw]) -> list[msgspec.Raw]:
    if name not in fields:
        raise Unexpected(f"{path}: the answer holds no {name}; nothing was skipped, state is kept")
    rows: list[msgspec.Raw] = decoded(path, fields[name], list[msgspec.Raw])
    return rows
