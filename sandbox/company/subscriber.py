"""What a story knows about one customer of the company, and the desk at which stories are carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.agenda import Agenda
from sandbox.company.catalogue import PLANS, Catalogue
from sandbox.company.told import Told, Untold
from sandbox.stripe.billing import Billing

DAY = 86_400
ENDED = ("canceled", "incomplete_expired")


def first_seats(plan: str, random: Random) -> int:
    """A plausible first quantity of a plan."""
    low, high = PLANS[plan].seats
    return low if low == high else min(high, int(low + random.expovariate(4 / (high - low))))


@dataclass
class Subscriber:
    """One customer: its own source of chance, and what it has bought."""

    number: int
    random: Random
    id: str
    currency: str
    plan: str = ""
    interval: str = "month"
    subscription: str = ""
    addons: list[str] = field(default_factory=list)
    plain: bool = False
    gone: bool = False
    uses_meter: bool = False

    def seats(self) -> int:
        """A plausible first quantity for the plan."""
        return first_seats(self.plan, self.random)

    def chance(self, percent: float) -> bool:
        """Whether something of that likelihood happens."""
        return self.random.random() * 100 < percent


@dataclass
class Desk:
    """Everything that stories act upon; from `free_from` on, changes need leave no trace in invoices."""

    billing: Billing
    agenda: Agenda
    catalogue: Catalogue
    free_from: int
    timezone: str
    people: dict[int, Subscriber] = field(default_factory=dict)
    told: Told = field(default_factory=Untold)

    def running(self, subscriber: Subscriber) -> dict[str, Any] | None:
        """The main subscription, while it is not over."""
        body = self.billing.books.store.get("subscription", subscriber.subscription)
        return None if body is None or body["status"] in ENDED else body

    def price(self, subscriber: Subscriber, plan: str = "", interval: str = "") -> str | None:
        """A plan's price in the subscriber's currency and interval, if there is one."""
        key = (plan or subscriber.plan, interval or subscriber.interval, subscriber.currency)
        return self.catalogue.prices.get(key)

    def later(self, subscriber: Subscriber, action: str, when: int) -> None:
        """Carry out an action of the subscriber at an instant."""
        self.agenda.enter(when, "story", f"{subscriber.number}:{action}")

    def midnight_after(self, at: int) -> int:
        """The company's next midnight."""
        local = datetime.fromtimestamp(at, ZoneInfo(self.timezone)) + timedelta(days=1)
        return int(local.replace(hour=0, minute=0, second=0).timestamp())

    def is_free(self, at: int) -> bool:
        """Whether every kind of change is allowed by now."""
        return at >= self.free_from


Action = Callable[[Desk, Subscriber, int], None]
"""Something a subscriber does at an instant."""
