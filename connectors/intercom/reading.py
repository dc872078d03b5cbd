"""When each stream is listed completely and when only for changes, and the cursors that remember it.

A cursor holds `since`, up to when changes were read; `listed` and `held`, when the last complete listing ended and how
many rows it had; and `listing`, the place that an interrupted listing reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from connectors.intercom.companies import Companies
from connectors.intercom.transport import CursorRefused
from cynosure.extract import Cursor, Page

DAY = 86_400
# the newest minute is left for the next run: what was written in it may still be missing from searches
END_LAG_SECONDS = 60
# a bookmark so far ahead of the vendor's clock says nothing about what was read
MOST_AHEAD_SECONDS = 3_600
# complete listings find what vanished without a word: daily while they are cheap, weekly otherwise
SWEEP_DAYS, SMALL_SWEEP_DAYS = 7, 1


class Source(Protocol):
    """Something that can be listed, and asked for changes."""

    def list_all(self, after: str | None) -> Iterator[tuple[Page, str | None]]:
        """Everything, with the cursor after each page."""

    def changed(self, since: float) -> Iterator[Page]:
        """What changed since shortly before an instant."""

    def may_have_lost(self) -> bool:
        """Whether what changed hints at records that are gone without a word."""


class Deleting(Source, Protocol):
    """A source that tells what was deleted."""

    def deleted(self, since: float | None) -> Iterator[Page]:
        """Tombstones since shortly before an instant."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one stream is read: whether deletions are told, and up to how many rows a daily listing is cheap."""

    name: str
    source: Source
    until: int
    small: int = 0
    deleting: Deleting | None = None

    def read(self, cursor: Cursor | None) -> Iterator[Page]:
        """Everything after the cursor; a complete listing when there is none, or one is due."""
        since = cursor.get("since") if cursor else None
        if cursor and "listing" in cursor:
            yield from self._listing(cursor["listing"])
        elif cursor is None or since is None:
            yield from self._listing(None)
        elif since > self.until + MOST_AHEAD_SECONDS:
            ahead = (since - self.until) // 60
            notice = f"{self.name}: the bookmark lies {ahead} minutes after Intercom's clock: listing everything again"
            yield Page([], float(self.until), notice=notice)
            yield from self._listing(None)
        elif self._is_due(cursor):
            yield from self._listing(None)
        else:
            yield from self._changes(cursor, since)

    def _is_due(self, cursor: Cursor) -> bool:
        if self.deleting is not None:
            return False
        days = SMALL_SWEEP_DAYS if cursor.get("held", 0) <= self.small else SWEEP_DAYS
        return bool(self.until - cursor.get("listed", 0) >= days * DAY)

    def _listing(self, begun: Cursor | None) -> Iterator[Page]:
        """Everything, resumable after each page; then what changed while it was read, so that nothing slips between pages."""
        place = dict(begun) if begun else {"started": self.until, "after": None, "held": 0}
        first, seen = begun is None, float(self.until)
        try:
            for page, after in self.source.list_all(place["after"]):
                seen, place["held"] = page.seen, place["held"] + len(page.records)
                if after is None:
                    yield Page(page.records, seen, begins=first, notice=page.notice)
                else:
                    place["after"] = after
                    yield Page(page.records, seen, {"listing": dict(place)}, begins=first, notice=page.notice)
                first = False
        except CursorRefused:
            if begun is None:
                raise
            yield from self._listing(None)
            return
        for page in self._since(place["started"], whole=True):
            seen = page.seen
            yield Page(page.records, seen, begins=first, notice=page.notice)
            first = False
        done = {"since": place["started"], "listed": place["started"], "held": place["held"]}
        yield Page([], seen, done, as_of=place["started"], begins=first, ends=True)

    def _changes(self, cursor: Cursor, since: int) -> Iterator[Page]:
        seen = float(self.until)
        for page in self._since(since, whole=False):
            seen = page.seen
            yield page
        if self.source.may_have_lost():
            yield from self._listing(None)
            return
        reached = max(since, self.until)
        yield Page([], seen, {**cursor, "since": reached}, as_of=self.until)

    def _since(self, since: int, *, whole: bool) -> Iterator[Page]:
        yield from self.source.changed(since)
        if self.deleting is not None:
            yield from self.deleting.deleted(None if whole else since)


def read_companies(companies: Companies, cursor: Cursor | None, until: int) -> Iterator[Page]:
    """All companies once a day, and as soon as there are more or fewer of them."""
    count, seen = companies.count()
    walked = cursor.get("walked", 0) if cursor else 0
    if cursor and 0 <= until - walked < DAY and cursor.get("count") == count:
        yield Page([], seen, cursor)
        return
    yield from _bracketed(companies.walk(), {"walked": until, "count": count}, until)


def read_daily(pages: Iterator[Page], cursor: Cursor | None, until: int) -> Iterator[Page]:
    """A complete small list, once a day."""
    if cursor and 0 <= until - cursor.get("read", 0) < DAY:
        yield Page([], float(until), cursor)
        return
    yield from _bracketed(pages, {"read": until}, until)


def _bracketed(pages: Iterator[Page], cursor: Cursor, until: int) -> Iterator[Page]:
    first, seen = True, float(until)
    for page in pages:
        seen = page.seen
        yield Page(page.records, seen, begins=first)
        first = False
    yield Page([], seen, cursor, as_of=until, begins=first, ends=True)
