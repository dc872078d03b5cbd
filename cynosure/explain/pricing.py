"""What an item is worth a month, computed from the vendor's own objects in exact fractions.

A second way to the amount that the models hold, on purpose: it shares no code with them, so that an explanation proves
something. The rules are those of sql/DECISIONS.md ("Value of an item").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

Body = Mapping[str, Any]
# a year has 12 months, 52 weeks and 365 days
_PER_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}
_MILLIONTHS = 1_000_000


@dataclass(frozen=True)
class Priced:
    """An item of a subscription at its list price: minor units a month, and the months that an invoice covers."""

    monthly: Fraction
    months: Fraction
    product: str


@dataclass(frozen=True)
class Discount:
    """One step of discounting: a coupon that lowers one item or, if `item` is empty, the whole subscription."""

    coupon: Body
    item: str = ""

    def lowers(self, item: str, product: str) -> bool:
        """Whether an item is eligible."""
        products = (self.coupon.get("applies_to") or {}).get("products")
        return self.item in ("", item) and (products is None or product in products)

    def amount_off(self, currency: str) -> Fraction | None:
        """Minor units off every invoice; None for a percentage, or a coupon without an amount in this currency."""
        if self.coupon.get("percent_off") is not None:
            return None
        own = str(self.coupon.get("currency") or "").upper() == currency
        amounts = self.coupon if own else (self.coupon.get("currency_options") or {}).get(currency.lower()) or {}
        return None if amounts.get("amount_off") is None else Fraction(amounts["amount_off"])


def priced(price: Body, currency: str, quantity: int) -> Priced:
    """A quantity at a price in one of its currencies; raises KeyError where the price has no amount in it."""
    own = str(price["currency"]).upper() == currency
    amounts = price if own else price["currency_options"][currency.lower()]
    recurring = price["recurring"]
    months = Fraction(12 * int(recurring["interval_count"]), _PER_YEAR[recurring["interval"]])
    product = price["product"]
    name = product if isinstance(product, str) else product["id"]
    return Priced(_per_period(price, amounts, Fraction(quantity)) / months, months, name)


def discounted(items: Mapping[str, Priced], steps: Sequence[Discount], currency: str) -> dict[str, Fraction]:
    """Minor units a month of each item after every step, in order; an amount is shared by what is billed together."""
    worth = {id: item.monthly for id, item in items.items()}
    for step in steps:
        eligible = [id for id, item in items.items() if step.lowers(id, item.product)]
        off = step.amount_off(currency)
        if off is None:
            kept = 1 - Fraction(str(step.coupon.get("percent_off") or 0)) / 100
            worth.update({id: worth[id] * kept for id in eligible})
            continue
        for months in {items[id].months for id in eligible}:
            together = [id for id in eligible if items[id].months == months]
            total = sum((worth[id] for id in together), Fraction(0))
            left = max(total - off / months, Fraction(0))
            worth.update({id: worth[id] * left / total if total else worth[id] for id in together})
    return worth


def net_share(line: Body) -> Fraction:
    """The part of an invoice line that is not inclusive tax, after the line's discounts."""
    gross = int(line["amount"]) - sum(int(discount["amount"]) for discount in line.get("discount_amounts") or ())
    taxes = (tax for tax in line.get("taxes") or () if tax.get("tax_behavior") == "inclusive")
    return Fraction(gross - sum(int(tax["amount"]) for tax in taxes), gross)


def rounded(amount: Fraction) -> Decimal:
    """To six places, half away from zero; amounts are not negative."""
    millionths = (2 * amount.numerator * _MILLIONTHS + amount.denominator) // (2 * amount.denominator)
    return Decimal(millionths).scaleb(-6)


def _per_period(price: Body, amounts: Body, quantity: Fraction) -> Fraction:
    if price.get("billing_scheme") == "tiered":
        return _tiered(amounts["tiers"], str(price["tiers_mode"]), quantity)
    package = price.get("transform_quantity")
    if package:
        whole, rest = divmod(quantity, int(package["divide_by"]))
        quantity = Fraction(whole + (1 if rest and package["round"] == "up" else 0))
    return quantity * _minor(amounts, "unit_amount")


def _tiered(tiers: Sequence[Body], mode: str, quantity: Fraction) -> Fraction:
    total, above = Fraction(0), Fraction(0)
    for tier in tiers:
        up_to = quantity if tier["up_to"] is None else Fraction(tier["up_to"])
        reached = quantity > above
        if reached and (mode == "graduated" or quantity <= up_to):
            units = min(quantity, up_to) - above if mode == "graduated" else quantity
            total += _minor(tier, "flat_amount") + units * _minor(tier, "unit_amount")
        above = up_to
    return total


def _minor(amounts: Body, name: str) -> Fraction:
    exact = amounts.get(f"{name}_decimal")
    return Fraction(str(exact if exact is not None else amounts.get(name) or 0))
