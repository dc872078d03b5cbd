"""The story's own ground truth: what metrics of marketing, sales and support are measured against."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sandbox.story import events as told
from sandbox.story.events import LIFECYCLE, Event
from sandbox.story.people import Campaign, Deal, Employee
from sandbox.story.telling import DAY

_EPOCH = date(1970, 1, 1)


@dataclass(slots=True)
class DealRecord:
    """A deal as it is now described, with the instants of its stages and its end."""

    deal: Deal
    stages: list[tuple[str, int]]
    closed: int | None = None
    won: bool | None = None
    reason: str = ""
    told: list[tuple[int, Deal]] = field(default_factory=list)
    """How it was described from which instants on."""


@dataclass(slots=True)
class Deed:
    """An activity; `done` is the instant at which it was, None while it is planned."""

    kind: str
    employee: str
    deal: str | None
    minutes: int
    done: int | None


@dataclass(slots=True)
class Request:
    """A ticket or a conversation; instants are None until they happen. `replies` are public ones by employees."""

    category: str
    opened: int
    first_reply: int | None = None
    solved: int | None = None
    replies: int = 0
    reopened: int = 0
    escalated: bool = False
    status: str = "new"
    rating: str | int | None = None
    removed: bool = False
    priority: str = ""
    channel: str = ""
    agent: str | None = None
    """Who it was given to last."""
    rated: int | None = None
    first_rated: int | None = None
    turns: list[tuple[int, bool]] = field(default_factory=list)
    """When it was resolved (True) and reopened (False)."""


@dataclass(slots=True)
class Prospect:
    """Somebody who showed interest: how, and what else is told of them."""

    captured: int
    source: str
    campaign: str | None
    form: str | None
    scores: list[tuple[int, int]] = field(default_factory=list)
    """Ratings and when they were given."""


@dataclass
class Record:
    """Everything told so far, as facts and counts. `local` turns an instant into seconds of the company's own clock."""

    local: Callable[[int], int]
    events: Counter[str] = field(default_factory=Counter)
    leads: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By the company's date and source."""
    deals: dict[str, DealRecord] = field(default_factory=dict)
    tickets: dict[str, Request] = field(default_factory=dict)
    chats: dict[str, Request] = field(default_factory=dict)
    quotas: dict[tuple[str, str], int] = field(default_factory=dict)
    """By employee and first day of the quarter, in minor units of the reporting currency."""
    spend: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By date and campaign, in minor units."""
    activities: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """What was done, by date, employee and kind."""
    deeds: dict[str, Deed] = field(default_factory=dict)
    mailings: dict[str, told.MailingCounted] = field(default_factory=dict)
    mailed: dict[str, tuple[int, str]] = field(default_factory=dict)
    """When each mailing went out, and for which campaign."""
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    employees: dict[str, Employee] = field(default_factory=dict)
    prospects: dict[str, Prospect] = field(default_factory=dict)
    touches: list[tuple[int, str, str]] = field(default_factory=list)
    """Responses to campaigns: instant, person, campaign."""
    customers: list[tuple[int, str, bool]] = field(default_factory=list)
    """Instants at which organizations began (True) or ended (False) to be customers."""
    _dates: dict[int, str] = field(default_factory=dict)
    _people: list[str] = field(default_factory=list)
    _instants: array[int] = field(default_factory=lambda: array("q"))
    _stages: array[int] = field(default_factory=lambda: array("b"))

    def __post_init__(self) -> None:
        self._hear: dict[type[Event], Callable[[Any], None]] = {
            told.StaffJoined: lambda event: self.employees.__setitem__(event.employee.key, event.employee),
            told.QuotaSet: self._quota,
            told.CampaignSpent: self._spent,
            told.CampaignPlanned: lambda event: self.campaigns.__setitem__(event.campaign.key, event.campaign),
            told.CampaignTouched: lambda event: self.touches.append((event.at, event.person, event.campaign)),
            told.Mailing: lambda event: self.mailed.__setitem__(event.mailing, (event.at, event.campaign)),
            told.MailingCounted: lambda event: self.mailings.__setitem__(event.mailing, event),
            told.LeadCaptured: self._captured,
            told.LeadScored: lambda event: self.prospects[event.person].scores.append((event.at, event.score)),
            told.LifecycleReached: self._reached,
            told.DealOpened: self._deal_opened,
            told.DealMoved: lambda event: self.deals[event.deal].stages.append((event.stage, event.at)),
            told.DealRevised: self._deal_revised,
            told.DealWon: lambda event: self._deal_closed(event, True),
            told.DealLost: lambda event: self._deal_closed(event, False),
            told.ActivityDone: self._done,
            told.CustomerBegan: lambda event: self.customers.append((event.at, event.organization, True)),
            told.CustomerEnded: lambda event: self.customers.append((event.at, event.organization, False)),
            told.TicketOpened: self._ticket_opened,
            told.TicketAssigned: lambda event: self._assigned(self.tickets[event.ticket], event.agent),
            told.TicketReplied: lambda event: self._replied(self.tickets[event.ticket], event),
            told.TicketTurned: lambda event: self._turned(self.tickets[event.ticket], event.status, event.at),
            told.TicketPrioritized: self._prioritized,
            told.TicketRated: lambda event: self._rated(self.tickets[event.ticket], event.score, event.at),
            told.ChatStarted: self._chat_started,
            told.ChatAssigned: lambda event: self._assigned(self.chats[event.chat], event.agent),
            told.ChatReplied: lambda event: self._replied(self.chats[event.chat], event),
            told.ChatTurned: lambda event: self._turned(self.chats[event.chat], event.state, event.at),
            told.ChatRated: lambda event: self._rated(self.chats[event.chat], event.rating, event.at),
            told.Removed: lambda event: self._set_removed(event, True),
            told.Restored: lambda event: self._set_removed(event, False),
        }

    def hear(self, event: Event) -> None:
        """Take note of something that happened."""
        kind = type(event)
        self.events[kind.__name__] += 1
        note = self._hear.get(kind)
        if note:
            note(event)

    def date(self, at: int) -> str:
        """The company's date at an instant."""
        day = self.local(at) // DAY
        if day not in self._dates:
            self._dates[day] = (_EPOCH + timedelta(days=day)).isoformat()
        return self._dates[day]

    def transitions(self) -> list[tuple[str, str, int]]:
        """Every stage of LIFECYCLE that was reached: person, stage, instant; in time order."""
        return [(p, LIFECYCLE[s], at) for p, s, at in zip(self._people, self._stages, self._instants, strict=True)]

    def _quota(self, event: told.QuotaSet) -> None:
        self.quotas[event.employee, event.period] = event.amount

    def _spent(self, event: told.CampaignSpent) -> None:
        self.spend[self.date(event.at), event.campaign] += event.amount

    def _captured(self, event: told.LeadCaptured) -> None:
        self.leads[self.date(event.at), event.source] += 1
        self.prospects[event.person] = Prospect(event.at, event.source, event.campaign, event.form)

    def _reached(self, event: told.LifecycleReached) -> None:
        self._people.append(event.person)
        self._stages.append(LIFECYCLE.index(event.stage))
        self._instants.append(event.at)

    def _deal_opened(self, event: told.DealOpened) -> None:
        self.deals[event.deal.key] = DealRecord(event.deal, [(told.DEAL_STAGES[0], event.at)], told=[(event.at, event.deal)])

    def _deal_revised(self, event: told.DealRevised) -> None:
        deal = self.deals[event.deal.key]
        deal.deal = event.deal
        deal.told.append((event.at, event.deal))

    def _deal_closed(self, event: told.DealWon | told.DealLost, won: bool) -> None:
        deal = self.deals[event.deal]
        deal.closed, deal.won, deal.reason = event.at, won, event.reason

    def _done(self, event: told.ActivityDone) -> None:
        at = event.at if event.done else None
        self.deeds[event.activity] = Deed(event.kind, event.employee, event.deal, event.minutes, at)
        if event.done:
            self.activities[self.date(event.at), event.employee, event.kind] += 1

    def _ticket_opened(self, event: told.TicketOpened) -> None:
        request = Request(event.tags[0], event.at, priority=event.priority, channel=event.channel)
        self.tickets[event.ticket] = request

    def _chat_started(self, event: told.ChatStarted) -> None:
        self.chats[event.chat] = Request(event.channel, event.at, status="open", channel=event.channel)

    @staticmethod
    def _assigned(request: Request, agent: str | None) -> None:
        request.agent = agent or request.agent

    @staticmethod
    def _rated(request: Request, rating: str | int, at: int) -> None:
        request.rating, request.rated = rating, at
        if request.first_rated is None:
            request.first_rated = at

    def _prioritized(self, event: told.TicketPrioritized) -> None:
        self.tickets[event.ticket].escalated |= event.priority == "urgent"
        self.tickets[event.ticket].priority = event.priority

    def _replied(self, request: Request, event: told.TicketReplied | told.ChatReplied) -> None:
        if event.public and event.by in self.employees:
            request.replies += 1
            if request.first_reply is None:
                request.first_reply = event.at

    @staticmethod
    def _turned(request: Request, status: str, at: int) -> None:
        if request.status in ("solved", "closed") and status == "open":
            request.reopened += 1
        if status in ("solved", "closed") and request.status not in ("solved", "closed"):
            request.solved = at
        if (status in ("solved", "closed")) != (request.status in ("solved", "closed")):
            request.turns.append((at, status in ("solved", "closed")))
        request.status = status

    def _set_removed(self, event: told.Removed | told.Restored, removed: bool) -> None:
        record = self.tickets.get(event.entity) or self.chats.get(event.entity)
        if record is not None:
            record.removed = removed
