"""Walks listings to their end, and refuses one whose end cannot be believed.

https://developers.intercom.com/docs/build-an-integration/learn-more/rest-apis/pagination
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from connectors.intercom.transport import IntercomApi
from cynosure.extract import Answer, RetryLater, Unexpected

# the documented maximum of searches
PAGE_SIZE = 150
# results up to this many are kept for another stream of the same run
SHARED_ROWS = 1_500


class Next(msgspec.Struct):
    """Where the next page begins."""

    starting_after: str | None = None
    page: int | None = None


class Pages(msgspec.Struct):
    """What an answer tells of its place in the listing; `next` is an object, an address, or nothing."""

    page: int = 1
    total_pages: int | None = None
    next: Next | str | None = None


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows as they were sent, Intercom's clock, the cursor after them, and how many rows the listing has."""

    rows: list[msgspec.Raw]
    seen: float
    after: str | None
    total: int | None


class Head(msgspec.Struct):
    """The fields of any record that extraction itself needs, whatever their type is today."""

    id: int | str
    updated_at: Any = None
    created_at: Any = None

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)

    @property
    def changed(self) -> float | None:
        """When the record changed, in epoch seconds; None if it does not say."""
        return instant(self.updated_at)


head = msgspec.json.Decoder(Head).decode


def instant(value: Any) -> float | None:
    """Epoch seconds from an integer or a string of digits; None for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def listed(api: IntercomApi, path: str, field: str, params: Mapping[str, Any], after: str | None = None) -> Iterator[RowPage]:
    """Pages of a list that continues by `starting_after` in the query."""

    def ask(cursor: str | None) -> Answer:
        return api.get(path, {"per_page": PAGE_SIZE, **params, **({"starting_after": cursor} if cursor else {})})

    return _walk(api, path, field, ask, after)


def searched(api: IntercomApi, path: str, field: str, body: Mapping[str, Any], after: str | None = None) -> Iterator[RowPage]:
    """Pages of a search."""

    def ask(cursor: str | None) -> Answer:
        paging = {"per_page": PAGE_SIZE, **({"starting_after": cursor} if cursor else {})}
        return api.post(path, {**body, "pagination": paging})

    return _walk(api, path, field, ask, after)


def numbered(
    api: IntercomApi, path: str, field: str, params: Mapping[str, Any] | None = None, *, size: int = PAGE_SIZE
) -> Iterator[RowPage]:
    """Pages of a list that continues by number."""
    page, known = 1, -1
    while True:
        query = {"per_page": size, **(params or {}), "page": page}
        rows, place, answer, total = api.retrying.call(partial(_numbered, api, path, field, query))
        more = place.next is not None
        if more and not rows:
            raise Unexpected(f"{path}: page {page} is empty and says that more follows; nothing was skipped, state is kept")
        if more and place.page == known:
            raise Unexpected(f"{path}: paging does not advance beyond page {known}; nothing was skipped, state is kept")
        yield RowPage(rows, answer.seen, str(page + 1) if more else None, total)
        if not more:
            return
        page, known = page + 1, place.page


class Shared:
    """Results of small searches, for the next stream of this run that asks the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._kept: dict[str, list[RowPage]] = {}

    def pages(self, key: str, read: Callable[[], Iterator[RowPage]]) -> Iterator[RowPage]:
        """The pages of `read`, asked for once if they are few."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            kept = self._kept.get(key)
            rest: Iterator[RowPage] = iter(())
            if kept is None:
                kept, rest = self._begin(key, read())
        yield from kept
        yield from rest

    def _begin(self, key: str, reading: Iterator[RowPage]) -> tuple[list[RowPage], Iterator[RowPage]]:
        """What was read already, and the rest, which is kept only if it is small."""
        first = next(reading)
        if first.total is None or first.total > SHARED_ROWS:
            return [first], reading
        self._kept[key] = [first, *reading]
        return self._kept[key], iter(())


def _walk(api: IntercomApi, path: str, field: str, ask: Callable[[str | None], Answer], after: str | None) -> Iterator[RowPage]:
    count, expected = 0, None
    while True:
        rows, place, answer, total = api.retrying.call(partial(_checked, path, field, ask, after))
        expected = total if expected is None else expected
        following = place.next.starting_after if isinstance(place.next, Next) else None
        count = count + len(rows) if count else (place.page - 1) * PAGE_SIZE + len(rows)
        if following is not None and following == after:
            raise Unexpected(f"{path}: paging does not advance beyond {after}; nothing was skipped, state is kept")
        if following is None:
            _believe_end(path, place, len(rows), count, expected)
        yield RowPage(rows, answer.seen, following, total)
        if following is None:
            return
        after = following


def _numbered(
    api: IntercomApi, path: str, field: str, query: Mapping[str, Any]
) -> tuple[list[msgspec.Raw], Pages, Answer, int | None]:
    return read_page(path, field, api.get(path, query))


def _checked(
    path: str, field: str, ask: Callable[[str | None], Answer], cursor: str | None
) -> tuple[list[msgspec.Raw], Pages, Answer, int | None]:
    rows, place, answer, total = read_page(path, field, ask(cursor))
    if place.next is not None and not rows:
        raise RetryLater(f"{path}: an empty page says that more follows")
    return rows, place, answer, total


def _believe_end(path: str, place: Pages, rows: int, count: int, expected: int | None) -> None:
    """A full page in the middle that says it is the last would lose the rest in silence."""
    middle = place.total_pages is not None and place.page < place.total_pages
    if middle and rows >= PAGE_SIZE and expected is not None and count < expected:
        raise Unexpected(
            f"{path}: page {place.page} of {place.total_pages} says that nothing follows; nothing was skipped, state is kept"
        )


def read_page(path: str, field: str, answer: Answer) -> tuple[list[msgspec.Raw], Pages, Answer, int | None]:
    """The rows of an answer, its place in the listing, and how many rows there are; RetryLater if it does not tell."""
    body = msgspec.json.decode(answer.body, type=dict[str, msgspec.Raw])
    if field not in body or "pages" not in body:
        missing = field if field not in body else "pages"
        raise RetryLater(f"{path}: the answer lacks {missing!r}: its end cannot be told")
    try:
        rows = msgspec.json.decode(body[field], type=list[msgspec.Raw])
        place = msgspec.json.decode(body["pages"], type=Pages | None) or Pages()
        total = msgspec.json.decode(body.get("total_count", msgspec.Raw(b"null")), type=int | None)
    except msgspec.ValidationError as error:
        raise RetryLater(f"{path}: the answer is not a list: {error}") from None
    return rows, place, answer, total
