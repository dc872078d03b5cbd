"""A Zendesk account that hears a small hand-told story, served on loopback, and the real connector against it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import partial

from landed_state import lines_landed, objects_landed
from simulated import DAY, HOUR
from vendor_account import VendorAccount

from connectors.zendesk import Zendesk
from sandbox.story import events as story
from sandbox.story.people import Employee, Organization, Person
from sandbox.vendor import Setting
from sandbox.zendesk.vendor import Zendesk as Vendor

START = 1_790_000_000
STREAMS = tuple(stream.name for stream in Zendesk.streams)

landed_lines = partial(lines_landed, source="zendesk")
landed = partial(objects_landed, source="zendesk")


def told_story(tickets: int = 12, start: int = START) -> list[story.Event]:
    """Two months of a small help desk: two agents, three organizations, five persons, and so many tickets."""
    begin = start - 60 * DAY
    agents = [
        Employee("a1", "Ada", "Agent", "ada@northwind.example", "agent", "Support", None, "Europe/London"),
        Employee("a2", "Abe", "Agent", "abe@northwind.example", "agent", "Billing", None, "Europe/London"),
    ]
    organizations = [
        Organization("o1", "Alpha Ltd", "alpha.example", "GB", "retail", 40, "gbp", linked_in=frozenset({"zendesk"})),
        Organization("o2", "Beta GmbH", "beta.example", "DE", "media", 12, "eur", names={"zendesk": "BETA"}),
        Organization("o3", "Gamma", "gamma.example", "US", "media", 9, "usd", unknown_to=frozenset({"zendesk"})),
    ]
    persons = [
        Person(f"p{n}", f"o{1 + n % 3}", f"Pia{n}", "Person", f"p{n}@mail.example", "CTO", "+1", "GB", "Europe/London")
        for n in range(5)
    ]
    told: list[story.Event] = [story.StaffJoined(begin, agent) for agent in agents]
    told += [story.OrganizationMet(begin, o) for o in organizations] + [story.PersonMet(begin, p) for p in persons]
    told += [story.CustomerBegan(begin + DAY, f"o{n}", f"p{n - 1}", f"cus_{n}Ab", "Team") for n in (1, 2, 3)]
    for n in range(tickets):
        told += _ticket(n, begin + 2 * DAY + n * 4 * DAY + n * 977)
    return sorted((event for event in told if event.at <= start), key=lambda event: event.at)


def _ticket(n: int, at: int) -> list[story.Event]:
    key, agent = f"t{n}", f"a{1 + n % 2}"
    told: list[story.Event] = [
        story.TicketOpened(at, key, f"p{n % 5}", f"o{1 + n % 3}", f"Question {n}", f"How {n}?", ("low", "normal", "high", "urgent")[n % 4],
                           "email" if n % 2 else "form", ("enterprise",) if n % 3 == 0 else ("team", "howto")),
        story.TicketAssigned(at + 600, key, "Support" if n % 2 else "Billing", agent),
        story.TicketReplied(at + 2 * HOUR, key, agent, "Like this.", True),
    ]  # fmt: skip
    if n % 2 == 0:
        told += [
            story.TicketTurned(at + 2 * HOUR, key, "pending"),
            story.TicketReplied(at + 5 * HOUR, key, f"p{n % 5}", "Thanks.", True),
            story.TicketTurned(at + 5 * HOUR, key, "open"),
            story.TicketReplied(at + 6 * HOUR, key, agent, "internal", False),
        ]
    if n % 3 != 2:
        told.append(story.TicketTurned(at + DAY, key, "solved"))
    if n % 3 == 0:
        told.append(story.TicketRated(at + DAY + HOUR, key, "good" if n % 2 else "bad", "so so"))
    if n % 4 == 0:
        told.append(story.TicketTurned(at + 5 * DAY, key, "closed"))
    return told


class ZendeskAccount(VendorAccount):
    """A help desk, whose automations run as time passes."""

    def advance(self, seconds: int | None = None) -> None:
        """Lets time pass."""
        super().advance(seconds)
        self.on_server(lambda: self.vendor.account.advance(self.now))


def zendesk_account(
    *, tickets: int = 12, limits: str = "off", events: Iterable[story.Event] | None = None
) -> AbstractContextManager[ZendeskAccount]:
    """An account served on a free loopback port until the block ends."""
    vendor = Vendor(Setting(7, START - 90 * DAY, START, "Europe/London", "usd"))
    return ZendeskAccount(vendor, START, told_story(tickets) if events is None else events, limits).served()
