"""The money rule: what an item is worth a month, exactly, and how amounts are rounded.

Written on its own, from the definition of MRR, and not from the billing engine that it checks.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from sandbox.currencies import decimals
from sandbox.truth.facts import Tariff

MICRO = 1_000_000
"""Amounts are kept as whole millionths of a major unit."""

_PER_MONTH = {"day": Fraction(365, 12), "week": Fraction(52, 12), "month": Fraction(1), "year": Fraction(1, 12)}


def minor_per_major(currency: str) -> int:
    """How many minor units make a major one."""
    return int(10 ** decimals(currency))


def period_amount(tariff: Tariff, quantity: int) -> Fraction:
    """What a quantity costs per billing period, in minor units."""
    if quantity == 0:
        return Fraction(0)
    if not tariff.tiers:
        packages = Fraction(quantity, tariff.divide_by)
        whole = ceil(packages) if tariff.round_up else floor(packages)
        return tariff.unit * whole
    return _by_tier(tariff, quantity) if tariff.graduated else _at_one_tier(tariff, quantity)


def _by_tier(tariff: Tariff, quantity: int) -> Fraction:
    amount, lower = Fraction(0), 0
    for tier in tariff.tiers:
        upper = quantity if tier.up_to is None else min(tier.up_to, quantity)
        if upper > lower:
            amount += tier.unit * (upper - lower) + tier.flat
            lower = upper
    return amount


def _at_one_tier(tariff: Tariff, quantity: int) -> Fraction:
    for tier in tariff.tiers:
        if tier.up_to is None or tier.up_to >= quantity:
            return tier.unit * quantity + tier.flat
    return Fraction(0)


def months_factor(tariff: Tariff) -> Fraction:
    """By what an amount per billing period is multiplied to be one per month."""
    return _PER_MONTH[tariff.interval or "month"] / tariff.interval_count


def monthly(tariff: Tariff, quantity: int, tax_percent: Fraction) -> Fraction:
    """An item's list price per month in major units, net of included tax; metered items are worth nothing here."""
    if tariff.meter is not None or tariff.interval is None:
        return Fraction(0)
    amount = period_amount(tariff, quantity) * months_factor(tariff) / minor_per_major(tariff.currency)
    return amount * 100 / (100 + tax_percent) if tariff.inclusive else amount


def to_micros(amount: Fraction) -> int:
    """Rounded to millionths, halves away from zero."""
    scaled = amount * MICRO
    size = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    return size if scaled >= 0 else -size


def text(micros: int) -> str:
    """An amount in major units with six decimals."""
    sign = "-" if micros < 0 else ""
    return f"{sign}{abs(micros) // MICRO}.{abs(micros) % MICRO:06d}"
