"""A few people of known keys, so that a scenario can change exactly them; told the same way to every vendor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sandbox.story import events as told
from sandbox.story.people import Deal, Employee, Organization, Person

AGENT = Employee("bench:agent", "Ada", "Agent", "ada.agent@northwind.example", "agent", "Support", None, "UTC")
REP = Employee("bench:rep", "Rae", "Rep", "rae.rep@northwind.example", "rep", "Sales", None, "UTC")
BUYERS = Organization("bench:org", "Bench & Søns", "bench.example", "DK", "Furniture", 120, "EUR")
COPY = "bench:copy"
TICKET, CHAT = "bench:ticket", "bench:chat"
DEAL = Deal(
    "bench:deal", BUYERS.key, "bench:person", REP.key, "Bench deal", "new", "team", 12, 1_200_00, "EUR", "outbound", None, 0
)


def person(number: int = 0, title: str = "Buyer") -> Person:
    """Somebody of the organization; number 0 is the one who asks, buys and chats."""
    key = "bench:person" if number == 0 else f"bench:person:{number}"
    email = f"person{number}@bench.example"
    return Person(key, BUYERS.key, "Pat", f"Person {number}", email, title, f"+45 {number:08d}", "DK", "Europe/Copenhagen")


def deal(at: int, amount: int = DEAL.amount) -> Deal:
    """The deal, closing in 30 days."""
    return replace(DEAL, amount=amount, close=at + 30 * 86_400)


def introduction(at: int) -> Iterator[told.Event]:
    """Everybody is met, a deal is open, a ticket and a chat are under way."""
    yield told.StaffJoined(at, AGENT)
    yield told.StaffJoined(at, REP)
    yield told.OrganizationMet(at, BUYERS)
    yield told.PersonMet(at, person())
    yield told.LeadCaptured(at, person().key, "outbound", None, None, REP.key)
    yield told.DealOpened(at, deal(at))
    yield from ticket(at, TICKET)
    yield from chat(at, CHAT)


def ticket(at: int, key: str) -> Iterator[told.Event]:
    """A ticket with its first answer."""
    yield told.TicketOpened(
        at, key, person().key, BUYERS.key, f"Subject {key}", "It does not add up.", "normal", "email", ("bench",)
    )
    yield told.TicketAssigned(at, key, "Support", AGENT.key)
    yield told.TicketReplied(at, key, AGENT.key, "Looking into it.", public=True)


def chat(at: int, key: str) -> Iterator[told.Event]:
    """A conversation with its first answer."""
    yield told.ChatStarted(at, key, person().key, BUYERS.key, f"Hello from {key}", "web")
    yield told.ChatAssigned(at, key, "Support", AGENT.key)
    yield told.ChatReplied(at, key, AGENT.key, "Hello!", public=True)


def changes(at: int) -> Iterator[told.Event]:
    """Everything that was introduced changes once more."""
    yield told.PersonMet(at, person(title="Head of buying"))
    yield told.OrganizationMet(at, replace(BUYERS, employees=140))
    yield told.DealMoved(at, DEAL.key, "proposal")
    yield told.TicketReplied(at, TICKET, person().key, "Any news?", public=True)
    yield told.ChatReplied(at, CHAT, person().key, "Thanks.", public=True)
