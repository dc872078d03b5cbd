"""Query answers: records as JSON, page by page, with locators that remember which records were found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any

from sandbox.salesforce.identifiers import record_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.reply import Refusal
from sandbox.salesforce.schema import COMPOUND, Row, SObject
from sandbox.salesforce.soql import Found, Query, SoqlError, parse, run
from sandbox.salesforce.soql.conditions import reader
from sandbox.salesforce.soql.execution import is_visible
from sandbox.salesforce.soql.language import Comparison, Junction, Path
from sandbox.salesforce.values import attributes, in_rest

PAGE_ROWS = 2_000
"""Records on a page, fewer for wide ones."""
_PAGE_CELLS = 200_000
LOCATOR_SECONDS = 2 * 86_400
_KEPT = 100

Show = Callable[[Row], Any]


@dataclass(frozen=True)
class _Locator:
    found: Found
    deleted: bool
    made: int
    size: int


class Queries:
    """Runs queries and keeps what later pages need."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._locators: dict[str, _Locator] = {}
        self._numbers = count(1)

    def first(self, text: str, version: str, *, deleted: bool, hidden: Callable[[str], bool], size: int = PAGE_ROWS) -> Row:
        """The first page of a query; Refusal if the org does not understand it."""
        try:
            found = run(self._org, parse(text), deleted=deleted, hidden=hidden)
            rows = min(size, max(200, _PAGE_CELLS // max(len(found.query.selected), 1)))
            return self._page(_Locator(found, deleted, self._org.now, rows), version, "", 0, hidden)
        except SoqlError as error:
            raise Refusal(400, error.code, str(error)) from None

    def more(self, locator: str, version: str, hidden: Callable[[str], bool]) -> Row:
        """A later page, by the last part of a nextRecordsUrl."""
        id, _, start = locator.partition("-")
        known = self._locators.get(id)
        if known is None or not start.isdigit() or self._org.now - known.made > LOCATOR_SECONDS:
            raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(known, version, id, int(start), hidden)

    def forget(self) -> None:
        """Every locator expires."""
        self._locators.clear()

    def _page(self, located: _Locator, version: str, locator: str, start: int, hidden: Callable[[str], bool]) -> Row:
        found, end = located.found, start + located.size
        if found.query.aggregates and not found.query.counts_only:
            records = [_group(row) for row in found.rows]
            return {"totalSize": len(records), "done": True, "records": records}
        show = self._shown(found.kind, found.query, version, located.deleted, hidden)
        page: Row = {"totalSize": found.total, "done": end >= len(found.rows)}
        if not page["done"]:
            locator = locator or self._remember(located)
            # even after queryAll the next page has /query/ in its address
            page["nextRecordsUrl"] = f"/services/data/v{version}/query/{locator}-{end}"
        page["records"] = [show(row) for row in found.rows[start:end]]
        return page

    def _remember(self, located: _Locator) -> str:
        id = record_id("01g", next(self._numbers))
        self._locators[id] = located
        while len(self._locators) > _KEPT:
            self._locators.pop(next(iter(self._locators)))
        return id

    def _shown(self, kind: SObject, query: Query, version: str, deleted: bool, hidden: Callable[[str], bool]) -> Show:
        columns: list[tuple[str, Show]] = []
        for entry in query.selected:
            if isinstance(entry, Path):
                columns.append(self._column(kind, entry, version))
            elif isinstance(entry, Query):
                columns.append((entry.source, self._children(kind, entry, version, deleted, hidden)))

        def show(row: Row) -> Row:
            record: Row = {"attributes": attributes(kind, row["Id"], version)}
            for name, read in columns:
                value = read(row)
                if isinstance(value, dict) and isinstance(record.get(name), dict):
                    record[name] |= value
                else:
                    record[name] = value
            return record

        return show

    def _column(self, kind: SObject, path: Path, version: str) -> tuple[str, Show]:
        read, type = reader(self._org, kind, path)
        *parents, last = path.names
        if parents and parents[0].lower() == kind.name.lower():
            parents = parents[1:]
        if not parents:
            known = kind.find(last)
            assert known is not None
            if type in COMPOUND:
                return known.name, lambda row: _compound(row, known.name)
            return known.name, lambda row: in_rest(type, read(row))
        link = next(f for f in kind.readable() if (f.relationship or "").lower() == parents[0].lower())
        target = self._org.kinds[link.to[0]]
        _, inner = self._column(target, Path((*parents[1:], last)), version)

        def parent(row: Row) -> Any:
            found = self._org.table(target.name).get(row.get(link.name) or "")
            if found is None:
                return None
            name = parents[1] if len(parents) > 1 else last
            return {"attributes": attributes(target, found["Id"], version), name: inner(found)}

        return parents[0], parent

    def _children(self, kind: SObject, query: Query, version: str, deleted: bool, hidden: Callable[[str], bool]) -> Show:
        child, field = kind.children[query.source]

        def nested(row: Row) -> Any:
            own = Comparison(Path((field,)), "=", row["Id"])
            where = own if query.where is None else Junction("AND", (own, query.where))
            found = run(self._org, replace(query, source=child, where=where), deleted=deleted, hidden=hidden)
            located = _Locator(found, deleted, self._org.now, PAGE_ROWS)
            return self._page(located, version, "", 0, hidden) if found.rows else None

        return nested


def readable(org: Org, kind: SObject, id: str, hidden: Callable[[str], bool]) -> Row | None:
    """A record as a retrieve call finds it: not deleted, not hidden; archived ones too."""
    row = org.table(kind.name).get(id)
    return row if row and not row.get("IsDeleted") and is_visible(org, kind, row, deleted=True, hidden=hidden) else None


def _group(row: Row) -> Row:
    shown = {name: in_rest("double", value) if isinstance(value, Decimal) else value for name, value in row.items()}
    return {"attributes": {"type": "AggregateResult"}, **shown}


def _compound(row: Row, name: str) -> Row | None:
    stem = name.removesuffix("Address")
    parts = {part.lower(): row.get(stem + part) for part in ("City", "Country", "State")}
    return parts if any(parts.values()) else None
