"""What each stream is and how it is read; objects and fields follow https://developer.salesforce.com/docs: object reference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cynosure.extract import Misconfigured, Personal, Stream

DAY, WEEK = 86_400, 7 * 86_400

CONFIDENTIAL, RESTRICTED = Personal.CONFIDENTIAL, Personal.RESTRICTED
_DOCS = "https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_{}.htm"
_PERSON: Mapping[str, Personal] = {
    "Name": CONFIDENTIAL,
    "FirstName": CONFIDENTIAL,
    "LastName": CONFIDENTIAL,
    "Title": CONFIDENTIAL,
    "Email": RESTRICTED,
    "Phone": RESTRICTED,
}
_TEXT: Mapping[str, Personal] = {"Subject": CONFIDENTIAL, "Description": RESTRICTED}
_ROLL_UPS = (
    "NumberOfLeads", "NumberOfConvertedLeads", "NumberOfContacts", "NumberOfResponses", "NumberOfOpportunities",
    "NumberOfWonOpportunities", "AmountAllOpportunities", "AmountWonOpportunities",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SObject:
    """One object: its stream, how often everything is listed again, and what is special about it.

    `stamp` is where its changes are expected to show until a describe call tells; `hourly` objects are asked for changes
    in every run, others are only listed. `optional` ones exist in some orgs only, `multi_currency` ones in orgs whose
    records have a currency. The source forgets records of `kept` ones after a while, so what has vanished there is not
    gone. `sums` are amounts that the source can add up. `parent` is the relationship whose deletion is not seen in the
    record's own stamp.
    """

    name: str
    stream: Stream
    listed_every: int = WEEK
    hourly: bool = True
    stamp: str = "SystemModstamp"
    optional: bool = False
    multi_currency: bool = False
    kept: bool = False
    sums: tuple[str, ...] = field(default=())
    parent: str = ""


def _stream(
    name: str, description: str, api_name: str, personal: Mapping[str, Personal] | None = None, **more: str | tuple[str, ...]
) -> Stream:
    stamp, computed = str(more.get("stamp", "SystemModstamp")), tuple(more.get("computed", ()))
    return Stream(
        name, description, primary_key="Id", cursor=stamp, personal=personal or {}, docs=_DOCS.format(api_name.lower()),
        computed=computed, cadence="daily" if more.get("daily") else "hourly",
    )  # fmt: skip


def _often(name: str, stream: str, description: str, personal: Mapping[str, Personal] | None = None) -> SObject:
    return SObject(name, _stream(stream, description, name, personal))


def _activity(name: str, stream: str, description: str) -> SObject:
    # archiving an activity that is a year old moves no time stamp
    return SObject(name, _stream(stream, description, name, _TEXT, computed=("IsArchived",)))


def _history(name: str, stream: str, parent: str, description: str) -> SObject:
    made = _stream(stream, description, name, {"OldValue": CONFIDENTIAL, "NewValue": CONFIDENTIAL}, stamp="CreatedDate")
    return SObject(name, made, stamp="CreatedDate", kept=True, parent=parent)


def _small(name: str, stream: str, description: str, *, optional: bool = False, multi_currency: bool = False) -> SObject:
    made = _stream(stream, description, name, daily="yes")
    return SObject(name, made, listed_every=DAY, hourly=False, optional=optional, multi_currency=multi_currency)


OBJECTS: tuple[SObject, ...] = (
    _often("Account", "accounts", "Companies.", {"Name": CONFIDENTIAL, "Phone": RESTRICTED}),
    SObject("Opportunity", _stream("opportunities", "Sales in progress, won and lost.", "Opportunity"), sums=("Amount",)),
    _often("Contact", "contacts", "People at companies.", _PERSON),
    _often("Lead", "leads", "People of interest until they are converted.", _PERSON),
    _often("OpportunityHistory", "opportunity_histories", "Each change of amount, probability, stage or close date."),
    _often("OpportunityLineItem", "opportunity_line_items", "What an opportunity sells."),
    SObject(
        "Campaign",
        _stream("campaigns", "Marketing, its cost and its roll-ups.", "Campaign", computed=_ROLL_UPS),
        listed_every=DAY,
    ),
    # deleted members go without a trace: only comparing with everything finds them
    SObject("CampaignMember", _stream("campaign_members", "Who responded to what.", "CampaignMember"), listed_every=DAY),
    _activity("Task", "tasks", "Calls, e-mails and to-dos, archived ones too."),
    _activity("Event", "events", "Meetings, archived ones too."),
    _often("User", "users", "Owners and teams; who has left is inactive.", {**_PERSON, "Username": RESTRICTED}),
    _often("Case", "cases", "Support cases.", _TEXT),
    _history(
        "OpportunityFieldHistory",
        "opportunity_field_histories",
        "Opportunity",
        "Changes of tracked fields; the org keeps 18 months.",
    ),
    _often("OpportunityContactRole", "opportunity_contact_roles", "Who takes part in a sale."),
    _history("CaseHistory", "case_histories", "Case", "Changes of tracked fields of cases; the org keeps 18 months."),
    _small("OpportunityStage", "opportunity_stages", "What each stage means; inactive ones label old rows."),
    _small("UserRole", "user_roles", "The hierarchy of teams."),
    _small("Profile", "profiles", "Kinds of user."),
    _small("Product2", "products", "What is sold."),
    _small("Pricebook2", "pricebooks", "Price lists."),
    _small("PricebookEntry", "pricebook_entries", "Prices of products."),
    _small("ForecastingQuota", "quotas", "What each rep is to win in a period.", optional=True),
    _small("CurrencyType", "currency_types", "Currencies of the org and their present rates.", multi_currency=True),
    _small("DatedConversionRate", "dated_conversion_rates", "Rates by day of beginning.", multi_currency=True),
    _small("Organization", "organizations", "The org itself: default currency, time zone, fiscal year."),
)
"""In the order of their worth: when the day's requests run out, what comes first has been read."""


_OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


def further(stream: str, name: str) -> SObject:
    """One more object of an org, by its API name; raises Misconfigured for what cannot be one, or is read already."""
    if not _OBJECT.fullmatch(name):
        raise Misconfigured(f"{stream}: {name!r} is not the API name of an object, such as Quote or Renewal__c")
    for thing in OBJECTS:
        if thing.name.lower() == name.lower():
            raise Misconfigured(f"{stream}: {name} is read already, as {thing.stream.name}")
    return SObject(name, _stream(stream, f"Object {name}.", name))
