"""The story fits the company: who signs up in Stripe has a past, a name and an address that can be found again."""

from __future__ import annotations

import unicodedata
from collections import Counter
from time import process_time

import pytest
from storied import START, Storied, storied

from sandbox.agenda import Agenda
from sandbox.company.subscriber import DAY
from sandbox.company.told import Newcomer, Overheard, Untold
from sandbox.story import events as told
from sandbox.story.spelling import SYSTEMS
from sandbox.story.storyteller import Storyteller
from sandbox.story.vocabulary import FORMS
from sandbox.truth.facts import Facts, StatusSince

CUSTOMERS, MONTHS = 150, 18
LATER = START + 45 * DAY
ENDED = ("canceled", "incomplete_expired")


@pytest.fixture(scope="module")
def played() -> tuple[Storied, list]:
    """A year and a half of a hundred and fifty customers, and six weeks more."""
    heard: list = []
    company = storied(heard.append, customers=CUSTOMERS, months=MONTHS, timezone="America/New_York", currency="EUR")
    company.until(LATER)
    return company, heard


@pytest.fixture(scope="module")
def company(played) -> Storied:
    """The company."""
    return played[0]


@pytest.fixture(scope="module")
def heard(played) -> list:
    """What was told of it, and nothing that later tests add."""
    return list(played[1])


def of(heard: list, *kinds: type) -> list:
    return [event for event in heard if isinstance(event, kinds)]


def test_who_is_a_customer_in_the_story_runs_a_subscription_in_stripe(company, heard):
    running: dict = {}
    for event in of(heard, told.CustomerBegan, told.CustomerEnded):
        begins = isinstance(event, told.CustomerBegan)
        assert begins != running.get(event.organization, False), event
        running[event.organization] = begins
    identities = company.teller.identities()
    in_story = {stripe for key, runs in running.items() if runs for stripe in identities[key]["stripe"]}
    in_stripe = {s["customer"] for s in company.store.all("subscription") if s["status"] not in ENDED}
    assert in_story == in_stripe


def test_every_customer_of_stripe_is_an_organization_of_the_story(company):
    identities = company.teller.identities()
    assert all(len(found["stripe"]) <= 1 for found in identities.values())
    known = {stripe for found in identities.values() for stripe in found["stripe"]}
    created = {c["id"] for c in company.store.all("customer")} | set(company.store.deleted_ids("customer"))
    assert known == created


def test_names_and_addresses_fit_those_in_stripe(company, heard):
    met = {}
    for event in heard:
        if isinstance(event, told.OrganizationMet):
            met.setdefault(event.organization.key, event.organization)
    for key, found in company.teller.identities().items():
        for stripe in found["stripe"]:
            customer = company.store.get("customer", stripe) or company.store.deleted("customer", stripe)
            assert met[key].name == customer["name"]
            if customer["email"]:
                assert customer["email"].endswith(f"@{met[key].domain}")


