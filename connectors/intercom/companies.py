"""Companies: one scroll over all of them, alone in the workspace, and believed only when it is complete.

https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/scrolloverallcompanies: one scroll at a
time, gone after a minute without use, and after any error it has to begin again. Its token is the same on every page, so
a page that was lost on the way cannot be asked for again. While a scroll is open, and up to 10,000 companies, the list by
page number serves as well.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from connectors.intercom.pages import Pages, head, instant, read_page
from connectors.intercom.transport import Gone, IntercomApi, ScrollTaken, Throttled
from cynosure.extract import Answer, Deferred, Page, Record, RetryLater

PATH, SCROLL, LIST = "/companies", "/companies/scroll", "/companies/list"
# beyond so many the list, and with it the count, is not to be trusted
LISTED = 10_000
# a scroll's page
SCROLL_PAGE = 100
LIST_PAGE = 50
MOST_WALKS = 4
LONGEST_WAIT_SECONDS = 900.0
_POLL_SECONDS = 0.1


class WalkLost(Exception):
    """The scroll expired or broke, or the list moved: what was read so far is not all."""


class ListInstead(Exception):
    """Another program has the scroll open, and the list shows all there are."""


class _Scrolled(msgspec.Struct):
    data: list[msgspec.Raw]
    scroll_param: str | None = None


class _Count(msgspec.Struct):
    total_count: int | None = None


@dataclass(frozen=True, slots=True)
class Companies:
    """Reads companies."""

    api: IntercomApi

    def count(self) -> tuple[int | None, float]:
        """How many there are by the vendor's count, and its clock; above 10,000 the count says nothing."""
        answer = self.api.post(LIST, {"page": 1, "per_page": 1})
        return msgspec.json.decode(answer.body, type=_Count).total_count, answer.seen

    def walk(self) -> Iterator[Page]:
        """Every company, once; ends only after a complete walk, else raises Deferred."""
        with _alone(self.api.scroll_lock):
            stale: set[str] = set()
            for _ in range(MOST_WALKS):
                found: set[str] = set()
                try:
                    for page in self._walked(found):
                        yield page
                except WalkLost:
                    stale |= found
                    continue
                # a scroll that broke may have shown companies that are gone by now
                gone = sorted(stale - found)
                yield Page([Record(id, None, None, deleted=True) for id in gone], page.seen)
                return
            raise Deferred(f"{SCROLL}: broke off {MOST_WALKS} times; nothing of it is kept, the next run begins anew")

    def fetch(self, ids: Sequence[str]) -> Iterator[Page]:
        """These companies as they are now; tombstones for those that are gone."""
        for record, seen in self.api.each(self._one, list(ids)):
            yield Page([record], seen)

    def _walked(self, found: set[str]) -> Iterator[Page]:
        before, _ = self.count()
        try:
            yield from self._scrolled(before, found)
        except ListInstead:
            yield from self._listed(before, found)

    def _listed(self, before: int | None, found: set[str]) -> Iterator[Page]:
        """Pages by number, which are believed only if nothing moved meanwhile."""
        number, more = 1, True
        while more:
            body = {"page": number, "per_page": LIST_PAGE, "order": "asc"}
            rows, place, answer, total = self.api.retrying.call(partial(self._list_page, body))
            if total != before:
                raise WalkLost
            yield Page(self._records(rows, found), answer.seen)
            number, more = number + 1, bool(rows) and place.next is not None
        if len(found) != before:
            raise WalkLost

    def _list_page(self, body: dict[str, Any]) -> tuple[list[msgspec.Raw], Pages, Answer, int | None]:
        return read_page(LIST, "data", self.api.post(LIST, body))

    def _records(self, rows: Sequence[msgspec.Raw], found: set[str]) -> list[Record]:
        heads = [head(row) for row in rows]
        found.update(entry.key for entry in heads)
        return [Record(entry.key, row, entry.changed) for entry, row in zip(heads, rows, strict=True)]

    def _scrolled(self, before: int | None, found: set[str]) -> Iterator[Page]:
        patient = before is None or before >= LISTED
        param: str | None = None
        size = SCROLL_PAGE
        while True:
            try:
                page, seen = self.api.retrying.call(partial(self._page, param, patient))
            except Gone as gone:
                page, seen = _Scrolled([]), gone.seen
                if before is None or (before >= LISTED and size >= SCROLL_PAGE):
                    raise WalkLost from gone
            if not page.data:
                self._believe_end(before, len(found))
                yield Page([], seen)
                return
            size = len(page.data)
            yield Page(self._records(page.data, found), seen)
            param = page.scroll_param or param
            if param is None:
                raise WalkLost

    def _page(self, param: str | None, patient: bool) -> tuple[_Scrolled, float]:
        try:
            answer = self.api.get_once(SCROLL, {"scroll_param": param} if param else None)
        except Deferred as failed:
            cause = failed.__cause__
            if isinstance(cause, ScrollTaken) and not patient:
                raise ListInstead from None
            if isinstance(cause, Throttled | ScrollTaken) or (param is None and isinstance(cause, RetryLater)):
                raise cause from None
            raise WalkLost from failed
        try:
            return msgspec.json.decode(answer.body, type=_Scrolled), answer.seen
        except msgspec.ValidationError as error:
            raise WalkLost from error

    def _believe_end(self, before: int | None, seen: int) -> None:
        """An end before the vendor's count is reached is no end; companies that went meanwhile do not count."""
        if before is None or before >= LISTED or seen >= before:
            return
        after, _ = self.count()
        if after is not None and seen < min(before, after):
            raise WalkLost

    def _one(self, id: str) -> tuple[Record, float]:
        try:
            answer = self.api.get(f"{PATH}/{id}")
        except Gone as gone:
            return Record(id, None, None, deleted=True), gone.seen
        entry = head(answer.body)
        return Record(entry.key, answer.body, instant(entry.updated_at)), answer.seen


@contextmanager
def _alone(lock: Path | None) -> Iterator[None]:
    """Waits until no other process of this machine walks the companies of the workspace."""
    if lock is None:
        yield
        return
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        end = time.monotonic() + LONGEST_WAIT_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    message = f"{SCROLL}: another run has walked the companies for {LONGEST_WAIT_SECONDS / 60:.0f} minutes"
                    raise Deferred(message) from None
                time.sleep(_POLL_SECONDS)
        yield
