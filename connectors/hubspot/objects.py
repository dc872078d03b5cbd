"""Bodies of records: listed or read by id, with every property of the catalogue, in chunks that requests can carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from connectors.hubspot.transport import HubspotApi
from cynosure.extract import Answer, Record, RetryLater

# https://developers.hubspot.com/docs/api-reference/crm-objects-v3/guide: rows a page, and a page with history
LIST_PAGE, HISTORY_PAGE = 100, 50
BATCH = 100
# longer URLs are refused with 414; a property costs its name and `&properties=`
URL_CHARACTERS = 15_000
# bodies of POST carry no more than so many property names
PROPERTIES_PER_READ = 250


class Properties(msgspec.Struct):
    """The properties by which a record is followed."""

    hs_merged_object_ids: str | None = None
    hs_calculated_merged_vids: str | None = None

    def losers(self) -> tuple[str, ...]:
        """Ids of records that were merged into this one."""
        plain = [id for id in (self.hs_merged_object_ids or "").split(";") if id]
        dated = [pair.partition(":")[0] for pair in (self.hs_calculated_merged_vids or "").split(";") if pair]
        return tuple(dict.fromkeys([*plain, *dated]))


class Head(msgspec.Struct, rename="camel"):
    """The fields of any record that extraction itself needs."""

    id: str
    updated_at: str = ""
    archived_at: str | None = None
    properties: Properties = msgspec.field(default_factory=Properties)

    @property
    def changed(self) -> float | None:
        """When the record says that it changed."""
        return instant(self.updated_at)


head = msgspec.json.Decoder(Head).decode


def instant(text: str | None) -> float | None:
    """Epoch seconds of an ISO instant; None if there is none."""
    return datetime.fromisoformat(text).timestamp() if text else None


class _Context(msgspec.Struct):
    ids: list[str] = []


class _Failure(msgspec.Struct):
    category: str = ""
    message: str = ""
    context: _Context | None = None


class _Batch(msgspec.Struct):
    results: list[msgspec.Raw]
    errors: list[_Failure] = []


@dataclass(frozen=True, slots=True)
class Asked:
    """What to ask of each record: the type, its scope, its properties, and those with history."""

    kind: str
    scope: str
    properties: tuple[str, ...]
    history: tuple[str, ...] = ()

    def chunks(self, first_by_url: bool) -> list[list[str]]:
        """Properties in chunks of what one request carries; the first may have to fit into a URL."""
        names = list(self.properties)
        first = _fitting(names) if first_by_url else PROPERTIES_PER_READ
        starts = [0, *range(first, len(names), PROPERTIES_PER_READ)]
        ends = [first, *range(first + PROPERTIES_PER_READ, len(names) + PROPERTIES_PER_READ, PROPERTIES_PER_READ)]
        return [names[start:end] for start, end in zip(starts, ends, strict=False) if names[start:end]] or [[]]


@dataclass(frozen=True, slots=True)
class Read:
    """Bodies by id, ids that do not exist any more, and the vendor's clock."""

    bodies: dict[str, msgspec.Raw]
    gone: list[str]
    seen: float


@dataclass(frozen=True, slots=True)
class Listed:
    """Bodies of one page by id, where the next one begins, and the vendor's clock."""

    bodies: dict[str, msgspec.Raw]
    after: str | None
    seen: float


def listed(api: HubspotApi, asked: Asked, after: str | None = None, *, archived: bool = False) -> Iterator[Listed]:
    """Every record of a type, page by page, in the order of ids."""
    first, *rest = asked.chunks(first_by_url=True)
    pages = api.pages(
        lambda client: client.crm.objects.basic_api.get_page,
        asked.kind,
        scope=asked.scope,
        after=after,
        limit=HISTORY_PAGE if asked.history else LIST_PAGE,
        properties=first,
        **({"archived": True} if archived else {}),
        **({"properties_with_history": list(asked.history)} if asked.history else {}),
    )
    for page, answer in pages:
        if page.after is not None and not page.results:
            raise RetryLater(f"{asked.kind}: an empty page says that more follows")
        bodies = {head(raw).id: raw for raw in page.results}
        yield Listed(_widened(api, asked, bodies, rest), page.after, answer.seen)


