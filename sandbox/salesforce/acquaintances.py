"""Accounts, contacts, leads and users: who they are, and the second records that are made by mistake."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce.identifiers import record_id
from sandbox.salesforce.schema import Row
from sandbox.salesforce.telling import NAME, Acquaintance, Hearing, money
from sandbox.salesforce.values import day_text
from sandbox.story import events
from sandbox.story.people import Employee, Organization, Person

_STATUS = {
    "lead": "Open - Not Contacted",
    "marketingqualifiedlead": "Working - Contacted",
    "salesqualifiedlead": "Qualified",
}
_UNPURSUED = "Closed - Not Converted"
_SOURCES = {"paid_search": "Advertisement", "social": "Social", "referral": "Employee Referral", "partner": "Partner Referral",
            "event": "Trade Show", "email": "Email", "outbound": "Purchased List", "organic": "Web", "direct": "Web"}  # fmt: skip


class Acquaintances:
    """Makes and changes the records of people and organizations."""

    def __init__(self, known: Acquaintance) -> None:
        self._known = known

    def hears(self) -> dict[type, Hearing]:
        """Which events are listened to, and by what."""
        return {
            events.StaffJoined: self._joined, events.StaffLeft: self._left, events.QuotaSet: self._quota,
            events.OrganizationMet: self._organization_met, events.PersonMet: self._person_met,
            events.LeadCaptured: self._captured, events.LifecycleReached: self._reached,
            events.LeadDisqualified: self._disqualified, events.CustomerBegan: self._customer,
            events.CustomerEnded: self._ended, events.Duplicated: self._duplicated, events.Merged: self._merged,
        }  # fmt: skip

    def account(self, key: str, at: int) -> str | None:
        """The account of an organization, made now if there was none; None if the system does not know it."""
        organization = self._known.organizations.get(key)
        if organization is None or NAME in organization.unknown_to:
            return None
        found = self._known.id(key, "Account")
        return found or self._known.create(key, "Account", self._described(organization), at)

    def contact(self, key: str, at: int) -> str | None:
        """The contact of a person, made now if there was neither contact nor lead."""
        person = self._known.persons.get(key)
        if person is None or NAME in person.unknown_to:
            return None
        found = self._known.id(key, "Contact")
        if found or self._known.id(key, "Lead"):
            return found
        account = self.account(person.organization, at) if person.organization else None
        return self._known.create(key, "Contact", {**_contact(person), "AccountId": account}, at)

    def _joined(self, event: events.StaffJoined) -> None:
        known, employee = self._known, event.employee
        known.employees[employee.key] = employee
        if known.id(employee.key, "User"):
            known.update(employee.key, self._user(employee), event.at)
        else:
            known.create(employee.key, "User", self._user(employee), event.at)

    def _left(self, event: events.StaffLeft) -> None:
        self._known.update(event.employee, {"IsActive": False}, event.at)

    def _quota(self, event: events.QuotaSet) -> None:
        values: Row = {
            "QuotaOwnerId": self._known.user(event.employee), "StartDate": event.period, "IsAmount": True, "IsQuantity": False,
            "QuotaAmount": money(event.amount, event.currency), "CurrencyIsoCode": event.currency.upper(),
            "ForecastingTypeId": record_id("0Db", 1),
        }  # fmt: skip
        key = f"quota {event.employee} {event.period}"
        if self._known.id(key):
            self._known.update(key, values, event.at)
        else:
            self._known.create(key, "ForecastingQuota", values, event.at)

    def _organization_met(self, event: events.OrganizationMet) -> None:
        self._known.organizations[event.organization.key] = event.organization
        self._known.update(event.organization.key, self._described(event.organization), event.at)

    def _person_met(self, event: events.PersonMet) -> None:
        person = event.person
        self._known.persons[person.key] = person
        if self._known.id(person.key, "Contact"):
            self._known.update(person.key, _contact(person), event.at)
        elif self._known.id(person.key, "Lead"):
            self._known.update(person.key, self._lead(person), event.at)

    def _captured(self, event: events.LeadCaptured) -> None:
        known, person = self._known, self._known.persons[event.person]
        if NAME in person.unknown_to or known.id(person.key):
            return
        values = {
            **self._lead(person), "Status": _STATUS["lead"], "LeadSource": _SOURCES[event.source],
            "OwnerId": known.user(event.owner) if event.owner else known.furnished.queue,
        }  # fmt: skip
        known.create(person.key, "Lead", values, event.at)

    def _reached(self, event: events.LifecycleReached) -> None:
        id = self._known.id(event.person, "Lead")
        if id and event.stage in _STATUS and not self._known.records.org.row("Lead", id)["IsConverted"]:
            self._known.update(event.person, {"Status": _STATUS[event.stage]}, event.at)

    def _disqualified(self, event: events.LeadDisqualified) -> None:
        id = self._known.id(event.person, "Lead")
        if id and not self._known.records.org.row("Lead", id)["IsConverted"]:
            self._known.update(event.person, {"Status": _UNPURSUED, "Disqualification_Reason__c": event.reason}, event.at)

    def _customer(self, event: events.CustomerBegan) -> None:
        known = self._known
        known.stripe[event.organization] = event.stripe
        account = self.account(event.organization, event.at)
        if account is None:
            return
        linked = NAME in known.organizations[event.organization].linked_in
        values: Row = {"Type": "Customer"} | ({"Stripe_Customer_Id__c": event.stripe} if linked else {})
        known.update(event.organization, values, event.at)
        self.contact(event.person, event.at)

    def _ended(self, event: events.CustomerEnded) -> None:
        self._known.update(event.organization, {"Type": "Former Customer"}, event.at)

    def _duplicated(self, event: events.Duplicated) -> None:
        known = self._known
        original = known.id(event.entity)
        if event.system != NAME or original is None:
            return
        kind = known.found[event.entity][0]
        row = known.records.org.row(kind, original)
        if kind == "Account":
            values: Row = {"Name": event.name, "BillingCountry": row.get("BillingCountry"), "Website": row.get("Website")}
        else:
            first, _, last = event.name.partition(" ")
            values = {"FirstName": first, "LastName": last or first, "Name": event.name, "Email": event.email}
            names = ("AccountId",) if kind == "Contact" else ("Company", "Status")
            values |= {name: row.get(name) for name in names}
        known.create(event.copy, kind, {**values, "OwnerId": row["OwnerId"]}, event.at)

    def _merged(self, event: events.Merged) -> None:
        known = self._known
        winner, loser = known.id(event.entity), known.id(event.copy)
        if event.system == NAME and winner and loser and known.found[event.entity][0] == known.found[event.copy][0]:
            known.records.merge(known.found[event.entity][0], winner, [loser], event.at)

    def _user(self, employee: Employee) -> Row:
        furnished = self._known.furnished
        return {
            "Username": employee.email, "Name": employee.name, "FirstName": employee.first, "LastName": employee.last,
            "Email": employee.email, "IsActive": True, "UserType": "Standard", "UserRoleId": furnished.roles.get(employee.role),
            "ProfileId": furnished.profile, "ManagerId": self._known.id(employee.manager, "User"), "Department": employee.team,
            "Title": employee.role.capitalize(), "TimeZoneSidKey": employee.timezone,
        }  # fmt: skip

    def _described(self, organization: Organization) -> Row:
        return {
            "Name": organization.name_in(NAME), "Website": f"https://www.{organization.domain_in(NAME)}",
            "BillingCountry": organization.country, "Industry": organization.industry,
            "NumberOfEmployees": organization.employees, "CurrencyIsoCode": organization.currency.upper(),
        }  # fmt: skip

    def _lead(self, person: Person) -> Row:
        organization = self._known.organizations.get(person.organization or "")
        values: Row = {**_named(person), "Country": person.country, "Company": "[not provided]"}
        if organization:
            values |= {"Company": organization.name_in(NAME), "Industry": organization.industry}
            values["NumberOfEmployees"] = organization.employees
        return values


def _named(person: Person) -> Row:
    return {
        "FirstName": person.first, "LastName": person.last, "Name": person.name, "Email": person.email_in(NAME),
        "Title": person.title, "Phone": person.phone,
    }  # fmt: skip


def _contact(person: Person) -> Row:
    return {**_named(person), "MailingCountry": person.country}


def convert(known: Acquaintance, key: str, account: str, contact: str, deal: str | None, at: int) -> None:
    """A lead becomes a contact of an account, with an opportunity; the lead points at the three from now on."""
    lead = known.id(key, "Lead")
    assert lead is not None
    values: Any = {
        "IsConverted": True, "ConvertedDate": day_text(at), "ConvertedAccountId": account, "ConvertedContactId": contact,
        "ConvertedOpportunityId": deal, "Status": "Closed - Converted",
    }  # fmt: skip
    known.records.update("Lead", lead, values, at)
    known.found[key] = ("Contact", contact)
