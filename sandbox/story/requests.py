"""What people ask of the company and how it answers: tickets and conversations, as events of the story."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.story.event import Event

TICKET_STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")


@dataclass(frozen=True)
class TicketOpened(Event):
    """A person asks for help by mail or form; `priority` is one of PRIORITIES."""

    ticket: str
    person: str
    organization: str | None
    subject: str
    text: str
    priority: str
    channel: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class TicketAssigned(Event):
    """A ticket goes to a group, and to an agent of it or nobody yet."""

    ticket: str
    group: str
    agent: str | None


@dataclass(frozen=True)
class TicketReplied(Event):
    """A comment: by an agent (`by` is an employee) or the person who asked; not `public` is an internal note."""

    ticket: str
    by: str
    text: str
    public: bool


@dataclass(frozen=True)
class TicketTurned(Event):
    """A ticket has another status of TICKET_STATUSES; `open` after `solved` is a reopening."""

    ticket: str
    status: str


@dataclass(frozen=True)
class TicketPrioritized(Event):
    """A ticket's priority changed; to urgent is an escalation."""

    ticket: str
    priority: str


@dataclass(frozen=True)
class TicketRated(Event):
    """The person rated the help good or bad; again is a changed mind."""

    ticket: str
    score: str
    comment: str


@dataclass(frozen=True)
class ChatStarted(Event):
    """A person starts a conversation."""

    chat: str
    person: str
    organization: str | None
    text: str
    channel: str


@dataclass(frozen=True)
class ChatReplied(Event):
    """A message in a conversation by an employee or the person; not `public` is a note."""

    chat: str
    by: str
    text: str
    public: bool


@dataclass(frozen=True)
class ChatAssigned(Event):
    """A conversation goes to a team, and to an agent of it or nobody yet."""

    chat: str
    team: str
    agent: str | None


@dataclass(frozen=True)
class ChatTurned(Event):
    """A conversation is now open, closed or snoozed."""

    chat: str
    state: str
    by: str | None


@dataclass(frozen=True)
class ChatRated(Event):
    """The person rated the conversation, 1 to 5."""

    chat: str
    rating: int
    remark: str
