"""A company whose story is told to a list, without any vendor but Stripe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.agenda import Agenda
from sandbox.company.catalogue import Catalogue
from sandbox.company.company import FREE_DAYS, Company
from sandbox.company.subscriber import DAY, Desk
from sandbox.story.events import Event
from sandbox.story.storyteller import Storyteller
from sandbox.stripe.billing import Billing
from sandbox.stripe.billing.calendar import add_months
from sandbox.stripe.events import EVENT_RETENTION
from sandbox.stripe.store import Store
from sandbox.truth.facts import Facts

START = 1_795_360_000


@dataclass
class Storied:
    """A company, its Stripe account and the one who tells of it."""

    agenda: Agenda
    store: Store
    facts: Facts
    billing: Billing
    teller: Storyteller
    begin: int

    def until(self, at: int) -> None:
        """Let time pass."""
        self.agenda.run_until(at)


def storied(
    tell: Callable[[Event], None],
    *,
    seed: int = 7,
    customers: int = 40,
    months: int = 12,
    timezone: str = "UTC",
    currency: str = "USD",
) -> Storied:
    """A company at its beginning."""
    store, facts, agenda = Store(), Facts(), Agenda()
    store.events_from = START - EVENT_RETENTION
    billing = Billing(store, agenda, facts, seed=seed)
    begin = add_months(START, -months)
    teller = Storyteller(agenda, seed, begin, START, timezone, currency, customers, tell)
    desk = Desk(billing, agenda, Catalogue(), START - FREE_DAYS * DAY, timezone, told=teller)
    company = Company(desk, seed=seed, customers=customers, begin=begin, start=START)
    teller.begin()
    company.begin()
    return Storied(agenda, store, facts, billing, teller, begin)
