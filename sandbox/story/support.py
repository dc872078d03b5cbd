"""Support by ticket: questions, replies, escalations, reopenings, ratings; more of it in an outage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sandbox.story import vocabulary
from sandbox.story.account import Account
from sandbox.story.accounts import Accounts
from sandbox.story.ensemble import Ensemble
from sandbox.story.events import (
    PRIORITIES,
    TicketAssigned,
    TicketOpened,
    TicketPrioritized,
    TicketRated,
    TicketReplied,
    TicketTurned,
)
from sandbox.story.people import Person
from sandbox.story.staff import CATEGORIES, GROUP_OF
from sandbox.story.telling import DAY, HOUR, Act, around, chance

_CHANNELS = {"email": 46, "web": 38, "api": 6, "phone": 10}
_REPLY_HOURS = {"low": 9.0, "normal": 4.0, "high": 1.8, "urgent": 0.5}
"""Typical time to the first reply at work, by priority."""
TICKETS_A_MONTH = {"starter": 0.9, "pulse": 0.7, "consumer": 0.7, "team": 1.55, "business": 2.5, "scale": 3.4}
"""Per customer of a plan."""
_TICKETS_OF_OTHERS = 1.2
_OUTAGE_EVERY = 50 * DAY
_HIT_PERCENT = 5
_CLOSED_AFTER = 4 * DAY
"""Zendesk's automation closes solved tickets after four days unless told otherwise."""


@dataclass
class Ticket:
    """A ticket while it lives."""

    key: str
    person: Person
    group: str
    agent: str
    priority: str
    random: Random


