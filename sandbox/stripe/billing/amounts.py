"""What a tariff charges for a quantity, in exact minor units (docs.stripe.com/products-prices/pricing-models)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sandbox.truth.facts import Tariff


@dataclass(frozen=True, slots=True)
class Part:
    """One invoice line's worth: so many units at one unit amount, or a tier's flat amount (quantity 0)."""

    quantity: int
    unit: Fraction
    amount: Fraction


def parts(tariff: Tariff, quantity: int) -> list[Part]:
    """The lines a quantity is billed in: one per tier reached for graduated tiers, else one."""
    if not tariff.tiers:
        packages = _packages(quantity, tariff.divide_by, tariff.round_up)
        return [Part(quantity, tariff.unit, tariff.unit * packages)]
    return _graduated(tariff, quantity) if tariff.graduated else _volume(tariff, quantity)


def total(tariff: Tariff, quantity: int) -> Fraction:
    """The whole amount for a quantity."""
    return sum((part.amount for part in parts(tariff, quantity)), Fraction(0))


def _packages(quantity: int, size: int, up: bool) -> int:
    return -(-quantity // size) if up else quantity // size


def _graduated(tariff: Tariff, quantity: int) -> list[Part]:
    result, below = [], 0
    for tier in tariff.tiers:
        units = min(quantity, tier.up_to or quantity) - below
        if units <= 0:
            break
        result.append(Part(units, tier.unit, tier.unit * units))
        if tier.flat:
            result.append(Part(0, tier.flat, tier.flat))
        below += units
    return result or [Part(0, tariff.tiers[0].unit, Fraction(0))]


def _volume(tariff: Tariff, quantity: int) -> list[Part]:
    tier = next(tier for tier in tariff.tiers if tier.up_to is None or quantity <= tier.up_to)
    result = [Part(quantity, tier.unit, tier.unit * quantity)]
    return [*result, Part(0, tier.flat, tier.flat)] if tier.flat and quantity else result
