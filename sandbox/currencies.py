"""Currencies whose minor unit is not a hundredth (docs.stripe.com/currencies#zero-decimal)."""

from __future__ import annotations

_NONE = ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf")
_THREE = ("bhd", "jod", "kwd", "omr", "tnd")


def decimals(currency: str) -> int:
    """Decimal places of a currency's minor unit."""
    if currency in _NONE:
        return 0
    return 3 if currency in _THREE else 2
