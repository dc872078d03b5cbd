"""A rendering whose numbers are not those of its figures is never delivered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from cynosure.document import (
    Document,
    Figure,
    Kpi,
    KpiGrid,
    Rendered,
    RenderedNumberMismatch,
    Table,
    Text,
    formats,
    render,
    verify,
)

DOCUMENT = Document(
    "Board",
    (
        KpiGrid(
            (
                Kpi("MRR", Figure("mrr", Decimal("48213.5"), "currency", "USD")),
                Kpi("Customers", Figure("customers", Decimal(1312))),
                Kpi("First response", Figure("response", Decimal("4.2"), "hours")),
                Kpi("Billing", Figure("billing", Decimal(2), "status")),
            )
        ),
        Text(("Churn ", Figure("churn", None, "percent"), " in 30 days.")),
        Table(("Plan", "Share"), (("Pro", Figure("share", Decimal("0.25"), "percent")),)),
    ),
)
HOURS = r"(?<=4\.2)(&nbsp;|\N{NO-BREAK SPACE})h\b"
BREAKAGES: dict[str, Callable[[str], str]] = {
    "a digit changed": lambda body: body.replace("48,213.50", "48,213.05"),
    "a separator became a decimal point": lambda body: body.replace("1,312", "1.312"),
    "the currency lost": lambda body: body.replace("$48", "48"),
    "the currency changed": lambda body: body.replace("$48", "€48"),
    "the percent sign lost": lambda body: body.replace("25.0%", "25.0"),
    "hours became minutes": lambda body: re.sub(HOURS, r"\1min", body),
    "hours lost": lambda body: re.sub(HOURS, "", body),
    "a bad status shown as good": lambda body: body.replace("good", "bad"),
    "a missing value shown as zero": lambda body: body.replace("n/a", "0.0%"),
    "a figure dropped": lambda body: body.replace("25.0%", ""),
    "a number from nowhere": lambda body: body.replace("Pro", "Pro 7"),
    "a number before the first": lambda body: body.replace("Board", "99 Board", 2),
    "two figures swapped": lambda body: body.replace("$48,213.50", "@").replace("1,312", "$48,213.50").replace("@", "1,312"),
    "two labels swapped": lambda body: body.replace("MRR", "@").replace("Customers", "MRR").replace("@", "Customers"),
}


@pytest.mark.parametrize("format", sorted(formats()))
@pytest.mark.parametrize("breakage", sorted(BREAKAGES))
def test_a_broken_rendering_is_refused(breakage: str, format: str) -> None:
    rendered = render(DOCUMENT, format)
    broken = BREAKAGES[breakage](rendered.body)
    assert broken != rendered.body
    with pytest.raises(RenderedNumberMismatch):
        verify(DOCUMENT, replace(rendered, body=broken), formats()[format])


def test_a_broken_renderer_cannot_deliver(monkeypatch: pytest.MonkeyPatch) -> None:
    text = formats()["text"]
    wrong = replace(text, render=lambda document: Rendered("text", "Board\n\nMRR $1.00\n"))
    monkeypatch.setitem(formats(), "text", wrong)
    with pytest.raises(RenderedNumberMismatch, match=r"'mrr' is 48213\.50 USD, but '\$1\.00' is shown"):
        render(DOCUMENT, "text")
