"""Figures of marketing equal those of the story, at every grain and for every member."""

from __future__ import annotations

from typing import Any

import pytest
from known_customers import new_mrr
from kpi_oracle import GRAINS, Fact, assert_equal, counted, grouped, ratio, shared
from sales_truth import sales_of
from told_marketing import Contact, contacts
from told_requests import day

pytestmark = pytest.mark.slow

MQL, SQL = "marketingqualifiedlead", "salesqualifiedlead"


@pytest.fixture(scope="module")
def known(company: Any) -> tuple[Contact, ...]:
    """Everybody whom HubSpot shows."""
    return contacts(company)


@pytest.fixture(scope="module")
def leads(known: tuple[Contact, ...]) -> list[Contact]:
    """Who was a lead at some time."""
    return [contact for contact in known if "lead" in contact.stages]


@pytest.fixture(scope="module")
def qualified(known: tuple[Contact, ...]) -> list[Contact]:
    """Who was a marketing qualified lead at some time."""
    return [contact for contact in known if MQL in contact.stages]


def on(contact: Contact, stage: str, numerator: int | bool = 1) -> Fact:
    """Something about a person on the day of a stage."""
    return Fact(day(contact.stages[stage]), contact.members, int(numerator))


def test_leads(leads: list[Contact], company: Any) -> None:
    assert len(leads) > 50
    facts = [on(lead, "lead") for lead in leads]
    assert_equal(company, "leads_generated", facts, counted, ("channel", "campaign", "region", "segment"))


def test_leads_brought_by_events(leads: list[Contact], company: Any) -> None:
    facts = [on(lead, "lead") for lead in leads if lead.members["kind"] in ("event", "webinar")]
    assert_equal(company, "event_leads", facts, counted, ("event",))


def test_leads_that_became_customers(leads: list[Contact], company: Any) -> None:
    paid = new_mrr(company)
    facts = []
    for lead in leads:
        began = paid.get(lead.customer or "", ("", 0))[0]
        facts.append(on(lead, "lead", began >= day(lead.stages["lead"]).isoformat()))
    assert sum(fact.numerator for fact in facts) > 10
    assert_equal(company, "lead_to_customer_rate", facts, shared, ("channel", "segment"))


def test_qualified_leads(qualified: list[Contact], company: Any) -> None:
    facts = [on(contact, MQL) for contact in qualified]
    assert_equal(company, "mql_count", facts, counted, ("channel", "campaign", "segment"))


def test_the_score_of_qualified_leads(qualified: list[Contact], company: Any) -> None:
    facts = [on(contact, MQL, contact.score) for contact in qualified if contact.score is not None]
    assert_equal(company, "mql_quality_score", facts, shared, ("channel", "segment"))


def test_qualified_leads_that_sales_accepted(qualified: list[Contact], company: Any) -> None:
    facts = [on(contact, MQL, contact.stages.get(SQL, 0) >= contact.stages[MQL]) for contact in qualified]
    assert_equal(company, "mql_to_sql_rate", facts, shared, ("channel", "campaign"))


def test_the_largest_source_of_qualified_leads(qualified: list[Contact], company: Any) -> None:
    facts = [on(contact, MQL) for contact in qualified]
    for grain in GRAINS:
        whole = {start: len(group) for (start, _), group in grouped(facts, grain, "all").items()}
        idle = dict.fromkeys(company.kpi("lead_source_concentration", grain))
        parts = {
            (start, source): ratio(len(group), whole[start]) for (start, source), group in grouped(facts, grain, "source").items()
        }
        company.compare("lead_source_concentration", grain, "source", parts)
        largest = {(start, "all"): max(share for (at, _), share in parts.items() if at == start) for start, _ in parts}
        company.compare("lead_source_concentration", grain, "all", idle | largest)


@pytest.mark.parametrize(("kpi", "what"), [("email_open_rate", "opened"), ("email_click_rate", "clicked")])
def test_what_became_of_mailings(kpi: str, what: str, company: Any) -> None:
    record, shown = company.record, company.world.systems["hubspot"].objects("marketing_emails")
    facts = []
    for key, (at, campaign) in record.mailed.items():
        if company.world.systems["hubspot"].books.mailings[key] in shown:
            counts = record.mailings.get(key)
            members = {"campaign": record.campaigns[campaign].name}
            facts.append(Fact(day(at), members, getattr(counts, what, 0), getattr(counts, "delivered", 0)))
    assert_equal(company, kpi, facts, shared, ("campaign",))


def test_subscribers(known: tuple[Contact, ...], company: Any) -> None:
    shown = company.world.systems["hubspot"].objects("contacts").values()
    created = [body["properties"]["createdate"][:10] for body in shown if body["properties"].get("email")]
    assert len(created) >= len(known)
    for grain in GRAINS:
        ends = {start: last.isoformat() for start, last in sales_of(company).periods[grain]}
        counts = {(start, "all"): sum(first <= last for first in created) for start, last in ends.items()}
        company.compare("email_subscribers", grain, "all", counts)


def test_parts_add_up_to_the_whole(company: Any) -> None:
    dimensions = {
        "leads_generated": ("channel", "campaign", "region", "segment"),
        "mql_count": ("channel", "campaign", "segment"),
    }
    for kpi, names in dimensions.items():
        for name in names:
            for grain in GRAINS:
                sums: dict[Any, Any] = {}
                for (start, _), value in company.kpi(kpi, grain, name).items():
                    sums[start] = sums.get(start, 0) + value
                whole = {start: value for (start, _), value in company.kpi(kpi, grain).items() if value}
                assert sums == whole, (kpi, name, grain)


def test_what_campaigns_cost(company: Any) -> None:
    record = company.record
    found = {
        (str(at), name): amount
        for at, name, amount in company.rows(
            "select spend_date, campaign_name, sum(amount) from marts.campaign_spend group by spend_date, campaign_name"
        )
    }
    assert found == {(at, record.campaigns[key].name): ratio(amount, 100) for (at, key), amount in record.spend.items()}


def test_a_salesforce_lead_is_never_taken_for_another_customers(company: Any) -> None:
    salesforce = company.world.systems["salesforce"]
    known = next(iter(salesforce._hears.values())).__self__._known
    truly = {key: told["stripe"] for key, told in company.world.storyteller.identities().items()}
    found = dict(company.rows("select lead_id, customer_id from marts.leads where system = 'salesforce'"))
    told = [
        (found[id], truly.get(known.persons[key].organization or "", []))
        for key, (kind, id) in known.found.items()
        if kind == "Lead" and id in found and key in known.persons
    ]
    assert all(customer is None or customer in customers for customer, customers in told)
    of_customers = [customer for customer, customers in told if customers]
    assert sum(customer is not None for customer in of_customers) >= 0.9 * len(of_customers) > 5
