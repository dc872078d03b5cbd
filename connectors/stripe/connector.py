"""The Stripe connector: a first listing, then events that say what to fetch again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from connectors.stripe import balance, usage
from connectors.stripe.catalogue import (
    BALANCE_TRANSACTIONS,
    CUSTOMER_BALANCE,
    EVENTS,
    INVOICE_PAYMENTS,
    METER_SUMMARIES,
    RESOURCES,
    Resource,
)  # fmt: skip
from connectors.stripe.changes import EVENTS_PATH, OVERLAP_SECONDS, RETENTION_SECONDS, ChangeFeed, event_pages
from connectors.stripe.listing import ranges, read_ranges, remaining_todo
from connectors.stripe.refetch import by_id, record_of, refetched
from connectors.stripe.transport import API_VERSION, KeyRefused, Limits, StripeApi, identity
from connectors.stripe.walk import walked, walked_balances
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
    safe_base_url,
)  # fmt: skip

_BY_NAME = {resource.stream.name: resource for resource in (*RESOURCES, INVOICE_PAYMENTS, BALANCE_TRANSACTIONS)}
_DAY = 86_400


class StripeSettings(ConnectorSettings):
    """A restricted key with Read on every resource below; the base URL is Stripe's own unless you test locally."""

    api_key: SecretStr = Field(title="Restricted API key", description="rk_live_... with Read permissions only")
    base_url: str = Field(default="https://api.stripe.com", title="API base URL", description="https, or loopback for tests")
    requests_per_second: float | None = Field(
        default=None,
        gt=0,
        title="Requests per second",
        description="if Stripe allows your account another number than 100 (live) or 25 (test)",
    )
    endpoint_requests_per_second: float | None = Field(
        default=None, gt=0, title="Requests per second and endpoint", description="if Stripe allows another number than 25"
    )


