"""Lists that are small enough to be read whole, and the log of what teammates did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from connectors.intercom.catalogue import SmallList
from connectors.intercom.pages import Pages, RowPage, instant, numbered
from connectors.intercom.transport import IntercomApi
from cynosure.extract import Page, Record, RetryLater

ACTIVITY_LOGS = "/admins/activity_logs"
# https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/searchactivitylogs: at most 250 a page
LOGS_PER_PAGE = 250
# entries may be written a little after they happened
OVERLAP_SECONDS = 5 * 60


class _Entry(msgspec.Struct):
    """A row of a small list; attributes that every workspace has come without an id."""

    id: int | str | None = None
    model: str = ""
    full_name: str = ""
    updated_at: Any = None
    created_at: Any = None

    @property
    def key(self) -> str:
        return str(self.id) if self.id is not None else f"{self.model}/{self.full_name}"


_entry = msgspec.json.Decoder(_Entry).decode


def read_list(api: IntercomApi, source: SmallList) -> Iterator[Page]:
    """Every row of a small list."""
    for page in _pages(api, source):
        entries = [(_entry(row), row) for row in page.rows]
        yield Page([Record(entry.key, row, instant(entry.updated_at)) for entry, row in entries], page.seen)


def fetch_rows(api: IntercomApi, source: SmallList, ids: Sequence[str]) -> Iterator[Page]:
    """These rows; tombstones for those that the list does not have any more."""
    wanted, seen = dict.fromkeys(ids), 0.0
    for page in read_list(api, source):
        found = [record for record in page.records if record.id in wanted]
        for record in found:
            wanted.pop(record.id, None)
        seen = page.seen
        yield Page(found, seen)
    yield Page([Record(id, None, None, deleted=True) for id in wanted], seen)


def activity_logs(api: IntercomApi, since: float | None, until: float) -> Iterator[Page]:
    """Log entries since shortly before the bookmark."""
    after = 0 if since is None else int(since - OVERLAP_SECONDS)
    query = {"created_at_after": str(max(after, 0)), "created_at_before": str(int(until) + OVERLAP_SECONDS)}
    for page in numbered(api, ACTIVITY_LOGS, "activity_logs", query, size=LOGS_PER_PAGE):
        entries = [(_entry(row), row) for row in page.rows]
        yield Page([Record(entry.key, row, instant(entry.created_at)) for entry, row in entries], page.seen)


def _pages(api: IntercomApi, source: SmallList) -> Iterator[RowPage]:
    if source.page_size:
        yield from numbered(api, source.path, source.rows, source.params, size=source.page_size)
        return
    yield api.retrying.call(lambda: _whole(api, source))


def _whole(api: IntercomApi, source: SmallList) -> RowPage:
    answer = api.get(source.path, source.params)
    body = msgspec.json.decode(answer.body, type=dict[str, msgspec.Raw])
    try:
        rows = msgspec.json.decode(body[source.rows], type=list[msgspec.Raw])
        place = msgspec.json.decode(body.get("pages", msgspec.Raw(b"null")), type=Pages | None)
    except (KeyError, msgspec.ValidationError) as error:
        raise RetryLater(f"{source.path}: the answer lacks the list {source.rows!r}: {error}") from None
    if place is not None and place.next is not None:
        raise RetryLater(f"{source.path}: a list that comes whole says that more follows")
    return RowPage(rows, answer.seen, None, len(rows))
