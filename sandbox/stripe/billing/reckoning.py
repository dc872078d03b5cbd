"""Adds up an invoice: discounts, taxes and totals from its lines, in whole minor units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sandbox.stripe.billing.books import Body
from sandbox.stripe.billing.money import whole

Terms = Callable[[str], tuple[Body, Body]]
"""Finds a discount and its coupon by the discount's id."""


def reckon(lines: list[Body], discounts: list[str], tax: Body | None, terms: Terms, inclusive: set[str]) -> Body:
    """Fill in each line's discounts and taxes and return the invoice's totals.

    Item discounts come first, then the invoice's own; `inclusive` holds the prices that contain their tax.
    """
    for line in lines:
        line["discount_amounts"], line["taxes"] = [], []
    left = [line["amount"] for line in lines]
    own = dict.fromkeys(id for line in lines for id in line["discounts"])
    for id in [*own, *discounts]:
        discount, coupon = terms(id)
        eligible = [
            number
            for number, line in enumerate(lines)
            if left[number] > 0 and line["discountable"] and _covers(coupon, line)
            if id not in own or id in line["discounts"]
        ]
        _take_off(lines, left, eligible, discount, coupon)
    if tax:
        for line, amount in zip(lines, left, strict=True):
            line["taxes"] = [_tax(amount, tax, _price(line) in inclusive)]
    return _totals(lines)


def _price(line: Body) -> str | None:
    return line["pricing"]["price_details"]["price"] if line["pricing"] else None


def _covers(coupon: Body, line: Body) -> bool:
    products = coupon.get("applies_to", {}).get("products")
    if not products:
        return True
    return bool(line["pricing"]) and line["pricing"]["price_details"]["product"] in products


def _take_off(lines: list[Body], left: list[int], eligible: list[int], discount: Body, coupon: Body) -> None:
    if not eligible:
        return
    if coupon["percent_off"] is not None:
        share = Fraction(str(coupon["percent_off"])) / 100
        off = [whole(left[number] * share) for number in eligible]
    elif coupon["currency"] == lines[0]["currency"]:
        off = _spread(min(coupon["amount_off"], sum(left[n] for n in eligible)), [left[n] for n in eligible])
    else:
        return
    for number, amount in zip(eligible, off, strict=True):
        left[number] -= amount
        lines[number]["discount_amounts"].append({"amount": amount, "discount": discount["id"]})


def _spread(amount: int, weights: list[int]) -> list[int]:
    """An amount in proportion to weights, to the last unit."""
    whole_weight, shares, given, passed = sum(weights), [], 0, 0
    for weight in weights:
        passed += weight
        share = whole(Fraction(amount * passed, whole_weight)) - given
        shares.append(share)
        given += share
    return shares


def _tax(amount: int, tax: Body, inclusive: bool) -> Body:
    percent = Fraction(tax["percent"])
    due = whole(amount * percent / ((100 + percent) if inclusive else 100))
    return {
        "amount": due,
        "tax_behavior": "inclusive" if inclusive else "exclusive",
        "tax_rate_details": {"tax_rate": tax["rate"]},
        "taxability_reason": "standard_rated",
        "taxable_amount": amount - due if inclusive else amount,
        "type": "tax_rate_details",
    }


def _totals(lines: list[Body]) -> Body:
    subtotal = sum(line["amount"] for line in lines)
    discounts: dict[str, int] = defaultdict(int)
    taxes: dict[tuple[str, str], Body] = {}
    for line in lines:
        for row in line["discount_amounts"]:
            discounts[row["discount"]] += row["amount"]
        for row in line["taxes"]:
            _add_tax(taxes, row)
    included = sum(row["amount"] for row in taxes.values() if row["tax_behavior"] == "inclusive")
    added = sum(row["amount"] for row in taxes.values() if row["tax_behavior"] == "exclusive")
    total = subtotal - sum(discounts.values()) + added
    result: dict[str, Any] = {
        "amount_due": max(total, 0),
        "amount_remaining": max(total, 0),
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - included,
        "total": total,
        "total_discount_amounts": [{"amount": amount, "discount": id} for id, amount in discounts.items()],
        "total_excluding_tax": total - added - included,
        "total_taxes": list(taxes.values()),
    }
    return result


def _add_tax(taxes: dict[tuple[str, str], Body], row: Body) -> None:
    key = (row["tax_rate_details"]["tax_rate"], row["tax_behavior"])
    known = taxes.get(key)
    if known is None:
        taxes[key] = dict(row)
    else:
        known["amount"] += row["amount"]
        known["taxable_amount"] += row["taxable_amount"]
