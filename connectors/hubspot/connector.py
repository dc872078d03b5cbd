"""The HubSpot connector: a first listing, then searches that say what changed, and sweeps for what searches do not tell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from connectors.hubspot import catalogue
from connectors.hubspot.associations import Associations
from connectors.hubspot.catalogue import BY_NAME, OBJECT_STREAMS, OBJECT_TYPES
from connectors.hubspot.credentials import KeyRefused, OAuthApp, PrivateApp
from connectors.hubspot.feed import ChangeFeed
from connectors.hubspot.following import DAY, Followed, Follower
from connectors.hubspot.limits import Limits, Tier
from connectors.hubspot.marketing import EmailStatistics, MarketingEmails, Submissions
from connectors.hubspot.probing import probe
from connectors.hubspot.properties import PropertyCatalogue
from connectors.hubspot.sdk import Sdk, renewal
from connectors.hubspot.snapshots import PIPELINES_OF, Snapshots
from connectors.hubspot.transport import HubspotApi
from cynosure.extract import (
    Access,
    AccessDenied,
    Connector,
    ConnectorSettings,
    Cursor,
    Misconfigured,
    Page,
    Record,
    Retrying,
    Stream,
    Totals,
    safe_base_url,
)  # fmt: skip

_CUSTOM_SCOPE = "crm.objects.custom.read"
_SNAPSHOTS = {stream.name for stream in (
    catalogue.OWNERS, catalogue.PIPELINES, catalogue.PROPERTIES, catalogue.SCHEMAS, catalogue.LISTS, catalogue.MEMBERSHIPS,
    catalogue.FORMS, catalogue.CAMPAIGNS, catalogue.BUDGETS, catalogue.REVENUE,
)}  # fmt: skip


class HubspotSettings(ConnectorSettings):
    """The token of a private app with the read scopes below, or an OAuth app's client and refresh token."""

    access_token: SecretStr | None = Field(default=None, title="Private app token", description="pat-... with read scopes only")
    client_id: str = Field(default="", title="OAuth client id", description="only for an OAuth app, instead of the token")
    client_secret: SecretStr | None = Field(default=None, title="OAuth client secret", description="only for an OAuth app")
    refresh_token: SecretStr | None = Field(default=None, title="OAuth refresh token", description="only for an OAuth app")
    base_url: str = Field(default="https://api.hubapi.com", title="API base URL", description="https, or loopback for tests")
    tier: Tier = Field(default="professional", title="Subscription", description="decides how many requests HubSpot allows")
    capacity_packs: int = Field(default=0, ge=0, le=2, title="API limit increases", description="bought with the subscription")


