"""What a run reads of lists: each whole, as often as its size and purpose ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from connectors.zendesk.catalogue import (
    CATALOGUE_EVERY,
    CHEAP_PAGES,
    DELETED_TICKETS,
    PERMANENTLY_DELETED_EVERY,
    RATING_LOOKBACK_SECONDS,
    RATINGS,
    RATINGS_EVERY,
    UNSETTLED_SECONDS,
    USERS,
    Listing,
)
from connectors.zendesk.listing import cursor_pages, listed_pages
from connectors.zendesk.rows import records
from connectors.zendesk.transport import Refused, ZendeskApi
from cynosure.extract import Cursor, Page, Record

_DELETED_USERS = "/api/v2/deleted_users.json"
_UNDER_WAY = ("after", "read", "begun")


def read_listing(api: ZendeskApi, listing: Listing, cursor: Cursor | None) -> Iterator[Page]:
    """The whole list if it is due; what it no longer contains is gone."""
    state = dict(cursor or {})
    now = api.now()
    if "after" not in state and not _is_due(listing, state, now):
        yield Page([], now, state)
        return
    yield from _whole(api, listing, state)


def _is_due(listing: Listing, state: dict[str, Any], now: float) -> bool:
    # a list that was read ahead of the vendor's clock is of another account, or of a clock that was set back
    waited = abs(now - state.get("listed", 0.0))
    often = listing is DELETED_TICKETS or (listing.eager and state.get("pages", 0) <= CHEAP_PAGES)
    return often or waited >= CATALOGUE_EVERY


def _whole(api: ZendeskApi, listing: Listing, state: dict[str, Any]) -> Iterator[Page]:
    """Every page of the list, resumable after each; from its beginning, if Zendesk does not know the place any more."""
    try:
        yield from _rest(api, listing, state)
    except Refused:
        if "after" not in state:
            raise
        yield from _rest(api, listing, {name: value for name, value in state.items() if name not in _UNDER_WAY})


def _rest(api: ZendeskApi, listing: Listing, state: dict[str, Any]) -> Iterator[Page]:
    after, number, begun = state.get("after"), state.get("read", 0), state.get("begun")
    kept = {name: state[name] for name in ("listed", "pages") if name in state}
    begins = after is None
    for page, following in listed_pages(api, listing, after):
        number, begun = number + 1, begun or page.seen
        if following is None:
            done = {**kept, "listed": begun, "pages": number}
            yield replace(page, cursor=done, as_of=begun, begins=begins, ends=True)
        else:
            yield replace(page, cursor={**kept, "after": following, "read": number, "begun": begun}, begins=begins)
        begins = False


def read_ratings(api: ZendeskApi, cursor: Cursor | None) -> Iterator[Page]:
    """All ratings while they are few; else those of the last 30 days, as any may have been changed, and once a week all."""
    state = dict(cursor or {})
    now = api.now()
    is_due = state.get("pages", 0) <= CHEAP_PAGES or abs(now - state.get("listed", 0.0)) >= RATINGS_EVERY
    if "after" in state or is_due:
        yield from _whole(api, RATINGS, state)
        return
    recent = replace(RATINGS, params={"start_time": str(int(now) - RATING_LOOKBACK_SECONDS)})
    seen = now
    for page, _ in listed_pages(api, recent):
        seen = page.seen
        yield replace(page, cursor=state)
    yield Page([], seen, state, as_of=seen - UNSETTLED_SECONDS)


def permanently_deleted(api: ZendeskApi, cursor: Cursor | None) -> Iterator[Page]:
    """Tombstones for users that only the list of deleted users still knows: once a day, once a week if that list is long."""
    state = dict(cursor or {})
    every = CATALOGUE_EVERY if state.get("buried_pages", 0) <= CHEAP_PAGES else PERMANENTLY_DELETED_EVERY
    if "at" not in state or state["at"] - state.get("buried", 0.0) < every:
        return
    pages = 0
    for rows, seen, _ in cursor_pages(api, _DELETED_USERS, "deleted_users", {}):
        gone = [Record(record.id, None, record.changed, deleted=True) for record in records(USERS.stream.name, rows)]
        pages += 1
        yield Page(gone, seen)
    whole = state["at"] - UNSETTLED_SECONDS
    yield Page([], seen, {**state, "buried": state["at"], "buried_pages": pages}, as_of=whole)


def picked(api: ZendeskApi, listing: Listing, ids: Sequence[str]) -> Iterator[Page]:
    """Certain rows of a list as they are now; tombstones for those that it does not contain."""
    missing = dict.fromkeys(ids)
    for page, _ in listed_pages(api, listing):
        found = [record for record in page.records if record.id in missing]
        for record in found:
            missing.pop(record.id, None)
        yield replace(page, records=found)
    yield Page([Record(id, None, None, deleted=True) for id in missing], page.seen)


def walk_listing(api: ZendeskApi, listing: Listing, after: Cursor | None) -> Iterator[Page]:
    """The whole list, without tombstones, resumable after each page."""
    for page, following in listed_pages(api, listing, after["after"] if after else None):
        there = [record for record in page.records if not record.deleted]
        place = None if following is None else {"after": following}
        yield replace(page, records=there, cursor=place, ends=following is None)
