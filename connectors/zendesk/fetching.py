"""Rows by their ids, for repair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from connectors.zendesk.catalogue import LIST_PAGE
from connectors.zendesk.rows import record, show_many, show_one, ticket_records
from connectors.zendesk.transport import Gone, ZendeskApi, decoded
from cynosure.extract import Page, Record


def fetched_tickets(api: ZendeskApi, ids: Sequence[str]) -> Iterator[Page]:
    """Tickets with their metric sets: by the hundred, and archived ones each by itself."""
    for chunk in _chunks(ids):
        tickets, metrics, seen = show_many(api, chunk)
        gone: list[Record] = []
        for id in chunk:
            if id in tickets:
                continue
            try:
                tickets[id], more, seen = show_one(api, id)
                metrics |= more
            except Gone as missing:
                gone.append(Record(id, None, None, deleted=True))
                seen = missing.seen
        made, notice = ticket_records(api, list(tickets.values()), metrics.values())
        yield Page([*made, *gone], seen, notice=notice)


def fetched_rows(api: ZendeskApi, name: str, ids: Sequence[str]) -> Iterator[Page]:
    """Users or organizations, a hundred at a time."""
    path = f"/api/v2/{name}/show_many.json"
    for chunk in _chunks(ids):
        fields, seen = api.fields(path, {"ids": ",".join(chunk)})
        rows = decoded(path, fields.get(name, msgspec.Raw(b"[]")), list[msgspec.Raw])
        found = {made.id: made for made in (record(name, raw) for raw in rows)}
        yield Page([found.get(id) or Record(id, None, None, deleted=True) for id in chunk], seen)


def fetched_ratings(api: ZendeskApi, ids: Sequence[str]) -> Iterator[Page]:
    """Ratings, each by itself."""
    for id in ids:
        path = f"/api/v2/satisfaction_ratings/{id}.json"
        try:
            fields, seen = api.fields(path)
        except Gone as missing:
            yield Page([Record(id, None, None, deleted=True)], missing.seen)
        else:
            yield Page([record("satisfaction_ratings", fields["satisfaction_rating"])], seen)


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), LIST_PAGE):
        yield unique[start : start + LIST_PAGE]
