"""Contacts and the companies they belong to.

The search compares calendar days (https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/searchcontacts):
`>` begins on the day after the value, in a zone that two versions of the documentation name differently. The query goes
two days back, which holds in every zone, and what is older than the bookmark is dropped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from connectors.intercom.pages import RowPage, Shared, head, instant, listed, numbered, searched
from connectors.intercom.transport import Gone, IntercomApi
from cynosure.extract import Page, Record

DAY = 86_400
SEARCH_LOOKBACK_SECONDS = 2 * DAY
# a new contact "can take a few minutes" to be found by searches
OVERLAP_SECONDS = 15 * 60
# IN is short for a group of filters, of which there may be so many
IDS_AT_ONCE = 15
PATH, SEARCH_WITH_MERGES = "/contacts", "/contacts/search?include_merge_history=true"
_MERGES = {"include_merge_history": "true"}
#: nested lists that show only their beginning, and what their entries are
_NESTED = {"companies": "company", "tags": "tag", "notes": "note"}


class _Nested(msgspec.Struct):
    data: list[msgspec.Raw]
    has_more: bool = False


class _Beginning(msgspec.Struct):
    has_more: bool = False


class _Merge(msgspec.Struct):
    source_contact_id: int | str
    source_contact_role: str | None = None
    merged_at: Any = None


class _Contact(msgspec.Struct):
    id: int | str
    updated_at: Any = None
    companies: _Beginning | None = None
    tags: _Beginning | None = None
    notes: _Beginning | None = None
    merge_history: list[_Merge] | None = None

    def is_cut(self) -> bool:
        """Whether a nested list goes on elsewhere."""
        return any(nested is not None and nested.has_more for nested in (self.companies, self.tags, self.notes))


_contact = msgspec.json.Decoder(_Contact).decode


@dataclass(frozen=True, slots=True)
class Contacts:
    """Reads contacts; `whole` for the contacts themselves, otherwise for the set of companies of each."""

    api: IntercomApi
    shared: Shared
    whole: bool
    #: users that were merged since the bookmark: others may have been merged into them shortly before, which nothing tells
    chained: list[str] = field(default_factory=list)

    def list_all(self, after: str | None) -> Iterator[tuple[Page, str | None]]:
        """Every contact without any filter, with the cursor after each page."""
        for page in listed(self.api, PATH, "data", _MERGES, after):
            yield Page(self.records(page.rows), page.seen), page.after

    def changed(self, since: float) -> Iterator[Page]:
        """Contacts changed or created since shortly before the bookmark, and tombstones for those merged into them."""
        body = changed_since(int(since) - SEARCH_LOOKBACK_SECONDS)
        body["sort"] = {"field": "updated_at", "order": "ascending"}
        pages = self.shared.pages(f"contacts {body}", lambda: searched(self.api, SEARCH_WITH_MERGES, "data", body))
        for page in pages:
            rows = newer(page, since - OVERLAP_SECONDS)
            self.chained.extend(_merged_users(rows, since - OVERLAP_SECONDS))
            yield Page(self.records(rows), page.seen)

    def may_have_lost(self) -> bool:
        """Whether contacts may have gone without a word since the bookmark."""
        return bool(self.chained)

    def fetch(self, ids: Sequence[str]) -> Iterator[Page]:
        """These contacts as they are now; a merged one is followed to where it went."""
        wanted = [id.split("/")[1] if "/" in id else id for id in ids]
        for begin in range(0, len(wanted), IDS_AT_ONCE):
            asked = wanted[begin : begin + IDS_AT_ONCE]
            found: set[str] = set()
            for page in searched(
                self.api, SEARCH_WITH_MERGES, "data", {"query": {"field": "id", "operator": "IN", "value": asked}}
            ):
                found.update(head(row).key for row in page.rows)
                yield Page(self.records(page.rows), page.seen)
            for records, seen in self.api.each(self._one, [id for id in asked if id not in found]):
                yield Page(records, seen)

    def records(self, rows: Sequence[msgspec.Raw]) -> list[Record]:
        """Records of contacts, and after each the tombstones of those merged into it."""
        found: list[Record] = []
        for row in rows:
            contact = _contact(row)
            payload = completed(self.api, bytes(row), contact) if contact.is_cut() else row
            found.append(self._record(contact, payload))
            for merge in contact.merge_history or ():
                found.append(Record(self.key(merge.source_contact_id), None, instant(merge.merged_at), deleted=True))
        return found

    def key(self, id: int | str) -> str:
        """The row id."""
        return str(id) if self.whole else f"contacts/{id}/companies"

    def _record(self, contact: _Contact, payload: bytes | msgspec.Raw) -> Record:
        if self.whole:
            return Record(str(contact.id), payload, instant(contact.updated_at))
        companies = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])["companies"]
        return Record(self.key(contact.id), companies, instant(contact.updated_at))

    def _one(self, id: str) -> tuple[list[Record], float]:
        """The contact, or a tombstone and the contact into which it was merged."""
        try:
            answer = self.api.get(f"{PATH}/{id}", _MERGES)
        except Gone as gone:
            buried = Record(self.key(id), None, None, deleted=True)
            if gone.into is None or gone.into == id:
                return [buried], gone.seen
            found, seen = self._one(gone.into)
            return [buried, *found], seen
        return self.records([msgspec.Raw(answer.body)]), answer.seen


def _merged_users(rows: Sequence[msgspec.Raw], since: float) -> list[str]:
    """Users that were merged since: only a user can have taken others in before."""
    merges = [merge for row in rows for merge in _contact(row).merge_history or ()]
    users = [merge for merge in merges if merge.source_contact_role == "user"]
    return [str(merge.source_contact_id) for merge in users if (instant(merge.merged_at) or since) >= since]


def changed_since(bookmark: int) -> dict[str, Any]:
    """The query for what changed after an instant, or was created and never changed."""
    fields = ("updated_at", "created_at")
    filters = [{"field": field, "operator": ">", "value": max(bookmark, 0)} for field in fields]
    return {"query": {"operator": "OR", "value": filters}}


def newer(page: RowPage, since: float) -> list[msgspec.Raw]:
    """Rows that changed since, or do not say when they did."""
    kept = []
    for row in page.rows:
        changed = head(row).changed
        if changed is None or changed >= since:
            kept.append(row)
    return kept


def completed(api: IntercomApi, payload: bytes, contact: _Contact) -> bytes:
    """The contact with every company, tag and note; nothing else of it is touched."""
    fields = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    for name, kind in _NESTED.items():
        nested = msgspec.json.decode(fields.get(name, msgspec.Raw(b"null")), type=_Nested | None)
        if nested is None or not nested.has_more:
            continue
        shown = {head(row).key for row in nested.data}
        for row in _rest(api, str(contact.id), name):
            id = head(row).key
            if id not in shown:
                shown.add(id)
                entry = {"type": kind, "id": id, "url": f"/{name}/{id}"}
                nested.data.append(msgspec.Raw(msgspec.json.encode(entry)))
        envelope = msgspec.json.decode(fields[name], type=dict[str, msgspec.Raw])
        envelope["data"] = msgspec.Raw(msgspec.json.encode(nested.data))
        envelope["has_more"] = msgspec.Raw(b"false")
        fields[name] = msgspec.Raw(msgspec.json.encode(envelope))
    return msgspec.json.encode(fields)


def _rest(api: IntercomApi, id: str, name: str) -> Iterator[msgspec.Raw]:
    path = f"{PATH}/{id}/{name}"
    if name == "tags":
        answer = api.get(path)
        yield from msgspec.json.decode(answer.body, type=_Nested).data
        return
    for page in numbered(api, path, "data", size=50):
        yield from page.rows
