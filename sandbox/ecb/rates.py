"""Plausible daily euro reference rates on weekdays, published at 16:00 in Frankfurt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from math import exp
from random import Random
from zoneinfo import ZoneInfo

FRANKFURT = ZoneInfo("Europe/Berlin")
PUBLISHED_AT = time(16, 0)
"""When a day's rates appear (ecb.europa.eu, euro foreign exchange reference rates)."""

_SATURDAY = 5

CURRENCIES: dict[str, tuple[float, float, int]] = {
    "AUD": (1.6520, 0.0045, 4),
    "CAD": (1.4810, 0.0040, 4),
    "CHF": (0.9480, 0.0030, 4),
    "GBP": (0.85620, 0.0035, 5),
    "JPY": (161.45, 0.0055, 2),
    "SEK": (11.3250, 0.0042, 4),
    "USD": (1.0910, 0.0045, 4),
}
"""First rate (units per euro), daily volatility and published decimals by currency."""


class ReferenceRates:
    """Rates of every weekday from `first` on; the walk depends on the seed and `first` alone."""

    def __init__(self, seed: int, first: date, now: Callable[[], int]) -> None:
        self._random = Random(f"reference rates {seed}")
        self._levels = {currency: level for currency, (level, _, _) in CURRENCIES.items()}
        self._next = first
        self._now = now
        self._days: list[tuple[date, dict[str, str]]] = []

    def published(self) -> list[tuple[date, dict[str, str]]]:
        """All days published by now, oldest first, with each currency's units per euro as text."""
        now = datetime.fromtimestamp(self._now(), FRANKFURT)
        last = now.date() if now.time() >= PUBLISHED_AT else now.date() - timedelta(days=1)
        while self._next <= last:
            if self._next.weekday() < _SATURDAY:
                self._days.append((self._next, self._fix()))
            self._next += timedelta(days=1)
        return self._days

    def _fix(self) -> dict[str, str]:
        texts = {}
        for currency, (anchor, volatility, decimals) in CURRENCIES.items():
            level = self._levels[currency]
            pull = 0.004 * (anchor / level - 1)
            self._levels[currency] = level = level * exp(self._random.gauss(pull, volatility))
            texts[currency] = f"{level:.{decimals}f}"
        return texts
