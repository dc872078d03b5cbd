"""What the account hears of the story, and what its people then put into it."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatchmethod
from typing import Any

from sandbox.hubspot.books import Books
from sandbox.hubspot.errors import HubspotError
from sandbox.hubspot.kinds import CUSTOM_NAME
from sandbox.hubspot.marketing import guid_of, major
from sandbox.story import events
from sandbox.story.people import Deal

_ENTITIES = {"organization": "companies", "person": "contacts", "deal": "deals", "ticket": "tickets", "activity": ""}
_ACTIVITIES = {"call": "calls", "meeting": "meetings", "email": "emails", "note": "notes", "task": "tasks"}
_SOURCES = {"organic": "ORGANIC_SEARCH", "paid_search": "PAID_SEARCH", "social": "SOCIAL_MEDIA", "referral": "REFERRALS",
            "email": "EMAIL_MARKETING", "direct": "DIRECT_TRAFFIC", "event": "OFFLINE", "outbound": "OFFLINE",
            "partner": "REFERRALS"}  # fmt: skip
_SYSTEM = "hubspot"


class Listener:
    """Turns events of the story into operations of the account."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @singledispatchmethod
    def hear(self, event: events.Event) -> None:
        """Takes note of an event; most kinds of events mean nothing to sales."""

    @hear.register
    def _(self, event: events.StaffJoined) -> None:
        if event.employee.role in ("rep", "manager", "marketer") or event.employee.key in self._books.owners.bodies:
            self._books.owners.join(event.employee, event.at)

    @hear.register
    def _(self, event: events.StaffLeft) -> None:
        if event.employee in self._books.owners.bodies:
            self._books.owners.leave(event.employee, event.at)

    @hear.register
    def _(self, event: events.CampaignPlanned) -> None:
        owner = self._books.owners.id_of(event.campaign.owner)
        self._books.marketing.plan(event.campaign, owner, event.at)
        self._books.campaigns[event.campaign.key] = event.campaign

    @hear.register
    def _(self, event: events.CampaignSpent) -> None:
        campaign = self._books.campaigns[event.campaign]
        self._books.marketing.spend(
            guid_of("campaign", event.campaign), event.item, major(event.amount, campaign.currency), event.at
        )

    @hear.register
    def _(self, event: events.Mailing) -> None:
        name = self._books.campaigns[event.campaign].name if event.campaign in self._books.campaigns else event.subject
        id = self._books.marketing.send(event.mailing, name, event.campaign, event.subject, len(event.recipients), event.at)
        self._books.mailings[event.mailing] = id

    @hear.register
    def _(self, event: events.MailingCounted) -> None:
        totals = {"delivered": event.delivered, "open": event.opened, "click": event.clicked, "bounce": event.bounced,
                  "unsubscribed": event.unsubscribed}  # fmt: skip
        self._books.marketing.count(self._books.mailings[event.mailing], totals, event.at)

    @hear.register
    def _(self, event: events.OrganizationMet) -> None:
        thing = event.organization
        if _SYSTEM in thing.unknown_to:
            return
        values = {"name": thing.name_in(_SYSTEM), "domain": thing.domain_in(_SYSTEM), "country": thing.country,
                  "industry": thing.industry, "numberofemployees": thing.employees}  # fmt: skip
        self._books.organizations[thing.key] = thing
        self._books.put("companies", thing.key, values, event.at)

    @hear.register
    def _(self, event: events.PersonMet) -> None:
        person = event.person
        if _SYSTEM in person.unknown_to:
            return
        company = self._books.organizations.get(person.organization or "")
        values = {"email": person.email_in(_SYSTEM), "firstname": person.first, "lastname": person.last, "jobtitle": person.title,
                  "phone": person.phone, "country": person.country,
                  "company": company.name_in(_SYSTEM) if company else ""}  # fmt: skip
        self._books.put("contacts", person.key, values, event.at)
        self._books.join("contacts", person.key, "companies", person.organization)

    @hear.register
    def _(self, event: events.LeadCaptured) -> None:
        contact = self._books.living("contacts", event.person)
        if contact is None:
            return
        values: dict[str, Any] = {"hs_analytics_source": _SOURCES.get(event.source, "OFFLINE"),
                                  "hs_analytics_source_data_1": event.campaign or "",
                                  "hs_latest_source": _SOURCES.get(event.source, "OFFLINE"), "hs_lead_status": "NEW",
                                  "hubspot_owner_id": self._books.owners.id_of(event.owner)}  # fmt: skip
        if event.form:
            email = contact.properties.get("email", "")
            self._books.marketing.submit(self._books.marketing.form(event.form, event.at), {"email": email}, event.at)
            values |= {"num_conversion_events": 1, "recent_conversion_date": self._books.moment(event.at)}
        self._books.portal.update("contacts", contact.id, values, event.at, source="FORM" if event.form else "CRM_UI")
        self._books.lists.enrol(self._books.lists.NEWSLETTER, contact.id, event.at)

    @hear.register
    def _(self, event: events.LifecycleReached) -> None:
        contact = self._books.living("contacts", event.person)
        if contact is None:
            return
        stages = [*events.LIFECYCLE, ""]
        if stages.index(event.stage) < stages.index(contact.properties.get("lifecyclestage", stages[0])):
            self._books.portal.update("contacts", contact.id, {"lifecyclestage": ""}, event.at)
        self._books.portal.update("contacts", contact.id, {"lifecyclestage": event.stage}, event.at)

    @hear.register
    def _(self, event: events.LeadScored) -> None:
        self._books.change("contacts", event.person, {"hubspotscore": event.score}, event.at)

    @hear.register
    def _(self, event: events.LeadDisqualified) -> None:
        self._books.change("contacts", event.person, {"hs_lead_status": "UNQUALIFIED"}, event.at)

    @hear.register
    def _(self, event: events.DealOpened) -> None:
        deal = event.deal
        values = {**self._of_deal(deal), "dealstage": events.DEAL_STAGES[0], "pipeline": "default",
                  "dealtype": "newbusiness" if deal.kind == "new" else "existingbusiness",
                  "hs_analytics_source": _SOURCES.get(deal.source, "OFFLINE"), "campaign": deal.campaign or ""}  # fmt: skip
        self._books.put("deals", deal.key, values, event.at)
        owner = {"hubspot_owner_id": self._books.owners.id_of(deal.owner)}
        self._books.change("companies", deal.organization, owner, event.at)
        self._books.join("deals", deal.key, "companies", deal.organization)
        self._books.join("deals", deal.key, "contacts", deal.person)
        self._books.sell(deal, event.at)

    @hear.register
    def _(self, event: events.DealMoved) -> None:
        self._books.change("deals", event.deal, {"dealstage": event.stage}, event.at)

    @hear.register
    def _(self, event: events.DealRevised) -> None:
        self._books.change("deals", event.deal.key, self._of_deal(event.deal), event.at)

    @hear.register
    def _(self, event: events.DealWon) -> None:
        closed = self._books.moment(event.at)
        self._books.change(
            "deals", event.deal, {"dealstage": "closedwon", "closed_won_reason": event.reason, "closedate": closed}, event.at
        )

    @hear.register
    def _(self, event: events.DealLost) -> None:
        closed = self._books.moment(event.at)
        self._books.change(
            "deals", event.deal, {"dealstage": "closedlost", "closed_lost_reason": event.reason, "closedate": closed}, event.at
        )

    @hear.register
    def _(self, event: events.ActivityDone) -> None:
        kind = _ACTIVITIES[event.kind]
        values = {**_activity(event, self._books.moment(event.at)), "hubspot_owner_id": self._books.owners.id_of(event.employee)}
        self._books.put(kind, event.activity, values, event.at)
        for other, key in (("contacts", event.person), ("companies", event.organization), ("deals", event.deal)):
            self._books.join(kind, event.activity, other, key)

    @hear.register
    def _(self, event: events.CustomerBegan) -> None:
        organization = self._books.organizations.get(event.organization)
        values = {"lifecyclestage": "customer", "type": "CUSTOMER"}
        if organization and _SYSTEM in organization.linked_in:
            values["stripe_customer_id"] = event.stripe
        self._books.change("companies", event.organization, values, event.at)
        self._books.change("contacts", event.person, {"lifecyclestage": "customer"}, event.at)
        contact = self._books.living("contacts", event.person)
        if contact is not None:
            self._books.lists.enrol(self._books.lists.CUSTOMERS, contact.id, event.at)
        if organization:
            self._books.put(
                CUSTOM_NAME, event.organization, {"workspace": organization.key, "plan": event.plan, "seats": 1}, event.at
            )
            self._books.join(CUSTOM_NAME, event.organization, "companies", event.organization)

    @hear.register
    def _(self, event: events.CustomerEnded) -> None:
        self._books.change("companies", event.organization, {"type": "FORMER_CUSTOMER"}, event.at)

    @hear.register
    def _(self, event: events.TicketOpened) -> None:
        self._books.asked[event.ticket] = event

    @hear.register
    def _(self, event: events.TicketPrioritized) -> None:
        if event.priority != "urgent" or event.ticket not in self._books.asked:
            return
        asked = self._books.asked[event.ticket]
        values = {"subject": asked.subject, "content": asked.text, "hs_pipeline": "0", "hs_pipeline_stage": "1",
                  "hs_ticket_priority": "URGENT", "source_type": "EMAIL"}  # fmt: skip
        self._books.put("tickets", event.ticket, values, event.at)
        self._books.join("tickets", event.ticket, "contacts", asked.person)
        self._books.join("tickets", event.ticket, "companies", asked.organization)

    @hear.register
    def _(self, event: events.TicketTurned) -> None:
        stage = {"new": "1", "open": "3", "pending": "2", "hold": "3", "solved": "4", "closed": "4"}[event.status]
        self._books.change("tickets", event.ticket, {"hs_pipeline_stage": stage}, event.at)

    @hear.register
    def _(self, event: events.Duplicated) -> None:
        if event.system == _SYSTEM:
            self._books.duplicate(event.entity, event.copy, event.name, event.email, event.at)

    @hear.register
    def _(self, event: events.Merged) -> None:
        if event.system == _SYSTEM:
            self._books.unite(event.entity, event.copy, event.at)

    @hear.register
    def _(self, event: events.Removed) -> None:
        if event.system == _SYSTEM:
            self._on_entity(event.kind, event.entity, lambda kind, id: self._books.remove(kind, id, event.how, event.at))

    @hear.register
    def _(self, event: events.Restored) -> None:
        if event.system == _SYSTEM:
            self._on_entity(event.kind, event.entity, lambda kind, id: self._books.portal.restore(kind, id, event.at))

    def _on_entity(self, kind: str, key: str, act: Callable[[str, int], None]) -> None:
        """Acts on a record if the account has it; what it does not have cannot be removed."""
        kinds = list(_ACTIVITIES.values()) if kind == "activity" else [_ENTITIES.get(kind, "")]
        for name in kinds:
            id = self._books.ids.get((name, key))
            if id is not None:
                try:
                    act(name, id)
                except HubspotError:
                    return

    def _of_deal(self, deal: Deal) -> dict[str, Any]:
        amount = major(deal.amount, deal.currency)
        return {"dealname": deal.name, "amount": amount, "closedate": self._books.moment(deal.close),
                "deal_currency_code": deal.currency.upper(), "hubspot_owner_id": self._books.owners.id_of(deal.owner),
                "hs_acv": amount, "hs_tcv": amount, "competitor": deal.competitor or "", "partner": deal.partner or "",
                "partner_role": deal.partner_role or ""}  # fmt: skip


def _activity(event: events.ActivityDone, moment: str) -> dict[str, Any]:
    text, milliseconds = event.text, event.minutes * 60_000
    forms: dict[str, dict[str, Any]] = {
        "call": {"hs_call_title": text, "hs_call_direction": "OUTBOUND", "hs_call_duration": milliseconds,
                 "hs_call_status": "COMPLETED"},
        "meeting": {"hs_meeting_title": text, "hs_meeting_start_time": moment, "hs_meeting_outcome": "COMPLETED"},
        "email": {"hs_email_subject": text, "hs_email_direction": "EMAIL", "hs_email_status": "SENT"},
        "note": {"hs_note_body": text},
        "task": {"hs_task_subject": text, "hs_task_type": "TODO", "hs_task_status": "COMPLETED" if event.done else "NOT_STARTED",
                 "hs_task_completion_date": moment if event.done else ""},
    }  # fmt: skip
    return forms[event.kind]
