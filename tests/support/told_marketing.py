"""Prospects, mailings and touches as the story knows them, of those that the CRMs still show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from known_customers import identities, once
from segments import segment
from told_requests import day

from sandbox.story.record import Prospect

# how HubSpot calls the sources of the story
SOURCES = {
    "organic": "organic_search", "paid_search": "paid_search", "social": "social_media", "referral": "referrals",
    "email": "email_marketing", "direct": "direct_traffic", "event": "offline", "outbound": "offline", "partner": "referrals",
}  # fmt: skip
# how the sources are called that campaigns of a kind belong to, where that differs
CHANNELS = {"search": "paid_search", "social": "social_media", "email": "email_marketing", "referral": "referrals"}
_REGIONS = {"US": "north_america", "CA": "north_america", "JP": "asia_pacific"}


@dataclass(frozen=True)
class Contact:
    """A person in HubSpot: what it was told of the person since it has the record."""

    id: str
    created: int
    told: Prospect | None
    stages: dict[str, int]
    members: dict[str, str | None]
    channel_of_touch: str | None
    customer: str | None

    @property
    def score(self) -> int | None:
        """The last rating."""
        given = [score for at, score in self.told.scores if at >= self.created] if self.told else []
        return given[-1] if given else None


@dataclass(frozen=True)
class Touch:
    """What brought somebody of a customer."""

    customer: str
    at: int
    channel: str | None
    campaign: str | None

    @property
    def day(self) -> date:
        """The day on which it happened."""
        return day(self.at)


@once
def contacts(company: Any) -> tuple[Contact, ...]:
    """Everybody whom HubSpot shows and the story knows."""
    hubspot, record = company.world.systems["hubspot"], company.record
    shown, employers = hubspot.objects("contacts"), _employers(hubspot)
    reached: dict[str, list[tuple[str, int]]] = {}
    for person, stage, at in record.transitions():
        reached.setdefault(person, []).append((stage, at))
    found = []
    for (kind, key), number in hubspot.books.ids.items():
        if kind != "contacts" or str(number) not in shown:
            continue
        properties = shown[str(number)]["properties"]
        created = int(datetime.fromisoformat(properties["createdate"]).timestamp())
        told = record.prospects.get(key)
        stages: dict[str, int] = {}
        for stage, at in reached.get(key, ()):
            if at >= created:
                stages.setdefault(stage, at)
        seen = told is not None and told.captured >= created
        campaign = record.campaigns[told.campaign] if told and seen and told.campaign else None
        source = SOURCES[told.source] if told and seen else None
        members = {
            "channel": source, "source": source, "campaign": campaign.name if campaign else None,
            "event": campaign.name if campaign else None, "kind": campaign.channel if campaign else None,
            "region": _REGIONS.get(properties["country"], "europe"), "segment": segment(employers.get(str(number))),
        }  # fmt: skip
        channel = CHANNELS.get(campaign.channel, campaign.channel) if campaign else source
        customer = identities(company).get(("hubspot", "contacts", str(number)))
        found.append(Contact(str(number), created, told if told else None, stages, members, channel, customer))
    return tuple(found)


def _employers(hubspot: Any) -> dict[str, int]:
    """Employees of the company that each contact belongs to first."""
    companies = hubspot.objects("companies")
    found = {}
    for id, body in hubspot.objects("associations").items():
        kind, contact, to = id.split("/")
        if (kind, to) == ("contacts", "companies") and body["to"]:
            company = companies.get(str(body["to"][0]["toObjectId"]))
            if company:
                found[contact] = int(company["properties"]["numberofemployees"])
    return found


def touches(company: Any) -> list[Touch]:
    """Sources that HubSpot noted and responses that Salesforce noted, of customers; one a customer and campaign."""
    found = [
        Touch(contact.customer, contact.created, contact.channel_of_touch, contact.members["campaign"])
        for contact in contacts(company)
        if contact.customer and contact.members["source"]
    ]
    found += _responses(company)
    first: dict[tuple[Any, ...], Touch] = {}
    for touch in sorted(found, key=lambda t: (t.at, t.channel or "", t.campaign or "")):
        key = (touch.customer, touch.campaign) if touch.campaign else (touch.customer, touch.channel, touch.day)
        first.setdefault(key, touch)
    return list(first.values())


def _responses(company: Any) -> list[Touch]:
    salesforce, record = company.world.systems["salesforce"], company.record
    known = next(iter(salesforce._hears.values())).__self__._known
    shown, people = salesforce.objects("campaign_members"), salesforce.objects("contacts")
    of_leads = dict(company.rows("select lead_id, customer_id from marts.leads where system = 'salesforce'"))
    first: dict[str, tuple[int, str]] = {}
    for at, person, campaign in record.touches:
        id = known.found.get(f"{campaign}/{person}", ("", ""))[1]
        if id in shown and at >= datetime.fromisoformat(shown[id]["CreatedDate"]).timestamp():
            first.setdefault(id, (at, campaign))
    found = []
    for id, (at, key) in first.items():
        member, campaign = shown[id], record.campaigns[key]
        account = people.get(member["ContactId"] or "", {}).get("AccountId")
        customer = of_leads.get(member["LeadId"]) or identities(company).get(("salesforce", "accounts", account or ""))
        if customer:
            found.append(Touch(customer, at, CHANNELS.get(campaign.channel, campaign.channel), campaign.name))
    return found