class Hubspot(Connector):
    """Contacts, companies, deals, tickets and activities with their history and associations; campaigns, e-mails, forms, lists.

    The first run lists each type of record completely. Later runs search for what changed, a quarter of an hour back
    because the index is late, and read those records again by id, with every property of the account. Archived and
    restored records, and those without a date, are found by a daily sweep, merged ones in the record that took them in,
    associations of unchanged records within seven days, erased ones by the audit. Catalogues are read whole once a day.
    """

    name: ClassVar[str] = "hubspot"
    title: ClassVar[str] = "HubSpot"
    api_version: ClassVar[str] = "v3, associations v4"
    settings_model: ClassVar[type[ConnectorSettings]] = HubspotSettings
    streams: tuple[Stream, ...] = (
        *OBJECT_STREAMS, catalogue.CUSTOM_OBJECTS, catalogue.HISTORY, catalogue.ASSOCIATIONS, catalogue.OWNERS,
        catalogue.PIPELINES, catalogue.PROPERTIES, catalogue.SCHEMAS, catalogue.LISTS, catalogue.MEMBERSHIPS, catalogue.FORMS,
        catalogue.SUBMISSIONS, catalogue.EMAILS, catalogue.EMAIL_STATISTICS, catalogue.CAMPAIGNS, catalogue.BUDGETS,
        catalogue.REVENUE,
    )  # fmt: skip

    def __init__(
        self, settings: HubspotSettings, *, share: float = 0.8, state: Path | None = None, retrying: Retrying | None = None
    ) -> None:
        super().__init__(settings, share=share, state=state, retrying=retrying)
        base_url = safe_base_url(settings.base_url)
        sdk = Sdk(base_url)
        credentials, account = _credentials(settings, sdk, state, self.retrying)
        limits = Limits.of(settings.tier, settings.capacity_packs, oauth=isinstance(credentials, OAuthApp), share=share)
        folder = state and state / account
        self._api = HubspotApi(sdk, credentials, base_url, limits=limits, state=folder, retrying=self.retrying)
        self._feed = ChangeFeed(self._api)
        self._properties = PropertyCatalogue(self._api)
        self._snapshots = Snapshots(self._api, self._properties)
        self._emails = MarketingEmails(self._api, self._feed)
        self._statistics = EmailStatistics(self._api, self._feed, self._emails)
        self._submissions = Submissions(self._api, self._feed, self._snapshots)
        self._associations = Associations(self._api, self._feed, OBJECT_TYPES)

    def check(self) -> list[Access]:
        """Asks once for each stream; raises KeyRefused when the credentials themselves are refused."""
        return [self._access(stream) for stream in self.streams]

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Everything without a cursor, otherwise what changed; nothing at all while a daily stream is not due."""
        if stream.name in _SNAPSHOTS:
            return self._snapshot(stream, cursor)
        if stream.cadence == "daily" and cursor and "since" in cursor and self._feed.until() - cursor["since"] < DAY:
            return iter(())
        return self._reader(stream)(cursor)

    def walk(self, stream: Stream, after: Cursor | None) -> Iterator[Page] | None:
        """Everything that exists now; None for statistics by day."""
        if stream.name in _SNAPSHOTS:
            return self._whole(stream)
        walks: dict[str, Callable[[Cursor | None], Iterator[Page]]] = {
            "associations": self._associations.walk,
            "marketing_emails": self._emails.walk,
            "form_submissions": self._submissions.walk,
        }
        if stream.name == catalogue.EMAIL_STATISTICS.name:
            return None
        return walks[stream.name](after) if stream.name in walks else self._follower(stream).walk(after)

    def totals(self, stream: Stream) -> Totals | None:
        """The number of records that a search finds; the index may be some seconds late."""
        if stream.name in BY_NAME:
            return Totals(self._feed.count(stream.name, BY_NAME[stream.name].scope))
        if stream.name == catalogue.CUSTOM_OBJECTS.name:
            return Totals(sum(self._feed.count(kind, _CUSTOM_SCOPE) for kind in self._snapshots.custom_types()))
        if stream.name == catalogue.EMAILS.name:
            return Totals(self._emails.count())
        return Totals(self._snapshots.list_count()) if stream.name == catalogue.LISTS.name else None

    def fetch(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page] | None:
        """These rows as they are now; tombstones for those that are gone. Small catalogues are read whole for it."""
        if stream.name in _SNAPSHOTS:
            return self._picked(stream, set(ids))
        if stream.name == catalogue.ASSOCIATIONS.name:
            return self._associations.fetch(ids)
        if stream.name == catalogue.EMAILS.name:
            return self._emails.fetch(ids)
        if stream.name in (catalogue.EMAIL_STATISTICS.name, catalogue.SUBMISSIONS.name):
            return None
        return self._follower(stream).fetch(ids)

    def close(self) -> None:
        """Releases connections and the shared pace."""
        self._api.close()

    def _reader(self, stream: Stream) -> Callable[[Cursor | None], Iterator[Page]]:
        readers: dict[str, Callable[[Cursor | None], Iterator[Page]]] = {
            "associations": self._associations.read,
            "marketing_emails": self._emails.read,
            "marketing_email_statistics": self._statistics.read,
            "form_submissions": self._submissions.read,
        }
        return readers[stream.name] if stream.name in readers else self._follower(stream).read

    def _follower(self, stream: Stream) -> Follower:
        if stream.name == catalogue.HISTORY.name:
            tracked = [kind for kind in OBJECT_TYPES if kind.tracked]
            parts = [
                Followed(kind.name, kind.scope, kind.cursor, partial(self._properties.histories, kind.name), f"{kind.name}/")
                for kind in tracked
            ]
        elif stream.name == catalogue.CUSTOM_OBJECTS.name:
            kinds = self._snapshots.custom_types()
            parts = [self._followed(kind, _CUSTOM_SCOPE, "hs_lastmodifieddate", f"{kind}/") for kind in kinds]
        else:
            described = BY_NAME[stream.name]
            parts = [self._followed(described.name, described.scope, described.cursor)]
        return Follower(self._api, self._feed, parts)

    def _followed(self, kind: str, scope: str, cursor: str, prefix: str = "") -> Followed:
        return Followed(kind, scope, cursor, partial(self._properties.bodies, kind, scope), prefix)

    def _snapshot(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        until = self._feed.until()
        listed = cursor["listed"] if cursor else None
        if listed is not None and until - listed < DAY and not self._stirred(stream, cursor):
            if cursor and "since" in cursor:
                yield Page([], until, {**cursor, "since": until})
            return
        seen, first = float(until), True
        for records, at in self._snapshots.rows(stream.name):
            seen = at
            yield Page(records, seen, begins=first)
            first = False
        end = {"listed": until, **({"since": until} if stream is catalogue.PIPELINES else {})}
        yield Page([], seen, end, as_of=until, begins=first, ends=True)

    def _stirred(self, stream: Stream, cursor: Cursor | None) -> bool:
        """Whether deals or tickets changed: they may be in a stage that is new."""
        if stream is not catalogue.PIPELINES or not cursor:
            return False
        kinds = [BY_NAME[name] for name in PIPELINES_OF]
        return any(self._feed.changes(kind.name, kind.scope, kind.cursor, cursor["since"]).changed for kind in kinds)

    def _whole(self, stream: Stream) -> Iterator[Page]:
        """A small catalogue in one page."""
        rows = list(self._snapshots.rows(stream.name))
        found = {record.id: record for records, _ in rows for record in records}
        yield Page(list(found.values()), max((seen for _, seen in rows), default=float(self._feed.until())), ends=True)

    def _picked(self, stream: Stream, ids: set[str]) -> Iterator[Page]:
        for page in self._whole(stream):
            found = {record.id: record for record in page.records if record.id in ids}
            gone = [Record(id, None, deleted=True) for id in sorted(ids - found.keys())]
            yield Page([*found.values(), *gone], page.seen)

    def _access(self, stream: Stream) -> Access:
        try:
            probe(self._api, stream.name, self._snapshots)
        except KeyRefused:
            raise
        except AccessDenied as denied:
            return Access(stream.name, allowed=False, reason=f"{stream.name}: {denied}")
        return Access(stream.name, allowed=True)


def _credentials(
    settings: HubspotSettings, sdk: Sdk, state: Path | None, retrying: Retrying
) -> tuple[PrivateApp | OAuthApp, str]:
    """Who asks, and a name for the account's shared pace: the secret itself must not appear in a file name."""
    if settings.access_token is not None:
        token = _word("access_token", settings.access_token)
        return PrivateApp(token), _hashed(token)
    if not (settings.client_id and settings.client_secret and settings.refresh_token):
        raise Misconfigured("set access_token of a private app, or client_id, client_secret and refresh_token of an OAuth app")
    refresh_token = _word("refresh_token", settings.refresh_token)
    renew = renewal(sdk, settings.client_id, _word("client_secret", settings.client_secret), retrying)
    account = _hashed(refresh_token)
    return OAuthApp(refresh_token, renew, state and state / account / "token"), account


def _word(name: str, secret: SecretStr) -> str:
    text = secret.get_secret_value()
    if not text.isascii() or not text.strip() or any(c.isspace() for c in text):
        raise Misconfigured(f"{name} is empty or holds white space; copy it again, as one word")
    return text


def _hashed(secret: str) -> str:
    return "hubspot-" + hashlib.sha256(secret.encode()).hexdigest()[:16]
