"""The rows of the account that are plain bodies, the order in which they changed, and the book of what exists."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Body = dict[str, Any]
Position = tuple[int, int]
"""A place in an export: (stamp in epoch seconds, id)."""

EXPORTED = ("tickets", "users", "organizations", "ticket_events", "ticket_metric_events")

_BASES = (
    "users", "organizations", "groups", "group_memberships", "organization_memberships", "satisfaction_ratings",
    "sla_policies", "schedules", "holidays", "ticket_fields", "ticket_forms", "custom_statuses", "brands", "metric_sets",
    "ticket_events", "comments", "ticket_metric_events",
)  # fmt: skip
# ids of an account lie far apart by kind and have 13 to 14 digits; tickets are numbered from 1
_FIRST, _APART, _STEP = 4_411_000_000_019, 1_360_000_000_000, 23


def iso(at: int | None) -> str | None:
    """The instant as Zendesk writes it."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Numbers:
    """Ids, counted per kind."""

    def __init__(self) -> None:
        self._next = {kind: _FIRST + number * _APART for number, kind in enumerate(_BASES)}
        self._next["tickets"] = 1

    def take(self, kind: str) -> int:
        """The next id of a kind."""
        id = self._next[kind]
        self._next[kind] = id + (1 if kind == "tickets" else _STEP)
        return id


class Changes:
    """The rows of one export in the order of their last change."""

    def __init__(self) -> None:
        self._order: list[Position] = []
        self._stamps: dict[int, int] = {}

    def touch(self, id: int, stamp: int) -> None:
        """The row changed."""
        if self._stamps.get(id) == stamp:
            return
        self._stamps[id] = stamp
        insort(self._order, (stamp, id))
        if len(self._order) > 2 * len(self._stamps) + 1000:
            self._order = sorted((stamp, id) for id, stamp in self._stamps.items())

    def forget(self, id: int) -> None:
        """The row leaves the export."""
        self._stamps.pop(id, None)

    def stamp(self, id: int) -> int:
        """When the row changed last."""
        return self._stamps[id]

    def after(self, position: Position, until: int) -> Iterator[Position]:
        """Rows behind a place, up to an instant."""
        order = self._order
        for number in range(bisect_right(order, position), len(order)):
            stamp, id = order[number]
            if stamp > until:
                return
            if self._stamps.get(id) == stamp:
                yield order[number]


class Books:
    """What exists and what was deleted, by stream, noted when it happens: what the warehouse has to agree with."""

    def __init__(self) -> None:
        self.existing: dict[str, set[str]] = defaultdict(set)
        self.deleted: dict[str, set[str]] = defaultdict(set)

    def begin(self, stream: str, id: int | str) -> None:
        """A row exists from now on."""
        self.existing[stream].add(str(id))
        self.deleted[stream].discard(str(id))

    def end(self, stream: str, id: int | str) -> None:
        """A row exists no more."""
        if str(id) in self.existing[stream]:
            self.existing[stream].discard(str(id))
            self.deleted[stream].add(str(id))


class Store:
    """Bodies by stream and id. Exported ones keep the order of their changes."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self.books = Books()
        self.changes = {name: Changes() for name in EXPORTED}
        self.rows: dict[str, dict[int, Body]] = defaultdict(dict)
        self.gone: dict[str, dict[int, Body]] = defaultdict(dict)
        """Rows that were deleted for good, as far as the API still tells of them."""

    def get(self, stream: str, id: int) -> Body | None:
        """A body, or None."""
        return self.rows[stream].get(id)

    def add(self, stream: str, body: Body, at: int) -> Body:
        """A new row; its body carries its id."""
        id = body["id"]
        self.rows[stream][id] = body
        self.books.begin(stream, id)
        self._touch(stream, id, at)
        return body

    def change(self, stream: str, id: int, at: int, **values: Any) -> Body:
        """Gives fields other values; `updated_at` follows, unless nothing changes."""
        body = self.rows[stream][id]
        if any(body.get(name) != value for name, value in values.items()):
            body.update(values)
            body["updated_at"] = iso(at)
            self._touch(stream, id, at)
        return body

    def retire(self, stream: str, id: int, at: int, **values: Any) -> Body:
        """Marks a row as deleted; the API goes on showing it with that mark."""
        self.books.end(stream, id)
        return self.change(stream, id, at, **values)

    def revive(self, stream: str, id: int, at: int, **values: Any) -> Body:
        """Takes such a mark back."""
        self.books.begin(stream, id)
        return self.change(stream, id, at, **values)

    def drop(self, stream: str, id: int) -> Body | None:
        """Removes a row without a trace in exports."""
        self.books.end(stream, id)
        if stream in self.changes:
            self.changes[stream].forget(id)
        body = self.rows[stream].pop(id, None)
        if body is not None:
            self.gone[stream][id] = body
        return body

    def _touch(self, stream: str, id: int, at: int) -> None:
        if stream in self.changes:
            self.changes[stream].touch(id, at)
