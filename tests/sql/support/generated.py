"""Histories of subscriptions made by chance, and what each definition makes of them, reckoned from the story alone."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from scenario import HOUSE, Case, Company

GENERATED = Company("generated", "UTC", {}, HOUSE.rates)
HISTORIES = 60
"""How many are made."""
MONTHS = [date(2026, number, 1) for number in range(1, 9)]
_ROUTES = ("versions", "events", "mixed")
_PRICES: dict[str, dict[str, Any]] = {
    "monthly": {"amount": 10000, "interval": "month"},
    "yearly": {"amount": 120000, "interval": "year"},
    "euro": {"amount": 10000, "interval": "month", "currency": "eur"},
    "quarter_of_euro": {"amount": 30000, "interval": "month", "count": 3, "currency": "eur"},
}
_PERIODS = {"monthly": 1, "yearly": 12, "euro": 1, "quarter_of_euro": 3}
_COUPONS: dict[str, dict[str, Any]] = {
    "three_months": {"duration": "repeating", "duration_in_months": 3, "percent_off": 50},
    "first_invoice": {"duration": "once", "percent_off": 50},
    "for_ever": {"duration": "forever", "percent_off": 10},
}
_KEPT = {"three_months": Decimal("0.5"), "first_invoice": Decimal("0.5"), "for_ever": Decimal("0.9")}


@dataclass(frozen=True)
class History:
    """One subscription; pause and past due are days from which and until which, the end is at noon."""

    number: int
    price: str
    start: date
    coupon: str | None
    pause: tuple[date, date] | None
    past_due: tuple[date, date] | None
    end: date | None

    @property
    def case(self) -> Case:
        """The same history as a case tells it."""
        told: dict[str, Any] = {
            "prices": {self.price: _PRICES[self.price]},
            "coupons": {},
            "subscriptions": {"main": self._changes()},
        }
        if self.coupon:
            end = {"end": add_months(self.start, 3)} if self.coupon == "three_months" else {}
            told |= {
                "coupons": {self.coupon: _COUPONS[self.coupon]},
                "discounts": {"off": {"coupon": self.coupon, "start": self.start, **end}},
            }
        return Case(f"99_{self.number}", f"n{self.number}", _ROUTES[self.number % 3], GENERATED, told)

    def worth(self, definition: str, month: date) -> Decimal:
        """MRR in dollars as a month ends."""
        day = add_months(month, 1) - timedelta(days=1)
        is_paid_ahead = self.end is not None and self.end <= day
        if self.start > day or not self._counts(definition, day, is_paid_ahead):
            return Decimal(0)
        amount = Decimal(100)
        if self.coupon and self._is_discounted(definition, day):
            amount *= _KEPT[self.coupon]
        rate_day = self._service_start(day) if definition == "chartmogul" else day
        return amount * (_rate(rate_day) if "euro" in self.price else 1)

    def _counts(self, definition: str, day: date, is_paid_ahead: bool) -> bool:
        seen = self.end if is_paid_ahead else day
        assert seen is not None
        if definition == "profitwell" and self.pause and self.pause[0] <= seen < self.pause[1]:
            return False
        if not is_paid_ahead:
            return True
        in_dunning = self.past_due is not None and self.past_due[0] <= seen < self.past_due[1]
        return definition == "profitwell" and not in_dunning and day < self._paid_until()

    def _is_discounted(self, definition: str, day: date) -> bool:
        period = _PERIODS[self.price]
        by_invoice = add_months(self.start, -(-3 // period) * period)
        until = {
            "for_ever": date.max,
            "three_months": {"stripe": self.start, "chartmogul": by_invoice}.get(definition, add_months(self.start, 3)),
            "first_invoice": add_months(self.start, period) if definition in ("chartmogul", "profitwell") else self.start,
        }
        return day < until[self.coupon or ""]

    def _paid_until(self) -> date:
        # it ends at noon and periods begin at midnight: one that begins on that very day has been billed
        ends = (add_months(self.start, number * _PERIODS[self.price]) for number in range(1, 40))
        return next(end for end in ends if self.end is not None and end > self.end)

    def _service_start(self, day: date) -> date:
        starts = [add_months(self.start, number * _PERIODS[self.price]) for number in range(40)]
        return max(start for start in starts if start <= day)

    def _changes(self) -> list[dict[str, Any]]:
        changes: list[tuple[str, dict[str, Any]]] = [
            (f"{self.start} 00:00", {"items": {self.price: 1}, "discounts": ["off"] if self.coupon else []})
        ]
        if self.coupon == "first_invoice":
            changes.append((f"{self.start + timedelta(days=1)} 00:00", {"discounts": []}))
        for span, begun, over in (
            (self.pause, {"paused": True}, {"paused": False}),
            (self.past_due, {"status": "past_due"}, {"status": "active"}),
        ):
            if span:
                changes += [(f"{span[0]} 00:00", begun), (f"{span[1]} 00:00", over)]
        if self.end:
            changes = [change for change in changes if change[0] < f"{self.end} 12:00"]
            changes.append((f"{self.end} 12:00", {"ended": True}))
        merged: dict[str, dict[str, Any]] = {}
        for at, change in sorted(changes, key=lambda entry: entry[0]):
            merged[at] = merged.get(at, {}) | change
        return [{"at": at, **change} for at, change in merged.items()]


def histories() -> list[History]:
    """The histories, always the same ones."""
    return [_history(number, random.Random(number)) for number in range(HISTORIES)]


def add_months(day: date, months: int) -> date:
    """The same day so many months later; days are at most the 28th."""
    index = day.year * 12 + day.month - 1 + months
    return day.replace(year=index // 12, month=index % 12 + 1)


def _history(number: int, chance: random.Random) -> History:
    start = date(2026, chance.randint(1, 3), chance.randint(1, 28))
    return History(
        number,
        chance.choice(list(_PRICES)),
        start,
        chance.choice([None, *_COUPONS]),
        _span(start, chance) if chance.random() < 0.4 else None,
        _span(start, chance) if chance.random() < 0.3 else None,
        start + timedelta(days=chance.randint(5, 150)) if chance.random() < 0.6 else None,
    )


def _span(start: date, chance: random.Random) -> tuple[date, date]:
    first = start + timedelta(days=chance.randint(2, 90))
    return first, first + timedelta(days=chance.randint(5, 60))


def _rate(day: date) -> Decimal:
    return Decimal("1.155") if day >= date(2026, 2, 15) else Decimal("1.10")
