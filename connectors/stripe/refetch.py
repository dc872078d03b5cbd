"""Fetching objects again: by id, or by a list where many are new; what is gone becomes a tombstone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from connectors.stripe.catalogue import Resource
from connectors.stripe.listing import READERS, list_params
from connectors.stripe.nested import completed
from connectors.stripe.transport import Gone, Params, StripeApi, identity
from cynosure.extract import Page, Record

# from this many new objects on, a list of the window is cheaper than one request each
LIST_FROM = 10
_CHUNK = 100


def record_of(api: StripeApi, resource: Resource, raw: msgspec.Raw | bytes, changed: float | None) -> Record:
    """One object as a record, its nested list completed; an object that says `deleted`, or vanishes meanwhile, is a tombstone."""
    known = identity(raw)
    if known.deleted:
        return Record(known.id, None, changed, deleted=True)
    payload = bytes(raw)
    try:
        return Record(known.id, completed(api, payload, resource.nested) if resource.nested else payload, changed)
    except Gone:
        return Record(known.id, None, changed, deleted=True)


def refetched(
    api: StripeApi, resource: Resource, changed: Mapping[str, int], created: set[str], since: int, until: int
) -> Iterator[Page]:
    """The changed objects as they are now, in pages; ids that are gone come as tombstones with the time of their event."""
    left = dict(changed)
    if resource.dated and len(created & left.keys()) >= LIST_FROM:
        window = list_params(resource, [since, until])
        for objects, seen, _ in api.pages(resource.path, window):
            records = [record_of(api, resource, raw, left.pop(identity(raw).id, None)) for raw in objects]
            yield Page(records, seen)
    yield from by_id(api, resource, left)


def by_id(api: StripeApi, resource: Resource, ids: Mapping[str, int | None]) -> Iterator[Page]:
    """Each object by its own request, several at a time."""
    params: Params = {"expand": list(resource.expand)} if resource.expand else {}
    with ThreadPoolExecutor(READERS) as pool:
        for chunk in batched_ids(list(ids)):
            answers = list(pool.map(lambda id: _one(api, resource, id, ids[id], params), chunk))
            yield Page([record for record, _ in answers], max(seen for _, seen in answers))


def batched_ids(ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Ids in groups of a page."""
    for start in range(0, len(ids), _CHUNK):
        yield tuple(ids[start : start + _CHUNK])


def _one(api: StripeApi, resource: Resource, id: str, changed: float | None, params: Params) -> tuple[Record, float]:
    try:
        answer = api.get(f"{resource.path}/{id}", params, endpoint=f"{resource.path}/id")
    except Gone as gone:
        return Record(id, None, changed, deleted=True), gone.seen
    return record_of(api, resource, msgspec.Raw(answer.body), changed), answer.seen
