"""Items of subscriptions that are worth something, day by day, as the models hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from cynosure.explain.rates import converted
from cynosure.explain.scope import Scope
from cynosure.explain.statement import statement
from cynosure.transform.kpis import day_end
from cynosure.warehouse import Session


@dataclass(frozen=True)
class Item:
    """A period in which an item of a subscription is worth the same; amounts are native, a month.

    `told_by`, `status_by` and `taxed_by` name what told of price and quantity, of the status, and of inclusive tax.
    """

    id: str
    item: str
    subscription: str
    customer: str
    plan: str
    price: str
    currency: str
    quantity: int | None
    from_at: datetime
    until_at: datetime | None
    status: str
    list_amount: Decimal
    monthly_amount: Decimal
    told_by: str | None
    status_by: str | None
    taxed_by: str | None


@dataclass(frozen=True)
class Line:
    """An item as a part of a figure: what it adds, converted at the rate of a day."""

    item: Item
    amount: Decimal
    rate: Decimal
    rate_day: date


class Items:
    """All items of the customers of a scope that count at some time between the ends of two days."""

    def __init__(self, session: Session, scope: Scope, timezone: str, days: tuple[date, date], as_of: datetime) -> None:
        self._zone, self._as_of, self._scope = ZoneInfo(timezone), as_of, scope
        self._by_customer: dict[str, list[Item]] = defaultdict(list)
        first, last = day_end(timezone, days[0]), day_end(timezone, days[1])
        for row in session.rows(statement("item_periods"), last, first, as_of):
            item = Item(*row)
            if scope.customers is None or item.customer in scope.customers:
                self._by_customer[item.customer].append(item)

    @property
    def customers(self) -> list[str]:
        """Those that have anything in the scope."""
        has = self._scope.has
        return [name for name, items in self._by_customer.items() if any(has(name, i.currency, i.plan) for i in items)]

    def at(self, day: date, customers: Iterable[str]) -> list[Item]:
        """What customers have as a day ends, in the models' order of adding up; the running day at the instant of the data."""
        return [item for name in customers for item in self._by_customer.get(name, ()) if self._counts(item, day)]

    def lines(
        self,
        items: Sequence[Item],
        day: date,
        rate: Callable[[str, date], Decimal],
        worth: Mapping[str, Decimal] | None = None,
    ) -> list[Line]:
        """The items of the scope in the reporting currency, at a day's rate; `worth` replaces their native amounts.

        A customer's amounts are converted as a running total, so that the parts add up to the rounded whole.
        """
        running: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        found = []
        for item in items:
            key, at = (item.customer, item.currency), rate(item.currency, day)
            before = running[key]
            running[key] = before + (item.monthly_amount if worth is None else worth[item.id])
            if self._scope.has(item.customer, item.currency, item.plan):
                found.append(Line(item, converted(running[key], at) - converted(before, at), at, day))
        return found

    def _counts(self, item: Item, day: date) -> bool:
        if item.from_at > self._as_of or self._day(item.from_at) > day:
            return False
        return item.until_at is None or item.until_at > self._as_of or self._day(item.until_at) > day

    def _day(self, instant: datetime) -> date:
        return instant.astimezone(self._zone).date()
