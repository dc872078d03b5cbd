"""What a deal is worth, by the company's price list."""

from __future__ import annotations

from random import Random

from sandbox.company.catalogue import CURRENCIES, PLANS, Plan
from sandbox.company.signing_up import PLAIN
from sandbox.company.subscriber import first_seats

_PLAIN_CENTS = 100_00
_OTHER_CENTS = 60_00
"""A month of a plan for consumers, and of anything outside the price list."""
_DISCOUNTS = (0, 0, 0, 5, 10, 10, 15, 20)


def seats(plan: str, random: Random) -> int:
    """A plausible quantity of a plan."""
    return first_seats(plan, random) if plan in PLANS else 1


def yearly(plan: str, quantity: int, currency: str) -> int:
    """The first year at list price, in minor units of a currency."""
    periods = 52 if plan in PLANS and PLANS[plan].intervals == ("week",) else 12
    return round(_period_cents(plan, quantity) * periods * CURRENCIES.get(currency.lower(), 100) / 100)


def offered(plan: str, quantity: int, currency: str, random: Random) -> int:
    """What a rep asks for a year: the list price less a discount, in whole units of the currency."""
    amount = yearly(plan, quantity, currency) * (100 - random.choice(_DISCOUNTS)) // 100
    unit = 1 if currency.upper() == "JPY" else 100
    return max(unit, amount // unit * unit)


def converted(amount: int, currency: str, into: str) -> int:
    """An amount in another currency, at the price list's own rates."""
    return amount * CURRENCIES.get(into.lower(), 100) // CURRENCIES.get(currency.lower(), 100)


def _period_cents(plan: str, quantity: int) -> float:
    terms = PLANS.get(plan)
    if terms is None:
        return (_PLAIN_CENTS if plan == PLAIN else _OTHER_CENTS) * quantity
    if terms.tiers:
        return _tiered(terms, quantity)
    units = -(-quantity // terms.package) if terms.package else quantity
    return float(terms.unit) * units


def _tiered(terms: Plan, quantity: int) -> float:
    total, below = 0, 0
    for up_to, unit, flat in terms.tiers:
        top = quantity if up_to == "inf" else min(quantity, int(up_to))
        if terms.mode == "volume" and quantity == top:
            return quantity * unit + flat
        if top > below:
            total += (top - below) * unit + flat
            below = top
    return total
