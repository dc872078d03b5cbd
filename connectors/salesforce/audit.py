"""What the audit asks: everything that exists now, single records again, and the org's own counts and sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus

from connectors.salesforce.api import SalesforceApi
from connectors.salesforce.catalogue import SObject
from connectors.salesforce.payload import Rows, long_id
from connectors.salesforce.queries import LONGEST_QUERY, is_long, pages, select
from connectors.salesforce.shape import Shape
from cynosure.extract import Cursor, Page, Record, Totals, Unexpected

IDS_AT_ONCE = 100
# parts of a wide row that were read on both sides of a change are read again, so often
_TRIES = 3
_RESERVED = 4_000


def walk(api: SalesforceApi, thing: SObject, shape: Shape, after: Cursor | None) -> Iterator[Page]:
    """Every record that is not deleted, in the order of ids; rows too wide for one query come as ids only."""
    names = sorted(shape.columns)
    wide = is_long(select(names, thing.name))
    rows = Rows(thing.name, shape.columns, shape.stamp)
    where = ["IsDeleted = false"] if shape.soft_deletes else []
    where += [f"Id > '{after['after']}'"] if after else []
    seen = api.now()
    for page in pages(api, select(_key(shape) if wide else names, thing.name, where, "Id")):
        seen = page.seen
        records = [Record(long_id(row["Id"]), None) for row in page.records] if wide else rows.from_json(page.records)
        yield Page(records, seen, {"after": records[-1].id} if records else None)
    yield Page([], seen, ends=True)


def fetch(api: SalesforceApi, thing: SObject, shape: Shape, ids: Sequence[str]) -> Iterator[Page]:
    """These records as they are now; tombstones for those that are gone."""
    rows = Rows(thing.name, shape.columns, shape.stamp)
    wanted = list(dict.fromkeys(long_id(id) for id in ids))
    for start in range(0, len(wanted), IDS_AT_ONCE):
        chunk = wanted[start : start + IDS_AT_ONCE]
        found, seen = _whole(api, thing, shape, chunk)
        records = {record.id: record for record in rows.from_json(list(found.values()))}
        yield Page([records.get(id) or Record(id, None, deleted=True) for id in chunk], seen)


def totals(api: SalesforceApi, thing: SObject, shape: Shape) -> Totals:
    """How many records exist, and sums of amounts where the org can add them up.

    The org adds in its corporate currency, so a sum is only told where all records are in that one.
    """
    where = ["IsDeleted = false"] if shape.soft_deletes else []
    count = _single(api, select(["COUNT(Id) total"], thing.name, where))["total"]
    sums = {name: total for name in thing.sums if (total := _sum(api, thing, shape, name, where)) is not None}
    return Totals(int(count), sums)


def _sum(api: SalesforceApi, thing: SObject, shape: Shape, name: str, where: list[str]) -> Decimal | None:
    if name not in shape.columns:
        return None
    aggregate = f"SUM({name}) total"
    if "CurrencyIsoCode" not in shape.columns:
        return _decimal(_single(api, select([aggregate], thing.name, where))["total"])
    query = select(["CurrencyIsoCode", aggregate], thing.name, where) + " GROUP BY CurrencyIsoCode"
    groups = [row for page in pages(api, query) for row in page.records]
    corporate = _single(api, "SELECT DefaultCurrencyIsoCode FROM Organization")["DefaultCurrencyIsoCode"]
    if any(group["CurrencyIsoCode"] != corporate for group in groups):
        return None
    return _decimal(groups[0]["total"]) if groups else Decimal(0)


def _single(api: SalesforceApi, query: str) -> Mapping[str, Any]:
    rows = [row for page in pages(api, query) for row in page.records]
    if len(rows) != 1:
        raise Unexpected(f"{query} gave {len(rows)} rows instead of one")
    return rows[0]


def _decimal(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(bytes(value).decode() if not isinstance(value, int) else value)


def _key(shape: Shape) -> list[str]:
    return ["Id"] + ([shape.stamp] if shape.stamp else [])


def _whole(api: SalesforceApi, thing: SObject, shape: Shape, ids: list[str]) -> tuple[dict[str, dict[str, Any]], float]:
    """Rows by id, put together of parts where they are wide; parts of different versions are read again."""
    parts = _parts(shape)
    for _ in range(_TRIES):
        rows: dict[str, dict[str, Any]] = {}
        torn, seen = False, api.now()
        for part in parts:
            found, seen = _rows(api, thing, part, ids)
            for id, row in found.items():
                torn |= id in rows and rows[id].get(shape.stamp or "") != row.get(shape.stamp or "")
                rows[id] = {**rows.get(id, {}), **row}
        if not torn and all(len(row) >= len(shape.columns) for row in rows.values()):
            return rows, seen
    raise Unexpected(f"{thing.name}: records changed each time their parts were read; try again later")


def _rows(api: SalesforceApi, thing: SObject, names: list[str], ids: list[str]) -> tuple[dict[str, dict[str, Any]], float]:
    found, seen = {}, api.now()
    listed = ",".join(f"'{id}'" for id in ids)
    for page in pages(api, select(names, thing.name, [f"Id IN ({listed})"])):
        seen = page.seen
        for row in page.records:
            row.pop("attributes", None)
            found[long_id(row["Id"])] = row
    return found, seen


def _parts(shape: Shape) -> list[list[str]]:
    """Groups of fields that fit into one query with the ids, each with what proves that they belong together."""
    key, parts, length = _key(shape), [], 0
    part: list[str] = []
    for name in sorted(name for name in shape.columns if name not in key):
        size = len(quote_plus(name + ","))
        if part and length + size > LONGEST_QUERY - _RESERVED:
            parts.append(key + part)
            part, length = [], 0
        part.append(name)
        length += size
    return [*parts, key + part]
