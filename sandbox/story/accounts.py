"""Customers: what the company's people do with an organization from the day it signs up."""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.company.told import Newcomer
from sandbox.story import pricing
from sandbox.story.account import Account
from sandbox.story.deals import Deals
from sandbox.story.ensemble import Ensemble
from sandbox.story.events import CustomerBegan, CustomerEnded, LifecycleReached
from sandbox.story.leads import Lead
from sandbox.story.people import System
from sandbox.story.spelling import AFTER_SALE, SYSTEMS
from sandbox.story.telling import DAY, HOUR, Act, around, chance

_YEAR = 365 * DAY
_NOTICE = 60 * DAY
"""How long before its anniversary a renewal is opened."""
_BEFORE_SALE = frozenset({"hubspot", "salesforce"})
_COLLEAGUES = {"team": 4, "business": 7, "scale": 9, "packs": 5, "contacts": 3}


class Accounts:
    """Every customer that runs or may run again, by its id in Stripe."""

    def __init__(self, ensemble: Ensemble, deals: Deals) -> None:
        self._on = ensemble
        self._telling = ensemble.telling
        self._deals = deals
        self._by_stripe: dict[str, Account] = {}
        self.running: list[Account] = []

    def create(self, customer: str, newcomer: Newcomer, lead: Lead | None) -> Account:
        """Somebody signed up, with a past or without one."""
        on, random = self._on, self._telling.chance(f"account {customer}")
        if lead is None or lead.organization is None:
            organization = on.society.buyer(random, newcomer)
            on.slips.maybe_twice(organization, random)
            person = on.society.person(random, organization, AFTER_SALE | (_BEFORE_SALE if chance(random, 15) else set()))
            owner, sale = on.staff.rep(random), None
        else:
            person, owner, sale = lead.person, lead.owner or on.staff.rep(random), lead.sale
        home = person.organization or ""
        on.society.customers.setdefault(home, []).append(customer)
        seats = sale.deal.seats if sale else pricing.seats(newcomer.plan, random)
        account = Account(home, [person], random, newcomer.plan, newcomer.interval, customer, seats, owner)
        account.sale = sale if sale and not sale.over else None
        self._by_stripe[customer] = account
        return account

    def begin(self, customer: str) -> Account | None:
        """A customer has a subscription: first, or again."""
        account = self._by_stripe.get(customer)
        if account is None:
            return None
        on, first = self._on, not account.spell
        account.spell, account.active, account.began = account.spell + 1, True, self._telling.now
        account.place = len(self.running)
        self.running.append(account)
        on.society.running.add(account.organization)
        on.slips.unshelve(account.organization)
        on.society.admit(account.organization, SYSTEMS)
        person = account.people[0] = on.society.know(account.people[0], *_greeting(account.random))
        self._telling.tell(CustomerBegan(self._telling.now, account.organization, person.key, customer, account.plan))
        if first and "hubspot" not in person.unknown_to:
            self._telling.tell(LifecycleReached(self._telling.now, person.key, "customer"))
        if first:
            organization = on.society.organizations[account.organization]
            on.slips.maybe_twice(organization, account.random, ("zendesk", "intercom"))
        self._telling.play(self._live(account, account.spell), around(account.random, 9 * DAY))
        if account.interval == "year" or chance(account.random, 45 if account.plan in _COLLEAGUES else 4):
            self._telling.play(self._renewals(account, account.spell), _YEAR - _NOTICE)
        return account

    def end(self, customer: str) -> None:
        """A customer has no subscription any more."""
        account = self._by_stripe.get(customer)
        if account is None or not account.active:
            return
        account.active = False
        account.spell += 1
        last = self.running.pop()
        if last is not account:
            last.place, self.running[account.place] = account.place, last
        self._on.society.running.discard(account.organization)
        self._telling.tell(CustomerEnded(self._telling.now, account.organization))
        if account.sale and not account.sale.over:
            self._deals.lose(account.sale, account.random)
        self._on.slips.maybe_shelve(self._on.society.organizations[account.organization], account.random)

    def forget(self, customer: str) -> None:
        """A customer wants nothing to be left of its people."""
        account = self._by_stripe.pop(customer, None)
        if account is not None:
            for person in account.people:
                self._on.slips.erase(person)

    def grow(self, customer: str, plan: str, seats: int) -> None:
        """A customer bought more: the open deal is won, or one is opened to be won soon."""
        account = self._by_stripe.get(customer)
        if account is None:
            return
        account.plan, account.seats = plan, seats
        if account.sale and not account.sale.over and account.sale.deal.kind == "expansion":
            self._deals.resize(account.sale, seats, account.random)
            self._deals.win(account.sale, account.random)
        elif account.active and chance(account.random, 40):
            self._expand(account, "won", around(account.random, 4 * DAY))

    def _expand(self, account: Account, outcome: str, lasts: int) -> None:
        if account.sale and not account.sale.over:
            return
        seats = max(1, int(account.seats * account.random.uniform(0.2, 0.6)))
        self._offer(account, "expansion", seats, outcome, self._telling.now + lasts)

    def _offer(self, account: Account, kind: str, seats: int, outcome: str, closing: int) -> None:
        random = account.random
        if not self._on.staff.is_here(account.owner):
            account.owner = self._on.staff.rep(random)
        person = account.people[0] = self._on.society.know(account.people[0], "hubspot", "salesforce")
        origin: dict[str, Any] = {"owner": account.owner, "source": "direct", "campaign": None, "close": closing}
        account.sale = self._deals.open(random, person, kind, account.plan, seats, **origin)
        self._telling.play(self._deals.work(account.sale, random, closing, outcome))

    def _renewals(self, account: Account, spell: int) -> Act:
        """Every year a renewal is opened two months ahead and won if the customer is still there."""
        while account.spell == spell:
            anniversary = self._telling.now + _NOTICE
            yield self._telling.at_work(self._telling.now, account.random)
            if account.spell == spell and not (account.sale and not account.sale.over):
                self._offer(account, "renewal", account.seats, "won", anniversary + around(account.random, 2 * DAY))
            yield anniversary - _NOTICE + _YEAR

    def _live(self, account: Account, spell: int) -> Act:
        """Month by month somebody joins, leaves or is promoted, the company is renamed, a rep calls."""
        random, telling = account.random, self._telling
        while account.spell == spell:
            self._meet_colleagues(account)
            self._change(account)
            if account.plan in _COLLEAGUES and chance(random, 6):
                self._expand(account, "lost", around(random, 40 * DAY))
            if chance(random, 22):
                self._deals.deed(random, self._caller(account), account.people[0].key, account.organization, None)
            yield telling.at_work(telling.now + int(random.uniform(20, 40) * DAY), random)

    def _caller(self, account: Account) -> str:
        if not self._on.staff.is_here(account.owner):
            account.owner = self._on.staff.rep(account.random)
        return account.owner

    def _meet_colleagues(self, account: Account) -> None:
        """Users whom nobody in marketing or sales has to know."""
        random = account.random
        if len(account.people) < _COLLEAGUES.get(account.plan, 2) and chance(random, 35):
            organization = self._on.society.organizations[account.organization]
            unknown: set[System] = {"zendesk"}
            unknown |= {system for system in ("hubspot", "salesforce") if chance(random, 45)}
            person = self._on.society.person(random, organization, frozenset(unknown))
            self._on.slips.maybe_twice(person, random)
            account.people.append(person)

    def _change(self, account: Account) -> None:
        random, society = account.random, self._on.society
        dice, organization = random.random() * 100, society.organizations[account.organization]
        if dice < 0.8:
            society.change(account.organization, name=f"{organization.name} {random.choice(('Group', 'International'))}")
        elif dice < 2.0:
            missing = [system for system in SYSTEMS if system not in organization.linked_in | organization.unknown_to]
            if missing:
                society.change(account.organization, linked_in=organization.linked_in | {random.choice(missing)})
        elif dice < 3.2:
            self._person_changes(account)
        elif dice < 3.35:
            self._telling.play(self._on.slips.by_accident(organization, random), HOUR)
        elif dice < 6.5 and self._may_praise(account):
            account.praises = True
            self._telling.tell(LifecycleReached(self._telling.now, account.people[0].key, "evangelist"))

    def _may_praise(self, account: Account) -> bool:
        return (
            not account.praises
            and self._telling.now - account.began > _YEAR // 2
            and "hubspot" not in account.people[0].unknown_to
        )

    def _person_changes(self, account: Account) -> None:
        """A colleague takes a job at another customer, or gets another address."""
        random, society = account.random, self._on.society
        place = len(account.people) - 1
        person = account.people[place]
        if place and chance(random, 50):
            other = random.choice(self.running)
            if other is not account:
                del account.people[place]
                other.people.append(society.move(random, person, society.organizations[other.organization]))
        else:
            account.people[place] = society.rename(random, person, society.organizations[account.organization])


def _greeting(random: Random) -> tuple[System, ...]:
    """Systems that know whoever signs up at once: the messenger always, the help desk sometimes."""
    return ("intercom", "zendesk") if chance(random, 35) else ("intercom",)
