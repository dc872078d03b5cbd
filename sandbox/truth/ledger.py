"""Movements per customer and day: FX first, then new, reactivation, churn, expansion or contraction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.truth.rates import Rates
from sandbox.truth.timeline import NOTHING, Money, Worth

_DAY = timedelta(days=1)

KINDS = ("new", "reactivation", "expansion", "contraction", "churn", "fx")


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of one customer on one day; millionths of the reporting currency, positive except fx."""

    day: date
    customer: str
    kind: str
    micros: int


@dataclass(frozen=True)
class History:
    """A customer's worth at the end of each day on which it may have changed."""

    customer: str
    days: tuple[tuple[date, Worth], ...]

    def at(self, day: date) -> Worth:
        """The worth at the end of a day."""
        worth = NOTHING
        for changed, value in self.days:
            if changed > day:
                break
            worth = value
        return worth


def movements_of(history: History, rates: Rates, start: date, end: date) -> Iterator[Movement]:
    """The customer's movements from the first to the last day, both included."""
    before: Money = {}
    ever = False
    for number, (day, worth) in enumerate(history.days):
        following = history.days[number + 1][0] if number + 1 < len(history.days) else end + _DAY
        if start <= day <= end:
            yield from _of_day(history.customer, day, before, worth.native, ever, rates)
        ever = ever or any(worth.native.values())
        before = worth.native
        yield from _drift(history.customer, before, rates, max(day + _DAY, start), min(following - _DAY, end))


def _of_day(customer: str, day: date, before: Money, now: Money, ever: bool, rates: Rates) -> Iterator[Movement]:
    yesterday = rates.total(before, day - _DAY)
    opening = rates.total(before, day)
    if opening != yesterday:
        yield Movement(day, customer, "fx", opening - yesterday)
    delta = rates.total(now, day) - opening
    had, has = any(before.values()), any(now.values())
    if has and not had:
        yield Movement(day, customer, "reactivation" if ever else "new", delta)
    elif had and not has:
        yield Movement(day, customer, "churn", -delta)
    elif delta:
        yield Movement(day, customer, "expansion" if delta > 0 else "contraction", abs(delta))


def _drift(customer: str, held: Money, rates: Rates, start: date, end: date) -> Iterator[Movement]:
    """What rate changes do to an unchanged balance."""
    if not any(held.values()) or all(map(rates.is_reporting, held)):
        return
    day = start
    while day <= end:
        if not rates.same(day - _DAY, day):
            change = rates.total(held, day) - rates.total(held, day - _DAY)
            if change:
                yield Movement(day, customer, "fx", change)
        day += _DAY
