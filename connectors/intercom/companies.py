"""Companies: one scroll over all of them, alone in the workspace, and believed only when it is complete.

https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/scrolloverallcompanies: one scroll at a
time, gone after a minute without use, and after any error it has to begin again. Its token is the same on every page, so
a page that was lost on the way cannot be asked for again.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from connectors.intercom.pages import head, instant
from connectors.intercom.transport import Gone, IntercomApi, ScrollTaken, Throttled
from cynosure.extract import Deferred, Page, Record, RetryLater

PATH, SCROLL, LIST = "/companies", "/companies/scroll", "/companies/list"
# beyond so many the list, and with it the count, is not to be trusted
LISTED = 10_000
# a scroll's page
SCROLL_PAGE = 100
MOST_WALKS = 4
LONGEST_WAIT_SECONDS = 900.0
_POLL_SECONDS = 0.1


class ScrollLost(Exception):
    """The scroll expired or broke: what it gave so far is not all."""


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
        """Every company, once; ends only after a complete scroll, else raises Deferred."""
        with _alone(self.api.scroll_lock):
            stale: set[str] = set()
            for _ in range(MOST_WALKS):
                found: set[str] = set()
                try:
                    for page in self._scrolled(found):
                        yield page
                except ScrollLost:
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

    def _scrolled(self, found: set[str]) -> Iterator[Page]:
        before, _ = self.count()
        param: str | None = None
        size = SCROLL_PAGE
        while True:
            try:
                page, seen = self.api.retrying.call(partial(self._page, param))
            except Gone as gone:
                page, seen = _Scrolled([]), gone.seen
                if before is None or (before >= LISTED and size >= SCROLL_PAGE):
                    raise ScrollLost from gone
            if not page.data:
                self._believe_end(before, len(found))
                yield Page([], seen)
                return
            size = len(page.data)
            heads = [head(row) for row in page.data]
            found.update(entry.key for entry in heads)
            records = [Record(h.key, row, h.changed) for h, row in zip(heads, page.data, strict=True)]
            yield Page(records, seen)
            param = page.scroll_param or param
            if param is None:
                raise ScrollLost

    def _page(self, param: str | None) -> tuple[_Scrolled, float]:
        try:
            answer = self.api.get_once(SCROLL, {"scroll_param": param} if param else None)
        except Deferred as failed:
            cause = failed.__cause__
            if isinstance(cause, Throttled | ScrollTaken) or (param is None and isinstance(cause, RetryLater)):
                raise cause from None
            raise ScrollLost from failed
        try:
            return msgspec.json.decode(answer.body, type=_Scrolled), answer.seen
        except msgspec.ValidationError as error:
            raise ScrollLost from error

    def _believe_end(self, before: int | None, seen: int) -> None:
        """An end before the vendor's count is reached is no end; companies that went meanwhile do not count."""
        if before is None or before >= LISTED or seen >= before:
            return
        after, _ = self.count()
        if after is not None and seen < min(before, after):
            raise ScrollLost

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
