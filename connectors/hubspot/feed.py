"""What changed since the last run: one search per type of record, whoever asks, walked by id inside a fixed window.

A search answers at most 10,000 results, and its offsets shift when a record leaves the window while it is being read.
So no offset is used: each page asks for ids above the last one. That has no cap, no ties, and nothing can shift.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from connectors.hubspot.objects import Asked, Properties, head, instant, listed
from connectors.hubspot.paging import Envelope, envelope
from connectors.hubspot.transport import HubspotApi
from cynosure.extract import RetryLater, Unexpected

# https://developers.hubspot.com/docs/api-reference/search/guide: rows a page
SEARCH_PAGE = 200
# the search index runs behind the records; connectors without a look back lose rows
LOOKBACK_SECONDS = 900
# the newest minute is left for the next run
END_LAG_SECONDS = 60

Filter = dict[str, str]


@dataclass(slots=True)
class Changes:
    """Ids that changed in a window with the instant, and which of them took in others: winner -> losers."""

    changed: dict[str, float | None] = field(default_factory=dict)
    merged: dict[str, tuple[str, ...]] = field(default_factory=dict)


class ChangeFeed:
    """The changes of this run, read once however many streams ask."""

    def __init__(self, api: HubspotApi) -> None:
        self._api = api
        self._guard = threading.Lock()
        self._locks: dict[tuple[str, ...], threading.Lock] = {}
        self._found: dict[tuple[str, ...], Changes] = {}
        self._left: dict[str, dict[str, float | None]] = {}
        self._until: int | None = None

    def until(self) -> int:
        """The end of this run's window on the vendor's clock, the same for every stream."""
        with self._guard:
            if self._until is None:
                self._until = int(self._api.now()) - END_LAG_SECONDS
            return self._until

    def changes(self, kind: str, scope: str, cursor: str, since: int) -> Changes:
        """What changed in [since - lookback, until] by the index of searches."""
        low, high = (since - LOOKBACK_SECONDS) * 1000, self.until() * 1000 + 999
        window = [_filter(cursor, "GTE", low), _filter(cursor, "LTE", high)]
        return self._once((kind, "changes", str(since)), lambda: self._walk(kind, scope, window))

    def undated(self, kind: str, scope: str, cursor: str) -> Changes:
        """Records that no window finds, because they do not say when they changed."""
        missing = [{"propertyName": cursor, "operator": "NOT_HAS_PROPERTY"}]
        return self._once((kind, "undated"), lambda: self._walk(kind, scope, missing))

    def archived(self, kind: str, scope: str) -> dict[str, float | None]:
        """Archived records and when they were archived; HubSpot keeps them for about 90 days."""
        with self._guard:
            lock = self._locks.setdefault((kind, "archived"), threading.Lock())
        with lock:
            if kind not in self._left:
                self._left[kind] = self._archived(kind, scope)
            return self._left[kind]

    def count(self, kind: str, scope: str, filters: list[Filter] | None = None) -> int:
        """How many records the index holds."""
        return self._search(kind, scope, filters or [], 1).total or 0

    def _archived(self, kind: str, scope: str) -> dict[str, float | None]:
        pages = listed(self._api, Asked(kind, scope, ("hs_object_id",)), archived=True)
        return {id: instant(head(raw).archived_at) for page in pages for id, raw in page.bodies.items()}

    def _walk(self, kind: str, scope: str, filters: list[Filter]) -> Changes:
        found = Changes()
        last = 0
        while True:
            page = self._api.retried(partial(self._page, kind, scope, filters, last))
            for raw in page.results:
                known = head(raw)
                found.changed[known.id] = known.changed
                if losers := known.properties.losers():
                    found.merged[known.id] = losers
                last = max(last, int(known.id))
            if len(page.results) >= (page.total or 0):
                return found

    def _page(self, kind: str, scope: str, filters: list[Filter], last: int) -> Envelope:
        """One page of ids above the last one; a page that leaves some out, or is out of order, is worth another try."""
        beyond = [*filters, _filter("hs_object_id", "GT", last)] if last else filters
        page = self._search(kind, scope, beyond, SEARCH_PAGE)
        ids = [int(head(raw).id) for raw in page.results]
        total = page.total
        if total is None or len(ids) < min(total, SEARCH_PAGE):
            raise RetryLater(f"{kind}: a search found {total} records and showed {len(ids)}")
        if ids != sorted(ids):
            raise RetryLater(f"{kind}: a search sorted by id came in another order")
        if ids and ids[-1] <= last:
            raise Unexpected(f"{kind}: a search does not advance beyond {last}; nothing was skipped, state is kept")
        return page

    def _search(self, kind: str, scope: str, filters: list[Filter], limit: int) -> Envelope:
        body = {
            "filterGroups": [{"filters": filters}] if filters else [],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": ["hs_object_id", *Properties.__struct_fields__],
            "limit": limit,
        }
        answer = self._api.call(lambda client: client.crm.objects.search_api.do_search, kind, body, scope=scope, search=True)
        return envelope(answer)

    def _once(self, key: tuple[str, ...], read: Callable[[], Changes]) -> Changes:
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._found:
                self._found[key] = read()
            return self._found[key]


def in_batches(ids: list[str], size: int) -> Iterator[list[str]]:
    """Ids in groups."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _filter(name: str, operator: str, value: int) -> Filter:
    return {"propertyName": name, "operator": operator, "value": str(value)}
