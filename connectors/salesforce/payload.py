"""One form of a row, whichever interface delivered it: REST answers JSON, Bulk 2.0 CSV, and they spell values differently.

A row becomes a JSON object with the fields that were asked for, in the order of their names. Numbers keep their exact
value, written without exponent and without zeros at the end (REST sends 1.2E8 where Bulk sends 120000000.0); an empty text
is null, since CSV cannot tell the two apart; instants read 2024-01-01T00:00:00.000Z (REST writes +0000); true and false are
booleans. What only REST sends, the `attributes` of a record, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

from cynosure.extract import Record, RetryLater, Unexpected

_NUMBERS = frozenset({"double", "currency", "percent", "int", "long"})
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

encode = msgspec.json.Encoder().encode


def plain(text: str) -> msgspec.Raw:
    """A number's exact value as JSON: 1.2E8 and 120000000.0 both become 120000000."""
    digits = format(Decimal(text), "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return msgspec.Raw(b"0" if digits in ("", "-0") else digits.encode())


def long_id(id: str) -> str:
    """The 18-character form of an id; 15-character ones differ only in capitals and would not join."""
    if len(id) != 15:
        return id
    parts = (id[0:5], id[5:10], id[10:15])
    return id + "".join(_CHECK[sum(1 << n for n, char in enumerate(part) if "A" <= char <= "Z")] for part in parts)


@lru_cache(maxsize=4_096)
def epoch(text: str) -> float:
    """An instant of the API in epoch seconds."""
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def instant(at: float) -> str:
    """An instant as a query wants it: without quotes."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _instant(text: str) -> str | None:
    return text.replace("+0000", "Z") if text else None


def _boolean(text: str) -> bool | None:
    return None if not text else text == "true"


def _number(text: str) -> msgspec.Raw | None:
    return plain(text) if text else None


def _from_text(type: str) -> Callable[[str], Any]:
    if type in _NUMBERS:
        return _number
    return {"boolean": _boolean, "datetime": _instant}.get(type, lambda text: text or None)


class Rows:
    """Makes records of rows; `columns` are the fields asked for, with their types."""

    def __init__(self, name: str, columns: Mapping[str, str], stamp: str | None) -> None:
        self._name = name
        self.names = tuple(sorted(columns))
        self._types = columns
        self._read = [_from_text(columns[name]) for name in self.names]
        self._stamp = stamp

    def from_json(self, records: Sequence[Mapping[str, Any]]) -> list[Record]:
        """Records of a REST answer, decoded with `float_hook=plain`; Unexpected if a field is missing."""
        return [self._record({name: self._value(row, name) for name in self._present(row)}) for row in records]

    def from_csv(self, rows: Iterable[list[str]]) -> list[Record]:
        """Records of a page of Bulk results, with or without its header; RetryLater if a row cannot be read."""
        header = list(self.names)
        try:
            return [
                self._record({name: read(text) for name, read, text in zip(self.names, self._read, row, strict=True)})
                for number, row in enumerate(rows)
                if number or row != header
            ]
        except (InvalidOperation, ValueError) as error:
            raise RetryLater(f"{self._name}: a page of results cannot be read: {error}") from None

    def _present(self, row: Mapping[str, Any]) -> Sequence[str]:
        """The fields asked for; more only if the org sends what nobody asked for."""
        known = self._types.keys()
        unasked = [name for name in row if name not in known and name != "attributes"]
        return sorted((*self.names, *unasked)) if unasked else self.names

    def _value(self, row: Mapping[str, Any], name: str) -> Any:
        try:
            value = row[name]
        except KeyError:
            raise Unexpected(
                f"{self._name}: a row came without {name}, which was asked for; nothing of the page is kept"
            ) from None
        if isinstance(value, str):
            return _instant(value) if self._types.get(name) == "datetime" else value or None
        return value

    def _record(self, row: dict[str, Any]) -> Record:
        stamp = row.get(self._stamp or "")
        try:
            changed = epoch(stamp) if stamp else None
            return Record(long_id(row["Id"]), encode(row), changed, deleted=row.get("IsDeleted") is True)
        except (TypeError, ValueError):
            raise RetryLater(f"{self._name}: a row has no readable Id or {self._stamp}") from None
