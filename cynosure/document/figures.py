"""A figure: one number with its unit, its exact value and the one text it is shown as.

Rounding is half-even and happens only here, for display; a status between two is the lower. Minor units follow ISO 4217
(https://www.iso.org/iso-4217-currency-codes.html).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Literal

KpiUnit = Literal["currency", "percent", "count", "ratio", "hours", "days", "minutes", "score", "status"]
Unit = Literal[KpiUnit, "points"]

NOT_AVAILABLE = "n/a"
MINUS = "\N{MINUS SIGN}"
JOINER = "\N{NO-BREAK SPACE}"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
_NO_MINOR_UNIT = "BIF CLP DJF GNF JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
SUFFIXES: dict[Unit, str] = {
    "percent": "%", "points": f"{JOINER}pts", "hours": f"{JOINER}h", "days": f"{JOINER}days", "minutes": f"{JOINER}min",
}  # fmt: skip
STATUSES = ("bad", "fair", "good")
_DECIMALS: dict[Unit, int] = {"count": 0, "ratio": 2, "status": 0}


def minor_digits(currency: str) -> int:
    """Decimal places of a currency's minor unit."""
    if currency in _NO_MINOR_UNIT:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


@dataclass(frozen=True)
class Figure:
    """One number of a document; percent and points are fractions (0.05 = 5 %), a status is 0, 1 or 2, None is n/a."""

    name: str
    value: Decimal | None
    unit: Unit = "count"
    currency: str | None = None
    signed: bool = False

    def __post_init__(self) -> None:
        """Refuses money without a currency and a status that is none."""
        if self.unit == "currency" and not self.currency:
            raise ValueError(f"figure {self.name!r} is money but names no currency")
        if self.unit == "status" and self.value is not None and not 0 <= self.value < len(STATUSES):
            raise ValueError(f"figure {self.name!r} is {self.value}, but a status is 0 (bad), 1 (fair) or 2 (good)")

    @property
    def decimals(self) -> int:
        """Decimal places shown."""
        return minor_digits(self.currency or "") if self.unit == "currency" else _DECIMALS.get(self.unit, 1)

    @property
    def shown(self) -> Decimal | None:
        """The value as displayed: scaled to percent where it is one, rounded half-even."""
        if self.value is None:
            return None
        scaled = self.value * 100 if self.unit in ("percent", "points") else self.value
        rounding = ROUND_FLOOR if self.unit == "status" else ROUND_HALF_EVEN
        return scaled.quantize(Decimal(1).scaleb(-self.decimals), rounding=rounding) + 0

    @property
    def text(self) -> str:
        """The text of the figure, for example $1,234.50, −3.1%, +12, 4.2 h, good or n/a."""
        if self.shown is None:
            return NOT_AVAILABLE
        if self.unit == "status":
            return STATUSES[int(self.shown)]
        return f"{self._sign(self.shown)}{self._prefix}{abs(self.shown):,.{self.decimals}f}{SUFFIXES.get(self.unit, '')}"

    @property
    def direction(self) -> int:
        """1 if the figure shows more than zero, -1 if less, 0 if zero or not available."""
        shown = self.shown or Decimal(0)
        return (shown > 0) - (shown < 0)

    @property
    def arrow(self) -> str:
        """▲ for an increase, ▼ for a decrease, nothing for no change or no value."""
        return {1: "▲", -1: "▼", 0: ""}[self.direction]

    def _sign(self, shown: Decimal) -> str:
        if shown < 0:
            return MINUS
        return "+" if self.signed and shown > 0 else ""

    @property
    def _prefix(self) -> str:
        if self.unit != "currency" or self.currency is None:
            return ""
        return SYMBOLS.get(self.currency) or self.currency + JOINER
