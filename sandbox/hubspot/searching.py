"""Searches: filters, sorts, the cap of 10,000 results, and an index that runs behind.

https://developers.hubspot.com/docs/api-reference/search/guide
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.instants import milliseconds
from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.reading import Reader
from sandbox.hubspot.shelf import Item

PAGE, CAP, GROUPS, FILTERS, ALL_FILTERS = 200, 10_000, 5, 10, 25
Body = dict[str, Any]
Test = Callable[[Item], bool]
_FOREVER = 1 << 62

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: a == b, "NEQ": lambda a, b: a != b, "LT": lambda a, b: a < b, "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b, "GTE": lambda a, b: a >= b,
}  # fmt: skip


class Searcher:
    """Answers searches at an instant (epoch seconds)."""

    def __init__(self, portal: Portal, now: int, hides: Callable[[str], bool]) -> None:
        self._portal = portal
        self._now = now
        self._hides = hides

    def search(self, kind: Kind, wanted: Body) -> Body:
        """One page of results."""
        limit, offset = int(wanted.get("limit", 10)), _offset(wanted.get("after"))
        if not 0 < limit <= PAGE:
            raise invalid(f"Paging limit {limit} exceeds {PAGE}")
        if offset + limit > CAP:
            raise invalid(f"Request to search is too deep: offset {offset} and limit {limit} exceed {CAP}")
        found = self._found(kind, wanted)
        for sort in reversed(wanted.get("sorts") or []):
            self._sort(kind, found, sort)
        reader = Reader(self._portal, self._now)
        properties = wanted.get("properties") or ()
        body: Body = {"total": len(found), "results": [reader.body(kind, i, properties) for i in found[offset : offset + limit]]}
        if offset + limit < len(found):
            body["paging"] = {"next": {"after": str(offset + limit), "link": "?"}}
        return body

    def _found(self, kind: Kind, wanted: Body) -> list[Item]:
        groups = [group.get("filters") or [] for group in wanted.get("filterGroups") or []]
        if len(groups) > GROUPS or any(len(g) > FILTERS for g in groups) or sum(map(len, groups)) > ALL_FILTERS:
            raise invalid("Too many filters: 5 groups, 10 filters in each, 25 in all are allowed")
        tests = [[self._test(kind, filter) for filter in group] for group in groups]
        candidates = self._candidates(kind, groups[0]) if len(groups) == 1 else self._portal.shelves[kind.name].living()
        text = str(wanted.get("query") or "").lower()
        return [
            item
            for item in sorted(candidates, key=lambda item: item.id)
            if self._is_indexed(item)
            and (not tests or any(all(test(item) for test in group) for group in tests))
            and (not text or any(text in value.lower() for value in item.properties.values()))
        ]

    def _candidates(self, kind: Kind, filters: list[Body]) -> list[Item]:
        """Records that may fit, by the index of changes where a filter names a span of it, and above an id."""
        low, high, above = 0, _FOREVER, -1
        for filter in filters:
            name, operator = filter.get("propertyName"), str(filter.get("operator"))
            if name == kind.modified and operator in ("GTE", "GT", "LTE", "LT"):
                at = _instant(str(filter.get("value")))
                low, high = (max(low, at), high) if operator.startswith("G") else (low, min(high, at))
            elif name == "hs_object_id" and operator == "GT":
                above = max(above, int(_number(str(filter.get("value")))))
        shelf = self._portal.shelves[kind.name]
        found = shelf.living() if (low, high) == (0, _FOREVER) else shelf.changed(low, high)
        return [item for item in found if item.id > above and item.archived is None]

    def _is_indexed(self, item: Item) -> bool:
        late = self._portal.index_delay and (item.modified or item.created) > (self._now - self._portal.index_delay) * 1000
        return not late and not self._hides(str(item.id))

    def _test(self, kind: Kind, filter: Body) -> Test:
        name, operator, value = str(filter.get("propertyName")), str(filter.get("operator")), str(filter.get("value", ""))
        definition = self._portal.properties[kind.name].get(name)
        if definition is None:
            raise invalid(f"Property {name} does not exist")
        if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
            return lambda item: (name in item.properties) == (operator == "HAS_PROPERTY")
        if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
            token = value.lower().strip("*")
            return lambda item: (token in item.properties.get(name, "").lower()) == (operator == "CONTAINS_TOKEN")
        read = _reader(definition["type"])
        if operator in ("IN", "NOT_IN"):
            values = {read(str(value)) for value in filter.get("values") or []}
            return lambda item: name in item.properties and (read(item.properties[name]) in values) == (operator == "IN")
        if operator == "BETWEEN":
            low, high = read(value), read(str(filter.get("highValue", "")))
            return lambda item: name in item.properties and low <= read(item.properties[name]) <= high
        return _comparison(kind, name, operator, read, value)

    def _sort(self, kind: Kind, found: list[Item], sort: Any) -> None:
        name = sort if isinstance(sort, str) else str(sort.get("propertyName"))
        descending = not isinstance(sort, str) and sort.get("direction") == "DESCENDING"
        definition = self._portal.properties[kind.name].get(name.lstrip("-"))
        if definition is None:
            raise invalid(f"Property {name} does not exist")
        read = _reader(definition["type"])
        having = [item for item in found if name in item.properties]
        without = [item for item in found if name not in item.properties]
        having.sort(key=lambda item: read(item.properties[name]), reverse=descending)
        found[:] = having + without


def _comparison(kind: Kind, name: str, operator: str, read: Callable[[str], Any], value: str) -> Test:
    if operator not in _COMPARISONS:
        raise invalid(f"Unknown operator {operator}")
    compare, bound = _COMPARISONS[operator], read(value)
    if name == "hs_object_id":
        return lambda item: compare(item.id, bound)
    if name == kind.modified:
        return lambda item: item.modified is not None and compare(item.modified, bound)
    return lambda item: name in item.properties and compare(read(item.properties[name]), bound)


def _reader(type: str) -> Callable[[str], Any]:
    """How values of a property type compare."""
    if type == "number":
        return _number
    if type in ("datetime", "date"):
        return _instant
    return str.lower


def _number(text: str) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        raise invalid(f"{text} is not a number") from None


def _instant(text: str) -> int:
    try:
        return milliseconds(text)
    except ValueError:
        raise invalid(f"{text} is not a date") from None


def _offset(after: Any) -> int:
    if after in (None, ""):
        return 0
    if not str(after).isdigit():
        raise invalid(f"invalid paging cursor {after}")
    return int(after)