def test_most_customers_were_leads_weeks_before(company, heard):
    captured = {event.person: event.at for event in of(heard, told.LeadCaptured)}
    began: dict = {}
    for event in of(heard, told.CustomerBegan):
        if event.at < START:
            began.setdefault(event.organization, event)
    ages = [event.at - captured[event.person] for event in began.values() if event.person in captured]
    assert len(ages) > 0.7 * len(began)
    assert sorted(ages)[len(ages) // 2] > 7 * DAY


def test_later_customers_have_a_short_past(company, heard):
    captured = {event.person: event.at for event in of(heard, told.LeadCaptured)}
    later = [event for event in of(heard, told.CustomerBegan) if event.at > START + 5 * DAY and event.person in captured]
    assert any(captured[event.person] >= START for event in later)


def test_deals_are_won_around_the_sign_up(company, heard):
    won = {event.deal: event.at for event in of(heard, told.DealWon)}
    new = {e.deal.organization: won[e.deal.key] for e in of(heard, told.DealOpened) if e.deal.kind == "new" and e.deal.key in won}
    began: dict = {}
    for event in of(heard, told.CustomerBegan):
        began.setdefault(event.organization, event.at)
    assert set(new) <= set(began) | {key for key, at in new.items() if at > LATER - 5 * DAY}
    distances = [abs(at - began[key]) for key, at in new.items() if key in began]
    assert max(distances) <= 8 * DAY
    assert len(distances) > 0.25 * len(began)


def test_volumes_grow_with_customers_and_months(company):
    units = CUSTOMERS * MONTHS / (300 * 24)
    counted = company.teller.record.events
    expected = {"LeadCaptured": 3000, "DealOpened": 900, "ActivityDone": 6000, "TicketOpened": 4000, "ChatStarted": 2500}
    for kind, typical in expected.items():
        assert 0.6 * typical * units < counted[kind] < 1.7 * typical * units, kind


def test_everything_goes_on_after_the_start(heard):
    kinds = {type(event) for event in heard if event.at > START}
    rare = {told.StaffJoined, told.StaffLeft, told.QuotaSet, told.Restored}
    assert kinds | rare == set(told.Event.__subclasses__())


def test_people_are_asked_and_answered_at_plausible_times(company):
    record = company.teller.record
    waits = sorted(t.first_reply - t.opened for t in record.tickets.values() if t.first_reply is not None)
    solved = sorted(t.solved - t.opened for t in record.tickets.values() if t.solved is not None)
    assert 3600 < waits[len(waits) // 2] < 20 * 3600
    assert 6 * 3600 < solved[len(solved) // 2] < 4 * DAY
    chats = sorted(c.first_reply - c.opened for c in record.chats.values() if c.first_reply is not None)
    assert chats[len(chats) // 2] < 3 * 3600
    ratings = Counter(t.rating for t in record.tickets.values())
    assert 0.75 < ratings["good"] / (ratings["good"] + ratings["bad"]) < 0.95
    assert any(t.reopened for t in record.tickets.values())
    assert any(t.escalated for t in record.tickets.values())


def test_most_of_the_work_is_done_in_the_companys_office_hours(company, heard):
    local = company.teller.record.local
    replies = [e.at for e in of(heard, told.TicketReplied, told.ChatReplied) if e.by.startswith("employee")]
    at_work = [at for at in replies if 8 <= local(at) // 3600 % 24 < 18 and (local(at) // DAY + 3) % 7 < 5]
    assert len(at_work) > 0.9 * len(replies)


def test_few_of_those_who_show_interest_buy_and_few_deals_are_won(company):
    record = company.teller.record
    stages = Counter(stage for _, stage, _ in record.transitions())
    assert stages["customer"] < stages["opportunity"] < stages["salesqualifiedlead"] < stages["marketingqualifiedlead"]
    new = [d for d in record.deals.values() if d.deal.kind == "new" and d.won is not None]
    assert 0.12 < sum(d.won for d in new) / len(new) < 0.5
    assert {d.deal.kind for d in record.deals.values() if d.won} == {"new", "expansion", "renewal"}


def test_reps_have_quotas_for_every_quarter_that_some_reach(company):
    record = company.teller.record
    periods = {period for _, period in record.quotas}
    assert periods >= {"2025-07-01", "2025-10-01", "2026-01-01", "2026-10-01"}
    assert all(amount > 0 for amount in record.quotas.values())


def test_the_record_counts_what_was_told(company, heard):
    record = company.teller.record
    assert record.events == Counter(type(event).__name__ for event in heard)
    assert sum(record.leads.values()) == record.events["LeadCaptured"]
    assert sum(record.spend.values()) == sum(event.amount for event in of(heard, told.CampaignSpent))
    assert sum(d.won is True for d in record.deals.values()) == record.events["DealWon"]
    assert [(e.person, e.stage, e.at) for e in of(heard, told.LifecycleReached)] == record.transitions()
    assert sum(t.rating is not None for t in record.tickets.values()) == len({e.ticket for e in of(heard, told.TicketRated)})


def test_who_is_deleted_in_stripe_is_forgotten_everywhere(company, heard):
    identities = company.teller.identities()
    deleted = set(company.store.deleted_ids("customer"))
    homes = {key for key, found in identities.items() if deleted & set(found["stripe"])}
    people = {e.person.key for e in of(heard, told.PersonMet) if e.person.organization in homes}
    erased = {e.entity for e in of(heard, told.Removed) if e.how == "erase"}
    first = {e.person for e in of(heard, told.CustomerBegan) if e.organization in homes}
    assert first
    assert first <= erased & people


def plain(name: str) -> str:
    """A name without its legal form, case, accents and signs."""
    for form in (*(form for forms in FORMS.values() for form in forms), "S.à r.l.", "Oy", "& Søn"):
        name = name.replace(form, "").replace(form.upper(), "").replace(form.lower(), "")
    folded = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def test_about_nine_in_ten_customers_can_be_linked_in_each_system(company):
    customers = [found for found in company.teller.identities().values() if found["stripe"]]
    for system in SYSTEMS:
        seen = [(found, found["systems"][system]) for found in customers if found["systems"][system]["known"]]
        linked = [there["linked"] for _, there in seen]
        found_again = [
            there["linked"] or there["domain"] == found["domain"] or plain(there["name"]) == plain(found["name"])
            for found, there in seen
        ]
        assert 0.86 < len(seen) / len(customers) <= 1, system
        assert sum(linked) < 0.9 * len(seen), system
        assert 0.86 < sum(found_again) / len(seen) < 0.99, system


def test_only_live_actors_wait_on_the_agenda(company):
    record = company.teller.record
    told_of = record.events["LeadCaptured"] + record.events["TicketOpened"] + record.events["ChatStarted"]
    assert company.teller.acting() < told_of / 3


def test_a_second_subscription_is_no_second_beginning():
    heard: list = []

    class Listening(Untold):
        def customer_runs(self, customer, at):
            heard.append(("runs", at))

        def customer_ended(self, customer, at):
            heard.append(("ended", at))

    facts = Facts()
    overheard = Overheard(facts, Listening())
    for at, subscription, status in (
        (1, "a", "trialing"), (2, "b", "active"), (3, "a", "canceled"), (4, "b", "past_due"), (5, "b", "canceled"),
        (6, "c", "incomplete"), (7, "c", "incomplete_expired"),
    ):  # fmt: skip
        overheard.report("cus_1", StatusSince(at, subscription, status))
    assert heard == [("runs", 1), ("ended", 5), ("runs", 6), ("ended", 7)]
    assert len(facts.by_customer["cus_1"]) == 7


def test_the_storyteller_shrugs_at_customers_whom_it_never_met(company):
    before = dict(company.teller.record.events)
    company.teller.customer_ended("cus_nobody", LATER)
    company.teller.customer_grew("cus_nobody", "team", 3, LATER)
    company.teller.customer_deleted("cus_nobody", LATER)
    assert company.teller.record.events == before


def test_somebody_outside_the_numbering_is_met_when_they_sign_up():
    heard: list = []
    company = storied(heard.append, customers=20, months=3)
    company.until(company.begin + DAY)
    newcomer = Newcomer(None, "Walk-in GmbH", None, "DE", "eur", "starter")
    company.teller.customer_created("cus_walk", newcomer, company.begin + DAY)
    company.teller.customer_runs("cus_walk", company.begin + DAY)
    names = [event.organization.name for event in of(heard, told.OrganizationMet)]
    assert "Walk-in GmbH" in names
    assert [event.stripe for event in of(heard, told.CustomerBegan)][-1] == "cus_walk"


def test_people_move_and_organizations_are_renamed_and_linked_later(heard):
    first: dict = {}
    changed: Counter = Counter()
    for event in of(heard, told.PersonMet, told.OrganizationMet):
        who = event.person if isinstance(event, told.PersonMet) else event.organization
        before = first.setdefault(who.key, who)
        if isinstance(event, told.PersonMet):
            changed["moved"] += who.organization != before.organization
            changed["another address"] += who.email != before.email
        else:
            changed["renamed"] += who.name != before.name
            changed["linked"] += who.linked_in > before.linked_in
    assert all(changed[kind] for kind in ("moved", "another address", "renamed", "linked")), changed


def test_second_records_are_mostly_merged_and_some_stay(heard):
    copies = {event.copy for event in of(heard, told.Duplicated)}
    merged = {event.copy for event in of(heard, told.Merged)}
    assert 0.3 * len(copies) < len(merged) < 0.8 * len(copies)
    assert {event.system for event in of(heard, told.Duplicated)} == set(SYSTEMS)


def test_an_event_costs_a_fraction_of_a_millisecond():
    agenda, heard = Agenda(), []
    teller = Storyteller(agenda, 7, START - 400 * DAY, START, "UTC", "USD", 300, heard.append)
    teller.begin()
    began = process_time()
    agenda.run_until(START)
    assert len(heard) > 10_000
    assert (process_time() - began) / len(heard) < 0.000_3
