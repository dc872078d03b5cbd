"""The value of an item from raw objects alone: the worked examples of the definition of MRR, and what holds for all."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cynosure.explain.pricing import Discount, Priced, discounted, net_share, priced, rounded

TIERS = [{"up_to": 10, "unit_amount_decimal": "1000"}, {"up_to": None, "unit_amount_decimal": "800"}]


def price(amount: str = "0", interval: str = "month", count: int = 1, **more: Any) -> dict[str, Any]:
    recurring = {"interval": interval, "interval_count": count}
    return {
        "currency": "usd",
        "product": "p",
        "billing_scheme": "per_unit",
        "unit_amount_decimal": amount,
        "recurring": recurring,
    } | more


def dollars(item: Priced) -> Decimal:
    return rounded(item.monthly / 100)


@pytest.mark.parametrize(
    ("amount", "interval", "count", "monthly"),
    [
        ("30000", "month", 3, "100"), ("120000", "year", 1, "100"), ("10000", "year", 1, "8.333333"), ("240000", "year", 2, "100"),
        ("1200", "week", 1, "52"), ("2400", "week", 2, "52"), ("10000", "week", 4, "108.333333"),
        ("100", "day", 1, "30.416667"), ("3000", "day", 30, "30.416667"),
    ],
)  # fmt: skip
def test_an_interval_is_normalised_to_a_month(amount: str, interval: str, count: int, monthly: str) -> None:
    assert dollars(priced(price(amount, interval, count), "USD", 1)) == Decimal(monthly)


@pytest.mark.parametrize(
    ("mode", "quantity", "monthly"),
    [("volume", 10, "100"), ("volume", 11, "88"), ("graduated", 10, "100"), ("graduated", 11, "108"), ("graduated", 25, "220"),
     ("volume", 25, "200"), ("graduated", 0, "0"), ("volume", 0, "0")],
)  # fmt: skip
def test_tiers(mode: str, quantity: int, monthly: str) -> None:
    tiered = price(billing_scheme="tiered", tiers_mode=mode, tiers=TIERS)
    assert dollars(priced(tiered, "USD", quantity)) == Decimal(monthly)


def test_packages_are_rounded() -> None:
    package = price("5000", transform_quantity={"divide_by": 10, "round": "up"})
    assert dollars(priced(package, "USD", 25)) == 150
    assert dollars(priced({**package, "transform_quantity": {"divide_by": 10, "round": "down"}}, "USD", 25)) == 100


def test_a_price_has_an_amount_in_each_of_its_currencies() -> None:
    both = price("100", currency_options={"eur": {"unit_amount": 90}})
    assert priced(both, "EUR", 2).monthly == 180
    with pytest.raises(KeyError):
        priced(both, "GBP", 1)


SIXTY_AND_FORTY = {"a": Priced(Fraction(6000), Fraction(1), "sixty"), "b": Priced(Fraction(4000), Fraction(1), "forty")}


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        ([Discount({"percent_off": 10}), Discount({"percent_off": 20})], (4320, 2880)),
        ([Discount({"amount_off": 2000, "currency": "usd"})], (4800, 3200)),
        ([Discount({"amount_off": 99900, "currency": "usd"})], (0, 0)),
        ([Discount({"percent_off": 50, "applies_to": {"products": ["sixty"]}})], (3000, 4000)),
        ([Discount({"amount_off": 2000, "currency": "usd"}, "a"), Discount({"percent_off": 10})], (3600, 3600)),
        ([Discount({"amount_off": 2000, "currency": "eur"})], (6000, 4000)),
        ([Discount({"amount_off": 2000, "currency": "eur", "currency_options": {"usd": {"amount_off": 1000}}})], (5400, 3600)),
    ],
    ids=["percentages multiply", "an amount is spread", "never below zero", "some products", "items first", "another currency",
         "an amount in this currency"],
)  # fmt: skip
def test_discounts(steps: list[Discount], left: tuple[int, int]) -> None:
    found = discounted(SIXTY_AND_FORTY, steps, "USD")
    assert (found["a"], found["b"]) == left


def test_an_amount_is_taken_off_the_invoice_of_each_period_by_itself() -> None:
    items = {"month": Priced(Fraction(5000), Fraction(1), "p"), "year": Priced(Fraction(5000), Fraction(12), "p")}
    assert discounted(items, [Discount({"amount_off": 1200, "currency": "usd"})], "USD") == {"month": 3800, "year": 4900}


def test_inclusive_tax_is_taken_out_after_discounts() -> None:
    tax = [{"amount": 1900, "tax_behavior": "inclusive"}, {"amount": 700, "tax_behavior": "exclusive"}]
    assert net_share({"amount": 12900, "discount_amounts": [{"amount": 1000}], "taxes": tax}) == Fraction(100, 119)


@given(
    st.lists(st.integers(1, 10**7), min_size=1, max_size=5),
    st.lists(st.one_of(st.builds(lambda p: {"percent_off": p}, st.integers(0, 100)),
                       st.builds(lambda a: {"amount_off": a, "currency": "usd"}, st.integers(0, 10**7))), max_size=4),
)  # fmt: skip
def test_discounts_never_raise_a_price_nor_make_it_negative(amounts: list[int], coupons: list[dict[str, Any]]) -> None:
    items = {str(n): Priced(Fraction(amount), Fraction(1), "p") for n, amount in enumerate(amounts)}
    found = discounted(items, [Discount(coupon) for coupon in coupons], "USD")
    assert all(0 <= found[id] <= item.monthly for id, item in items.items())


@given(st.fractions(min_value=0, max_value=10**9))
def test_rounding_is_half_away_from_zero(amount: Fraction) -> None:
    error = Fraction(rounded(amount)) - amount
    assert -Fraction(1, 2_000_000) < error <= Fraction(1, 2_000_000)
