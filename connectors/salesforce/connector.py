"""The Salesforce connector: a complete listing, then what changed, and a listing again for what leaves no trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from connectors.salesforce import audit
from connectors.salesforce.api import API_VERSION, SalesforceApi
from connectors.salesforce.catalogue import OBJECTS, SObject, further
from connectors.salesforce.directory import Directory
from connectors.salesforce.login import Login, LoginRefused
from connectors.salesforce.reading import Reader
from connectors.salesforce.refusals import ObjectMissing
from connectors.salesforce.settings import SalesforceSettings, given_up, host_part
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


class Salesforce(Connector):
    """Accounts, people, pipeline with its history, campaigns, activities and cases of one org, with all readable fields.

    The integration user needs "API Enabled" and Read with View All on the objects below; a connected app lets it in by
    client credentials or by JWT. Deleted records become tombstones, which keep the id of the winner where they were merged;
    records deleted for good are found by a complete listing, daily for campaign members and objects with formula fields,
    else weekly. Rows hold every scalar field that the user may read, in one form for REST and Bulk: exact numbers,
    null for empty text, instants as 2024-01-01T00:00:00.000Z. A field that can no longer be read stops its stream rather
    than empty it; a new one makes the object be listed again. A run uses at most a quarter of the org's daily requests and
    does not start when four fifths are gone; an hour without changes costs one login and three requests.
    """

    name: ClassVar[str] = "salesforce"
    title: ClassVar[str] = "Salesforce"
    api_version: ClassVar[str] = API_VERSION
    settings_model: ClassVar[type[ConnectorSettings]] = SalesforceSettings
    streams: tuple[Stream, ...] = tuple(thing.stream for thing in OBJECTS)
    # a Developer org allows five long requests at once (https://developer.salesforce.com/docs: API request limits)
    concurrency: ClassVar[int] = 4

    def __init__(
        self, settings: SalesforceSettings, *, share: float = 0.8, state: Path | None = None, retrying: Retrying | None = None
    ) -> None:
        super().__init__(settings, share=share, state=state, retrying=retrying)
        login = Login(
            host_part(settings.domain), settings.consumer_key, settings.consumer_secret, settings.username, settings.private_key
        )
        base_url = safe_base_url(settings.instance_url) if settings.instance_url else ""
        if base_url.startswith("https://") and not base_url.endswith(".salesforce.com"):
            raise Misconfigured("instance_url is only for tests on this machine: leave it empty, the login tells the right one")
        self._api = SalesforceApi(login, base_url, self.retrying, share)
        self._read_objects({thing.stream.name: thing for thing in OBJECTS})

    @classmethod
    def further(cls, stream: str, object: str) -> Stream:
        """A stream of any other object, standard or custom, by its API name."""
        return further(stream, object).stream

    def read_also(self, streams: Mapping[str, str]) -> None:
        """Reads further objects of this org, given as stream: API name."""
        super().read_also(streams)
        self._read_objects({**self._things, **{name: further(name, object) for name, object in streams.items()}})

    def _read_objects(self, things: dict[str, SObject]) -> None:
        fields = given_up(self.settings.given_up_fields)
        self._things = things
        self._directory = Directory(self._api, tuple(things.values()), fields)
        self._reader = Reader(self._api, self._directory, fields)

    def check(self) -> list[Access]:
        """Logs in and asks for the descriptions of all objects at once."""
        return [self._access(thing) for thing in self._things.values()]

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """A complete listing when it is due, otherwise what changed since the last run."""
        return self._reader.read(self._things[stream.name], cursor)

    def walk(self, stream: Stream, after: Cursor | None) -> Iterator[Page] | None:
        """Every record that exists, in the order of ids; None where the org forgets records that stay true."""
        thing = self._things[stream.name]
        if thing.kept or not self._exists(thing):
            return None
        return audit.walk(self._api, thing, self._directory.shape(thing.name), after)

    def totals(self, stream: Stream) -> Totals | None:
        """The org's own count, and the sum of amounts where all are in its corporate currency."""
        thing = self._things[stream.name]
        if thing.kept or not self._exists(thing):
            return None
        return audit.totals(self._api, thing, self._directory.shape(thing.name))

    def fetch(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page] | None:
        """These records as they are now; tombstones for those that are gone."""
        thing = self._things[stream.name]
        return audit.fetch(self._api, thing, self._directory.shape(thing.name), ids)

    def close(self) -> None:
        """Closes the connections."""
        self._api.close()

    def _exists(self, thing: SObject) -> bool:
        try:
            self._directory.shape(thing.name)
        except ObjectMissing:
            if self._directory.may_lack(thing):
                return False
            raise
        return True

    def _may_lack(self, thing: SObject) -> bool:
        try:
            return self._directory.may_lack(thing)
        except AccessDenied:
            return False

    def _access(self, thing: SObject) -> Access:
        try:
            self._directory.shape(thing.name)
        except LoginRefused:
            raise
        except ObjectMissing as missing:
            return Access(thing.stream.name, allowed=self._may_lack(thing), reason=str(missing))
        except AccessDenied as denied:
            return Access(thing.stream.name, allowed=False, reason=str(denied))
        return Access(thing.stream.name, allowed=True)
