"""From a published figure to single rows: which parts it has, and whether every way of adding them up gives it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from pathlib import Path

from cynosure.explain.formula import MOVEMENTS, Formula, Sum
from cynosure.explain.items import Item, Items
from cynosure.explain.objects import RawHistory
from cynosure.explain.periods import Period
from cynosure.explain.rates import Rates
from cynosure.explain.recomputed import Recomputation, Recomputed
from cynosure.explain.scope import Scope
from cynosure.explain.statement import statement
from cynosure.explain.terms import Book, Movement, Term, balance, flow, window
from cynosure.transform.periods import year_before
from cynosure.warehouse import Session

_TRANSFERS = ("transfer_in", "transfer_out")
_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Published:
    """A row of a KPI."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    sample_size: int


@dataclass(frozen=True)
class Proof:
    """One part of a figure as published and as added up from `rows` rows; `difference` is zero if they agree."""

    part: str
    way: str
    figure: Decimal
    sum: Decimal
    rows: int

    @property
    def difference(self) -> Decimal:
        """Published less added up."""
        return self.figure - self.sum


@dataclass(frozen=True)
class Walk:
    """A figure taken apart down to raw objects.

    `waterfall` is how MRR came from the opening to the closing of the period; empty for what is not MRR at its end.
    """

    formula: Formula
    terms: Mapping[str, Term]
    proofs: tuple[Proof, ...]
    recomputed: Mapping[str, Recomputed]
    rates: Rates
    waterfall: Mapping[str, Decimal]


@dataclass(frozen=True)
class Ground:
    """What a walk goes over: the warehouse, raw history and the dbt project, and how the company counts."""

    session: Session
    history: RawHistory
    sql: Path
    timezone: str
    currency: str
    as_of: datetime


def walk(ground: Ground, formula: Formula, scope: Scope, period: Period, known_day: date, published: Published) -> Walk:
    """Adds a figure up anew in every way; `known_day` is the last day of the period that there are data for."""
    start, end = days_of(formula, period, known_day)
    items = Items(ground.session, scope, ground.timezone, (start, end), ground.as_of)
    movements = _movements(ground.session, formula, scope, period.start, known_day)
    needed = _needed(items, formula, (start, end), movements)
    recomputed = Recomputation(ground.session, ground.history, ground.sql).values(needed)
    rates = Rates(ground.session, ground.currency, start, end)
    book = Book(scope, items, rates, recomputed, movements, cache(lambda day: _ledger(ground.session, scope, day)))
    terms = {name: _term(book, formula, name, start, end) for name in formula.terms}
    _read_rates(ground.history, rates, terms)
    waterfall = _waterfall(ground.session, scope, period.start, known_day) if "closing_mrr" in formula.terms else {}
    return Walk(formula, terms, tuple(_proofs(formula, terms, published)), recomputed, rates, waterfall)


def days_of(formula: Formula, period: Period, known_day: date) -> tuple[date, date]:
    """The days whose closings a figure compares: that before the period, or a year earlier, and the last one known."""
    if formula.window == "trailing_12_months":
        return year_before("day", known_day), known_day
    return period.day_before, known_day


def _term(book: Book, formula: Formula, name: str, start: date, end: date) -> Term:
    if formula.window:
        return window(book, name, start, end)
    kind, _, unit = name.partition("_")
    count = unit == "customers"
    if kind in MOVEMENTS:
        return flow(book, name, kind, count=count)
    day = start if kind == "opening" else end
    return balance(book, name, day, day, count=count)


def _needed(items: Items, formula: Formula, days: tuple[date, date], movements: tuple[Movement, ...]) -> list[Item]:
    """The items that any part is added up from."""
    found = {}
    if formula.window or any(name.startswith(("opening", "closing")) for name in formula.terms):
        found = {item.id: item for day in days for item in items.at(day, items.customers)}
    for row in movements:
        for day in (date.fromordinal(row.day.toordinal() - 1), row.day):
            found |= {item.id: item for item in items.at(day, [row.customer])}
    return list(found.values())


