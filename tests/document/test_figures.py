"""How figures are written."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cynosure.document import Document, Figure, Text, Unit, formats, render, verify
from cynosure.document.sparkline import sparkline

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "unit", "currency", "signed", "text"),
    [
        ("1234.5", "currency", "USD", False, "$1,234.50"),
        ("-0.004", "currency", "USD", True, "$0.00"),
        ("1234567.8", "currency", "EUR", True, "+€1,234,567.80"),
        ("-12.345", "currency", "GBP", False, "−£12.34"),
        ("1234.5", "currency", "JPY", False, f"JPY{NBSP}1,234"),
        ("1.2345", "currency", "KWD", False, f"KWD{NBSP}1.234"),
        ("0.125", "currency", "USD", False, "$0.12"),
        ("0.135", "currency", "USD", False, "$0.14"),
        ("0.0512", "percent", None, False, "5.1%"),
        ("-0.0305", "percent", None, True, "−3.0%"),
        ("0.004", "points", None, True, f"+0.4{NBSP}pts"),
        ("1312", "count", None, False, "1,312"),
        ("0", "count", None, True, "0"),
        ("4.005", "ratio", None, False, "4.00"),
        ("4.25", "hours", None, False, f"4.2{NBSP}h"),
        ("-1234.56", "hours", None, True, f"−1,234.6{NBSP}h"),
        ("31.25", "days", None, False, f"31.2{NBSP}days"),
        ("0.04", "minutes", None, True, f"0.0{NBSP}min"),
        ("82.35", "score", None, False, "82.4"),
        ("-12", "score", None, False, "−12.0"),
        ("2", "status", None, False, "good"),
        ("1.99", "status", None, False, "fair"),
        ("0", "status", None, False, "bad"),
        (None, "status", None, False, "n/a"),
        (None, "percent", None, True, "n/a"),
    ],
)
def test_figures_are_written_with_unit_sign_and_half_even_rounding(
    value: str | None, unit: Unit, currency: str | None, signed: bool, text: str
) -> None:
    assert Figure("f", None if value is None else Decimal(value), unit, currency, signed).text == text


def test_money_without_a_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="names no currency"):
        Figure("mrr", Decimal(1), "currency")


@pytest.mark.parametrize("value", ["-1", "3"])
def test_a_status_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"a status is 0 \(bad\), 1 \(fair\) or 2 \(good\)"):
        Figure("billing", Decimal(value), "status")


def test_an_arrow_follows_what_is_shown_not_what_was_rounded_away() -> None:
    assert [Figure("f", Decimal(v), "percent").arrow for v in ("0.01", "-0.01", "0.0001")] == ["▲", "▼", ""]


@given(
    st.decimals(-(10**12), 10**12, places=6),
    st.sampled_from(get_args(Unit)),
    st.sampled_from(["USD", "EUR", "CHF", "JPY", "KWD"]),
    st.text(max_size=40),
    st.text(max_size=40),
)
def test_any_figure_between_any_words_is_read_back_exactly(
    value: Decimal, unit: Unit, currency: str, before: str, after: str
) -> None:
    amount = abs(value) % 3 if unit == "status" else value
    figure = Figure("f", amount, unit, currency if unit == "currency" else None, signed=True)
    document = Document("T", (Text((before + " ", figure, " " + after)),))
    for name in ("text", "slack"):
        verify(document, render(document, name), formats()[name])


def test_a_sparkline_marks_gaps_and_level_series() -> None:
    assert sparkline([Decimal(1), None, Decimal(8)]) == "▁ █"
    assert sparkline([Decimal(2), Decimal(2)]) == "▄▄"
    assert sparkline([Decimal(2), None]) == ""
    assert len(sparkline([Decimal(n) for n in range(500)])) == 24
