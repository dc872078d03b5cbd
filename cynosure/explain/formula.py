"""What a KPI is made of, read from its model: sums of the MRR waterfall's columns, or of a retention window's.

The model's own words are read, so that a KPI written with the macros of `sql/macros/kpi.sql` explains itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn", "fx")
_COUNTED = ("new", "reactivation", "churn")
#: columns of `int_mrr_periods` that can be followed to single rows
WATERFALL = frozenset(
    [f"{side}_{what}" for side in ("opening", "closing", "net") for what in ("mrr", "customers")]
    + [f"{name}_mrr" for name in MOVEMENTS]
    + [f"{name}_customers" for name in _COUNTED]
)
#: columns of `int_retention_windows` that can
WINDOW = frozenset(
    ("start_mrr", "end_mrr", "kept_mrr", "stayers_start_mrr", "stayers_end_mrr", "start_customers", "kept_customers")
)

_AMOUNT = re.compile(r"kpi_amount\(\s*'([^']+)'")
_RATE = re.compile(r"kpi_rate\(\s*(?:ref\('(\w+)'\)|'\w+')\s*,\s*'([^']+)'\s*,\s*'([^']+)'")
_WATERFALL_RATE = re.compile(r"kpi_waterfall_rate\(\s*'([^']+)'\s*,\s*'([^']+)'")
_RETENTION = re.compile(r"kpi_retention\(\s*'([^']+)'\s*,\s*'([^']+)'")
_KIND = re.compile(r"window_kind\s*=\s*'(\w+)'")
_SUMMAND = re.compile(r"\s*([+-]?)\s*(?:(\d+)\s*\*\s*)?([a-z_]+)\s*")

Sum = Mapping[str, int]


@dataclass(frozen=True)
class Formula:
    """A KPI as a sum of terms with whole coefficients, over another such sum if it is a rate.

    `window` is the kind of retention window that the terms belong to; empty for the waterfall.
    """

    numerator: Sum
    denominator: Sum | None = None
    window: str = ""

    @property
    def terms(self) -> list[str]:
        """Every term once, in the order of the formula."""
        return list(dict.fromkeys([*self.numerator, *(self.denominator or ())]))


def read_formula(model: Path) -> Formula | None:
    """The formula of a KPI's model; None where it is not made of terms that can be followed to single rows."""
    text = model.read_text(encoding="utf-8")
    kind = _KIND.search(text)
    if found := _AMOUNT.search(text):
        numerator = _sum(found[1], WATERFALL)
        return Formula(numerator) if numerator else None
    if found := _RETENTION.search(text):
        return _rate(found[1], found[2], kind[1] if kind else "period")
    if found := _WATERFALL_RATE.search(text):
        return _rate(found[1], found[2], "")
    found = _RATE.search(text)
    if found and kind and "int_retention_windows" in text:
        return _rate(found[2], found[3], kind[1])
    return _rate(found[2], found[3], "") if found and found[1] == "int_mrr_periods" else None


def _rate(numerator: str, denominator: str, window: str) -> Formula | None:
    known = WINDOW if window else WATERFALL
    over, under = _sum(numerator, known), _sum(denominator, known)
    return Formula(over, under, window) if over and under else None


def _sum(text: str, known: frozenset[str]) -> dict[str, int] | None:
    found: dict[str, int] = {}
    at = 0
    while at < len(text):
        summand = _SUMMAND.match(text, at)
        if not summand or summand[3] not in known or (at and not summand[1]):
            return None
        _add(found, summand[3], (-1 if summand[1] == "-" else 1) * int(summand[2] or 1))
        at = summand.end()
    return found


def _add(found: dict[str, int], name: str, factor: int) -> None:
    """A term, or the two that its difference is made of."""
    kind, _, what = name.partition("_")
    if kind == "net":
        _add(found, f"closing_{what}", factor)
        _add(found, f"opening_{what}", -factor)
    else:
        found[name] = found.get(name, 0) + factor
