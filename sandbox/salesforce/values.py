"""How values look: in REST answers, in Bulk CSV, and as they reach a warehouse.

The two interfaces spell the same value differently: REST writes `+0000` and 1.2E8, Bulk `Z` and 120000000.0.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from sandbox.salesforce.schema import NUMERIC, Row, SObject

_LARGE = Decimal(10_000_000)


@lru_cache(maxsize=65_536)
def instant_text(at: int) -> str:
    """An instant without its zone: 2024-01-01T00:00:00.000."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000")


def day_text(at: int) -> str:
    """The UTC day of an instant."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def to_day(text: str) -> date:
    """The day that an ISO text names."""
    return date.fromisoformat(text)


def plain(number: Decimal | int) -> str:
    """A number without exponent and without zeros at its end."""
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_point(number: Decimal | int) -> str:
    text = plain(number)
    return text if "." in text else text + ".0"


def _java(number: Decimal | int) -> str:
    """A double as Java prints it: from ten millions on with an exponent."""
    if abs(Decimal(number)) < _LARGE:
        return _with_point(number)
    digits = plain(number).lstrip("-").replace(".", "")
    exponent = len(plain(number).lstrip("-").split(".")[0]) - 1
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{exponent}"


def in_rest(type: str, value: Any) -> Any:
    """A value in a JSON answer."""
    if value is None:
        return None
    if type == "datetime":
        return instant_text(value) + "+0000"
    if type in NUMERIC or (type == "anyType" and isinstance(value, Decimal)):
        return int(value) if type == "int" else msgspec.Raw(_java(value).encode())
    return value


def in_csv(type: str, value: Any) -> str:
    """A value in a Bulk result; null and the empty string look alike."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if type == "datetime":
        return instant_text(value) + "Z"
    if type == "int":
        return str(int(value))
    if type in NUMERIC or isinstance(value, Decimal):
        return _with_point(value)
    return str(value)


def in_warehouse(type: str, value: Any) -> Any:
    """A value as the connector lands it: plain numbers, one form of instants, null for nothing."""
    if value is None or value == "":
        return None
    if type == "datetime":
        return instant_text(value) + "Z"
    if type in NUMERIC or isinstance(value, Decimal):
        return int(value) if Decimal(value) == int(value) else float(plain(value))
    return value


def attributes(kind: SObject, id: str, version: str) -> Row:
    """What precedes the fields of a record in a REST answer."""
    return {"type": kind.name, "url": f"/services/data/v{version}/sobjects/{kind.name}/{id}"}
