"""A course of values as a word of eight block heights, for places that show no images."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

_HEIGHTS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[Decimal | None], width: int = 24) -> str:
    """The last values of a series as text; a missing value is a gap, an unchanging series a middle line."""
    recent = _sampled(values, width)
    known = [value for value in recent if value is not None]
    if len(known) < 2:
        return ""
    low, span = min(known), max(known) - min(known)
    return "".join(" " if value is None else _height(value, low, span) for value in recent)


def _height(value: Decimal, low: Decimal, span: Decimal) -> str:
    if span == 0:
        return _HEIGHTS[3]
    return _HEIGHTS[min(int((value - low) / span * len(_HEIGHTS)), len(_HEIGHTS) - 1)]


def _sampled(values: Sequence[Decimal | None], width: int) -> list[Decimal | None]:
    """Evenly spaced values, the last one always among them."""
    if len(values) <= width:
        return list(values)
    step = (len(values) - 1) / (width - 1)
    return [values[round(i * step)] for i in range(width)]
