"""Who is told what happens to the company's customers; by default nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sandbox.stripe.billing.lifecycle import ENDED
from sandbox.truth.facts import CustomerFact, Facts, StatusSince


@dataclass(frozen=True)
class Newcomer:
    """Somebody who signs up: what the company's Stripe account will know, and the plan they come for.

    `number` is that of the sign-up, or None for one outside the numbering; currencies are as Stripe writes them.
    """

    number: int | None
    name: str
    email: str | None
    country: str
    currency: str
    plan: str
    interval: str = "month"


class Told(Protocol):
    """Listens to the company. Instants are epoch seconds; whoever listens must not touch the company."""

    def sign_up_planned(self, newcomer: Newcomer, at: int) -> None:
        """Somebody is going to sign up at an instant."""

    def customer_created(self, customer: str, newcomer: Newcomer, at: int) -> None:
        """Somebody signed up: `customer` is the id in Stripe."""

    def customer_runs(self, customer: str, at: int) -> None:
        """A customer without a running subscription has one now."""

    def customer_ended(self, customer: str, at: int) -> None:
        """A customer's last running subscription ended."""

    def customer_grew(self, customer: str, plan: str, seats: int, at: int) -> None:
        """A customer moved to a bigger plan or more seats."""

    def customer_deleted(self, customer: str, at: int) -> None:
        """A customer asked to be forgotten and was deleted in Stripe."""


class Untold(Told):
    """Listens to nothing."""


class Overheard(Facts):
    """The facts of an account, in the same lists, with what they mean for its customers told on the way."""

    def __init__(self, facts: Facts, told: Told) -> None:
        super().__init__(**vars(facts))
        self._told = told
        self._running: dict[str, set[str]] = {}

    def report(self, customer: str, fact: CustomerFact) -> None:
        """Something about a customer's subscriptions became true."""
        super().report(customer, fact)
        if isinstance(fact, StatusSince) and customer not in self.ignored:
            self._follow(customer, fact)

    def _follow(self, customer: str, fact: StatusSince) -> None:
        running = self._running.setdefault(customer, set())
        before = bool(running)
        if fact.status in ENDED:
            running.discard(fact.subscription)
        else:
            running.add(fact.subscription)
        if running and not before:
            self._told.customer_runs(customer, fact.at)
        elif before and not running:
            self._told.customer_ended(customer, fact.at)
