"""What a KPI ought to be: dated facts, added up by calendar period and member in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Any

GRAINS = ("day", "week", "month", "quarter", "year")
Key = tuple[date, str]


@dataclass(frozen=True)
class Fact:
    """Something that happened on a day, what it counts for, and the member it belongs to by dimension (None: unknown)."""

    day: date
    members: Mapping[str, str | None] = field(default_factory=dict)
    numerator: Decimal | int = 1
    denominator: Decimal | int = 1

    def member(self, dimension: str) -> str:
        """The member of a dimension."""
        return "all" if dimension == "all" else self.members[dimension] or "unknown"


def period_start(day: date, grain: str) -> date:
    """The first day of the calendar period of a day; weeks begin on Monday."""
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }[grain]


def ratio(numerator: Decimal | int, denominator: Decimal | int) -> Decimal:
    """Six places, half away from zero."""
    return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def grouped(facts: Iterable[Fact], grain: str, dimension: str) -> dict[Key, list[Fact]]:
    """Facts by period and member."""
    found: dict[Key, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[period_start(fact.day, grain), fact.member(dimension)].append(fact)
    return found


def counted(facts: list[Fact]) -> Decimal:
    """A count or an amount."""
    return Decimal(sum(fact.numerator for fact in facts))


def shared(facts: list[Fact]) -> Decimal | None:
    """A share or a mean; None over zero."""
    whole = sum(fact.denominator for fact in facts)
    return ratio(sum(fact.numerator for fact in facts), whole) if whole else None


def percentile(part: str) -> Callable[[list[Fact]], Decimal | str | None]:
    """Hours, from seconds: the smallest that so large a part does not exceed; of nothing there is no figure at all."""

    def of(facts: list[Fact]) -> Decimal | str:
        if not facts:
            return "no figure"
        seconds = sorted(fact.numerator for fact in facts)
        return ratio(seconds[ceil(Decimal(part) * len(seconds)) - 1], 3600)

    return of


def assert_equal(
    company: Any,
    kpi: str,
    facts: list[Fact],
    value: Callable[[list[Fact]], Decimal | str | None],
    dimensions: Iterable[str] = (),
    grains: Iterable[str] = GRAINS,
) -> None:
    """Every grain, period and member of a KPI is what the facts make of it; where there are none, it shows what comes of none."""
    assert facts, kpi
    for grain in grains:
        for dimension in ("all", *dimensions):
            expected = {key: value(group) for key, group in grouped(facts, grain, dimension).items()}
            if dimension == "all":
                expected |= {key: value([]) for key in company.kpi(kpi, grain) if key not in expected}
            company.compare(kpi, grain, dimension, expected)
