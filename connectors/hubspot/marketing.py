"""Marketing e-mails, how they did day by day, and forms that were filled in.

Statistics keep changing for weeks without moving `updatedAt`: e-mails of the last 30 days are read again every six hours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.hubspot.feed import LOOKBACK_SECONDS, ChangeFeed
from connectors.hubspot.objects import instant
from connectors.hubspot.paging import Envelope, envelope
from connectors.hubspot.refusals import Gone
from connectors.hubspot.snapshots import Snapshots
from connectors.hubspot.transport import HubspotApi
from cynosure.extract import Answer, Cursor, Page, Record, RetryLater

DAY = 86_400
PAGE = 100
# https://developers.hubspot.com/docs/api-reference/legacy/forms-v1/guide: submissions a page, newest first
SUBMISSIONS_PAGE = 50
STATISTICS_DAYS = 30
STATISTICS_EVERY_SECONDS = 6 * 3_600
SCOPE = "content"


class _Email(msgspec.Struct, rename="camel"):
    id: str
    updated_at: str | None = None
    publish_date: str | None = None
    deleted_at: str | None = None


class _Interval(msgspec.Struct):
    start: str


class _Statistics(msgspec.Struct):
    interval: _Interval


class _Submission(msgspec.Struct, rename="camel"):
    submitted_at: int = 0
    conversion_id: str | None = None


_email = msgspec.json.Decoder(_Email).decode


class MarketingEmails:
    """E-mails with their statistics so far."""

    def __init__(self, api: HubspotApi, feed: ChangeFeed) -> None:
        self._api = api
        self._feed = feed

    def read(self, cursor: Cursor | None) -> Iterator[Page]:
        """All e-mails, or those that changed, or may have new statistics."""
        until = self._feed.until()
        if cursor is None or "since" not in cursor:
            yield from self._listing(cursor, until)
            return
        counted, swept = cursor["counted"], cursor["swept"]
        since = cursor["since"] - LOOKBACK_SECONDS
        if until - counted >= STATISTICS_EVERY_SECONDS:
            since, counted = min(since, until - STATISTICS_DAYS * DAY), until
        for page, answer in self._pages(updated_after=_date(since)):
            yield Page([_record(raw) for raw in page.results], answer.seen)
        if until - swept >= DAY:
            swept = until
            for page, answer in self._pages(archived=True):
                known = [_email(raw) for raw in page.results]
                yield Page([Record(e.id, None, instant(e.deleted_at), deleted=True) for e in known], answer.seen)
        yield Page([], until, {"since": until, "counted": counted, "swept": swept}, as_of=until)

    def walk(self, after: Cursor | None) -> Iterator[Page]:
        """All e-mails, resumable after every page."""
        for page, answer in self._pages(**({"after": after["after"]} if after else {})):
            place = {"after": page.after} if page.after else None
            yield Page([_record(raw) for raw in page.results], answer.seen, place, ends=place is None)

    def fetch(self, ids: Sequence[str]) -> Iterator[Page]:
        """These e-mails as they are now."""
        for id in ids:
            try:
                answer = self._api.call(
                    lambda client: client.marketing.emails.marketing_emails_api.get_by_id, id, include_stats=True, scope=SCOPE
                )
            except Gone:
                yield Page([Record(id, None, deleted=True)], self._feed.until())
            else:
                yield Page([_record(msgspec.Raw(answer.body))], answer.seen)

    def count(self) -> int | None:
        """HubSpot's own count."""
        page, _ = next(self._pages())
        return page.total

    def since(self, since: int | None) -> Iterator[tuple[list[_Email], float]]:
        """E-mails updated since an instant, or all."""
        for page, answer in self._pages(**({"updated_after": _date(since)} if since else {})):
            yield [_email(raw) for raw in page.results], answer.seen

    def _listing(self, cursor: Cursor | None, until: int) -> Iterator[Page]:
        started, count = (cursor["started"], cursor["read"]) if cursor else (until, 0)
        first, seen = cursor is None, float(until)
        for page, answer in self._pages(**({"after": cursor["after"]} if cursor else {})):
            count, seen = count + len(page.results), answer.seen
            if page.after is None and count < (page.total or 0):
                raise RetryLater(f"marketing e-mails: {page.total} exist, {count} were shown; nothing was skipped")
            place = {"started": started, "after": page.after, "read": count} if page.after else None
            yield Page([_record(raw) for raw in page.results], seen, place, begins=first)
            first = False
        yield Page([], seen, {"since": started, "counted": started, "swept": started}, as_of=started, ends=True)

    def _pages(self, **filters: Any) -> Iterator[tuple[Envelope, Answer]]:
        yield from self._api.pages(
            lambda client: client.marketing.emails.marketing_emails_api.get_page,
            scope=SCOPE, limit=PAGE, include_stats=True, **filters,
        )  # fmt: skip


