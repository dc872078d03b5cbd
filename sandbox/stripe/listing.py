"""Pages of a list: newest first, by cursor, one row more than asked to know whether there are more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.stripe.collection import FIRST, LAST, Body, Position
from sandbox.stripe.errors import StripeError, missing
from sandbox.stripe.filters import Condition, integer
from sandbox.stripe.forms import Params
from sandbox.stripe.store import CREATED_FIELD, Store

DEFAULT_LIMIT = 10
LARGEST_LIMIT = 100
"""Rows of a page when `limit` is absent, and at most (docs.stripe.com/api/pagination)."""


@dataclass(frozen=True)
class Page:
    """Rows of one answer, newest first, and whether more lie beyond."""

    rows: list[Body]
    has_more: bool


@dataclass(frozen=True)
class Cursor:
    """Where a page begins and how long it is."""

    limit: int
    starting_after: str | None
    ending_before: str | None


def read_cursor(params: Params) -> Cursor:
    """The paging parameters of a request, checked."""
    limit = integer("limit", params.get("limit", DEFAULT_LIMIT))
    if not 1 <= limit <= LARGEST_LIMIT:
        side = "greater than or equal to 1" if limit < 1 else f"less than or equal to {LARGEST_LIMIT}"
        raise StripeError(f"This value must be {side}.", code="parameter_invalid_integer", param="limit")
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise StripeError("You can only use one of starting_after and ending_before.", param="starting_after")
    return Cursor(limit, after, before)


def page_of(store: Store, kind: str, cursor: Cursor, conditions: Iterable[Condition], is_hidden: Callable[[str], bool]) -> Page:
    """A page of a collection under all conditions; hidden ids are left out as if they did not exist yet."""
    conditions = list(conditions)
    tests = [condition.test for condition in conditions if condition.test]
    after, before = _span(conditions)
    within = _narrowest([condition.within for condition in conditions if condition.within])
    tests += [_index_test(store, kind, condition, within) for condition in conditions if condition.within]
    collection = store.collection(kind)
    if cursor.ending_before:
        after = max(after, _position(store, kind, cursor.ending_before, "ending_before"))
        rows = collection.oldest_first(after, before, within)
    else:
        if cursor.starting_after:
            before = min(before, _position(store, kind, cursor.starting_after, "starting_after"))
        rows = collection.newest_first(after, before, within)
    return _cut(_passing(rows, tests, is_hidden), cursor)


def page_of_rows(rows: Sequence[Body], cursor: Cursor, noun: str) -> Page:
    """A page of a complete nested list, in its own order."""
    ids = [row["id"] for row in rows]
    if cursor.ending_before:
        end = _index(ids, cursor.ending_before, noun, "ending_before")
        return _cut(iter(rows[:end][::-1]), cursor)
    start = _index(ids, cursor.starting_after, noun, "starting_after") + 1 if cursor.starting_after else 0
    return _cut(iter(rows[start:]), cursor)


def _cut(rows: Iterator[Body], cursor: Cursor) -> Page:
    taken = list(islice(rows, cursor.limit + 1))
    shown = taken[: cursor.limit]
    return Page(shown[::-1] if cursor.ending_before else shown, len(taken) > cursor.limit)


def _passing(rows: Iterator[Body], tests: Sequence[Callable[[Body], bool]], is_hidden: Callable[[str], bool]) -> Iterator[Body]:
    return (row for row in rows if all(test(row) for test in tests) and not is_hidden(row["id"]))


def _span(conditions: list[Condition]) -> tuple[Position, Position]:
    since = [(condition.since, "") for condition in conditions if condition.since is not None]
    until = [(condition.until + 1, "") for condition in conditions if condition.until is not None]
    return max([FIRST, *since]), min([LAST, *until])


def _narrowest(candidates: list[tuple[str, Sequence[Any]]]) -> tuple[str, Sequence[Any]] | None:
    return candidates[0] if candidates else None


def _index_test(store: Store, kind: str, condition: Condition, used: tuple[str, Sequence[Any]] | None) -> Callable[[Body], bool]:
    if condition.within is None or condition.within == used:
        return lambda body: True
    name, values = condition.within
    return store.collection(kind).index_test(name, values)


def _position(store: Store, kind: str, id: str, param: str) -> Position:
    position = store.collection(kind).position(id)
    if position is not None:
        return position
    gone = store.deleted(kind, id)
    if gone is None:
        raise missing(kind.replace("_", " "), id, param=param)
    return int(gone[CREATED_FIELD.get(kind, "created")]), id


def _index(ids: list[str], id: str, noun: str, param: str) -> int:
    if id not in ids:
        raise missing(noun, id, param=param)
    return ids.index(id)
