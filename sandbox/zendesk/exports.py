"""The incremental exports (https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from sandbox.zendesk.paging import (
    LARGEST_PAGE,
    UNSETTLED_SECONDS,
    begin_of,
    exported_by_cursor,
    exported_by_time,
    listed,
    page_size,
)
from sandbox.zendesk.reading import API, Call, Reader
from sandbox.zendesk.store import Body, Position
from sandbox.zendesk.ticket import event_body


def _window(
    call: Call, places: Iterator[Position], visible: Callable[[int], bool] = lambda id: True
) -> tuple[list[Position], bool]:
    """The rows of this page, and whether more follow."""
    size = page_size(call.query)
    found = list(islice((p for p in places if not call.hides(str(p[1])) and visible(p[1])), size + 1))
    return found[:size], len(found) > size


def _settled(stream: str, call: Call) -> Iterator[Position]:
    return call.account.store.changes[stream].after(begin_of(call.query, call.now), call.now - UNSETTLED_SECONDS)


def _tickets(call: Call) -> Body:
    known, desk = call.account.tickets.by_id, call.account.tickets
    keep_deleted = call.query.get("exclude_deleted") != "true"
    found, more = _window(call, _settled("tickets", call), lambda id: keep_deleted or known[id].deleted is None)
    tickets = [known[id] for _, id in found]
    page = exported_by_cursor(call.path, "tickets", found, more, [desk.body(t) for t in tickets], call.query, call.now)
    if "metric_sets" in call.query.get("include", ""):
        page["metric_sets"] = [t.metric.body(t.id) for t in tickets if t.deleted is None]
    return page


def _users(call: Call) -> Body:
    found, more = _window(call, _settled("users", call))
    rows = [call.account.store.rows["users"][id] for _, id in found]
    return exported_by_cursor(call.path, "users", found, more, rows, call.query, call.now)


def _organizations(call: Call) -> Body:
    found, more = _window(call, _settled("organizations", call))
    rows = [call.account.store.rows["organizations"][id] for _, id in found]
    return exported_by_time(call.path, "organizations", found, more, rows, call.query)


def _ticket_events(call: Call) -> Body:
    found, more = _window(call, _settled("ticket_events", call))
    with_comments = "comment_events" in call.query.get("include", "")
    rows = [event_body(call.account.tickets.audits[id], with_comments) for _, id in found]
    return exported_by_time(call.path, "ticket_events", found, more, rows, call.query)


def _metric_events(call: Call) -> Body:
    """By time; with `include_changes` an event that was changed later shows again at its change."""
    events = call.account.tickets.timers.events
    if call.query.get("include_changes") == "true":
        places: Any = _settled("ticket_metric_events", call)
    else:
        begin, end = begin_of(call.query, call.now), call.now - UNSETTLED_SECONDS
        places = iter(sorted((e.time, e.id) for e in events.values() if begin < (e.time, e.id) and e.time <= end))
    if "page[size]" in call.query or "page[after]" in call.query:
        items = [(list(place), place[1]) for place in places]
        size = call.query.get("page[size]", str(LARGEST_PAGE))
        query = {**call.query, "page[size]": size}
        return listed(call.path, "ticket_metric_events", items, lambda id: events[id].body(), query)
    found, more = _window(call, places)
    rows = [events[id].body() for _, id in found]
    return exported_by_time(call.path, "ticket_metric_events", found, more, rows, call.query)


EXPORTS = (
    Reader(f"{API}/incremental/tickets/cursor", "tickets", _tickets, ("exports",)),
    Reader(f"{API}/incremental/users/cursor", "users", _users, ("exports",)),
    Reader(f"{API}/incremental/organizations", "organizations", _organizations, ("exports",)),
    Reader(f"{API}/incremental/ticket_events", "ticket_events", _ticket_events, ("exports",)),
    Reader(f"{API}/incremental/ticket_metric_events", "ticket_metric_events", _metric_events, ("exports",)),
)
"""The endpoints of exports."""
