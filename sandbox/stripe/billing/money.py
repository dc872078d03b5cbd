"""Minor units: rounding, processing fees (stripe.com/pricing), decimal strings."""

from __future__ import annotations

from fractions import Fraction

_FEES = {"usd": (Fraction(29, 1000), 30), "gbp": (Fraction(15, 1000), 20), "jpy": (Fraction(36, 1000), 0)}
_OTHER_FEE = (Fraction(15, 1000), 25)


def whole(amount: Fraction) -> int:
    """Rounded to a whole minor unit, halves away from zero."""
    size = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return size if amount >= 0 else -size


def processing_fee(amount: int, currency: str) -> int:
    """What the processor keeps of a successful charge, in minor units."""
    share, fixed = _FEES.get(currency, _OTHER_FEE)
    return whole(amount * share) + fixed if amount else 0


def decimal_text(amount: Fraction) -> str:
    """An exact decimal string of an amount whose denominator has no other factor than 2 and 5."""
    digits = 0
    while (amount * 10**digits).denominator != 1:
        digits += 1
    text = str(abs(amount.numerator * 10**digits // amount.denominator)).rjust(digits + 1, "0")
    sign = "-" if amount < 0 else ""
    return f"{sign}{text[: len(text) - digits]}.{text[len(text) - digits :]}" if digits else f"{sign}{text}"
