"""Conversations and tickets: a search says which changed, and each of those is fetched whole, with its parts.

Parts have no bookmark of their own: they belong to their parent. What a search compares is not relied upon, so the query
overlaps, and what is older is dropped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from connectors.intercom.contacts import changed_since, newer
from connectors.intercom.pages import PAGE_SIZE, RowPage, Shared, head, instant, listed, numbered, searched
from connectors.intercom.transport import Gone, IntercomApi
from cynosure.extract import Page, Record

OVERLAP_SECONDS = 5 * 60
DELETED = "/conversations/deleted"
_NULL = msgspec.Raw(b"null")
# so many ids of conversations with missing parts are named in a notice
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a kind of thread is found: the path of one, its search, the field of its rows, and the field of its parts.

    `listing` lists all without a filter where there is such an endpoint, `detail` is what follows the id, `row` the row id.
    """

    path: str
    rows: str
    parts: str | None
    listing: str | None = None
    detail: str = ""
    row: str = "{id}"


CONVERSATION = Kind("/conversations", "conversations", "conversation_parts", listing="/conversations")
HANDLING = Kind(
    "/conversations", "conversations", None, listing="/conversations", detail="/handling_events",
    row="conversations/{id}/handling_events",
)  # fmt: skip
TICKET = Kind("/tickets", "tickets", "ticket_parts")


class _Whole(msgspec.Struct):
    updated_at: Any = None
    conversation_parts: msgspec.Raw = _NULL
    ticket_parts: msgspec.Raw = _NULL


class _Deleted(msgspec.Struct):
    id: int | str
    deleted_at: Any = None


_deleted = msgspec.json.Decoder(_Deleted).decode


@dataclass(frozen=True, slots=True)
class _Fetched:
    record: Record
    seen: float
    missing_parts: int = 0


@dataclass(frozen=True, slots=True)
class Threads:
    """Reads one kind of thread."""

    api: IntercomApi
    shared: Shared
    kind: Kind

    def list_all(self, after: str | None) -> Iterator[tuple[Page, str | None]]:
        """Every thread, whole, with the cursor after each page."""
        for page in self.everything(after):
            for whole in self._whole(page.rows):
                yield whole, None
            yield Page([], page.seen), page.after

    def ids(self, after: str | None) -> Iterator[tuple[Page, str | None]]:
        """The ids of all threads, with the cursor after each page."""
        for page in self.everything(after):
            records = [Record(self.row(head(row).key), None, self._told(row)) for row in page.rows]
            yield Page(records, page.seen), page.after

    def changed(self, since: float) -> Iterator[Page]:
        """Threads that changed since shortly before the bookmark, whole."""
        body = changed_since(int(since - OVERLAP_SECONDS))
        path = f"{self.kind.path}/search"
        fetched: set[str] = set()
        for page in self.shared.pages(f"{path} {body}", lambda: searched(self.api, path, self.kind.rows, body)):
            rows = [row for row in newer(page, since - OVERLAP_SECONDS) if head(row).key not in fetched]
            fetched.update(head(row).key for row in rows)
            yield from self._whole(rows)

    def may_have_lost(self) -> bool:
        """Never more than a listing that is due anyway will find."""
        return False

    def deleted(self, since: float | None) -> Iterator[Page]:
        """Tombstones of conversations that were deleted since shortly before the bookmark; the list is newest first."""
        for page in self.shared.pages(f"{DELETED} {since}", partial(self._deleted_pages, since)):
            gone = [(str(entry.id), instant(entry.deleted_at)) for entry in map(_deleted, page.rows)]
            recent = [(id, at) for id, at in gone if since is None or at is None or at >= since - OVERLAP_SECONDS]
            yield Page([Record(self.row(id), None, at, deleted=True) for id, at in recent], page.seen)

    def fetch(self, ids: Sequence[str]) -> Iterator[Page]:
        """These threads as they are now; tombstones for those that are gone."""
        wanted = [id.split("/")[1] if "/" in id else id for id in ids]
        for begin in range(0, len(wanted), PAGE_SIZE):
            for found in self.api.each(self._one, wanted[begin : begin + PAGE_SIZE]):
                yield Page([found.record], found.seen)

    def row(self, id: str) -> str:
        """The row id of a thread."""
        return self.kind.row.format(id=id)

    def everything(self, after: str | None) -> Iterator[RowPage]:
        """Pages of all threads as lists show them, without parts."""
        if self.kind.listing:
            return listed(self.api, self.kind.listing, self.kind.rows, {}, after)
        # tickets can only be searched; every one has an id
        everything = {"query": {"field": "id", "operator": "!=", "value": "0"}}
        return searched(self.api, f"{self.kind.path}/search", self.kind.rows, everything, after)

    def _told(self, row: msgspec.Raw) -> float | None:
        return head(row).changed if self.kind.parts else None

    def _whole(self, rows: Sequence[msgspec.Raw]) -> Iterator[Page]:
        if not rows:
            return
        found = list(self.api.each(self._one, [head(row).key for row in rows]))
        yield Page([entry.record for entry in found], found[-1].seen, notice=self._notice(found))

    def _one(self, id: str) -> _Fetched:
        try:
            answer = self.api.get(f"{self.kind.path}/{id}{self.kind.detail}")
        except Gone as gone:
            return _Fetched(Record(self.row(id), None, gone.seen, deleted=True), gone.seen)
        whole = msgspec.json.decode(answer.body, type=_Whole)
        record = Record(self.row(id), answer.body, instant(whole.updated_at))
        return _Fetched(record, answer.seen, self._missing(whole))

    def _missing(self, whole: _Whole) -> int:
        """How many parts Intercom has and does not give."""
        if self.kind.parts is None:
            return 0
        listing = msgspec.json.decode(getattr(whole, self.kind.parts), type=dict[str, msgspec.Raw] | None) or {}
        total = msgspec.json.decode(listing.get("total_count", _NULL), type=int | None) or 0
        shown = msgspec.json.decode(listing.get(self.kind.parts, _NULL), type=list[msgspec.Raw] | None) or []
        return max(0, total - len(shown))

    def _notice(self, found: Sequence[_Fetched]) -> str:
        cut = [entry for entry in found if entry.missing_parts]
        if not cut:
            return ""
        named = ", ".join(f"{entry.record.id} ({entry.missing_parts} missing)" for entry in cut[:_NAMED])
        more = f" and {len(cut) - _NAMED} more" if len(cut) > _NAMED else ""
        return (
            f"{self.kind.rows}: Intercom gives the newest 500 parts only; older ones stay in the history if they were read: "
            f"{named}{more}"
        )

    def _deleted_pages(self, since: float | None) -> Iterator[RowPage]:
        for page in numbered(self.api, DELETED, "conversations"):
            yield page
            oldest = instant(_deleted(page.rows[-1]).deleted_at) if page.rows else None
            if since is not None and oldest is not None and oldest < since - OVERLAP_SECONDS:
                return
