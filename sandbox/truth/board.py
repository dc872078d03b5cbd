"""The monthly figures a board looks at, from daily balances and movements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sandbox.truth.arithmetic import text
from sandbox.truth.ledger import KINDS, History, Movement
from sandbox.truth.rates import Rates


@dataclass(frozen=True)
class Retained:
    """Customers that paid at the start of a window, both ends valued at the start's rates."""

    start: int
    end: int
    kept: int
    customers: int
    lost: int


def month_bounds(month: str) -> tuple[date, date]:
    """First and last day of a month written as 2026-01."""
    year, number = (int(part) for part in month.split("-"))
    following = date(year + number // 12, number % 12 + 1, 1)
    return date(year, number, 1), following - timedelta(days=1)


def retained(histories: Iterable[History], rates: Rates, start: date, end: date) -> Retained:
    """The cohort form of retention between two day ends."""
    opening = closing = kept = customers = lost = 0
    for history in histories:
        before = rates.total(history.at(start).native, start)
        if not any(history.at(start).native.values()):
            continue
        after = rates.total(history.at(end).native, start)
        opening, closing, kept = opening + before, closing + after, kept + min(before, after)
        customers += 1
        lost += not any(history.at(end).native.values())
    return Retained(opening, closing, kept, customers, lost)


def board_of(histories: list[History], movements: list[Movement], rates: Rates, month: str, until: date) -> dict[str, Any]:
    """A month's figures; a month that is still running is taken until the given day."""
    first, last = month_bounds(month)
    last = min(last, until)
    opening_day = first - timedelta(days=1)
    sums = {kind: sum(m.micros for m in movements if m.kind == kind) for kind in KINDS}
    counts = {kind: sum(m.kind == kind for m in movements) for kind in KINDS}
    start = sum(rates.total(history.at(opening_day).native, opening_day) for history in histories)
    closing = [history.at(last) for history in histories]
    end = sum(rates.total(worth.native, last) for worth in closing)
    paying = sum(any(worth.native.values()) for worth in closing)
    cohort = retained(histories, rates, opening_day, last)
    gains = sums["new"] + sums["reactivation"] + sums["expansion"]
    losses = sums["contraction"] + sums["churn"]
    return {
        "month": month,
        "start_mrr": text(start),
        **{kind: text(sums[kind]) for kind in KINDS},
        "end_mrr": text(end),
        "arr": text(12 * end),
        "net_new_mrr": text(gains - losses),
        "scheduled_churn": text(sum(rates.total(worth.scheduled, last) for worth in closing)),
        "paused_mrr": text(sum(rates.total(worth.paused, last) for worth in closing)),
        "past_due_mrr": text(sum(rates.total(worth.past_due, last) for worth in closing)),
        "trial_mrr": text(sum(rates.total(worth.trial, last) for worth in closing)),
        "start_customers": cohort.customers,
        "end_customers": paying,
        "new_customers": counts["new"],
        "reactivated_customers": counts["reactivation"],
        "churned_customers": counts["churn"],
        "logo_churn": ratio(counts["churn"], cohort.customers),
        "cohort_logo_churn": ratio(cohort.lost, cohort.customers),
        "gross_mrr_churn": ratio(losses, start),
        "net_mrr_churn": ratio(losses - sums["expansion"] - sums["reactivation"], start),
        "nrr": ratio(cohort.end, cohort.start),
        "grr": ratio(cohort.kept, cohort.start),
        "quick_ratio": ratio(gains, losses),
        "arpa": ratio(Fraction(end, 10**6), paying),
    }


def ratio(numerator: int | Fraction, denominator: int) -> dict[str, Any]:
    """A quotient with ten decimals, halves away from zero; null over zero."""
    if not denominator:
        return {"value": None, "numerator": str(numerator), "denominator": "0"}
    scaled = Fraction(numerator, denominator) * 10**10
    size = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    value = f"{'-' if scaled < 0 else ''}{size // 10**10}.{size % 10**10:010d}"
    return {"value": value, "numerator": str(numerator), "denominator": str(denominator)}
