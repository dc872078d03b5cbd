"""Tells everything that happens around the company, in time order, before the start and after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.agenda import Agenda
from sandbox.company.told import Newcomer, Told
from sandbox.story.accounts import Accounts
from sandbox.story.chats import Chats
from sandbox.story.deals import Deals
from sandbox.story.ensemble import Ensemble
from sandbox.story.events import Event
from sandbox.story.leads import Leads
from sandbox.story.marketing import Marketing
from sandbox.story.record import Record
from sandbox.story.slips import Slips
from sandbox.story.society import Society
from sandbox.story.staff import Staff
from sandbox.story.support import Support
from sandbox.story.telling import DAY, HOUR, SCALE, Telling

MONTH = 30.4375 * DAY


class Storyteller(Told):
    """Enters the story on the agenda; it listens to the company (`Desk.told`) and calls `tell` for each event.

    Give it to the company's desk as `told`, and call `begin` before the company begins; from then on only time has
    to pass. `customers` is the size of the company at `start`, `scale` how much happens around it; instants are epoch seconds.
    """

    def __init__(
        self,
        agenda: Agenda,
        seed: int,
        begin: int,
        start: int,
        timezone: str,
        currency: str,
        customers: int,
        tell: Callable[[Event], None],
        scale: float = SCALE,
    ) -> None:
        telling = self._telling = Telling(agenda, seed, begin, start, timezone, self._tell, scale)
        self._listener = tell
        self.record = Record(telling.local)
        currency = currency.upper()
        staff, society = Staff(telling, customers, currency), Society(telling)
        marketing = Marketing(telling, staff, customers, currency, society.gone)
        ensemble = Ensemble(telling, staff, marketing, society, Slips(telling, society), currency)
        deals, self._chats = Deals(ensemble), Chats(ensemble)
        self._leads = Leads(ensemble, deals, self._chats, customers, (start - begin) / MONTH)
        self._accounts = Accounts(ensemble, deals)
        self._support = Support(ensemble, self._accounts)
        self._ensemble = ensemble

    def _tell(self, event: Event) -> None:
        self.record.hear(event)
        self._listener(event)

    def begin(self) -> None:
        """Enter the first jobs; nothing is told before the agenda runs."""
        telling = self._telling
        telling.play(self._ensemble.staff.live())
        telling.play(self._ensemble.marketing.live())
        telling.play(self._leads.live(), HOUR)
        telling.play(self._support.live(), HOUR)

    def identities(self) -> dict[str, dict[str, Any]]:
        """Per organization: its `stripe` customer ids and, per system, whether it is `known` and `linked`, `name`, `domain`."""
        return self._ensemble.society.identities()

    def acting(self) -> int:
        """How many actors there are now; each has one job on the agenda."""
        return self._telling.acting()

    def sign_up_planned(self, newcomer: Newcomer, at: int) -> None:
        """Somebody is going to sign up: give them a past."""
        self._telling.play(self._leads.court(newcomer, at), HOUR if self._telling.now == self._telling.begin else 0)

    def customer_created(self, customer: str, newcomer: Newcomer, at: int) -> None:
        """Somebody signed up in Stripe."""
        self._telling.reach(at)
        lead = None if newcomer.number is None else self._leads.courted.pop(newcomer.number, None)
        self._accounts.create(customer, newcomer, lead)

    def customer_runs(self, customer: str, at: int) -> None:
        """An organization became a customer, or is one again."""
        self._telling.reach(at)
        account = self._accounts.begin(customer)
        if account is not None:
            self._telling.play(self._support.serve(account))
            self._telling.play(self._chats.serve(account))

    def customer_ended(self, customer: str, at: int) -> None:
        """An organization is a customer no more."""
        self._telling.reach(at)
        self._accounts.end(customer)

    def customer_grew(self, customer: str, plan: str, seats: int, at: int) -> None:
        """A customer bought more: some sale was behind it."""
        self._telling.reach(at)
        self._accounts.grow(customer, plan, seats)

    def customer_deleted(self, customer: str, at: int) -> None:
        """A customer asked to be forgotten everywhere."""
        self._telling.reach(at)
        self._accounts.forget(customer)