class Support:
    """Customers ask, agents answer."""

    def __init__(self, ensemble: Ensemble, accounts: Accounts) -> None:
        self._on = ensemble
        self._telling = ensemble.telling
        self._accounts = accounts
        self._random = ensemble.telling.chance("outages")

    def live(self) -> Act:
        """Now and then nothing works, and many ask at once."""
        telling, random = self._telling, self._random
        while True:
            yield telling.now + around(random, _OUTAGE_EVERY, 0.5)
            hit = int(len(self._accounts.running) * _HIT_PERCENT / 100) + 1
            for _ in range(hit):
                yield telling.now + int(random.expovariate(hit / (5 * HOUR)))
                if self._accounts.running:
                    telling.play(self._ticket(random.choice(self._accounts.running), "outage"))

    def serve(self, account: Account) -> Act:
        """A customer's tickets, more of them in the first weeks."""
        telling, random, spell = self._telling, account.random, account.spell
        yield telling.now + int(random.expovariate(1 / (6 * DAY)))
        while account.spell == spell:
            telling.play(self._ticket(account, ""), telling.by_day(telling.now, random, 80) - telling.now)
            rate = TICKETS_A_MONTH.get(account.plan, _TICKETS_OF_OTHERS) * telling.scale / (30 * DAY)
            yield telling.now + int(random.expovariate(rate)) + 60

    def _ticket(self, account: Account, category: str) -> Act:
        random, telling = account.random, self._telling
        ticket = self._open(account, category or random.choices(tuple(CATEGORIES), tuple(CATEGORIES.values()))[0])
        if ticket is None:
            return
        if chance(random, 1.2):
            self._on.slips.reject("ticket", ticket.key, random)
            return
        yield telling.now + random.randint(60, 3 * HOUR)
        self._assign(ticket)
        for at in self._until_solved(ticket):
            yield at
            if self._is_forgotten(ticket):
                return
        yield from self._after(ticket)

    def _is_forgotten(self, ticket: Ticket) -> bool:
        return ticket.person.key in self._on.society.erased

    def _open(self, account: Account, category: str) -> Ticket | None:
        random = account.random
        person = account.anybody()
        if person.key in self._on.society.erased:
            return None
        place = account.people.index(person)
        if "zendesk" in person.unknown_to:
            person = account.people[place] = self._on.society.know(person, "zendesk")
            self._on.slips.maybe_twice(person, random, ("zendesk",))
        priority = "urgent" if category == "outage" else random.choices(PRIORITIES, (16, 58, 19, 7))[0]
        text = random.choice(vocabulary.QUESTIONS)
        channel = random.choices(tuple(_CHANNELS), tuple(_CHANNELS.values()))[0]
        key, subject = self._telling.key("ticket"), random.choice(vocabulary.SUBJECTS[category])
        tags = (category, account.plan) if account.plan else (category,)
        self._telling.tell(
            TicketOpened(self._telling.now, key, person.key, account.organization, subject, text, priority, channel, tags)
        )
        group = GROUP_OF.get(category, "Support")
        return Ticket(key, person, group, self._on.staff.agent(group, random), priority, random)

    def _assign(self, ticket: Ticket) -> None:
        agent = None if chance(ticket.random, 30) else ticket.agent
        self._telling.tell(TicketAssigned(self._telling.now, ticket.key, ticket.group, agent))
        if agent:
            self._turn(ticket, "open")

    def _turn(self, ticket: Ticket, status: str) -> None:
        self._telling.tell(TicketTurned(self._telling.now, ticket.key, status))

    def _answer(self, ticket: Ticket, public: bool = True) -> None:
        if not self._on.staff.is_here(ticket.agent):
            ticket.agent = self._on.staff.agent(ticket.group, ticket.random)
            self._telling.tell(TicketAssigned(self._telling.now, ticket.key, ticket.group, ticket.agent))
        words = vocabulary.ANSWERS if public else vocabulary.INTERNAL
        self._telling.tell(TicketReplied(self._telling.now, ticket.key, ticket.agent, ticket.random.choice(words), public))

    def _ask_again(self, ticket: Ticket) -> None:
        text = ticket.random.choice(vocabulary.FOLLOW_UPS)
        self._telling.tell(TicketReplied(self._telling.now, ticket.key, ticket.person.key, text, True))

    def _until_solved(self, ticket: Ticket) -> Iterator[int]:
        random, telling = ticket.random, self._telling
        hours = _REPLY_HOURS[ticket.priority]
        yield telling.at_work(telling.now + around(random, hours * HOUR, 0.9), random)
        if chance(random, 2):
            yield telling.now + around(random, 40 * DAY)
        self._telling.tell(TicketAssigned(telling.now, ticket.key, ticket.group, ticket.agent))
        if chance(random, 16):
            self._answer(ticket, public=False)
        if chance(random, 11):
            yield from self._escalate(ticket)
        self._answer(ticket)
        for _ in range(random.choices((0, 1, 2, 3), (46, 32, 15, 7))[0]):
            waiting = "hold" if chance(random, 10) else "pending"
            self._turn(ticket, waiting)
            yield telling.now + around(random, 9 * HOUR, 1.0)
            self._ask_again(ticket)
            self._turn(ticket, "open")
            yield telling.at_work(telling.now + around(random, hours * HOUR, 0.9), random)
            self._answer(ticket)
        self._turn(ticket, "solved")

    def _escalate(self, ticket: Ticket) -> Iterator[int]:
        ticket.group, ticket.priority = "Technical", "urgent"
        ticket.agent = self._on.staff.agent(ticket.group, ticket.random)
        self._telling.tell(TicketPrioritized(self._telling.now, ticket.key, "urgent"))
        self._telling.tell(TicketAssigned(self._telling.now, ticket.key, ticket.group, ticket.agent))
        yield self._telling.at_work(self._telling.now + around(ticket.random, 2 * HOUR), ticket.random)

    def _after(self, ticket: Ticket) -> Iterator[int]:
        """A rating, a changed mind, a reopening; in the end the ticket is closed."""
        random, telling = ticket.random, self._telling
        solved = telling.now
        if chance(random, 36):
            yield telling.now + around(random, 10 * HOUR, 0.8)
            if self._is_forgotten(ticket):
                return
            self._rate(ticket, "good" if chance(random, 86) else "bad")
            if chance(random, 5):
                yield telling.now + HOUR
                self._rate(ticket, random.choice(("good", "bad")))
        if chance(random, 7) and telling.now < solved + _CLOSED_AFTER:
            yield min(telling.now + around(random, DAY), solved + _CLOSED_AFTER - 60)
            if self._is_forgotten(ticket):
                return
            self._ask_again(ticket)
            self._turn(ticket, "open")
            yield telling.at_work(telling.now + around(random, 5 * HOUR), random)
            self._answer(ticket)
            self._turn(ticket, "solved")
            solved = telling.now
        yield max(telling.now, solved + _CLOSED_AFTER)
        self._turn(ticket, "closed")
        self._on.slips.maybe_remove("ticket", ticket.key, random)

    def _rate(self, ticket: Ticket, score: str) -> None:
        comment = ticket.random.choice(vocabulary.REMARKS)
        self._telling.tell(TicketRated(self._telling.now, ticket.key, score, comment))
