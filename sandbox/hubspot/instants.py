"""Instants as HubSpot writes them: ISO 8601 with milliseconds, UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


def iso(milliseconds: int) -> str:
    """The text of an instant in epoch milliseconds."""
    return f"{_second(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"


def milliseconds(text: str) -> int:
    """Epoch milliseconds of a text, which may itself be epoch milliseconds; ValueError if it is neither."""
    if text.lstrip("-").isdigit():
        return int(text)
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def day(milliseconds: int) -> str:
    """The date of an instant."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%d}"


@lru_cache(maxsize=4096)
def _second(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).replace(tzinfo=None).isoformat()
