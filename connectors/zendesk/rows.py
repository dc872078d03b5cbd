"""Rows of Zendesk as records: their bytes as sent, when they changed, and whether they are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from connectors.zendesk.catalogue import LIST_PAGE
from connectors.zendesk.transport import Gone, ZendeskApi, decoded
from cynosure.extract import AccessDenied, Record, Unexpected

Scalar = int | float | str | bool | None

_SHOW_MANY, _ONE = "/api/v2/tickets/show_many.json", "/api/v2/tickets/{}.json"
_WITH_METRICS = {"include": "metric_sets"}


class Row(msgspec.Struct):
    """The fields of any row that extraction itself needs; their types are the vendor's to break."""

    id: Scalar = None
    name: Scalar = None
    generated_timestamp: Scalar = None
    timestamp: Scalar = None
    time: Scalar = None
    updated_at: Scalar = None
    status: msgspec.Raw = msgspec.Raw(b"null")
    active: Scalar = None
    deleted: Scalar = None
    is_deleted: Scalar = None
    deleted_at: Scalar = None


class MetricOwner(msgspec.Struct):
    """To which ticket a metric set belongs."""

    ticket_id: int | str


peek = msgspec.json.Decoder(Row).decode


def records(stream: str, raws: Iterable[msgspec.Raw], key: str = "id") -> list[Record]:
    """Rows of any stream but tickets."""
    return [record(stream, raw, key) for raw in raws]


def record(stream: str, raw: msgspec.Raw, key: str = "id") -> Record:
    """One row; a deleted one is a tombstone, whose last body the warehouse keeps."""
    row = _peeked(stream, raw)
    id = row.name if key == "name" else row.id
    if id is None:
        raise Unexpected(f"{stream}: a row came without {key}; nothing was skipped, state is kept")
    is_gone = _is_gone(stream, row)
    return Record(str(id), None if is_gone else raw, changed(row), deleted=is_gone)


def changed(row: Row) -> float | None:
    """When the row changed by its own account, in epoch seconds."""
    for value in (row.generated_timestamp, row.timestamp, row.time, row.updated_at):
        instant = _instant(value)
        if instant is not None:
            return instant
    return None


def ticket_records(api: ZendeskApi, raws: Sequence[msgspec.Raw], metric_sets: Iterable[msgspec.Raw]) -> tuple[list[Record], str]:
    """Tickets, each once and with its metric set inside, and a notice for people if some have none.

    A metric set that is missing beside its ticket is asked for, as the warehouse would lose it otherwise.
    """
    rows = {str(row.id): (row, raw) for row, raw in sorted(((_peeked("tickets", r), r) for r in raws), key=_age)}
    live = {id for id, (row, _) in rows.items() if not _is_gone("tickets", row)}
    metrics = by_ticket(metric_sets)
    missing = [id for id in rows if id in live and id not in metrics and not _has_metrics(rows[id][1])]
    found, gone, refused = completed(api, missing) if missing else ({}, set(), [])
    metrics |= found
    made = [
        Record(id, whole(raw, metrics.get(id)), changed(row))
        if id in live and id not in gone
        else Record(id, None, changed(row), deleted=True)
        for id, (row, raw) in rows.items()
    ]
    return made, "; ".join(refused)


def by_ticket(metric_sets: Iterable[msgspec.Raw]) -> dict[str, msgspec.Raw]:
    """Metric sets by the id of their ticket."""
    return {str(decoded("metric_sets", raw, MetricOwner).ticket_id): raw for raw in metric_sets}


def whole(ticket: msgspec.Raw, metric_set: msgspec.Raw | None) -> bytes:
    """The ticket with its metric set inside, and without `fields`, which repeats `custom_fields`."""
    fields = msgspec.json.decode(ticket, type=dict[str, msgspec.Raw])
    if "fields" in fields and bytes(fields["fields"]) == bytes(fields.get("custom_fields", b"")):
        del fields["fields"]
    if metric_set is not None or "metric_set" not in fields:
        fields["metric_set"] = metric_set or msgspec.Raw(b"null")
    return msgspec.json.encode(fields)


def completed(api: ZendeskApi, ids: Sequence[str]) -> tuple[dict[str, msgspec.Raw], set[str], list[str]]:
    """Metric sets of tickets by their ids; the tickets that are gone meanwhile; a sentence for each that was refused."""
    found: dict[str, msgspec.Raw] = {}
    gone: set[str] = set()
    refused: list[str] = []
    for start in range(0, len(ids), LIST_PAGE):
        found |= show_many(api, ids[start : start + LIST_PAGE])[1]
    for id in ids:
        if id in found:
            continue
        try:
            found |= show_one(api, id)[1]
        except Gone:
            gone.add(id)
        except AccessDenied:
            refused.append(f"metrics of ticket {id} are missing: Zendesk refused to show it")
    return found, gone, refused


def show_many(api: ZendeskApi, ids: Sequence[str]) -> tuple[dict[str, msgspec.Raw], dict[str, msgspec.Raw], float]:
    """Up to 100 tickets with their metric sets; archived ones are not among them."""
    fields, seen = api.fields(_SHOW_MANY, {"ids": ",".join(ids), **_WITH_METRICS})
    tickets = decoded(_SHOW_MANY, fields.get("tickets", msgspec.Raw(b"[]")), list[msgspec.Raw])
    return {str(_peeked("tickets", raw).id): raw for raw in tickets}, _metric_sets(_SHOW_MANY, fields), seen


def show_one(api: ZendeskApi, id: str) -> tuple[msgspec.Raw, dict[str, msgspec.Raw], float]:
    """One ticket, archived or not, with its metric set; raises Gone if it is deleted."""
    path = _ONE.format(id)
    fields, seen = api.fields(path, _WITH_METRICS)
    return fields["ticket"], _metric_sets(path, fields), seen


def _metric_sets(path: str, fields: Mapping[str, msgspec.Raw]) -> dict[str, msgspec.Raw]:
    return by_ticket(decoded(path, fields.get("metric_sets", msgspec.Raw(b"[]")), list[msgspec.Raw]))


def _has_metrics(raw: msgspec.Raw) -> bool:
    return "metric_set" in msgspec.json.decode(raw, type=dict[str, msgspec.Raw])


def _peeked(stream: str, raw: msgspec.Raw) -> Row:
    row: Row = decoded(stream, raw, Row)
    return row


def _age(pair: tuple[Row, msgspec.Raw]) -> float:
    return changed(pair[0]) or 0.0


_GONE: Mapping[str, Callable[[Row], bool]] = {
    "tickets": lambda row: bytes(row.status) == b'"deleted"',
    "users": lambda row: row.active is False,
    "organizations": lambda row: row.deleted_at is not None,
    "groups": lambda row: row.deleted is True,
    "brands": lambda row: row.is_deleted is True,
}


def _is_gone(stream: str, row: Row) -> bool:
    sign = _GONE.get(stream)
    return sign is not None and sign(row)


def _instant(value: Scalar) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return None
