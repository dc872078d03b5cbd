"""Which records belong together: one row per record and type on the other side, with all of its associations.

Adding an association moves no date, so the rows of changed records are read again at once, those of records around a
merge as well, and every other row at least once in seven days (https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec

from connectors.hubspot.catalogue import BY_NAME, ObjectType
from connectors.hubspot.feed import ChangeFeed, in_batches
from connectors.hubspot.following import DAY, Followed, departures, losers, newest
from connectors.hubspot.objects import Asked, by_id, ids_after
from connectors.hubspot.refusals import BadRequest, Gone
from connectors.hubspot.transport import HubspotApi
from cynosure.extract import Cursor, Page, Record, RetryLater

BATCH = 1_000
# slices of a day's length in which everything is read again, one less than the days promised
SLICES = 6


class _From(msgspec.Struct):
    id: str


class _Next(msgspec.Struct):
    after: str


class _Paging(msgspec.Struct):
    next: _Next | None = None


class _Result(msgspec.Struct, rename={"source": "from"}):
    source: _From
    to: list[msgspec.Raw]
    paging: _Paging | None = None


class _Failure(msgspec.Struct, rename="camel"):
    category: str = ""
    sub_category: str = ""
    message: str = ""


class _Batch(msgspec.Struct):
    results: list[msgspec.Raw]
    errors: list[_Failure] = []


class _Target(msgspec.Struct, rename="camel"):
    to_object_id: int


class Associations:
    """Rows `type/id/type` for every record of the types that have pairs."""

    def __init__(self, api: HubspotApi, feed: ChangeFeed, types: Sequence[ObjectType]) -> None:
        self._api = api
        self._feed = feed
        self._types = [kind for kind in types if kind.pairs]
        self._unknown: set[tuple[str, str]] = set()
        self._notices: list[str] = []

    def read(self, cursor: Cursor | None) -> Iterator[Page]:
        """Everything, or what may have changed since the cursor."""
        if cursor is None or "since" not in cursor:
            yield from self._listing(cursor)
        else:
            yield from self._changes(cursor)

    def walk(self, after: Cursor | None) -> Iterator[Page]:
        """Everything that exists now, resumable after every page."""
        yield from self._everything(after)

    def fetch(self, ids: Sequence[str]) -> Iterator[Page]:
        """These rows as they are now."""
        asked: dict[tuple[str, str], list[str]] = {}
        for row in ids:
            kind, id, other = row.split("/")
            asked.setdefault((kind, other), []).append(id)
        for (kind, other), wanted in asked.items():
            yield from self._rows(BY_NAME[kind], wanted, (other,))

    def _listing(self, cursor: Cursor | None) -> Iterator[Page]:
        started = cursor["started"] if cursor else self._feed.until()
        seen, first = float(started), cursor is None
        for page in self._everything(cursor):
            seen = page.seen
            place = {"started": started, **page.cursor} if page.cursor else None
            yield Page(page.records, seen, place, begins=first, notice=page.notice)
            first = False
        archived = {kind.name: newest(self._feed.archived(kind.name, kind.scope)) for kind in self._types}
        end = {"since": started, "swept": started, "archived": archived, "rolled": {}}
        yield Page([], seen, end, as_of=started, begins=first, ends=True)

    def _everything(self, cursor: Cursor | None) -> Iterator[Page]:
        """All rows; pages carry the place after them, the last of all has none and `ends`."""
        names = [kind.name for kind in self._types]
        number = names.index(cursor["part"]) if cursor else 0
        after: str | None = cursor["after"] if cursor else None
        while number < len(names):
            kind = self._types[number]
            ids, after, seen = self._some_ids(kind, after, BATCH)
            number += after is None
            place = {"part": names[number], "after": after} if number < len(names) else None
            pages = list(self._rows(kind, ids, kind.pairs))
            rows = [row for page in pages for row in page.records]
            notice = "; ".join(page.notice for page in pages if page.notice)
            yield Page(rows, max([seen, *(page.seen for page in pages)]), place, ends=place is None, notice=notice)

    def _changes(self, cursor: Cursor) -> Iterator[Page]:
        until = self._feed.until()
        due = until - cursor["swept"] >= DAY
        archived, rolled = dict(cursor["archived"]), dict(cursor["rolled"])
        for kind in self._types:
            changes = self._feed.changes(kind.name, kind.scope, kind.cursor, cursor["since"])
            wanted, gone = set(changes.changed), losers(changes)
            if due:
                left = departures(self._feed, _followed(kind), cursor)
                gone |= left.gone
                slice_, rolled[kind.name] = self._slice(kind, rolled.get(kind.name))
                wanted |= {*left.again, *slice_}
                archived[kind.name] = newest(self._feed.archived(kind.name, kind.scope))
            around = self._around_merges(kind, cursor["since"])
            yield Page([record for id, at in gone.items() for record in _buried(kind, id, at)], until)
            yield from self._rows(kind, sorted((wanted | around) - gone.keys(), key=int), kind.pairs)
        end = {"since": until, "swept": until if due else cursor["swept"], "archived": archived, "rolled": rolled}
        yield Page([], until, end, as_of=until)

    def _slice(self, kind: ObjectType, after: str | None) -> tuple[list[str], str | None]:
        """The day's part of all ids, and where the next day goes on."""
        size = math.ceil(self._feed.count(kind.name, kind.scope) / SLICES)
        ids, after, _ = self._some_ids(kind, after, size) if size else ([], None, 0.0)
        return ids, after

    def _some_ids(self, kind: ObjectType, after: str | None, least: int) -> tuple[list[str], str | None, float]:
        ids: list[str] = []
        seen = float(self._feed.until())
        for page in ids_after(self._api, kind.name, kind.scope, after):
            ids += page.bodies
            after, seen = page.after, page.seen
            if len(ids) >= least:
                break
        return ids, after, seen

    def _around_merges(self, kind: ObjectType, since: int) -> set[str]:
        """Records of this type that are associated with a record that took in another: their rows named the loser."""
        found: set[str] = set()
        for other in kind.pairs:
            side = BY_NAME[other]
            if side.daily:
                continue
            merged = self._feed.changes(other, side.scope, side.cursor, since).merged
            for batch in in_batches(sorted(merged, key=int), BATCH):
                for result in self._read(other, kind.name, batch, side.scope)[0].values():
                    found |= {str(msgspec.json.decode(raw, type=_Target).to_object_id) for raw in _result(result).to}
        return found

    def _rows(self, kind: ObjectType, ids: Sequence[str], others: Sequence[str]) -> Iterator[Page]:
        for other in others:
            for batch in in_batches(list(ids), BATCH):
                if (kind.name, other) in self._unknown:
                    break
                found, gone, seen = self._batch(kind, other, batch)
                # a pair that turns out to be unknown says nothing about what was known before
                answered = [] if (kind.name, other) in self._unknown else batch
                rows = [Record(f"{kind.name}/{id}/{other}", found.get(id) or _none(id)) for id in answered if id not in gone]
                dead = [Record(f"{kind.name}/{id}/{other}", None, deleted=True) for id in batch if id in gone]
                notice, self._notices = "; ".join(self._notices), []
                yield Page([*rows, *dead], seen, notice=notice)

    def _batch(self, kind: ObjectType, other: str, ids: list[str]) -> tuple[dict[str, bytes], set[str], float]:
        """Rows by id, ids that are gone; one bad id refuses a whole batch, so a refused one is halved until it is found."""
        try:
            found, seen = self._read(kind.name, other, ids, kind.scope)
            return found, set(), seen
        except BadRequest:
            if len(ids) == 1:
                return self._single(kind, ids[0])
        middle = len(ids) // 2
        left, right = self._batch(kind, other, ids[:middle]), self._batch(kind, other, ids[middle:])
        return left[0] | right[0], left[1] | right[1], max(left[2], right[2])

    def _single(self, kind: ObjectType, id: str) -> tuple[dict[str, bytes], set[str], float]:
        """A refused id is gone only if the record is."""
        for read in by_id(self._api, Asked(kind.name, kind.scope, ("hs_object_id",)), [id]):
            if read.gone:
                self._notices.append(f"{kind.name} {id} is gone, HubSpot refused to read its associations")
                return {}, {id}, read.seen
        raise BadRequest(f"{kind.name} {id} exists, and yet HubSpot refuses to read its associations")

    def _read(self, kind: str, other: str, ids: list[str], scope: str) -> tuple[dict[str, bytes], float]:
        """Whole rows by id, paged to their end; a pair of types that the account does not have gives none."""
        rows: dict[str, list[msgspec.Raw]] = {}
        whole: dict[str, bytes] = {}
        inputs = [{"id": id} for id in ids]
        seen = 0.0
        while inputs:
            try:
                batch, seen = self._page(kind, other, inputs, scope)
            except Gone:
                self._unknown.add((kind, other))
                self._notices.append(f"this account has no associations from {kind} to {other}")
                return {}, seen or float(self._feed.until())
            inputs = []
            for raw in batch.results:
                result = _result(raw)
                id = result.source.id
                rows.setdefault(id, []).extend(result.to)
                if result.paging and result.paging.next:
                    inputs.append({"id": id, "after": result.paging.next.after})
                else:
                    whole[id] = bytes(raw) if len(rows[id]) == len(result.to) else _joined(id, rows[id])
        return whole, seen

    def _page(self, kind: str, other: str, inputs: list[dict[str, str]], scope: str) -> tuple[_Batch, float]:
        def ask() -> tuple[_Batch, float]:
            answer = self._api.call(
                lambda client: client.crm.associations.v4.batch_api.get_page, kind, other, {"inputs": inputs}, scope=scope
            )
            try:
                batch = msgspec.json.decode(answer.body, type=_Batch)
            except msgspec.ValidationError as error:
                raise RetryLater(f"associations: the answer is not a batch: {error}") from None
            for failure in batch.errors:
                if failure.category != "OBJECT_NOT_FOUND":
                    raise RetryLater(f"associations: HubSpot could not read a part of a batch: {failure.message[:200]}")
            return batch, answer.seen

        return self._api.retried(ask)


def _followed(kind: ObjectType) -> Followed:
    return Followed(kind.name, kind.scope, kind.cursor, lambda: Asked(kind.name, kind.scope, ("hs_object_id",)))


def _result(raw: msgspec.Raw | bytes) -> _Result:
    return msgspec.json.decode(raw, type=_Result)


def _none(id: str) -> bytes:
    return b'{"from":{"id":"%s"},"to":[]}' % id.encode()


def _joined(id: str, to: list[msgspec.Raw]) -> bytes:
    return msgspec.json.encode({"from": {"id": id}, "to": to})


def _buried(kind: ObjectType, id: str, at: float | None) -> list[Record]:
    return [Record(f"{kind.name}/{id}/{other}", None, at, deleted=True) for other in kind.pairs]
