"""The parts of a figure, each added up from single rows in three independent ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from cynosure.explain.items import Item, Items, Line
from cynosure.explain.rates import Rates
from cynosure.explain.recomputed import Recomputed
from cynosure.explain.scope import Scope

#: the ways in which a part is added up, from the figure towards the source
LEDGER, ITEMS, RAW = "movements of the ledger", "subscription item periods", "raw objects"
_LOSSES = ("contraction", "churn")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Movement:
    """Rows of the ledger for a customer on a day: one movement, with what moved between its own plans or currencies."""

    customer: str
    day: date
    movement: str
    signed: Decimal
    transferred: Decimal
    caused_by: str | None
    rows: int


@dataclass(frozen=True)
class Contribution:
    """What one customer adds to a part, on a day if the part is a movement; `after` and `before` are the items behind it."""

    customer: str
    amount: Decimal
    after: tuple[Line, ...] = ()
    before: tuple[Line, ...] = ()
    day: date | None = None
    movement: str = ""
    caused_by: str | None = None


@dataclass(frozen=True)
class Term:
    """A part of a figure: what it is, its amount by each way, how many rows were added up, and who contributes."""

    name: str
    words: str
    is_count: bool
    sums: Mapping[str, Decimal]
    rows: Mapping[str, int]
    contributions: tuple[Contribution, ...] = field(repr=False)


@dataclass(frozen=True)
class Book:
    """Everything that the parts of one figure are added up from."""

    scope: Scope
    items: Items
    rates: Rates
    recomputed: Mapping[str, Recomputed]
    movements: tuple[Movement, ...]
    ledger: Callable[[date], Mapping[str, tuple[int, Decimal]]]

    def lines(self, items: list[Item], day: date, *, raw: bool = False) -> list[Line]:
        """Items at the rates of a day: as the models value them, or from raw objects."""
        if not raw:
            return self.items.lines(items, day, self.rates.modelled)
        return self.items.lines(items, day, self.rates.published, {item.id: self.recomputed[item.id].amount for item in items})


def balance(book: Book, name: str, day: date, rate_day: date, *, count: bool, ledger: bool = True) -> Term:
    """What customers are worth, or how many are worth something, as a day ends, at the rates of a day."""
    items = book.items.at(day, book.items.customers)
    by_customer = _by_customer(book.lines(items, rate_day))
    raw = {customer: _total(lines) for customer, lines in _by_customer(book.lines(items, rate_day, raw=True)).items()}
    sums = {ITEMS: [_total(lines) for lines in by_customer.values()], RAW: list(raw.values())}
    rows = {ITEMS: sum(map(len, by_customer.values())), RAW: sum(map(len, by_customer.values()))}
    if ledger:
        told = book.ledger(day)
        sums, rows = {LEDGER: [amount for _, amount in told.values()], **sums}, {LEDGER: sum(n for n, _ in told.values()), **rows}
    contributions = [
        Contribution(customer, Decimal(1) if count else _total(lines), tuple(lines)) for customer, lines in by_customer.items()
    ]
    words = f"{'customers' if count else 'MRR'} at the end of {day}"
    at_rates = "" if count or rate_day == day else f", at the rates of {rate_day}"
    adding = _count if count else _sum
    return Term(
        name, words + at_rates, count, {way: adding(amounts) for way, amounts in sums.items()}, rows, _ranked(contributions)
    )


def flow(book: Book, name: str, movement: str, *, count: bool) -> Term:
    """A movement of the period: its amount, or how many customers it happened to."""
    found = [row for row in book.movements if row.movement == movement]
    checked = [_moved(book, row) for row in found]
    contributions = [replace(entry, amount=Decimal(1)) if count else entry for entry, _, _ in checked]
    sign = -1 if movement in _LOSSES else 1
    if count:
        ways = {LEDGER: Decimal(len(found))}
        ways |= {way: Decimal(sum(_turned(book, row, raw=way == RAW) for row in found)) for way in (ITEMS, RAW)}
    else:
        ways = {LEDGER: _sum([sign * row.signed for row in found])}
        ways |= {ITEMS: _sum([sign * modelled for _, modelled, _ in checked]), RAW: _sum([sign * raw for _, _, raw in checked])}
    behind = sum(len(entry.after) + len(entry.before) for entry in contributions)
    words = f"customers with {movement}" if count else f"{movement} MRR"
    rows = {LEDGER: sum(row.rows for row in found), ITEMS: behind, RAW: behind}
    return Term(name, words, count, ways, rows, _ranked(contributions))


def window(book: Book, name: str, start: date, end: date) -> Term:
    """A part of a retention window: the customers of its start, at start and end, both at the rates of the start."""
    is_count = name.endswith("_customers")
    found: dict[str, list[Contribution]] = {}
    for way in (ITEMS, RAW):
        raw = way == RAW
        worth = [book.lines(book.items.at(day, book.items.customers), start, raw=raw) for day in (start, end)]
        opening, closing = map(_by_customer, worth)
        entries = []
        for customer, before in opening.items():
            after = closing.get(customer, [])
            if was := _total(before):
                amount = _part(name, was, _total(after))
                if amount:
                    entries.append(Contribution(customer, amount, tuple(after), tuple(before)))
        found[way] = entries
    words = {
        "start_mrr": f"MRR of the customers of {start}",
        "end_mrr": f"what they are worth on {end}, at the rates of {start}",
        "kept_mrr": f"what is left of it on {end}, no customer above its start",
        "stayers_start_mrr": f"MRR on {start} of the customers that still pay on {end}",
        "stayers_end_mrr": f"what they are worth on {end}, at the rates of {start}",
        "start_customers": f"customers that pay on {start}",
        "kept_customers": f"of them still paying on {end}",
    }[name]
    sums = {way: _sum([entry.amount for entry in entries]) for way, entries in found.items()}
    rows = {way: sum(len(e.after) + len(e.before) for e in entries) for way, entries in found.items()}
    return Term(name, words, is_count, sums, rows, _ranked(found[ITEMS]))


def _part(name: str, was: Decimal, now: Decimal) -> Decimal:
    return {
        "start_mrr": was,
        "end_mrr": now,
        "kept_mrr": min(was, now),
        "stayers_start_mrr": was if now else ZERO,
        "stayers_end_mrr": now,
        "start_customers": Decimal(1),
        "kept_customers": Decimal(1 if now else 0),
    }[name]


def _moved(book: Book, row: Movement) -> tuple[Contribution, Decimal, Decimal]:
    """A movement with the items before and after it, and its signed amount from them and from raw objects."""
    yesterday = row.day - timedelta(days=1)
    is_fx = row.movement == "fx"
    earlier = book.items.at(yesterday, [row.customer])
    later = earlier if is_fx else book.items.at(row.day, [row.customer])
    amounts = []
    for raw in (False, True):
        after = book.lines(later, row.day, raw=raw)
        before = book.lines(earlier, yesterday if is_fx else row.day, raw=raw)
        amounts.append((after, before, _total(after) - _total(before) - row.transferred))
    after, before, modelled = amounts[0]
    signed = -row.signed if row.movement in _LOSSES else row.signed
    entry = Contribution(row.customer, signed, tuple(after), tuple(before), row.day, row.movement, row.caused_by)
    return entry, modelled, amounts[1][2]


def _turned(book: Book, row: Movement, *, raw: bool) -> bool:
    """Whether the customer began or ceased to be worth something on that day, as the movement says."""
    worth = []
    for day in (row.day - timedelta(days=1), row.day):
        items = book.items.at(day, [row.customer])
        worth.append(any((book.recomputed[i.id].amount if raw else i.monthly_amount) > 0 for i in items))
    return worth == ([True, False] if row.movement == "churn" else [False, True])


def _by_customer(lines: list[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.item.customer].append(line)
    return found


def _total(lines: list[Line]) -> Decimal:
    return _sum([line.amount for line in lines])


def _sum(amounts: list[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def _count(amounts: list[Decimal]) -> Decimal:
    return Decimal(sum(amount > 0 for amount in amounts))


def _ranked(contributions: list[Contribution]) -> tuple[Contribution, ...]:
    return tuple(sorted(contributions, key=lambda entry: (-abs(entry.amount), entry.customer, entry.day or date.min)))
