"""Durations as people write them in configuration: 90s, 15m, 2h, 7d, 1w."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(value: object) -> timedelta:
    """The duration a text such as '2h' or '1h30m' means; raises ValueError naming the form."""
    if isinstance(value, timedelta):
        return value
    parts = re.findall(r"(\d+)([smhdw])", str(value))
    if not parts or "".join(n + u for n, u in parts) != str(value):
        raise ValueError(f"{value!r} is no duration; write a number and a unit, such as 90s, 15m, 2h, 7d or 1w")
    return sum((timedelta(**{_UNITS[u]: int(n)}) for n, u in parts), timedelta())


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
