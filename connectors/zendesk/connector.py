"""The Zendesk connector: incremental exports, lists, and what neither of them tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from connectors.zendesk.catalogue import COUNTED, EXPORTS, LISTINGS, ORGANIZATIONS, RATINGS, TICKETS, USERS
from connectors.zendesk.fetching import fetched_ratings, fetched_rows, fetched_tickets
from connectors.zendesk.reading import read_export, walk_export
from connectors.zendesk.settings import ZendeskSettings
from connectors.zendesk.snapshots import permanently_deleted, picked, read_listing, read_ratings, walk_listing
from connectors.zendesk.transport import ME, KeyRefused, ZendeskApi, decoded
from cynosure.extract import (
    Access,
    AccessDenied,
    Connector,
    ConnectorSettings,
    Cursor,
    Page,
    Retrying,
    Stream,
    Totals,
)  # fmt: skip

_HOUR = 3600
_EXPORTS = {export.stream.name: export for export in EXPORTS}
_LISTINGS = {listing.stream.name: listing for listing in (RATINGS, *LISTINGS)}


class _Identity(msgspec.Struct):
    id: int | None = None


class _Me(msgspec.Struct):
    user: _Identity


class _Count(msgspec.Struct):
    value: int


class _Counted(msgspec.Struct):
    count: _Count


class Zendesk(Connector):
    """Everything that Zendesk Support knows: tickets with their metrics, updates and comments, people, service levels, ratings.

    Tickets, people and organizations, the updates of tickets and the events of their metrics come from the incremental
    exports, each from where the last run ended; the exports also show tickets that are archived. Metrics come beside
    their ticket and are kept inside it as `metric_set`. Comments are inside the updates (`ticket_events`), which is why
    no request per ticket is needed, and why there is no stream of audits: an update is the audit, with its changes.

    Deleted tickets, people, organizations, groups and brands become tombstones; `deleted_tickets` shows when and by whom a
    ticket was deleted, as long as it can be restored. What vanishes without a trace is found every four weeks, when
    everything is read again. Ratings of the last 30 days are read at every run, as people change their minds, and older
    ones once a week. Settings such as service levels, forms or business hours are listed once a day.

    The user behind the token must be an administrator; Zendesk lets nobody else use the exports.
    """

    name: ClassVar[str] = "zendesk"
    title: ClassVar[str] = "Zendesk Support"
    api_version: ClassVar[str] = "v2"
    settings_model: ClassVar[type[ConnectorSettings]] = ZendeskSettings
    streams: tuple[Stream, ...] = (
        *(export.stream for export in EXPORTS), RATINGS.stream, *(listing.stream for listing in LISTINGS),
    )  # fmt: skip

    def __init__(
        self, settings: ZendeskSettings, *, share: float = 0.8, state: Path | None = None, retrying: Retrying | None = None
    ) -> None:
        super().__init__(settings, share=share, state=state, retrying=retrying)
        self._api = ZendeskApi(settings, share=share, state=state, retrying=self.retrying)

    def check(self) -> list[Access]:
        """Asks who the credentials are, and for one row of every stream."""
        answer = self._api.get(ME)
        if decoded(ME, answer.body, _Me).user.id is None:
            raise KeyRefused("Zendesk takes these credentials for nobody's: check the API token and the e-mail it belongs to")
        return [self._access(stream, int(answer.seen)) for stream in self.streams]

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """What is new since the cursor, or everything without one."""
        if stream.name in _EXPORTS:
            yield from self._exported(stream, cursor)
        elif stream.name == RATINGS.stream.name:
            yield from read_ratings(self._api, cursor)
        else:
            yield from read_listing(self._api, _LISTINGS[stream.name], cursor)

    def walk(self, stream: Stream, after: Cursor | None) -> Iterator[Page] | None:
        """Everything that exists now, with its body."""
        if stream.name in _EXPORTS:
            return walk_export(self._api, _EXPORTS[stream.name], after)
        return walk_listing(self._api, _LISTINGS[stream.name], after)

    def totals(self, stream: Stream) -> Totals | None:
        """Zendesk's own count, which may be a day old."""
        if stream.name not in COUNTED:
            return None
        path = f"/api/v2/{stream.name}/count.json"
        return Totals(decoded(path, self._api.get(path).body, _Counted).count.value, exact=False)

    def fetch(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page] | None:
        """These rows as they are now; tombstones for those that are gone. Events have no address of their own."""
        if stream.name == TICKETS.stream.name:
            return fetched_tickets(self._api, ids)
        if stream.name in (USERS.stream.name, ORGANIZATIONS.stream.name):
            return fetched_rows(self._api, stream.name, ids)
        if stream.name == RATINGS.stream.name:
            return fetched_ratings(self._api, ids)
        return picked(self._api, _LISTINGS[stream.name], ids) if stream.name in _LISTINGS else None

    def close(self) -> None:
        """Closes the connections and releases the shared pace."""
        self._api.close()

    def _exported(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        last = None
        for page in read_export(self._api, _EXPORTS[stream.name], cursor):
            last = page.cursor
            yield page
        if stream.name == USERS.stream.name:
            yield from permanently_deleted(self._api, last)

    def _access(self, stream: Stream, now: int) -> Access:
        try:
            if stream.name in _EXPORTS:
                export = _EXPORTS[stream.name]
                self._api.get(export.path, {"start_time": now - _HOUR, "per_page": 1, **export.params})
            else:
                self._api.get(_LISTINGS[stream.name].path, {"page[size]": 1})
        except KeyRefused:
            raise
        except AccessDenied as denied:
            return Access(stream.name, allowed=False, reason=str(denied))
        return Access(stream.name, allowed=True)