class Stripe(Connector):
    """Everything that Stripe Billing knows: customers, catalogue, subscriptions, invoices, payments, usage and events.

    The first run lists each stream completely, in parallel ranges of `created`. Later runs read the events since the
    last one and fetch each object they name again, at the API version that the SDK pins; objects that are gone become
    tombstones. What has no events is listed anew or visited where something hints at a change. When the last run is
    older than the 29 days that events can be trusted, everything is listed again, and the run says so.
    """

    name: ClassVar[str] = "stripe"
    title: ClassVar[str] = "Stripe"
    api_version: ClassVar[str] = API_VERSION
    settings_model: ClassVar[type[ConnectorSettings]] = StripeSettings
    streams: tuple[Stream, ...] = (
        *(resource.stream for resource in RESOURCES),
        INVOICE_PAYMENTS.stream, BALANCE_TRANSACTIONS.stream, CUSTOMER_BALANCE, METER_SUMMARIES, EVENTS,
    )  # fmt: skip

    def __init__(
        self, settings: StripeSettings, *, share: float = 0.8, state: Path | None = None, retrying: Retrying | None = None
    ) -> None:
        super().__init__(settings, share=share, state=state, retrying=retrying)
        key = settings.api_key.get_secret_value()
        if not key.isascii() or not key.strip() or any(c.isspace() for c in key):
            raise Misconfigured("api_key is empty or holds white space; copy the key again, as one word")
        # processes that use the same key share their pace; the key itself must not appear in a file name
        account = hashlib.sha256(key.encode()).hexdigest()[:16]
        self._api = StripeApi(
            key,
            safe_base_url(settings.base_url),
            limits=Limits.of(key, share, settings.requests_per_second, settings.endpoint_requests_per_second),
            state=state and state / f"stripe-{account}",
            retrying=self.retrying,
        )
        self._feed = ChangeFeed(self._api)

    def check(self) -> list[Access]:
        """Asks for one object of every stream."""
        return [self._access(stream) for stream in self.streams]

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """A complete listing without a cursor (or with one that is too old), otherwise what changed."""
        until = self._feed.until()
        since = cursor.get("since") if cursor else None
        if since is not None and until - since > RETENTION_SECONDS and stream is not BALANCE_TRANSACTIONS.stream:
            days = (until - since) // _DAY
            yield Page(
                [], until, notice=f"{stream.name}: last read {days} days ago, events are kept 30 days: listing everything again"
            )
            cursor = since = None
        if stream is EVENTS:
            yield from self._events(since, until)
        elif stream is CUSTOMER_BALANCE:
            yield from self._customer_balances(since, until, cursor)
        elif stream is METER_SUMMARIES:
            yield from self._usage(since, until)
        elif since is None or cursor is None:
            yield from self._listing(_BY_NAME[stream.name], cursor, until)
        else:
            yield from self._changes(_BY_NAME[stream.name], cursor, since, until)

    def walk(self, stream: Stream, after: Cursor | None) -> Iterator[Page] | None:
        """Every object that the stream's list shows now, with its body; not events, which vanish, nor usage, which is summed."""
        if stream is CUSTOMER_BALANCE:
            return walked_balances(self._api, after)
        resource = _BY_NAME.get(stream.name)
        return walked(self._api, resource, after) if resource else None

    def fetch(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page] | None:
        """These objects as they are now; tombstones for those that are gone."""
        resource = _BY_NAME.get(stream.name)
        return by_id(self._api, resource, dict.fromkeys(ids)) if resource else None

    def close(self) -> None:
        """Releases the shared pace."""
        self._api.close()

    def _access(self, stream: Stream) -> Access:
        try:
            self._api.get(_probe(stream), {"limit": 1})
        except KeyRefused:
            raise
        except AccessDenied as denied:
            return Access(stream.name, allowed=False, reason=str(denied))
        return Access(stream.name, allowed=True)

    def _listing(self, resource: Resource, cursor: Cursor | None, until: int) -> Iterator[Page]:
        resumed = cursor if cursor and "todo" in cursor else None
        started = resumed["started"] if resumed else until
        todo = remaining_todo(resumed) if resumed else ranges(self._api.account_created() if resource.windows else None, until)
        pending: balance.Pending = dict(resumed.get("pending", {})) if resumed else {}
        first = resumed is None
        seen = float(until)
        for page in read_ranges(self._api, resource, todo):
            seen = page.seen
            if resource is BALANCE_TRANSACTIONS:
                balance.note_pending(pending, page.objects, started)
            records = [record_of(self._api, resource, raw, None) for raw in page.objects]
            yield Page(records, seen, {"started": started, "todo": page.todo, "pending": pending}, begins=first)
            first = False
        yield Page([], seen, _cursor(started, pending), as_of=started, begins=first, ends=True)

    def _changes(self, resource: Resource, cursor: Cursor, since: int, until: int) -> Iterator[Page]:
        pending: balance.Pending = {due: list(span) for due, span in cursor.get("pending", {}).items()}
        seen = float(until)
        for page in self._changed_pages(resource, since, until, pending):
            seen = page.seen
            yield page
        yield Page([], seen, _cursor(until, pending), as_of=until)

    def _changed_pages(self, resource: Resource, since: int, until: int, pending: balance.Pending) -> Iterator[Page]:
        if resource is BALANCE_TRANSACTIONS:
            return balance.changed_transactions(self._api, since, until, pending)
        changes = self._feed.changes(since, until)
        if resource is INVOICE_PAYMENTS:
            return balance.changed_invoice_payments(self._api, changes)
        if resource.kind == "invoiceitem":
            return balance.changed_invoice_items(self._api, resource, changes)
        changed, created = changes.changed.get(resource.kind, {}), changes.created.get(resource.kind, set())
        return refetched(self._api, resource, changed, created, since - OVERLAP_SECONDS, until)

    def _events(self, since: int | None, until: int) -> Iterator[Page]:
        seen = float(until)
        for objects, at in event_pages(self._api, None if since is None else since - OVERLAP_SECONDS, until):
            seen = at
            yield Page([Record(e.id, bytes(raw), e.created) for raw in objects for e in [identity(raw)]], seen)
        yield Page([], seen, _cursor(until), as_of=until)

    def _customer_balances(self, since: int | None, until: int, cursor: Cursor | None) -> Iterator[Page]:
        """All customers first; then those that something touched, and once a day those who have a balance."""
        swept = cursor.get("swept", 0) if cursor else 0
        if since is None:
            customers, swept = balance.customers_with_balance(self._api, every=True), until
        else:
            customers = sorted(self._feed.changes(since, until).touched_customers)
            if until - swept >= _DAY:
                customers = sorted({*customers, *balance.customers_with_balance(self._api, every=False)})
                swept = until
        seen = float(until)
        for page in balance.customer_balances(self._api, customers):
            seen = page.seen
            yield page
        yield Page([], seen, {"since": until, "swept": swept}, as_of=until)

    def _usage(self, since: int | None, until: int) -> Iterator[Page]:
        """Once a day, as it costs a request per customer: also the past days that late usage may still change."""
        if since is not None and since // _DAY == until // _DAY:
            return
        start = None if since is None else (since // _DAY - balance.METER_LATENESS_DAYS) * _DAY
        seen = float(until)
        for page in usage.summaries(self._api, usage.metered_customers(self._api), start, until):
            seen = page.seen
            yield page
        yield Page([], seen, _cursor(until), as_of=until)


def _probe(stream: Stream) -> str:
    if stream is EVENTS:
        return EVENTS_PATH
    if stream is CUSTOMER_BALANCE:
        return "/v1/customers"
    if stream is METER_SUMMARIES:
        return "/v1/billing/meters"
    return _BY_NAME[stream.name].path


def _cursor(since: int, pending: balance.Pending | None = None) -> Cursor:
    return {"since": since, "pending": pending} if pending else {"since": since}
