"""The story is one and the same for a seed, in time order, speaks only of whom it introduced, and leaves Stripe alone."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import fields

import pytest
import storied as support
from storied import START, storied

from sandbox.company.subscriber import DAY
from sandbox.company.told import Untold
from sandbox.story import events as told
from sandbox.stripe.store import KINDS

LATER = START + 60 * DAY
ENDED = ("canceled", "incomplete_expired")


class Heard(list):
    """A story with the company that it is about."""

    def __init__(self, until: int = LATER, **origin: object) -> None:
        super().__init__()
        self.company = storied(self.append, **origin)
        self.company.until(until)

    def of(self, *kinds: type) -> list:
        return [event for event in self if isinstance(event, kinds)]


@pytest.fixture(scope="module")
def story() -> Heard:
    """A year of sixty customers, and two months more."""
    return Heard(customers=60, months=12)


def digest(events: list) -> str:
    return hashlib.sha256("\n".join(map(repr, events)).encode()).hexdigest()


def everything(store) -> str:
    return json.dumps({kind: store.all(kind) for kind in KINDS})


SMALL = {"customers": 20, "months": 6}


def test_the_same_seed_tells_the_same_story():
    assert digest(Heard(**SMALL)) == digest(Heard(**SMALL))


def test_another_seed_tells_another_story():
    assert digest(Heard(**SMALL)) != digest(Heard(**SMALL, seed=8))


def test_time_may_pass_in_steps_of_any_size():
    walked = Heard(until=START, **SMALL)
    for at in range(START, LATER + 1, DAY // 2):
        walked.company.until(at)
    assert digest(walked) == digest(Heard(**SMALL))


def test_events_come_in_time_order_and_begin_with_the_company(story):
    instants = [event.at for event in story]
    assert instants == sorted(instants)
    assert instants[0] == story.company.begin
    assert instants[-1] <= LATER


def test_nothing_is_told_before_time_passes():
    heard: list = []
    storied(heard.append, **SMALL)
    assert heard == []


def test_stripe_is_the_same_with_a_storyteller_and_without(monkeypatch):
    with_story = Heard(**SMALL).company
    desk = support.Desk
    monkeypatch.setattr(support, "Desk", lambda *args, told: desk(*args, told=Untold()))
    monkeypatch.setattr(support.Storyteller, "begin", lambda self: None)
    without = Heard(**SMALL)
    assert without == []
    assert everything(with_story.store) == everything(without.company.store)
    assert with_story.facts == without.company.facts


NAMED = {
    "employee": "employee", "campaign": "campaign", "mailing": "mailing", "person": "person", "organization": "organization",
    "deal": "deal", "ticket": "ticket", "chat": "chat", "owner": "employee", "agent": "employee", "manager": "employee",
}  # fmt: skip
INTRODUCES = {
    told.CampaignPlanned: "campaign",
    told.OrganizationMet: "organization",
    told.PersonMet: "person",
    told.DealOpened: "deal",
    told.StaffJoined: "employee",
}
BY_KEY = {told.Mailing: "mailing", told.TicketOpened: "ticket", told.ChatStarted: "chat", told.ActivityDone: "activity"}


def references(thing):
    """Kind and key of everything that an event or its subject names, itself left out."""
    for field in fields(thing):
        value = getattr(thing, field.name)
        if field.name == "by" and value is not None:
            yield value.partition("-")[0], value
        elif field.name == "recipients":
            yield from (("person", key) for key in value)
        elif field.name in NAMED and isinstance(value, str):
            yield NAMED[field.name], value


def test_whoever_is_named_was_introduced(story):
    known = defaultdict(set)
    for event in story:
        subject = getattr(event, INTRODUCES[type(event)]) if type(event) in INTRODUCES else None
        own = BY_KEY.get(type(event))
        named = [pair for pair in references(subject or event) if pair[0] != own]
        assert [pair for pair in named if pair[1] not in known[pair[0]]] == [], event
        if subject is not None:
            known[INTRODUCES[type(event)]].add(subject.key)
        elif own:
            known[own].add(getattr(event, own))
        elif isinstance(event, told.DealRevised):
            assert event.deal.key in known["deal"]
        elif isinstance(event, told.Duplicated):
            assert event.entity in known["person"] | known["organization"]
            known["copy"].add(event.copy)
        elif isinstance(event, told.Merged):
            assert event.copy in known["copy"]
        elif isinstance(event, told.Removed | told.Restored):
            assert event.kind in told.REMOVABLE
            assert_known_record(event, known)


def assert_known_record(event, known) -> None:
    if event.kind == "campaign member":
        campaign, person = event.entity.split("/")
        assert campaign in known["campaign"]
        assert person in known["person"]
    else:
        assert event.entity in known[event.kind] | known["copy"]


def test_words_of_events_come_from_their_lists(story):
    assert {event.source for event in story.of(told.LeadCaptured)} == set(told.SOURCES)
    assert {event.stage for event in story.of(told.LifecycleReached)} == set(told.LIFECYCLE)
    assert {event.stage for event in story.of(told.DealMoved)} == set(told.DEAL_STAGES)
    assert {event.reason for event in story.of(told.DealLost)} == set(told.LOST_REASONS)
    assert {event.kind for event in story.of(told.ActivityDone)} == set(told.ACTIVITIES)
    assert {event.status for event in story.of(told.TicketTurned)} == set(told.TICKET_STATUSES) - {"new"}
    assert {event.priority for event in story.of(told.TicketOpened)} == set(told.PRIORITIES)
    assert {event.state for event in story.of(told.ChatTurned)} == {"open", "closed", "snoozed"}
    assert {event.campaign.channel for event in story.of(told.CampaignPlanned)} == {
        "email", "event", "webinar", "search", "social", "content", "partner", "referral",
    }  # fmt: skip


def test_a_closed_deal_stays_closed(story):
    closed = set()
    for event in story.of(told.DealMoved, told.DealRevised, told.DealWon, told.DealLost):
        key = event.deal.key if isinstance(event, told.DealRevised) else event.deal
        assert key not in closed, event
        if isinstance(event, told.DealWon | told.DealLost):
            closed.add(key)


def test_records_are_removed_once_and_restored_only_after_they_were_archived(story):
    gone: dict = {}
    for event in story.of(told.Removed, told.Restored):
        record = (event.system, event.entity)
        if isinstance(event, told.Removed):
            assert gone.get(record) is None or (event.how == "erase" and gone[record] == "archive"), event
            gone[record] = event.how
        else:
            assert gone.pop(record) == "archive", event
    assert {event.how for event in story.of(told.Removed)} == {"archive", "delete", "erase"}


def test_who_was_erased_takes_no_part_any_more(story):
    erased = set()
    for event in story:
        people = {key for kind, key in references(event) if kind == "person"}
        if isinstance(event, told.PersonMet):
            people = {event.person.key}
        assert not people & erased, event
        if isinstance(event, told.Removed) and event.how == "erase":
            erased.add(event.entity)
    assert erased


def test_systems_only_come_to_know_more(story):
    unknown: dict = {}
    for event in story.of(told.OrganizationMet, told.PersonMet):
        who = event.organization if isinstance(event, told.OrganizationMet) else event.person
        assert who.unknown_to <= unknown.get(who.key, who.unknown_to), event
        unknown[who.key] = who.unknown_to


def test_requests_come_from_people_whom_the_system_knows(story):
    people: dict = {}
    for event in story:
        if isinstance(event, told.PersonMet):
            people[event.person.key] = event.person
        elif isinstance(event, told.TicketOpened):
            assert "zendesk" not in people[event.person].unknown_to
        elif isinstance(event, told.ChatStarted):
            assert "intercom" not in people[event.person].unknown_to
        elif isinstance(event, told.DealOpened):
            assert not people[event.deal.person].unknown_to & {"hubspot", "salesforce"}


def test_only_somebody_who_works_here_does_anything(story):
    here: set = set()
    for event in story:
        if isinstance(event, told.StaffJoined):
            here.add(event.employee.key)
        elif isinstance(event, told.StaffLeft):
            here.discard(event.employee)
        elif isinstance(event, told.TicketReplied | told.ChatReplied) and event.by.startswith("employee"):
            assert event.by in here, event
