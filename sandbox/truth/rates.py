"""Turns native amounts into the reporting currency at the latest published rate of a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from sandbox.truth.arithmetic import MICRO

_SCALE = 10**8
Published = Callable[[], list[tuple[date, dict[str, str]]]]
"""All days published so far, oldest first, each with the text of every currency's units per euro."""


class Rates:
    """Rates of a day, from what was published until now."""

    def __init__(self, published: Published, reporting: str) -> None:
        self._published = published
        self._reporting = reporting.lower()
        self._days: list[date] = []
        self._known: dict[tuple[date, str], int] = {}

    def refresh(self) -> bool:
        """Take in newly published days; whether there were any."""
        days = [day for day, _ in self._published()]
        if len(days) == len(self._days):
            return False
        self._days = days
        self._known.clear()
        return True

    def of_day(self, day: date, currency: str) -> int:
        """Units of the reporting currency for one of another, in hundred-millionths."""
        if currency == self._reporting:
            return _SCALE
        valid = self._valid(day)
        rate = self._known.get((valid, currency))
        if rate is None:
            rate = self._known[valid, currency] = self._cross(valid, currency)
        return rate

    def is_reporting(self, currency: str) -> bool:
        """Whether a currency is the reporting one."""
        return currency == self._reporting

    def same(self, first: date, second: date) -> bool:
        """Whether two days share one published day."""
        return self._valid(first) == self._valid(second)

    def convert(self, micros: int, day: date, currency: str) -> int:
        """A native amount in the reporting currency, rounded to millionths, halves away from zero."""
        if currency == self._reporting:
            return micros
        product = abs(micros) * self.of_day(day, currency)
        size = (2 * product + _SCALE) // (2 * _SCALE)
        return size if micros >= 0 else -size

    def total(self, money: dict[str, int], day: date) -> int:
        """Several native amounts in the reporting currency, each rounded by itself."""
        return sum(self.convert(micros, day, currency) for currency, micros in money.items())

    def _valid(self, day: date) -> date:
        position = bisect_right(self._days, day)
        return self._days[max(position - 1, 0)]

    def _cross(self, day: date, currency: str) -> int:
        texts = self._published()[bisect_right(self._days, day) - 1][1]
        exact = _per_euro(texts, self._reporting) / _per_euro(texts, currency) * _SCALE
        return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def _per_euro(texts: dict[str, str], currency: str) -> Fraction:
    return Fraction(1) if currency == "eur" else Fraction(texts[currency.upper()])


def micros_of_minor(amount: int, per_major: int) -> int:
    """Minor units as millionths of a major unit."""
    return amount * (MICRO // per_major)