def _movements(session: Session, formula: Formula, scope: Scope, first: date, last: date) -> tuple[Movement, ...]:
    wanted = {name.partition("_")[0] for name in formula.terms} & set(MOVEMENTS) if not formula.window else set()
    if not wanted:
        return ()
    found: dict[tuple[str, date, str], list[Decimal]] = defaultdict(list)
    causes: dict[tuple[str, date, str], str | None] = {}
    transferred: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    names = sorted(wanted | set(_TRANSFERS if scope.splits_customers else ()))
    for customer, day, currency, plan, movement, signed, cause in session.rows(statement("ledger"), first, last, names):
        if not scope.has(customer, currency, plan):
            continue
        if movement in _TRANSFERS:
            transferred[customer, day] += signed
        else:
            found[customer, day, movement].append(signed)
            causes[customer, day, movement] = cause
    return tuple(
        Movement(
            customer, day, movement, sum(amounts, Decimal(0)),
            Decimal(0) if movement == "fx" else transferred[customer, day], causes[customer, day, movement], len(amounts),
        )
        for (customer, day, movement), amounts in found.items()
    )  # fmt: skip


def _ledger(session: Session, scope: Scope, day: date) -> dict[str, tuple[int, Decimal]]:
    """Per customer, how many rows the ledger has up to a day and what they add up to."""
    found: dict[str, tuple[int, Decimal]] = {}
    for customer, currency, plan, rows, amount in session.rows(statement("ledger_totals"), day):
        if scope.has(customer, currency, plan):
            before = found.get(customer, (0, Decimal(0)))
            found[customer] = (before[0] + rows, before[1] + amount)
    return found


def _waterfall(session: Session, scope: Scope, first: date, last: date) -> dict[str, Decimal]:
    """Opening, movements with their signs, and closing, in their order; movements that did not happen are left out."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for customer, currency, plan, movement, is_before, amount in session.rows(statement("waterfall"), last, first):
        if scope.has(customer, currency, plan):
            found["opening" if is_before else movement] += amount
    moved = {name: found[name] for name in (*MOVEMENTS, *_TRANSFERS) if found.get(name)}
    opening = found.get("opening", Decimal(0))
    return {"opening": opening, **moved, "closing": opening + sum(moved.values(), Decimal(0))}


def _read_rates(history: RawHistory, rates: Rates, terms: Mapping[str, Term]) -> None:
    used = {
        (line.item.currency, line.rate_day)
        for term in terms.values()
        for entry in term.contributions
        for line in (*entry.after, *entry.before)
    }
    history.current("ecb", "reference_rates", {id for currency, day in used for id in rates.objects(currency, day)})


def _proofs(formula: Formula, terms: Mapping[str, Term], published: Published) -> list[Proof]:
    found = []
    parts: list[tuple[str, Sum | None, Decimal | None]] = [("value", formula.numerator, published.value)]
    if formula.denominator:
        parts = [
            ("numerator", formula.numerator, published.numerator),
            ("denominator", formula.denominator, published.denominator),
        ]
    for part, summands, figure in parts:
        if summands is None or figure is None:
            continue
        ways = list(dict.fromkeys(way for name in summands for way in terms[name].sums))
        for way in ways:
            added = sum((factor * terms[name].sums[way] for name, factor in summands.items()), Decimal(0))
            rows = sum(terms[name].rows[way] for name in summands)
            found.append(Proof(part, way, figure, added, rows))
    if formula.denominator and None not in (published.value, published.numerator):
        whole = _quotient(published.numerator or Decimal(0), published.denominator)
        found.append(Proof("value", "numerator over denominator", published.value or Decimal(0), whole, 1))
    return found


def _quotient(numerator: Decimal, denominator: Decimal | None) -> Decimal:
    with localcontext(prec=60):
        return (numerator / (denominator or Decimal(1))).quantize(_PLACES, rounding=ROUND_HALF_UP)
