"""The Intercom connector: a first listing, then searches for what changed, and listings for what vanished."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from connectors.intercom import catalogue as c
from connectors.intercom.companies import LISTED, Companies
from connectors.intercom.contacts import PATH as CONTACTS_PATH
from connectors.intercom.contacts import Contacts
from connectors.intercom.lists import ACTIVITY_LOGS, activity_logs, fetch_rows, read_list
from connectors.intercom.pages import Shared, listed
from connectors.intercom.reading import END_LAG_SECONDS, Plan, read_companies, read_daily
from connectors.intercom.threads import CONVERSATION, HANDLING, TICKET, Kind, Threads
from connectors.intercom.transport import API_VERSION, IntercomApi, TokenRefused
from cynosure.extract import (
    Access,
    AccessDenied,
    Connector,
    ConnectorSettings,
    Cursor,
    Misconfigured,
    Page,
    Retrying,
    Stream,
    Totals,
    safe_base_url,
)  # fmt: skip

_SMALL = {source.stream.name: source for source in c.SMALL_LISTS}
_THREADS = {c.CONVERSATIONS.name: CONVERSATION, c.HANDLING_EVENTS.name: HANDLING, c.TICKETS.name: TICKET}
# complete listings up to this many rows are cheap enough for every day: a page holds 150 contacts, a ticket is a request
_SMALL_CONTACTS, _SMALL_TICKETS = 10_000, 1_000


class IntercomSettings(ConnectorSettings):
    """An access token of an app in your Developer Hub that may read; the base URL is the region of your workspace."""

    access_token: SecretStr = Field(
        title="Access token", description="Developer Hub, your app, Configure, Authentication: the access token"
    )
    base_url: str = Field(
        default="https://api.intercom.io",
        title="API base URL",
        description="https://api.intercom.io, https://api.eu.intercom.io or https://api.au.intercom.io; loopback for tests",
    )
    requests_per_minute: float | None = Field(
        default=None, gt=0, title="Requests per minute", description="if Intercom allows your app another number than 10,000"
    )


class Intercom(Connector):
    """What Intercom knows: leads and users, their companies, conversations with parts, ratings and statistics, tickets, setup.

    The first run lists everything. Later runs search for conversations, tickets and contacts that changed: contacts by
    whole days with two days of lookback, since Intercom compares days, and conversations are fetched one by one for
    their parts. Deleted conversations are listed by Intercom; a merged contact becomes a tombstone and stands in the
    `merge_history` of the one that took it in; archived and deleted contacts and deleted tickets are found by complete
    listings, daily while they are small (10,000 contacts, 1,000 tickets), weekly otherwise. Companies and the small lists
    carry no sign of change: they are read completely once a day, companies also when their number changes. Of more than
    500 parts Intercom gives the newest: the run says so. Every request carries the version of the API that is named here.
    """

    name: ClassVar[str] = "intercom"
    title: ClassVar[str] = "Intercom"
    api_version: ClassVar[str] = API_VERSION
    settings_model: ClassVar[type[ConnectorSettings]] = IntercomSettings
    streams: tuple[Stream, ...] = (
        c.CONTACTS, c.CONTACT_COMPANIES, c.COMPANIES, c.CONVERSATIONS, c.HANDLING_EVENTS, c.TICKETS, c.ACTIVITY_LOGS,
        *(source.stream for source in c.SMALL_LISTS),
    )  # fmt: skip

    def __init__(
        self, settings: IntercomSettings, *, share: float = 0.8, state: Path | None = None, retrying: Retrying | None = None
    ) -> None:
        super().__init__(settings, share=share, state=state, retrying=retrying)
        token = settings.access_token.get_secret_value()
        if not token.isascii() or not token.strip() or any(letter.isspace() for letter in token):
            raise Misconfigured("access_token is empty or holds white space; copy the token again, as one word")
        per_minute = settings.requests_per_minute
        base = safe_base_url(settings.base_url)
        self._api = IntercomApi(token, base, share=share, per_minute=per_minute, state=state, retrying=self.retrying)
        self._shared = Shared()

    def check(self) -> list[Access]:
        """Asks who the token belongs to, and for one page of every stream."""
        self._api.me()
        return [self._access(stream) for stream in self.streams]

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """A complete listing without a cursor or when one is due, otherwise what changed."""
        try:
            until = int(self._api.me().seen) - END_LAG_SECONDS
            yield from self._read(stream, cursor, until)
        except TokenRefused:
            raise
        except AccessDenied as denied:
            raise AccessDenied(f"{denied}: {stream.name} needs {c.PERMISSIONS[stream.name]!r}") from None

    def walk(self, stream: Stream, after: Cursor | None) -> Iterator[Page] | None:
        """Contacts and small lists with their bodies, conversations and tickets by id; companies only in one go."""
        if stream.name in _THREADS:
            return self._resumable(self._threads(_THREADS[stream.name]).ids(after["after"] if after else None))
        if stream in (c.CONTACTS, c.CONTACT_COMPANIES):
            return self._resumable(self._contacts(stream).list_all(after["after"] if after else None))
        if stream is c.COMPANIES:
            return self._ended(Companies(self._api).walk())
        if stream.name in _SMALL:
            return self._ended(read_list(self._api, _SMALL[stream.name]))
        return None

    def totals(self, stream: Stream) -> Totals | None:
        """The count that Intercom gives with its lists; of more than 10,000 companies it does not tell."""
        if stream in (c.CONTACTS, c.CONTACT_COMPANIES):
            page = next(listed(self._api, CONTACTS_PATH, "data", {"per_page": 1}))
            return Totals(page.total)
        if stream is c.COMPANIES:
            count, _ = Companies(self._api).count()
            return Totals(count, exact=count is not None and count < LISTED)
        kind = _THREADS.get(stream.name)
        if kind is None:
            return None
        return Totals(next(self._threads(kind).everything(None)).total)

    def fetch(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page] | None:
        """These objects as they are now; tombstones for those that are gone, with the contact that took them in."""
        wanted = list(dict.fromkeys(ids))
        if stream.name in _THREADS:
            return self._threads(_THREADS[stream.name]).fetch(wanted)
        if stream in (c.CONTACTS, c.CONTACT_COMPANIES):
            return self._contacts(stream).fetch(wanted)
        if stream is c.COMPANIES:
            return Companies(self._api).fetch(wanted)
        return fetch_rows(self._api, _SMALL[stream.name], wanted) if stream.name in _SMALL else None

    def close(self) -> None:
        """Closes connections and gives back the shared pace."""
        self._api.close()

    def _read(self, stream: Stream, cursor: Cursor | None, until: int) -> Iterator[Page]:
        if stream.name in _SMALL:
            return read_daily(read_list(self._api, _SMALL[stream.name]), cursor, until)
        if stream is c.COMPANIES:
            return read_companies(Companies(self._api), cursor, until)
        if stream is c.ACTIVITY_LOGS:
            return self._logs(cursor, until)
        if stream.name in _THREADS:
            threads = self._threads(_THREADS[stream.name])
            deleting = None if threads.kind is TICKET else threads
            return Plan(stream.name, threads, until, _SMALL_TICKETS, deleting).read(cursor)
        return Plan(stream.name, self._contacts(stream), until, _SMALL_CONTACTS).read(cursor)

    def _logs(self, cursor: Cursor | None, until: int) -> Iterator[Page]:
        since = cursor.get("since") if cursor else None
        seen = float(until)
        for page in activity_logs(self._api, None if since is None else min(since, until), until):
            seen = page.seen
            yield page
        yield Page([], seen, {"since": max(until, since or 0)}, as_of=until)

    def _contacts(self, stream: Stream) -> Contacts:
        return Contacts(self._api, self._shared, whole=stream is c.CONTACTS)

    def _threads(self, kind: Kind) -> Threads:
        return Threads(self._api, self._shared, kind)

    def _access(self, stream: Stream) -> Access:
        try:
            self._probe(stream)
        except TokenRefused:
            raise
        except AccessDenied as denied:
            return Access(stream.name, allowed=False, reason=f"{denied}: {stream.name} needs {c.PERMISSIONS[stream.name]!r}")
        return Access(stream.name, allowed=True)

    def _probe(self, stream: Stream) -> None:
        """The cheapest request that needs the stream's permission."""
        if stream.name in _SMALL:
            self._api.get(_SMALL[stream.name].path, {"per_page": 1, "page": 1})
        elif stream is c.COMPANIES:
            Companies(self._api).count()
        elif stream is c.ACTIVITY_LOGS:
            self._api.get(ACTIVITY_LOGS, {"created_at_after": str(int(self._api.me().seen)), "per_page": 1})
        elif stream is c.TICKETS:
            next(self._threads(TICKET).everything(None))
        else:
            path = CONVERSATION.path if stream.name in _THREADS else CONTACTS_PATH
            self._api.get(path, {"per_page": 1})

    def _resumable(self, pages: Iterator[tuple[Page, str | None]]) -> Iterator[Page]:
        for page, after in pages:
            standing = [record for record in page.records if not record.deleted]
            yield Page(standing, page.seen, {"after": after} if after else None)
        yield Page([], self._api.me().seen, ends=True)

    def _ended(self, pages: Iterator[Page]) -> Iterator[Page]:
        yield from pages
        yield Page([], self._api.me().seen, ends=True)
