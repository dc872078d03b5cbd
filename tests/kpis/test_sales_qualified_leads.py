"""Sales qualified leads, and what became of them, equal what the story knows, at every grain and dimension."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from known_customers import once
from kpi_oracle import Fact, assert_equal, counted, shared
from told_marketing import Contact, contacts
from told_requests import day

pytestmark = pytest.mark.slow

MQL, SQL, OPPORTUNITY = "marketingqualifiedlead", "salesqualifiedlead", "opportunity"


@pytest.fixture
def accepted(company: Any) -> list[Contact]:
    """Whom sales accepted."""
    return [contact for contact in contacts(company) if SQL in contact.stages]


@once
def owners(company: Any) -> dict[str, str]:
    """Who owns each contact that has an owner."""
    hubspot = company.world.systems["hubspot"]
    names = {str(body["id"]): f"{body['firstName']} {body['lastName']}" for body in hubspot.objects("owners").values()}
    told = ((id, body["properties"].get("hubspot_owner_id")) for id, body in hubspot.objects("contacts").items())
    return {id: names[owner] for id, owner in told if owner}


@once
def first_paid(company: Any) -> dict[str, date]:
    """The day on which each customer began to pay."""
    found = {}
    for history in company.world.truth._all():
        paying = [at for at, worth in history.days if any(worth.by_price.values())]
        if paying:
            found[history.customer] = paying[0]
    return found


def fact(company: Any, contact: Contact, stage: str, numerator: Decimal | int = 1) -> Fact:
    """A contact on the day on which it first reached a stage."""
    members = {"rep": owners(company).get(contact.id), **{name: contact.members[name] for name in ("channel", "segment")}}
    return Fact(day(contact.stages[stage]), members, numerator)


def reached(contact: Contact, stage: str, later: str) -> bool:
    """Whether a stage was reached at all, and not before another."""
    return contact.stages.get(later, 0) >= contact.stages[stage]


def test_sales_qualified_leads(accepted: list[Contact], company: Any) -> None:
    facts = [fact(company, contact, SQL) for contact in accepted]
    assert len({each.members["rep"] for each in facts}) > 2
    assert_equal(company, "sql_count", facts, counted, ("channel", "rep", "segment"))


def test_their_score(accepted: list[Contact], company: Any) -> None:
    scored = [fact(company, contact, SQL, contact.score) for contact in accepted if contact.score is not None]
    assert_equal(company, "sql_quality_score", scored, shared)


def rate(company: Any, kpi: str, facts: list[Fact], dimensions: tuple[str, ...]) -> None:
    """A rate that is neither nought nor one is true."""
    assert 0 < sum(each.numerator for each in facts) < len(facts)
    assert_equal(company, kpi, facts, shared, dimensions)


def test_those_who_became_an_opportunity(accepted: list[Contact], company: Any) -> None:
    facts = [fact(company, contact, SQL, reached(contact, SQL, OPPORTUNITY)) for contact in accepted]
    rate(company, "sql_to_opportunity_rate", facts, ("rep", "segment"))


def test_those_who_became_a_customer(accepted: list[Contact], company: Any) -> None:
    began = first_paid(company)
    won = [began.get(contact.customer or "", date.min) >= day(contact.stages[SQL]) for contact in accepted]
    facts = [fact(company, contact, SQL, is_won) for contact, is_won in zip(accepted, won, strict=True)]
    rate(company, "sql_to_customer_rate", facts, ("segment",))


def test_opportunities_among_those_whom_marketing_qualified(company: Any) -> None:
    qualified = [contact for contact in contacts(company) if MQL in contact.stages]
    facts = [fact(company, contact, MQL, reached(contact, MQL, OPPORTUNITY)) for contact in qualified]
    rate(company, "pipeline_quality_score", facts, ())
