"""A stage on which tests play a story against the billing engine and then ask the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sandbox.agenda import Agenda
from sandbox.stripe.billing import Billing, Dunning
from sandbox.stripe.store import Store
from sandbox.truth.facts import Facts
from sandbox.truth.ground import Truth
from sandbox.truth.rates import Rates

Body = dict[str, Any]


def instant(text: str) -> int:
    """Epoch seconds of a UTC date or date and time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@dataclass
class Stage:
    """A billing engine, a clock that a story moves, and the truth about it."""

    timezone: str = "UTC"
    rates: list[tuple[date, dict[str, str]]] = field(default_factory=list)
    dunning: Dunning | None = None
    now: int = 0

    def __post_init__(self) -> None:
        self.store, self.facts, self.agenda = Store(), Facts(), Agenda()
        self.billing = Billing(self.store, self.agenda, self.facts, seed=1, dunning=self.dunning)
        published = self.rates or [(date(2000, 1, 3), {"USD": "1"})]
        self.truth = Truth(self.facts, Rates(lambda: published, "USD"), self.timezone, lambda: self.now)
        self._count = 0

    def until(self, text: str) -> None:
        """Let time pass."""
        self.now = instant(text)
        self.billing.run_until(self.now)

    def write(self, when: str, operation: str, id: str | None = None, **params: Any) -> Body:
        """A write of the API at an instant."""
        self.until(when)
        path = {} if id is None else {"id": id}
        return self.billing.write(operation, {**path, "params": params}, at=self.now)

    def customer(self, when: str, **params: Any) -> str:
        """A new customer's id."""
        self._count += 1
        return str(self.write(when, "create_customer", name=f"Customer {self._count}", **params)["id"])

    def price(self, when: str, amount: str | None, interval: str = "month", currency: str = "usd", **more: Any) -> str:
        """A new recurring price's id; the amount in minor units."""
        recurring = {"interval": interval, **more.pop("recurring", {})}
        amounts = {} if amount is None else {"unit_amount_decimal": amount}
        product = more.pop("product", None) or self.write(when, "create_product", name="Plan")["id"]
        price = self.write(when, "create_price", product=product, currency=currency, recurring=recurring, **amounts, **more)
        return str(price["id"])

    def subscribe(self, when: str, customer: str, *prices: str, quantity: int = 1, **params: Any) -> Body:
        """A new subscription to prices."""
        items = [{"price": price, "quantity": str(quantity)} for price in prices]
        return self.write(when, "create_subscription", customer=customer, items=items, **params)

    def set_quantity(self, when: str, subscription: Body, quantity: int, **params: Any) -> Body:
        """Another quantity of the only item."""
        item = subscription["items"]["data"][0]["id"]
        rows = [{"id": item, "quantity": str(quantity)}]
        return self.write(when, "update_subscription", subscription["id"], items=rows, **params)

    def event_types(self, *prefixes: str) -> list[str]:
        """Types of the events so far that begin so, oldest first."""
        events = sorted(self.store.all("event"), key=lambda event: str(event["id"]))
        return [event["type"] for event in events if event["type"].startswith(prefixes)]

    def ledger(self, until: str) -> str:
        """Every movement so far, as `date kind amount; …`."""
        self.until(until)
        rows = self.truth.movements()
        return "; ".join(f"{row['date']} {row['movement']} {_short(row['amount'])}" for row in rows)

    def month(self, month: str) -> str:
        """A month as `start [movements] end`."""
        board = self.truth.board(month)
        kinds = ("new", "reactivation", "expansion", "contraction", "churn", "fx")
        moved = " ".join(f"{kind} {_short(board[kind])}" for kind in kinds if Decimal(board[kind]))
        return f"{_short(board['start_mrr'])} [{moved}] {_short(board['end_mrr'])}"

    def months(self, *months: str) -> list[str]:
        """Several months."""
        return [f"{month} {self.month(month)}" for month in months]


def _short(amount: str) -> str:
    number = Decimal(amount)
    return f"{number:.2f}" if number == round(number, 2) else f"{number.normalize():f}"


@pytest.fixture
def stage() -> Stage:
    """A company in UTC that reports in USD."""
    return Stage()


@pytest.fixture(scope="session")
def make_stage() -> Callable[..., Stage]:
    """A company of other settings."""
    return Stage


@pytest.fixture
def at() -> Callable[[str], int]:
    """Epoch seconds of a UTC date or date and time."""
    return instant
