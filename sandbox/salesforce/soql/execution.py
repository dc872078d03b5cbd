"""Answers a query from the records of the org."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Field, Row, SObject
from sandbox.salesforce.soql.conditions import lower_bound, reader, test_of
from sandbox.salesforce.soql.language import Aggregate, AllFields, Path, Query, SoqlError

MOST_OFFSET = 2_000
MOST_ALL_FIELDS = 200


@dataclass(frozen=True)
class Found:
    """The records that a query found, in their order, or groups; and the query with its field sets spelt out."""

    query: Query
    kind: SObject
    rows: list[Row]
    total: int


def run(org: Org, query: Query, *, deleted: bool, hidden: Callable[[str], bool]) -> Found:
    """What the query finds now; `deleted` looks into the recycle bin and the archive too."""
    kind = org.kind(query.source)
    if kind is None:
        raise SoqlError(
            "INVALID_TYPE",
            f"\nsObject type '{query.source}' is not supported. If you are attempting to use a custom object, be sure to"
            " append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
        )
    query = _spelt_out(kind, query)
    _check(org, kind, query)
    rows = _matching(org, kind, query, deleted, hidden)
    if query.counts_only:
        return Found(query, kind, [], len(rows))
    if query.aggregates:
        groups = _groups(org, kind, query, rows)
        return Found(query, kind, groups, len(groups))
    rows = _sorted(org, kind, query, rows)[query.offset :]
    rows = rows if query.limit is None else rows[: query.limit]
    return Found(query, kind, rows, len(rows))


def is_visible(org: Org, kind: SObject, row: Row, deleted: bool, hidden: Callable[[str], bool]) -> bool:
    """Whether a query may find the record at all."""
    if hidden(row["Id"]):
        return False
    if row.get("IsDeleted"):
        return deleted and org.in_bin(row)
    return deleted or not org.is_archived(kind, row)


def _matching(org: Org, kind: SObject, query: Query, deleted: bool, hidden: Callable[[str], bool]) -> list[Row]:
    test = test_of(org, kind, query.where)
    table = org.table(kind.name)
    since = lower_bound(query.where, table.stamp)
    rows: Iterable[Row] = table.rows.values() if since is None else table.changed_since(int(since))
    return [row for row in rows if is_visible(org, kind, row, deleted, hidden) and test(row)]


def _spelt_out(kind: SObject, query: Query) -> Query:
    selected: list[Any] = []
    for entry in query.selected:
        if not isinstance(entry, AllFields):
            selected.append(entry)
            continue
        if query.limit is None or query.limit > MOST_ALL_FIELDS:
            raise SoqlError("MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200")
        selected += [Path((field.name,)) for field in kind.readable() if _belongs(field, entry)]
    return replace(query, selected=tuple(selected))


def _belongs(field: Field, entry: AllFields) -> bool:
    return entry.which == "ALL" or field.custom == (entry.which == "CUSTOM")


def _check(org: Org, kind: SObject, query: Query) -> None:
    if query.offset > MOST_OFFSET:
        raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MOST_OFFSET}")
    for entry in query.selected:
        if isinstance(entry, Path):
            reader(org, kind, entry)
        elif isinstance(entry, Aggregate) and entry.path:
            reader(org, kind, entry.path)
        elif isinstance(entry, Query) and entry.source not in kind.children:
            raise SoqlError("INVALID_TYPE", f"Didn't understand relationship '{entry.source}' in FROM part of query call.")


def _sorted(org: Org, kind: SObject, query: Query, rows: list[Row]) -> list[Row]:
    for term in reversed(query.order):
        read, _ = reader(org, kind, term.path)
        rows = sorted(rows, key=lambda row, read=read: _sortable(read(row)), reverse=term.descending)
        empty = [row for row in rows if read(row) is None]
        full = [row for row in rows if read(row) is not None]
        rows = full + empty if term.nulls_last else empty + full
    return rows


def _sortable(value: Any) -> Any:
    if value is None:
        return (0, 0, "")
    return (1, 0, value) if isinstance(value, str) else (1, value, "")


def _groups(org: Org, kind: SObject, query: Query, rows: list[Row]) -> list[Row]:
    keys = [(str(path), reader(org, kind, path)[0]) for path in query.group]
    groups: dict[tuple[Any, ...], list[Row]] = {} if keys else {(): rows}
    for row in rows if keys else ():
        groups.setdefault(tuple(read(row) for _, read in keys), []).append(row)
    results = []
    for values, members in groups.items():
        result: Row = {}
        for entry in query.selected:
            if isinstance(entry, Aggregate):
                result[entry.alias] = _aggregate(org, kind, entry, members)
            else:
                result[entry.names[-1]] = values[[name for name, _ in keys].index(str(entry))]
        results.append(result)
    return results


def _aggregate(org: Org, kind: SObject, entry: Aggregate, rows: list[Row]) -> Any:
    if entry.path is None:
        return len(rows)
    read, type = reader(org, kind, entry.path)
    # sums of money are in the corporate currency, whatever the records are in
    values = [
        Decimal(value) / org.rate(row["CurrencyIsoCode"]) if type == "currency" and row.get("CurrencyIsoCode") else value
        for row in rows
        if (value := read(row)) is not None
    ]
    if entry.function in ("COUNT", "COUNT_DISTINCT"):
        return len(values) if entry.function == "COUNT" else len(set(values))
    if not values:
        return None
    if entry.function in ("MIN", "MAX"):
        return (min if entry.function == "MIN" else max)(values)
    total = sum((Decimal(value) for value in values), Decimal(0))
    return total if entry.function == "SUM" else total / len(values)
