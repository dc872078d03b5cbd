"""Reads scenarios: what happened to a customer, in a few words, and the exact ledger and months that follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

FOLDER = Path(__file__).parent.parent / "scenarios"
ROUTES = ("versions", "events", "mixed", "billed")
"""How a company comes to know: captured versions, event copies, both in disorder, or invoices and the present state alone."""

Body = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Company:
    """For whom a build is made: its zone, dbt variables and exchange rates (day, units per euro)."""

    name: str
    timezone: str
    variables: Body
    rates: tuple[tuple[str, dict[str, str]], ...]

    def instant(self, text: object) -> int:
        """Epoch seconds of a time in the company's zone, or in UTC where it says so."""
        moment = datetime.fromisoformat(str(text))
        return int((moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.timezone))).timestamp())


def _rates(*days: tuple[str, str]) -> tuple[tuple[str, dict[str, str]], ...]:
    """Yen and dinar keep their value in dollars while the euro moves."""
    worth = {"JPY": Decimal("0.0065"), "KWD": Decimal("3.26")}
    return tuple(
        (day, {"USD": dollars, **{code: f"{Decimal(dollars) / value:.12f}" for code, value in worth.items()}})
        for day, dollars in days
    )


HOUSE = Company("house", "UTC", {}, _rates(("2026-01-02", "1.10"), ("2026-02-15", "1.155")))
OTHER = Company(
    "other", "America/Los_Angeles", {"count_paused_collection": False}, _rates(("2026-01-02", "1.10"), ("2026-03-01", "1.12"))
)
COMPANIES = {company.name: company for company in (HOUSE, OTHER)}


@dataclass(frozen=True)
class Case:
    """One customer's story, told by one route, and what must come of it."""

    scenario: str
    name: str
    route: str
    company: Company
    told: Body = field(repr=False)

    @property
    def key(self) -> str:
        """Prefix of all ids of this case."""
        return f"{self.scenario[:2]}_{self.name}_{self.route}"

    @property
    def customer(self) -> str:
        """Id of the customer."""
        return f"cus_{self.key}"

    @property
    def last_day(self) -> date:
        """Last day that the case says something about."""
        return max(month.last_day for month in self.months)

    @property
    def ledger(self) -> list[tuple[date, str, Decimal]]:
        """Expected movements."""
        return [(date.fromisoformat(str(day)), movement, _money(amount)) for day, movement, amount in self.told["ledger"]]

    @property
    def months(self) -> list[Month]:
        """Expected months, ranges written out."""
        return [
            Month(first, _money(start), {name: _money(amount) for name, amount in moved.items()}, _money(end))
            for span, start, moved, end in self.told["months"]
            for first in _months(str(span))
        ]

    def by_definition(self, definition: str) -> dict[date, Decimal]:
        """Expected MRR by the first day of the months: the house's where the case says nothing else."""
        told = self.told.get("definitions", {}).get(definition, {})
        said = {month: _money(amount) for span, amount in told.items() for month in _months(str(span))}
        return {month.first_day: month.end for month in self.months} | said

    def customers_by_definition(self, definition: str) -> dict[date, bool]:
        """In which months it is a customer: where it is worth something, or where the case says so."""
        told = self.told.get("definitions", {}).get("customers", {}).get(definition, {})
        said = {month: bool(value) for span, value in told.items() for month in _months(str(span))}
        return {month: amount > 0 for month, amount in self.by_definition(definition).items()} | said

    @property
    def bridge(self) -> dict[tuple[str, date], dict[str, Decimal]]:
        """Expected causes by definition and first day of the month; causes of nothing are left out."""
        return {
            (definition, date.fromisoformat(f"{month}-01")): {cause: _money(amount) for cause, amount in causes.items()}
            for definition, months in self.told.get("bridge", {}).items()
            for month, causes in months.items()
        }

    @property
    def beside(self) -> dict[str, dict[date, Decimal]]:
        """Expected amounts shown beside MRR, by name and first day of the month at whose end they hold."""
        return {
            name: {date.fromisoformat(f"{month}-01"): _money(amount) for month, amount in amounts.items()}
            for name, amounts in {**self.told.get("beside", {}), "usage": self.told.get("usage_mrr", {})}.items()
            if amounts
        }


@dataclass(frozen=True)
class Month:
    """Start, movements and end of a month."""

    first_day: date
    start: Decimal
    moved: dict[str, Decimal]
    end: Decimal

    @property
    def last_day(self) -> date:
        """Last day of the month."""
        return last_of(self.first_day)


def last_of(month: date) -> date:
    """Last day of the month that begins on a day."""
    return _following(month) - timedelta(days=1)


def _following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _months(span: str) -> Iterator[date]:
    first, _, last = span.partition(" to ")
    month = date.fromisoformat(f"{first}-01")
    while month <= date.fromisoformat(f"{last or first}-01"):
        yield month
        month = _following(month)


def _money(amount: object) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.000001"))


def all_cases() -> list[Case]:
    """Every case of every scenario by every route that can tell it."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        scenario = yaml.safe_load(path.read_text(encoding="utf-8"))
        shared = {name: scenario.get(name, {}) for name in ("prices", "coupons")}
        for name, told in scenario["cases"].items():
            company = COMPANIES[told.get("company", "house")]
            found += [Case(path.stem, name, route, company, {**shared, **told}) for route in told.get("routes", ROUTES)]
    return found
