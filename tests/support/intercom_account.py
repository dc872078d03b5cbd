"""An Intercom workspace that hears a small hand-told story, served on loopback, and the real connector against it.

Where a retry waits, as much time passes in the workspace as was waited.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from landed_state import buried_ids, lines_landed, objects_landed
from simulated import DAY, HOUR
from vendor_account import VendorAccount

from connectors.intercom import Intercom
from sandbox.intercom.vendor import Intercom as Vendor
from sandbox.story import events as story
from sandbox.story.people import Employee, Organization, Person
from sandbox.vendor import Setting

START = 1_790_000_000
ZONE = "Pacific/Auckland"
STREAMS = tuple(stream.name for stream in Intercom.streams)

landed_lines = partial(lines_landed, source="intercom")
landed = partial(objects_landed, source="intercom")
buried = partial(buried_ids, source="intercom")


def told_story(chats: int = 12, start: int = START) -> list[story.Event]:
    """Two months of a small workspace: three teammates, four organizations, eight persons, and so many chats."""
    begin = start - 60 * DAY
    staff = [
        Employee("a1", "Ada", "Agent", "ada@northwind.example", "agent", "Support", None, "Europe/London"),
        Employee("a2", "Abe", "Agent", "abe@northwind.example", "agent", "Billing", None, "Europe/London"),
        Employee("a3", "Ann", "Rep", "ann@northwind.example", "rep", "Sales", None, "Europe/London"),
    ]
    organizations = [
        Organization("o0", "Alpha Ltd", "alpha.example", "GB", "retail", 40, "gbp", linked_in=frozenset({"intercom"})),
        Organization("o1", "Beta GmbH", "beta.example", "DE", "media", 12, "eur", names={"intercom": "BETA"}),
        Organization("o2", "Gamma", "gamma.example", "US", "media", 9, "usd", unknown_to=frozenset({"intercom"})),
        Organization("o3", "Delta", "delta.example", "US", "media", 9, "usd"),
    ]
    persons = [
        Person(f"p{n}", f"o{n % 4}", f"Pia{n}", "Person", f"p{n}@mail.example", "CTO", "+1", "GB", "Europe/London")
        for n in range(8)
    ]
    told: list[story.Event] = [story.StaffJoined(begin, employee) for employee in staff]
    told += [story.OrganizationMet(begin, o) for o in organizations] + [story.PersonMet(begin, p) for p in persons]
    told += [story.LeadCaptured(begin + HOUR, f"p{n}", "organic", None, None, "a3" if n else None) for n in range(6)]
    told += [story.CustomerBegan(begin + DAY * (n + 1), f"o{n}", f"p{n}", f"cus_{n}Ab", "Team") for n in range(3)]
    for n in range(chats):
        told += _chat(n, begin + 4 * DAY + n * 4 * DAY + n * 977)
    told += [
        story.TicketOpened(begin + 9 * DAY, "t1", "p0", "o0", "All is down", "Help!", "urgent", "email", ()),
        story.TicketTurned(begin + 9 * DAY + HOUR, "t1", "open"),
        story.TicketOpened(begin + 12 * DAY, "t2", "p1", "o1", "A question", "How?", "low", "email", ()),
        story.TicketPrioritized(begin + 13 * DAY, "t2", "urgent"),
        story.TicketTurned(begin + 14 * DAY, "t2", "solved"),
        story.Duplicated(begin + 20 * DAY, "intercom", "p0", "p0-copy", "P. Person", "pia@home.example"),
        story.Merged(begin + 21 * DAY, "intercom", "p0", "p0-copy"),
        story.Duplicated(begin + 22 * DAY, "intercom", "p1", "p1-copy", "Pia", "pia1@home.example"),
        story.Duplicated(begin + 23 * DAY, "intercom", "o1", "o1-copy", "Beta", "beta.example"),
    ]
    return sorted((event for event in told if event.at <= start), key=lambda event: event.at)


def _chat(n: int, at: int) -> list[story.Event]:
    key, agent, team, person = f"c{n}", f"a{1 + n % 2}", "Billing" if n % 2 else "Support", f"p{n % 8}"
    told: list[story.Event] = [
        story.ChatStarted(at, key, person, f"o{n % 4}", f"How {n}?", "email" if n % 3 else "messenger"),
        story.ChatAssigned(at + 600, key, team, agent),
        story.ChatReplied(at + 2 * HOUR, key, agent, "Like this.", True),
        story.ChatReplied(at + 2 * HOUR + 60, key, agent, "He seems cross.", False),
    ]
    if n % 2 == 0:
        told += [
            story.ChatTurned(at + 3 * HOUR, key, "snoozed", agent),
            story.ChatReplied(at + 20 * HOUR, key, person, "Thanks, but no.", True),
            story.ChatReplied(at + 21 * HOUR, key, agent, "Then like that.", True),
        ]
    if n % 3 != 2:
        told.append(story.ChatTurned(at + DAY, key, "closed", agent))
    if n % 3 == 0:
        told.append(story.ChatRated(at + DAY + HOUR, key, 1 + n % 5, "so so" if n % 2 else ""))
    return told


class IntercomAccount(VendorAccount):
    """A workspace."""

    def wait(self, seconds: float) -> None:
        """What a retry does instead of sleeping: time passes in the sandbox only."""
        super().wait(seconds)
        if seconds >= 1:
            self.advance(round(seconds))

    def first(self, stream: str, **values: Any) -> dict[str, Any]:
        """The first object of a stream that has these values."""
        return next(o for o in self.objects(stream).values() if all(o.get(name) == value for name, value in values.items()))


def intercom_account(
    *, chats: int = 12, limits: str = "off", zone: str = ZONE, events: Iterable[story.Event] | None = None, per_minute: int = 0
) -> AbstractContextManager[IntercomAccount]:
    """A workspace served on a free loopback port until the block ends."""
    vendor = Vendor(Setting(7, START - 90 * DAY, START, zone, "usd"))
    if per_minute:
        vendor.allowance.app_per_minute = per_minute
        vendor.allowance.reset()
    return IntercomAccount(vendor, START, told_story(chats) if events is None else events, limits).served()
