"""Campaigns, opportunities, activities and escalated cases, as the story tells them."""

from __future__ import annotations

from decimal import Decimal

from sandbox.salesforce.acquaintances import Acquaintances, convert
from sandbox.salesforce.schema import Row
from sandbox.salesforce.telling import NAME, Acquaintance, Hearing, money
from sandbox.salesforce.values import day_text
from sandbox.story import events
from sandbox.story.people import Campaign, Deal

_STAGES = dict(zip(events.DEAL_STAGES, ("Qualification", "Discovery", "Proposal", "Negotiation"), strict=True))
_KINDS = {"new": "New Customer", "expansion": "Existing Customer - Upgrade", "renewal": "Existing Customer - Renewal"}
_SUBTYPES = {"call": "Call", "email": "Email", "note": "Task", "task": "Task"}


class Selling:
    """Makes and changes opportunities and what belongs to them."""

    def __init__(self, known: Acquaintance, people: Acquaintances) -> None:
        self._known = known
        self._people = people

    def hears(self) -> dict[type, Hearing]:
        """Which events are listened to, and by what."""
        return {
            events.CampaignPlanned: self._planned, events.CampaignSpent: self._spent, events.Mailing: self._mailed,
            events.CampaignTouched: self._touched, events.DealOpened: self._opened, events.DealMoved: self._moved,
            events.DealRevised: self._revised, events.DealWon: self._won, events.DealLost: self._lost,
        }  # fmt: skip

    def _planned(self, event: events.CampaignPlanned) -> None:
        campaign = event.campaign
        self._known.campaigns[campaign.key] = campaign
        if self._known.id(campaign.key, "Campaign"):
            self._known.update(campaign.key, self._campaign(campaign), event.at)
        else:
            self._known.create(campaign.key, "Campaign", self._campaign(campaign), event.at)

    def _campaign(self, campaign: Campaign) -> Row:
        return {
            "Name": campaign.name, "Type": campaign.channel.replace("_", " ").title(), "Status": "In Progress",
            "IsActive": True, "StartDate": day_text(campaign.start), "EndDate": campaign.end and day_text(campaign.end),
            "BudgetedCost": money(campaign.budget, campaign.currency), "CurrencyIsoCode": campaign.currency.upper(),
            "OwnerId": self._known.user(campaign.owner),
        }  # fmt: skip

    def _spent(self, event: events.CampaignSpent) -> None:
        self._add(event.campaign, "ActualCost", money(event.amount, self._known.campaigns[event.campaign].currency), event.at)

    def _mailed(self, event: events.Mailing) -> None:
        self._add(event.campaign, "NumberSent", Decimal(len(event.recipients)), event.at)

    def _add(self, key: str, name: str, amount: Decimal, at: int) -> None:
        id = self._known.id(key, "Campaign")
        if id:
            row = self._known.records.org.row("Campaign", id)
            self._known.update(key, {name: Decimal(row.get(name) or 0) + amount}, at)

    def _touched(self, event: events.CampaignTouched) -> None:
        known, campaign = self._known, self._known.id(event.campaign, "Campaign")
        who = known.id(event.person, "Contact", "Lead")
        if not campaign or not who:
            return
        key = f"{event.campaign}/{event.person}"
        values: Row = {"Status": "Responded", "HasResponded": True, "FirstRespondedDate": day_text(event.at)}
        if known.id(key, "CampaignMember"):
            known.update(key, {"Status": "Responded", "HasResponded": True}, event.at)
            return
        kind = known.found[event.person][0]
        values |= {"CampaignId": campaign, f"{kind}Id": who, "LeadOrContactId": who, "Type": kind}
        if kind == "Contact":
            values["AccountId"] = known.records.org.row("Contact", who).get("AccountId")
        known.create(key, "CampaignMember", values, event.at)

    def _opened(self, event: events.DealOpened) -> None:
        known, deal = self._known, event.deal
        known.deals[deal.key] = deal
        account = self._people.account(deal.organization, event.at)
        if account is None:
            return
        known.update(deal.organization, {"OwnerId": known.user(deal.owner)}, event.at)
        lead = known.id(deal.person, "Lead")
        contact = self._from_lead(deal.person, account, event.at) if lead else self._people.contact(deal.person, event.at)
        values = {**self._opportunity(deal), "AccountId": account, "ContactId": contact, "StageName": _STAGES["qualification"]}
        id = known.create(deal.key, "Opportunity", values, event.at)
        self._line(deal, event.at)
        if lead and contact:
            convert(known, deal.person, account, contact, id, event.at)
        if contact:
            role = {"OpportunityId": id, "ContactId": contact, "Role": "Decision Maker", "IsPrimary": True}
            known.records.create("OpportunityContactRole", role, event.at)

    def _from_lead(self, key: str, account: str, at: int) -> str:
        person, lead = self._known.persons[key], self._known.records.org.row("Lead", str(self._known.id(key)))
        values = {name: lead.get(name) for name in ("FirstName", "LastName", "Name", "Email", "Title", "Phone", "LeadSource")}
        row = self._known.records.create("Contact", {**values, "AccountId": account, "MailingCountry": person.country}, at)
        return str(row["Id"])

    def _opportunity(self, deal: Deal) -> Row:
        return {
            "Name": deal.name[:120], "Amount": money(deal.amount, deal.currency), "CurrencyIsoCode": deal.currency.upper(),
            "CloseDate": day_text(deal.close), "Type": _KINDS.get(deal.kind, deal.kind), "OwnerId": self._known.user(deal.owner),
            "LeadSource": deal.source, "CampaignId": self._known.id(deal.campaign, "Campaign"),
            "Pricebook2Id": self._known.furnished.pricebook, "TotalOpportunityQuantity": Decimal(deal.seats),
            "Main_Competitor__c": deal.competitor, "Partner__c": deal.partner, "Partner_Role__c": deal.partner_role,
        }  # fmt: skip

    def _line(self, deal: Deal, at: int) -> None:
        product, entry = self._product(deal, at)
        price = money(deal.amount, deal.currency)
        values: Row = {
            "OpportunityId": self._known.id(deal.key), "PricebookEntryId": entry, "Product2Id": product,
            "Name": f"{deal.name[:120]} {deal.plan}", "Quantity": Decimal(deal.seats), "TotalPrice": price,
            "UnitPrice": (price / max(deal.seats, 1)).quantize(Decimal("0.01")), "CurrencyIsoCode": deal.currency.upper(),
        }  # fmt: skip
        self._known.create(f"line {deal.key}", "OpportunityLineItem", values, at)
        self._known.records.touch("Opportunity", str(self._known.id(deal.key)), {"HasOpportunityLineItem": True}, at)

    def _product(self, deal: Deal, at: int) -> tuple[str, str]:
        known, key = self._known, f"product {deal.plan}"
        product = known.id(key) or known.create(
            key, "Product2", {"Name": deal.plan.title(), "ProductCode": deal.plan.upper(), "IsActive": True}, at
        )
        listed = f"price {deal.plan} {deal.currency}"
        values: Row = {
            "Name": deal.plan.title(), "Pricebook2Id": known.furnished.pricebook, "Product2Id": product, "IsActive": True,
            "UnitPrice": money(deal.amount // max(deal.seats, 1), deal.currency), "CurrencyIsoCode": deal.currency.upper(),
        }  # fmt: skip
        return product, known.id(listed) or known.create(listed, "PricebookEntry", values, at)

    def _moved(self, event: events.DealMoved) -> None:
        self._known.update(event.deal, {"StageName": _STAGES[event.stage]}, event.at)

    def _revised(self, event: events.DealRevised) -> None:
        deal = event.deal
        self._known.deals[deal.key] = deal
        self._known.update(deal.key, self._opportunity(deal), event.at)
        price = money(deal.amount, deal.currency)
        self._known.update(f"line {deal.key}", {"Quantity": Decimal(deal.seats), "TotalPrice": price}, event.at)

    def _won(self, event: events.DealWon) -> None:
        values = {"StageName": "Closed Won", "CloseDate": day_text(event.at), "Won_Reason__c": event.reason}
        self._known.update(event.deal, values, event.at)

    def _lost(self, event: events.DealLost) -> None:
        values = {"StageName": "Closed Lost", "CloseDate": day_text(event.at), "Loss_Reason__c": event.reason}
        self._known.update(event.deal, values, event.at)


class Deeds:
    """Activities, cases, and what is removed or comes back."""

    def __init__(self, known: Acquaintance, people: Acquaintances) -> None:
        self._known = known
        self._people = people
        self._tickets: dict[str, events.TicketOpened] = {}

    def hears(self) -> dict[type, Hearing]:
        """Which events are listened to, and by what."""
        return {
            events.ActivityDone: self._done, events.TicketOpened: self._asked, events.TicketPrioritized: self._escalated,
            events.TicketTurned: self._turned, events.Removed: self._removed, events.Restored: self._restored,
        }  # fmt: skip

    def _done(self, event: events.ActivityDone) -> None:
        known = self._known
        who = known.id(event.person, "Contact", "Lead")
        what = known.id(event.deal, "Opportunity") or known.id(event.organization, "Account")
        if not who and not what:
            return
        if known.id(event.activity):
            known.update(event.activity, _finished(event.at), event.at)
        else:
            account = known.id(event.organization, "Account")
            values: Row = {"WhoId": who, "WhatId": what, "AccountId": account, "OwnerId": known.user(event.employee)}
            kind = "Event" if event.kind == "meeting" else "Task"
            known.create(event.activity, kind, values | (_meeting(event) if kind == "Event" else _task(event)), event.at)
        if event.done:
            for kind, key in (("Contact", event.person), ("Opportunity", event.deal), ("Account", event.organization)):
                if id := known.id(key, kind):
                    known.records.touch(kind, id, {"LastActivityDate": day_text(event.at)}, event.at)

    def _asked(self, event: events.TicketOpened) -> None:
        self._tickets[event.ticket] = event
        if event.priority == "urgent":
            self._case(event.ticket, event.at)

    def _escalated(self, event: events.TicketPrioritized) -> None:
        if event.priority == "urgent":
            self._case(event.ticket, event.at)

    def _case(self, ticket: str, at: int) -> None:
        known, asked = self._known, self._tickets.get(ticket)
        if asked is None or known.id(ticket):
            return
        account = known.id(asked.organization, "Account")
        if account is None:
            return
        number = f"{len(known.records.org.table('Case').rows) + 1:08d}"
        values: Row = {
            "CaseNumber": number, "AccountId": account, "ContactId": known.id(asked.person, "Contact"),
            "Subject": asked.subject, "Description": asked.text, "Status": "Escalated", "Priority": "High",
            "Origin": asked.channel.title(), "IsEscalated": True,
        }  # fmt: skip
        known.create(ticket, "Case", values, at)

    def _turned(self, event: events.TicketTurned) -> None:
        id = self._known.id(event.ticket, "Case")
        if id is None:
            return
        row = self._known.records.org.row("Case", id)
        closed = event.status in ("solved", "closed")
        if closed != row["IsClosed"]:
            status = "Closed" if closed else "Working"
            values = {"Status": status, "IsClosed": closed, "ClosedDate": event.at if closed else None}
            self._known.update(event.ticket, values, event.at)

    def _removed(self, event: events.Removed) -> None:
        id = self._known.found.get(event.entity, ("", ""))[1]
        if event.system != NAME or not id:
            return
        kind = self._known.found[event.entity][0]
        records = self._known.records
        if event.how == "erase":
            if records.org.table(kind).get(id):
                records.purge(kind, id, event.at)
        elif self._known.id(event.entity):
            records.delete(kind, id, event.at)

    def _restored(self, event: events.Restored) -> None:
        kind, id = self._known.found.get(event.entity, ("", ""))
        row = self._known.records.org.table(kind).get(id) if id else None
        if event.system == NAME and row and row.get("IsDeleted") and row["_deleted"] >= event.at - 15 * 86_400:
            self._known.records.undelete(kind, id, event.at)


def _finished(at: int) -> Row:
    return {"Status": "Completed", "IsClosed": True, "CompletedDateTime": at}


def _task(event: events.ActivityDone) -> Row:
    values: Row = {
        "Subject": event.text[:255], "Description": event.text, "Priority": "Normal", "TaskSubtype": _SUBTYPES[event.kind],
        "Status": "Not Started", "ActivityDate": day_text(event.at),
    }  # fmt: skip
    if event.kind == "call":
        values |= {"CallType": "Outbound", "CallDurationInSeconds": event.minutes * 60, "CallDisposition": "Connected"}
    return values | (_finished(event.at) if event.done else {})


def _meeting(event: events.ActivityDone) -> Row:
    return {
        "Subject": event.text[:255], "StartDateTime": event.at - event.minutes * 60, "EndDateTime": event.at,
        "ActivityDateTime": event.at - event.minutes * 60, "ActivityDate": day_text(event.at),
        "DurationInMinutes": event.minutes, "EventSubtype": "Event",
    }  # fmt: skip
