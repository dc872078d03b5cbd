"""A small HubSpot account with a story told by hand, served on loopback, and the real connector against it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from landed_state import buried_ids, lines_landed, objects_landed
from simulated import DAY, HOUR, MINUTE, START
from vendor_account import VendorAccount

from connectors.hubspot import Hubspot
from sandbox.hubspot.vendor import VENDOR
from sandbox.story import events
from sandbox.story.people import Campaign, Deal, Employee, Organization, Person
from sandbox.vendor import Setting

BEGIN = START - 90 * DAY
STREAMS = tuple(stream.name for stream in Hubspot.streams)

landed_lines = partial(lines_landed, source="hubspot")
landed = partial(objects_landed, source="hubspot")
buried = partial(buried_ids, source="hubspot")


def story(people: int = 6) -> list[events.Event]:
    """A quarter of a small company's sales and marketing."""
    rep = Employee("rep", "Rita", "Rep", "rita@us.example", "rep", "Sales", "boss", "UTC")
    boss = Employee("boss", "Bo", "Boss", "bo@us.example", "manager", "Sales", None, "UTC")
    leaver = Employee("leaver", "Lee", "Left", "lee@us.example", "rep", "Sales", "boss", "UTC")
    spring = Campaign("spring", "Spring", "email", BEGIN + DAY, BEGIN + 30 * DAY, 500_000, "USD", "boss")
    always = Campaign("always", "Always on", "search", BEGIN, None, 100_000, "EUR", "boss")
    told: list[events.Event] = [
        *(events.StaffJoined(BEGIN, who) for who in (boss, rep, leaver)),
        events.CampaignPlanned(BEGIN + HOUR, spring),
        events.CampaignPlanned(BEGIN + HOUR, always),
        events.CampaignSpent(BEGIN + 2 * DAY, "spring", "Ads", 123_450),
    ]
    for n in range(people):
        told += _sale(n, BEGIN + (n + 3) * DAY, "leaver" if n == 1 else "rep")
    told += [
        events.Mailing(START - 20 * DAY, "mail1", "spring", "Hello", tuple(f"p{n}" for n in range(people))),
        events.MailingCounted(START - 19 * DAY, "mail1", people, 3, 1, 0, 0),
        events.MailingCounted(START - 18 * DAY, "mail1", people, 4, 2, 0, 1),
        events.StaffLeft(START - 15 * DAY, "leaver"),
        events.Duplicated(START - 12 * DAY, "hubspot", "p0", "p0copy", "Pat Nought", "p0@other.example"),
        events.Removed(START - 10 * DAY, "hubspot", "person", f"p{people - 1}", "archive"),
    ]
    return sorted(told, key=lambda event: event.at)


def _sale(n: int, at: int, owner: str) -> list[events.Event]:
    linked = frozenset({"hubspot"}) if n % 2 == 0 else frozenset[str]()
    company = Organization(f"o{n}", f"Org {n}", f"org{n}.example", "DE", "Software", 50 + n, "EUR", linked_in=linked)
    person = Person(f"p{n}", f"o{n}", f"Pat{n}", "Person", f"p{n}@org{n}.example", "Buyer", "+49 1", "DE", "UTC")
    deal = Deal(
        f"d{n}", f"o{n}", f"p{n}", owner, f"Deal {n}", "new", "team", 5, 120_050 + n, "EUR", "organic", "spring", at + 60 * DAY
    )
    return [
        events.OrganizationMet(at, company),
        events.PersonMet(at + MINUTE, person),
        events.LeadCaptured(at + 2 * MINUTE, f"p{n}", "organic", "spring", "Demo request" if n % 2 else None, owner),
        events.LifecycleReached(at + HOUR, f"p{n}", "lead"),
        events.LifecycleReached(at + DAY, f"p{n}", "opportunity"),
        events.DealOpened(at + DAY, deal),
        events.ActivityDone(at + DAY + HOUR, f"call{n}", "call", owner, f"p{n}", f"o{n}", f"d{n}", 15, "Intro"),
        events.ActivityDone(at + 2 * DAY, f"note{n}", "note", owner, f"p{n}", f"o{n}", None, 0, "Wants a demo"),
        events.ActivityDone(at + 2 * DAY, f"task{n}", "task", owner, f"p{n}", None, f"d{n}", 0, "Send offer", done=False),
        events.ActivityDone(at + 3 * DAY, f"task{n}", "task", owner, f"p{n}", None, f"d{n}", 0, "Send offer"),
        events.ActivityDone(at + 3 * DAY, f"meeting{n}", "meeting", owner, f"p{n}", f"o{n}", f"d{n}", 30, "Demo"),
        events.ActivityDone(at + 3 * DAY, f"email{n}", "email", owner, f"p{n}", f"o{n}", f"d{n}", 0, "Offer"),
        events.DealMoved(at + 4 * DAY, f"d{n}", "proposal"),
        *([events.DealWon(at + 9 * DAY, f"d{n}", "fit"), events.CustomerBegan(at + 9 * DAY, f"o{n}", f"p{n}", f"cus_{n}", "team")]
          if n % 2 == 0 else [events.DealLost(at + 9 * DAY, f"d{n}", "price")]),
        events.TicketOpened(at + 10 * DAY, f"t{n}", f"p{n}", f"o{n}", "It broke", "Help", "normal", "email", ()),
        *([events.TicketPrioritized(at + 11 * DAY, f"t{n}", "urgent"), events.TicketTurned(at + 12 * DAY, f"t{n}", "solved")]
          if n < 3 else []),
    ]  # fmt: skip


class HubspotAccount(VendorAccount):
    """One account."""

    #: longer than the look back and the end lag together
    settled = 20 * MINUTE
    patience = 60.0

    def oauth(self) -> dict[str, Any]:
        """Settings of an OAuth app instead of the private app's."""
        tokens = self.vendor.tokens
        return {"access_token": None, "client_id": tokens.client_id, "client_secret": tokens.client_secret,
                "refresh_token": tokens.refresh_token}  # fmt: skip

    def id_of(self, kind: str, key: str) -> str:
        """The id of a record of the story."""
        return str(self.vendor.books.ids[kind, key])


def hubspot_account(
    told: Iterable[events.Event] | None = None, *, limits: str = "off", seed: int = 7
) -> AbstractContextManager[HubspotAccount]:
    """The account served on a free loopback port until the block ends."""
    vendor = VENDOR(Setting(seed, BEGIN, START, "UTC", "USD"))
    return HubspotAccount(vendor, START, story() if told is None else told, limits).served()