class EmailStatistics:
    """What happened to each e-mail on each day: the days since it went out, later those of the last 30."""

    def __init__(self, api: HubspotApi, feed: ChangeFeed, emails: MarketingEmails) -> None:
        self._api = api
        self._feed = feed
        self._emails = emails

    def read(self, cursor: Cursor | None) -> Iterator[Page]:
        """Once a day, a request for each e-mail."""
        until = self._feed.until()
        if cursor and until - cursor["since"] < DAY:
            return
        oldest = min(cursor["since"], until) - STATISTICS_DAYS * DAY if cursor else None
        for emails, _ in self._emails.since(oldest):
            for email in emails:
                published = instant(email.publish_date)
                if published is not None and published <= until:
                    yield from self._days(email.id, max(published, oldest or 0), until)
        yield Page([], until, {"since": until}, as_of=until)

    def _days(self, id: str, start: float, end: float) -> Iterator[Page]:
        answer = self._api.call(
            lambda client: client.marketing.emails.statistics_api.get_histogram,
            scope=SCOPE,
            interval="DAY",
            email_ids=[int(id)],
            start_timestamp=_date(start // DAY * DAY),
            end_timestamp=_date(end // DAY * DAY + DAY),
        )
        days = [(msgspec.json.decode(raw, type=_Statistics).interval.start, raw) for raw in envelope(answer).results]
        yield Page([Record(f"{id}/{day}", bytes(raw), instant(day)) for day, raw in days], answer.seen)


class Submissions:
    """Forms filled in, newest first per form; once a day, as it costs a request per form."""

    def __init__(self, api: HubspotApi, feed: ChangeFeed, snapshots: Snapshots) -> None:
        self._api = api
        self._feed = feed
        self._snapshots = snapshots

    def read(self, cursor: Cursor | None) -> Iterator[Page]:
        """All submissions, or those since the cursor."""
        until = self._feed.until()
        if cursor and "since" in cursor and until - cursor["since"] < DAY:
            return
        since = cursor["since"] - DAY if cursor and "since" in cursor else 0
        resumed = cursor if cursor and "form" in cursor else None
        started = resumed["started"] if resumed else until
        for page in self.walk(resumed, since):
            place = {**page.cursor, "started": started} if page.cursor and not since else None
            yield Page(page.records, page.seen, place)
        yield Page([], until, {"since": started}, as_of=started)

    def walk(self, after: Cursor | None, since: int = 0) -> Iterator[Page]:
        """All submissions since an instant, resumable after every page."""
        forms = [form for form in self._snapshots.form_ids() if not after or form >= after["form"]]
        start = after["after"] if after and forms and forms[0] == after["form"] else None
        for number, form in enumerate(forms, 1):
            for rows, seen, following in self._of(form, start, since):
                later = {"form": forms[number], "after": None} if number < len(forms) else None
                place = {"form": form, "after": following} if following else later
                yield Page(rows, seen, place, ends=place is None)
            start = None
        if not forms:
            yield Page([], self._feed.until(), ends=True)

    def _of(self, form: str, start: str | None, since: int) -> Iterator[tuple[list[Record], float, str | None]]:
        path = f"/form-integrations/v1/submissions/forms/{form}"
        for page, answer in self._api.get_pages(path, {"limit": SUBMISSIONS_PAGE}, start):
            rows = [_submission(form, raw) for raw in page.results]
            old = any((row.changed or 0) < since for row in rows)
            yield rows, answer.seen, None if old else page.after
            if old:
                return


def _record(raw: msgspec.Raw) -> Record:
    known = _email(raw)
    return Record(known.id, bytes(raw), instant(known.updated_at))


def _submission(form: str, raw: msgspec.Raw) -> Record:
    """A submission; older ones have no id of their own."""
    known = msgspec.json.decode(raw, type=_Submission)
    id = known.conversion_id or hashlib.sha256(bytes(raw)).hexdigest()[:32]
    return Record(f"{form}/{id}", bytes(raw), known.submitted_at / 1000)


def _date(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
