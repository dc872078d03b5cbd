"""How records are followed: a first listing without filters, then what the index says has changed, then what no index tells.

Archiving, restoring and deleting do not move the date by which changes are found, so archived records are listed once a
day; those that left that list without being deleted are back. Merged records vanish: the one that took them in names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from connectors.hubspot.feed import ChangeFeed, Changes
from connectors.hubspot.objects import Asked, by_id, listed, records
from connectors.hubspot.transport import HubspotApi
from cynosure.extract import Cursor, Page, Record, RetryLater

DAY = 86_400
# archived records whose return is noticed within a day; older ones are found by the audit's walk
_REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class Followed:
    """A type of record inside a stream: its cursor property, what to ask of each, and what its row ids begin with."""

    kind: str
    scope: str
    cursor: str
    asked: Callable[[], Asked]
    prefix: str = ""


@dataclass(slots=True)
class Departures:
    """What left without a sign: tombstones with their instant, and ids to look at again."""

    gone: dict[str, float | None]
    again: list[str]


class Follower:
    """Reads the records of one or more types as one stream."""

    def __init__(self, api: HubspotApi, feed: ChangeFeed, parts: Sequence[Followed]) -> None:
        self._api = api
        self._feed = feed
        self._parts = parts

    def read(self, cursor: Cursor | None) -> Iterator[Page]:
        """Everything, or what changed since the cursor."""
        if cursor is None or "since" not in cursor:
            yield from self._listing(cursor)
        else:
            yield from self._changes(cursor)

    def walk(self, after: Cursor | None) -> Iterator[Page]:
        """Everything that exists now, resumable after every page."""
        parts = _remaining(self._parts, after)
        start: str | None = after["after"] if after else None
        for part in parts:
            for page in listed(self._api, part.asked(), start):
                place = {"part": part.kind, "after": page.after} if page.after else _following(parts, part)
                yield Page(records(page.bodies, part.prefix), page.seen, place, ends=place is None)
            start = None
        if not parts:
            yield Page([], self._feed.until(), ends=True)

    def fetch(self, ids: Sequence[str]) -> Iterator[Page]:
        """These records as they are now; tombstones for those that are gone."""
        for part in self._parts:
            own = [id.removeprefix(part.prefix) for id in ids if id.startswith(part.prefix)]
            yield from self._bodies(part, dict.fromkeys(own))

    def _listing(self, cursor: Cursor | None) -> Iterator[Page]:
        started = cursor["started"] if cursor else self._feed.until()
        first = cursor is None
        seen = float(started)
        start: str | None = cursor["after"] if cursor else None
        for part in _remaining(self._parts, cursor):
            highest = 0
            for page in listed(self._api, part.asked(), start):
                highest = max([highest, *map(int, page.bodies)])
                if page.after is None and (highest or start is None):
                    self._refuse_early_end(part, highest, started)
                seen = page.seen
                place = {"started": started, "part": part.kind, "after": page.after} if page.after else None
                yield Page(records(page.bodies, part.prefix), seen, place, begins=first)
                first = False
            start = None
        archived = {part.kind: newest(self._feed.archived(part.kind, part.scope)) for part in self._parts}
        yield Page([], seen, {"since": started, "swept": started, "archived": archived}, as_of=started, begins=first, ends=True)

    def _refuse_early_end(self, part: Followed, highest: int, started: int) -> None:
        """Raises RetryLater when older records lie beyond the end of a list."""
        older = {"propertyName": part.cursor, "operator": "LTE", "value": str(started * 1000)}
        beyond = {"propertyName": "hs_object_id", "operator": "GT", "value": str(highest)}
        if missing := self._feed.count(part.kind, part.scope, [older, beyond]):
            raise RetryLater(
                f"{part.kind}: the list ended at {highest}, although {missing} older records follow; nothing was skipped"
            )

    def _changes(self, cursor: Cursor) -> Iterator[Page]:
        until = self._feed.until()
        due = until - cursor["swept"] >= DAY
        archived = dict(cursor["archived"])
        for part in self._parts:
            changes = self._feed.changes(part.kind, part.scope, part.cursor, cursor["since"])
            wanted = dict(changes.changed)
            if due:
                left = departures(self._feed, part, cursor)
                yield Page(tombstones(part.prefix, left.gone), until)
                wanted |= dict.fromkeys(left.again)
                archived[part.kind] = newest(self._feed.archived(part.kind, part.scope))
            yield from self._bodies(part, wanted)
            yield Page(tombstones(part.prefix, losers(changes)), until)
        end = {"since": until, "swept": until if due else cursor["swept"], "archived": archived}
        yield Page([], until, end, as_of=until)

    def _bodies(self, part: Followed, ids: dict[str, float | None]) -> Iterator[Page]:
        if not ids:
            return
        for read in by_id(self._api, part.asked(), sorted(ids, key=int)):
            gone = tombstones(part.prefix, {id: ids[id] for id in read.gone})
            yield Page([*records(read.bodies, part.prefix), *gone], read.seen)


def departures(feed: ChangeFeed, part: Followed, cursor: Cursor) -> Departures:
    """What the daily sweep finds: newly archived records, and those that are back or do not say when they changed."""
    archived = feed.archived(part.kind, part.scope)
    known = set(cursor["archived"].get(part.kind, ()))
    recent = cursor["swept"] - DAY
    gone = {id: at for id, at in archived.items() if id not in known or at is None or at >= recent}
    undated = feed.undated(part.kind, part.scope, part.cursor)
    return Departures(gone, sorted({*(known - archived.keys()), *undated.changed}))


def losers(changes: Changes) -> dict[str, float | None]:
    """Ids that were merged into a changed record, with its instant."""
    return {loser: changes.changed[winner] for winner, ids in changes.merged.items() for loser in ids}


def tombstones(prefix: str, ids: dict[str, float | None]) -> list[Record]:
    """Records that are gone."""
    return [Record(f"{prefix}{id}", None, at, deleted=True) for id, at in ids.items()]


def newest(archived: dict[str, float | None]) -> list[str]:
    """Ids of archived records to remember until the next sweep."""
    return sorted(sorted(archived, key=lambda id: archived[id] or 0.0)[-_REMEMBERED:], key=int)


def _remaining(parts: Sequence[Followed], cursor: Cursor | None) -> list[Followed]:
    """The parts from the cursor's on; one that the account no longer has begins anew."""
    names = [part.kind for part in parts]
    return list(parts[names.index(cursor["part"]) :]) if cursor and cursor["part"] in names else list(parts)


def _following(parts: Sequence[Followed], part: Followed) -> Cursor | None:
    index = [other.kind for other in parts].index(part.kind) + 1
    return {"part": parts[index].kind, "after": None} if index < len(parts) else None
