"""A Salesforce org with a year of sales to hear, served on loopback, and the real connector against it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote

import warehouse_state
from landed_state import lines_landed, objects_landed
from simulated import DAY, HOUR, MINUTE, START
from vendor_account import VendorAccount

from connectors.salesforce import Salesforce
from sandbox.salesforce.vendor import SalesforceOrg
from sandbox.story import events
from sandbox.story.people import Campaign, Deal, Employee, Organization, Person
from sandbox.vendor import Setting

BEGIN = START - 300 * DAY
STREAMS = tuple(stream.name for stream in Salesforce.streams)

landed_lines = partial(lines_landed, source="salesforce")
landed = partial(objects_landed, source="salesforce")
tombstones = partial(warehouse_state.tombstones, source="salesforce")
versions = partial(warehouse_state.versions, source="salesforce")


class SalesforceAccount(VendorAccount):
    """One org."""

    #: the newest five minutes are left for the next run
    settled = 10 * MINUTE
    patience = 60.0

    def create(self, kind: str, settle: int = 0, **values: Any) -> str:
        """The id of a new record."""
        return str(self.write("create", settle, object=kind, values=values)["Id"])

    def queries(self) -> list[str]:
        """The SOQL that was asked for by address."""
        texts = [parse_qs(request["query"]).get("q", [""])[0] for request in self.requests("*/query*")]
        return [unquote(text) for text in texts if text]


def salesforce_account(
    *, currency: str = "USD", limits: str = "off", start: int = START
) -> AbstractContextManager[SalesforceAccount]:
    """An empty org served on a free loopback port until the block ends."""
    vendor = SalesforceOrg(Setting(7, BEGIN, start, "UTC", currency))
    return SalesforceAccount(vendor, start, limits=limits).served()


def a_year_of_sales() -> list[Any]:
    """A small story: people, campaigns, deals won, lost and open, slips, activities and an escalated case."""
    t = BEGIN + 30 * DAY
    acme = Organization("o1", "Globex", "globex.example", "DE", "Manufacturing", 300, "EUR", linked_in=frozenset({"salesforce"}))
    solo = Organization("o2", "Initech", "initech.example", "US", "Software", 20, "USD", names={"salesforce": "Initech Inc"})
    shy = Organization("o3", "Hooli", "hooli.example", "US", "Software", 90, "USD", unknown_to=frozenset({"salesforce"}))
    people = [
        Person("p1", "o1", "Ada", "Lang", "ada@globex.example", "CTO", "+49 1", "DE", "Europe/Berlin"),
        Person("p2", "o2", "Bob", "Ruiz", "bob@initech.example", "CEO", "+1 2", "US", "America/New_York"),
        Person("p3", None, "Cy", "Oz", "cy@mail.example", "Student", "", "FR", "Europe/Paris"),
        Person("p4", "o3", "Di", "Po", "di@hooli.example", "CFO", "", "US", "UTC", unknown_to=frozenset({"salesforce"})),
    ]
    rep = Employee("e1", "Rae", "Sel", "rae@acme.example", "rep", "West", None, "UTC")
    boss = Employee("e2", "Max", "Man", "max@acme.example", "manager", "West", None, "UTC")
    fair = Campaign("c1", "Fair", "event", t, None, 500_000, "USD", "e2")
    deal = Deal("d1", "o1", "p1", "e1", "Globex x10", "new", "business", 10, 1_200_000, "EUR", "event", "c1", t + 40 * DAY)
    small = Deal("d2", "o2", "p2", "e1", "Initech", "new", "team", 1, 90_000, "USD", "organic", None, t + 60 * DAY)
    lost = Deal("d3", "o2", "p2", "e1", "Initech more", "expansion", "scale", 5, 100, "JPY", "organic", None, t + 90 * DAY)
    told: list[Any] = [
        events.StaffJoined(t, boss), events.StaffJoined(t, rep), events.QuotaSet(t, "e1", "2025-01-01", 9_000_000, "USD"),
        events.CampaignPlanned(t, fair), *(events.OrganizationMet(t, o) for o in (acme, solo, shy)),
        *(events.PersonMet(t, p) for p in people),
        events.LeadCaptured(t + HOUR, "p1", "event", "c1", None, "e1"), events.CampaignTouched(t + HOUR, "p1", "c1"),
        events.LeadCaptured(t + HOUR, "p2", "organic", None, "f1", None), events.LeadCaptured(t + HOUR, "p3", "social", None, None, None),
        events.LeadCaptured(t + HOUR, "p4", "social", None, None, None), events.CampaignTouched(t + HOUR, "p3", "c1"),
        events.LifecycleReached(t + DAY, "p1", "marketingqualifiedlead"), events.LeadDisqualified(t + 2 * DAY, "p3", "student"),
        events.DealOpened(t + 3 * DAY, deal), events.DealMoved(t + 5 * DAY, "d1", "proposal"), events.CampaignSpent(t, "c1", "booth", 123_456),
        events.ActivityDone(t + 6 * DAY, "a1", "call", "e1", "p1", "o1", "d1", 12, "Talked about price"),
        events.ActivityDone(t + 6 * DAY, "a2", "meeting", "e1", "p1", "o1", "d1", 45, "Showed it"),
        events.ActivityDone(t + 7 * DAY, "a3", "task", "e1", "p1", "o1", "d1", 0, "Send offer", done=False),
        events.DealRevised(t + 8 * DAY, replace(deal, amount=1_500_000, close=t + 70 * DAY, owner="e2")),
        events.DealWon(t + 50 * DAY, "d1", "fit"), events.CustomerBegan(t + 51 * DAY, "o1", "p1", "cus_1", "business"),
        events.DealOpened(t + 51 * DAY, small), events.DealOpened(t + 52 * DAY, lost), events.DealLost(t + 80 * DAY, "d3", "price"),
        events.ActivityDone(t + 81 * DAY, "a3", "task", "e1", "p1", "o1", "d1", 0, "Send offer"),
        events.Duplicated(t + 82 * DAY, "salesforce", "p3", "x1", "Cyrus Oz", "cy2@mail.example"),
        events.Duplicated(t + 82 * DAY, "salesforce", "o2", "x2", "Initec", "info@initech.example"),
        events.Merged(t + 83 * DAY, "salesforce", "o2", "x2"), events.Duplicated(t + 84 * DAY, "salesforce", "o1", "x3", "Globx", "i@g.example"),
        events.TicketOpened(t + 90 * DAY, "t1", "p1", "o1", "Broken", "It fails", "normal", "email", ()),
        events.TicketPrioritized(t + 91 * DAY, "t1", "urgent"), events.TicketTurned(t + 92 * DAY, "t1", "solved"),
        events.Removed(t + 93 * DAY, "salesforce", "activity", "a2", "archive"), events.Restored(t + 94 * DAY, "salesforce", "activity", "a2"),
        events.StaffLeft(t + 95 * DAY, "e1"), events.CustomerEnded(t + 200 * DAY, "o1"),
    ]  # fmt: skip
    return sorted(told, key=lambda event: event.at)
