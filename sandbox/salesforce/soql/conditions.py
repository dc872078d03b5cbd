"""WHERE: from a condition to a test of one record, with the types of the fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.salesforce.identifiers import long_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import COMPOUND, NUMERIC, Row, SObject
from sandbox.salesforce.soql.language import Comparison, Condition, Instant, Junction, Path, SoqlError
from sandbox.salesforce.values import day_text

_DAY = 86_400
Test = Callable[[Row], bool]
Reader = Callable[[Row], Any]


def reader(org: Org, kind: SObject, path: Path) -> tuple[Reader, str]:
    """What reads a path of a record, and its type; SoqlError INVALID_FIELD if there is no such field."""
    *parents, last = path.names
    if parents and parents[0].lower() == kind.name.lower():
        parents = parents[1:]
    if not parents:
        known = kind.find(last)
        if known is None:
            raise _no_field(kind, last)
        return (lambda row: org.value(kind, row, known.name)), known.type
    link = next((f for f in kind.readable() if (f.relationship or "").lower() == parents[0].lower()), None)
    if link is None:
        raise SoqlError("INVALID_FIELD", f"Didn't understand relationship '{parents[0]}' in field path.")
    return _through(org, kind, link.name, link.to, Path((*parents[1:], last)))


def _through(org: Org, kind: SObject, link: str, targets: tuple[str, ...], rest: Path) -> tuple[Reader, str]:
    known = [found for name in targets if (found := org.kind(name))]
    if not known:
        raise SoqlError("INVALID_FIELD", f"No such relation '{link}' on entity '{kind.name}'.")
    readers = {target.prefix: (target, *reader(org, target, rest)) for target in known[:1]}

    def read(row: Row) -> Any:
        id = row.get(link)
        if not id or id[:3] not in readers:
            return None
        target, inner, _ = readers[id[:3]]
        parent = org.table(target.name).get(id)
        return inner(parent) if parent else None

    return read, next(iter(readers.values()))[2]


def test_of(org: Org, kind: SObject, condition: Condition | None) -> Test:
    """What decides whether a record is found."""
    if condition is None:
        return lambda row: True
    if isinstance(condition, Junction):
        tests = [test_of(org, kind, part) for part in condition.parts]
        if condition.word == "NOT":
            return lambda row: not tests[0](row)
        join = all if condition.word == "AND" else any
        return lambda row: join(test(row) for test in tests)
    return _comparison(org, kind, condition)


def lower_bound(condition: Condition | None, field: str) -> float | None:
    """The instant from which on a field must lie, if the condition says so at its top."""
    parts = condition.parts if isinstance(condition, Junction) and condition.word == "AND" else (condition,)
    bounds = [
        part.value.at
        for part in parts
        if isinstance(part, Comparison)
        and part.path.names[-1].lower() == field.lower()
        and len(part.path.names) == 1
        and part.operator in (">", ">=", "=")
        and isinstance(part.value, Instant)
    ]
    return max(bounds, default=None)


def _comparison(org: Org, kind: SObject, condition: Comparison) -> Test:
    read, type = reader(org, kind, condition.path)
    if type in COMPOUND or type == "textarea":
        raise SoqlError("INVALID_FIELD", f"field '{condition.path}' can not be filtered in a query call")
    operator = condition.operator
    if operator in ("IN", "NOT IN"):
        wanted = {_literal(org, type, value, condition.path) for value in condition.value}
        return lambda row: (_comparable(type, read(row)) in wanted) == (operator == "IN")
    if operator == "LIKE":
        pattern = _like(str(condition.value))
        return lambda row: pattern.fullmatch(str(read(row) or "")) is not None
    value = _literal(org, type, condition.value, condition.path)
    return _ordered(lambda row: _comparable(type, read(row)), operator, value)


def _ordered(read: Reader, operator: str, value: Any) -> Test:
    tests: dict[str, Test] = {
        "=": lambda row: read(row) == value,
        "!=": lambda row: read(row) != value,
        "<": lambda row: (found := read(row)) is not None and found < value,
        "<=": lambda row: (found := read(row)) is not None and found <= value,
        ">": lambda row: (found := read(row)) is not None and found > value,
        ">=": lambda row: (found := read(row)) is not None and found >= value,
    }
    return tests[operator]


def _comparable(type: str, value: Any) -> Any:
    if value is None or value == "":
        return None
    if type in ("id", "reference"):
        return long_id(value)
    if isinstance(value, str) and type not in ("date",):
        return value.casefold()
    return value


def _literal(org: Org, type: str, value: Any, path: Path) -> Any:
    """The literal as the field's type sees it; SoqlError INVALID_FIELD if it does not fit."""
    if value is None:
        return None
    if isinstance(value, tuple):
        since = org.now - value[1] * _DAY
        return since if type == "datetime" else day_text(since)
    fits = {
        "datetime": isinstance(value, Instant),
        "date": isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None,
        "boolean": isinstance(value, bool),
        **dict.fromkeys(NUMERIC, isinstance(value, Decimal)),
    }.get(type, isinstance(value, str))
    if not fits:
        raise SoqlError("INVALID_FIELD", f"value of filter criterion for field '{path}' must be of type {type}")
    return value.at if isinstance(value, Instant) else _comparable(type, value)


def _like(pattern: str) -> re.Pattern[str]:
    text = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in pattern)
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def _no_field(kind: SObject, name: str) -> SoqlError:
    return SoqlError(
        "INVALID_FIELD",
        f"\nNo such column '{name}' on entity '{kind.name}'. If you are attempting to use a custom field, be sure to"
        " append the '__c' after the custom field name. Please reference your WSDL or the"
        " describe call for the appropriate names.",
    )
