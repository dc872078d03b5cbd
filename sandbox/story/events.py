"""What happens, in the language of the business. Every event has its instant, `at`, in epoch seconds.

Whoever is named by a key was introduced by an earlier event. Lists of words that events use are constants here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.story.event import Event
from sandbox.story.people import Campaign, Deal, Employee, Organization, Person, System
from sandbox.story.requests import (  # noqa: F401 - tickets and chats are events like the others
    PRIORITIES,
    TICKET_STATUSES,
    ChatAssigned,
    ChatRated,
    ChatReplied,
    ChatStarted,
    ChatTurned,
    TicketAssigned,
    TicketOpened,
    TicketPrioritized,
    TicketRated,
    TicketReplied,
    TicketTurned,
)

LIFECYCLE = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist")
DEAL_STAGES = ("qualification", "discovery", "proposal", "negotiation")
"""Open stages in their order; a deal ends won or lost."""
SOURCES = ("organic", "paid_search", "social", "referral", "event", "email", "outbound", "direct", "partner")
LOST_REASONS = ("price", "competitor", "no_decision", "missing_feature", "timing", "no_budget")
ACTIVITIES = ("call", "meeting", "email", "note", "task")
REMOVABLE = ("organization", "person", "deal", "ticket", "chat", "activity", "campaign member")
"""Kinds of record that can be removed; a campaign member is named `<campaign>/<person>`, the others by their keys."""


@dataclass(frozen=True)
class StaffJoined(Event):
    """An employee starts, or is described anew (other role, team or manager)."""

    employee: Employee


@dataclass(frozen=True)
class StaffLeft(Event):
    """An employee leaves; what they owned stays theirs until it is reassigned."""

    employee: str


@dataclass(frozen=True)
class QuotaSet(Event):
    """A rep is to win `amount` (minor units) in the quarter that begins at `period` (ISO date)."""

    employee: str
    period: str
    amount: int
    currency: str


@dataclass(frozen=True)
class CampaignPlanned(Event):
    """A campaign exists from now on, or is described anew."""

    campaign: Campaign


@dataclass(frozen=True)
class CampaignSpent(Event):
    """Money was spent on a campaign (minor units)."""

    campaign: str
    item: str
    amount: int


@dataclass(frozen=True)
class Mailing(Event):
    """A marketing e-mail went out; how it did grows with `MailingCounted`."""

    mailing: str
    campaign: str
    subject: str
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class MailingCounted(Event):
    """Totals of a mailing so far."""

    mailing: str
    delivered: int
    opened: int
    clicked: int
    bounced: int
    unsubscribed: int


@dataclass(frozen=True)
class OrganizationMet(Event):
    """An organization is known from now on, or is described anew (a new name, a link made later, known to more systems)."""

    organization: Organization


@dataclass(frozen=True)
class PersonMet(Event):
    """A person is known from now on, or is described anew (other e-mail, name, title, organization).

    Systems come to know people one after the other: `unknown_to` shrinks when somebody known elsewhere is described anew.
    """

    person: Person


@dataclass(frozen=True)
class LeadCaptured(Event):
    """A person showed interest for the first time, by a form or otherwise; `source` is one of SOURCES."""

    person: str
    source: str
    campaign: str | None
    form: str | None
    owner: str | None


@dataclass(frozen=True)
class CampaignTouched(Event):
    """A person responded to a campaign."""

    person: str
    campaign: str


@dataclass(frozen=True)
class LifecycleReached(Event):
    """A person reached a stage of LIFECYCLE (stages may be skipped, and set back)."""

    person: str
    stage: str


@dataclass(frozen=True)
class LeadScored(Event):
    """A lead was rated, 0 to 100; again is another rating."""

    person: str
    score: int


@dataclass(frozen=True)
class LeadDisqualified(Event):
    """A lead will not be pursued."""

    person: str
    reason: str


@dataclass(frozen=True)
class DealOpened(Event):
    """A deal begins in the first of DEAL_STAGES; the person's lead is converted where the system converts leads."""

    deal: Deal


@dataclass(frozen=True)
class DealMoved(Event):
    """A deal reached another open stage, forward or back."""

    deal: str
    stage: str


@dataclass(frozen=True)
class DealRevised(Event):
    """Amount, close date or owner changed: the deal is described anew."""

    deal: Deal


@dataclass(frozen=True)
class DealWon(Event):
    """A deal was signed."""

    deal: str
    reason: str


@dataclass(frozen=True)
class DealLost(Event):
    """A deal was lost; `reason` is one of LOST_REASONS."""

    deal: str
    reason: str


@dataclass(frozen=True)
class ActivityDone(Event):
    """An employee did something; `kind` is one of ACTIVITIES. A task may be still open (`done` False) and done later."""

    activity: str
    kind: str
    employee: str
    person: str | None
    organization: str | None
    deal: str | None
    minutes: int
    text: str
    done: bool = True


@dataclass(frozen=True)
class CustomerBegan(Event):
    """An organization became a customer: `stripe` is the id of the customer in Stripe."""

    organization: str
    person: str
    stripe: str
    plan: str


@dataclass(frozen=True)
class CustomerEnded(Event):
    """An organization has no subscription any more."""

    organization: str


@dataclass(frozen=True)
class Duplicated(Event):
    """A system got a second record of an entity (an organization or a person) by mistake; `name` and `email` differ."""

    system: System
    entity: str
    copy: str
    name: str
    email: str


@dataclass(frozen=True)
class Merged(Event):
    """Somebody merged the copy into the record in a system: the copy loses."""

    system: System
    entity: str
    copy: str


@dataclass(frozen=True)
class Removed(Event):
    """A record of a system is gone: an organization, person, deal, ticket, chat, activity or campaign member.

    `how` is archive (can be restored, where the system knows that), delete, or erase (nothing is left of it).
    """

    system: System
    kind: str
    entity: str
    how: str


@dataclass(frozen=True)
class Restored(Event):
    """An archived record is back."""

    system: System
    kind: str
    entity: str