def by_id(api: HubspotApi, asked: Asked, ids: Sequence[str]) -> Iterator[Read]:
    """Records by id, batch by batch; ids that HubSpot does not find, or finds merged into another, are gone."""
    size = HISTORY_PAGE if asked.history else BATCH
    for start in range(0, len(ids), size):
        wanted = list(ids[start : start + size])
        first, *rest = asked.chunks(first_by_url=False)
        found, answer = _batch(api, asked, wanted, first, asked.history)
        bodies = {id: raw for id, raw in found.items() if id in set(wanted)}
        missing = [id for id in wanted if id not in bodies]
        yield Read(_widened(api, asked, bodies, rest), missing, answer.seen)


def records(bodies: dict[str, msgspec.Raw], prefix: str = "") -> list[Record]:
    """Bodies as records."""
    return [Record(f"{prefix}{id}", bytes(raw), head(raw).changed) for id, raw in bodies.items()]


def ids_after(api: HubspotApi, kind: str, scope: str, after: str | None) -> Iterator[Listed]:
    """Every record of a type with as little of its body as there is."""
    yield from listed(api, Asked(kind, scope, ("hs_object_id",)), after)


def _widened(api: HubspotApi, asked: Asked, bodies: dict[str, msgspec.Raw], chunks: list[list[str]]) -> dict[str, msgspec.Raw]:
    """The same records with the properties of further chunks; one that vanishes meanwhile is left out."""
    for chunk in chunks:
        more: dict[str, msgspec.Raw] = {}
        ids = list(bodies)
        for start in range(0, len(ids), BATCH):
            more |= _batch(api, asked, ids[start : start + BATCH], chunk, ())[0]
        bodies = {id: _joined(raw, more[id]) for id, raw in bodies.items() if id in more}
    return bodies


def _joined(raw: msgspec.Raw, other: msgspec.Raw) -> msgspec.Raw:
    """A body with the properties of both, in the order of their names, as HubSpot sends them."""
    body = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    kept, added = (msgspec.json.decode(part, type=dict[str, msgspec.Raw]) for part in (body["properties"], _properties(other)))
    body["properties"] = msgspec.Raw(msgspec.json.encode(dict(sorted({**kept, **added}.items()))))
    return msgspec.Raw(msgspec.json.encode(body))


def _properties(raw: msgspec.Raw) -> msgspec.Raw:
    return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])["properties"]


def _batch(
    api: HubspotApi, asked: Asked, ids: list[str], properties: list[str], history: tuple[str, ...]
) -> tuple[dict[str, msgspec.Raw], Answer]:
    body: dict[str, Any] = {
        "inputs": [{"id": id} for id in ids],
        "properties": properties,
        "propertiesWithHistory": list(history),
    }

    def ask() -> tuple[dict[str, msgspec.Raw], Answer]:
        answer = api.call(lambda client: client.crm.objects.batch_api.read, asked.kind, body, scope=asked.scope)
        return _checked(asked.kind, ids, answer), answer

    return api.retried(ask)


def _checked(kind: str, ids: list[str], answer: Answer) -> dict[str, msgspec.Raw]:
    """The records found; raises RetryLater when one is neither answered nor said to be missing."""
    try:
        batch = msgspec.json.decode(answer.body, type=_Batch)
    except msgspec.ValidationError as error:
        raise RetryLater(f"{kind}: the answer is not a batch: {error}") from None
    found, known = {}, set()
    for raw in batch.results:
        known_head = head(raw)
        found[known_head.id] = raw
        known |= {known_head.id, *known_head.properties.losers()}
    for failure in batch.errors:
        if failure.category != "OBJECT_NOT_FOUND":
            raise RetryLater(f"{kind}: HubSpot could not read a part of a batch: {failure.message[:200]}")
        known |= set(failure.context.ids if failure.context else ids)
    if lost := [id for id in ids if id not in known]:
        raise RetryLater(f"{kind}: {len(lost)} records of a batch were neither answered nor reported missing, {lost[0]} for one")
    return found


def _fitting(names: list[str]) -> int:
    """How many properties fit into a URL."""
    length = 0
    for number, name in enumerate(names):
        length += len(name) + len("&properties=")
        if length > URL_CHARACTERS:
            return number
    return max(len(names), 1)
