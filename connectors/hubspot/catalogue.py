"""What is read of each type of record: its cursor, its scope, its properties, its history and its associations.

Properties follow https://developers.hubspot.com/docs/api-reference/crm-properties-v3; whatever else the account defines is
read from its own catalogue of properties.
"""

from __future__ import annotations

from dataclasses import dataclass

from cynosure.extract import Personal, Stream

CONFIDENTIAL, RESTRICTED = Personal.CONFIDENTIAL, Personal.RESTRICTED

#: default stages of a lifecycle; accounts rename, add and remove them, so their own come from the catalogue of properties
LIFECYCLE = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist",
             "other")  # fmt: skip
MERGED = ("hs_merged_object_ids", "hs_calculated_merged_vids")
_DOCS = "https://developers.hubspot.com/docs/api-reference"


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A type of record.

    `cursor` is the property that says when a record changed; `always` are properties asked for even when the catalogue
    of properties cannot be read; `tracked` those whose history is kept; `pairs` the types whose associations are kept.
    """

    name: str
    scope: str
    cursor: str = "hs_lastmodifieddate"
    always: tuple[str, ...] = ()
    tracked: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    daily: bool = False


def _lifecycle_dates() -> tuple[str, ...]:
    """Both generations of the dates on which a stage was entered."""
    newer = [f"hs_v2_date_{way}_{stage}" for stage in LIFECYCLE for way in ("entered", "exited")]
    return (*newer, *(f"hs_lifecyclestage_{stage}_date" for stage in LIFECYCLE))


_CONTACT = (
    "createdate", "email", "firstname", "lastname", "lastmodifieddate", "lifecyclestage", "hs_lead_status", "hubspot_owner_id",
    "hubspot_owner_assigneddate", "associatedcompanyid", "company", "jobtitle", "phone", "country", "hs_analytics_source",
    "hs_analytics_source_data_1", "hs_analytics_source_data_2", "hs_latest_source", "hs_analytics_first_timestamp",
    "hs_analytics_first_url", "num_conversion_events", "first_conversion_date", "recent_conversion_date",
    "num_associated_deals", "first_deal_created_date", "recent_deal_close_date", "hs_email_optout", *_lifecycle_dates(), *MERGED,
)  # fmt: skip
_COMPANY = (
    "name", "domain", "createdate", "hs_lastmodifieddate", "lifecyclestage", "hubspot_owner_id", "industry", "type", "country",
    "numberofemployees", "annualrevenue", "hs_parent_company_id", "num_associated_contacts", "num_associated_deals",
    "first_deal_created_date", "recent_deal_amount", "recent_deal_close_date", "total_revenue", "stripe_customer_id",
    *_lifecycle_dates(), MERGED[0],
)  # fmt: skip
_DEAL = (
    "dealname", "amount", "closedate", "pipeline", "dealstage", "createdate", "hs_lastmodifieddate", "dealtype",
    "hubspot_owner_id", "deal_currency_code", "amount_in_home_currency", "hs_acv", "hs_arr", "hs_mrr", "hs_tcv",
    "hs_is_closed", "hs_is_closed_won", "hs_deal_stage_probability", "hs_forecast_amount", "hs_manual_forecast_category",
    "hs_closed_amount", "hs_projected_amount", "hs_v2_date_entered_current_stage", "hs_analytics_source",
    "closed_lost_reason", "closed_won_reason", "hs_priority", "num_associated_contacts", MERGED[0],
)  # fmt: skip
_TICKET = (
    "subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority", "createdate",
    "hs_lastmodifieddate", "hubspot_owner_id", "source_type", "closed_date", "time_to_close", "time_to_first_agent_reply",
    "first_agent_reply_date", "hs_resolution", MERGED[0],
)  # fmt: skip
_LINE_ITEM = (
    "name", "hs_product_id", "hs_sku", "quantity", "price", "amount", "discount", "hs_discount_percentage",
    "recurringbillingfrequency", "hs_recurring_billing_period", "hs_recurring_billing_start_date", "hs_mrr", "hs_arr",
    "hs_acv", "hs_tcv", "hs_line_item_currency_code", "createdate", "hs_lastmodifieddate",
)  # fmt: skip
_PRODUCT = ("name", "description", "price", "hs_sku", "recurringbillingfrequency", "createdate", "hs_lastmodifieddate")
_ACTIVITY = ("hs_timestamp", "hs_createdate", "hs_lastmodifieddate", "hubspot_owner_id")
_ALL_SIDES = ("contacts", "companies", "deals")

OBJECT_TYPES: tuple[ObjectType, ...] = (
    ObjectType("contacts", "crm.objects.contacts.read", "lastmodifieddate", _CONTACT,
               ("lifecyclestage", "hs_lead_status", "hubspot_owner_id"), ("companies",)),
    ObjectType("companies", "crm.objects.companies.read", always=_COMPANY, tracked=("lifecyclestage", "hubspot_owner_id")),
    ObjectType("deals", "crm.objects.deals.read", always=_DEAL,
               tracked=("dealstage", "amount", "closedate", "hubspot_owner_id", "pipeline"),
               pairs=("companies", "contacts", "line_items")),
    ObjectType("tickets", "tickets", always=_TICKET, tracked=("hs_pipeline_stage", "hubspot_owner_id"),
               pairs=("companies", "contacts")),
    ObjectType("line_items", "crm.objects.line_items.read", always=_LINE_ITEM),
    ObjectType("products", "e-commerce", always=_PRODUCT, daily=True),
    ObjectType("calls", "crm.objects.contacts.read", pairs=_ALL_SIDES,
               always=(*_ACTIVITY, "hs_call_title", "hs_call_direction", "hs_call_disposition", "hs_call_duration",
                       "hs_call_status")),
    ObjectType("emails", "sales-email-read", pairs=_ALL_SIDES,
               always=(*_ACTIVITY, "hs_email_subject", "hs_email_direction", "hs_email_status")),
    ObjectType("meetings", "crm.objects.contacts.read", pairs=_ALL_SIDES,
               always=(*_ACTIVITY, "hs_meeting_title", "hs_meeting_start_time", "hs_meeting_end_time", "hs_meeting_outcome")),
    ObjectType("notes", "crm.objects.contacts.read", pairs=_ALL_SIDES, always=(*_ACTIVITY, "hs_note_body")),
    ObjectType("tasks", "crm.objects.contacts.read", pairs=_ALL_SIDES,
               always=(*_ACTIVITY, "hs_task_subject", "hs_task_status", "hs_task_priority", "hs_task_type",
                       "hs_task_completion_date")),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in OBJECT_TYPES}

_PERSON = {
    f"properties.{name}": RESTRICTED for name in ("email", "phone", "mobilephone", "firstname", "lastname", "address",
                                                  "hs_ip_timezone")
}  # fmt: skip
_PERSONAL = {
    "contacts": {**_PERSON, "properties.jobtitle": CONFIDENTIAL, "properties.company": CONFIDENTIAL},
    "companies": {"properties.phone": RESTRICTED, "properties.address": RESTRICTED},
    "tickets": {"properties.content": RESTRICTED, "properties.subject": CONFIDENTIAL},
    "calls": {"properties.hs_call_body": RESTRICTED, "properties.hs_call_title": CONFIDENTIAL},
    "emails": {"properties.hs_email_text": RESTRICTED, "properties.hs_email_html": RESTRICTED,
               "properties.hs_email_subject": CONFIDENTIAL},
    "meetings": {"properties.hs_meeting_body": RESTRICTED, "properties.hs_meeting_title": CONFIDENTIAL},
    "notes": {"properties.hs_note_body": RESTRICTED},
    "tasks": {"properties.hs_task_body": RESTRICTED, "properties.hs_task_subject": CONFIDENTIAL},
}  # fmt: skip
_MEANING = {
    "contacts": "People, with lifecycle stages and the dates on which they were reached.",
    "companies": "Organizations.",
    "deals": "Sales in progress, won and lost.",
    "tickets": "Requests for help that sales sees.",
    "line_items": "What a deal is made of.",
    "products": "What can be put into a deal.",
    "calls": "Calls made.",
    "emails": "One-to-one e-mails sent and logged.",
    "meetings": "Meetings held and planned.",
    "notes": "Notes taken.",
    "tasks": "Things to do, and when they were done.",
}


def _object_stream(kind: ObjectType) -> Stream:
    return Stream(
        kind.name,
        _MEANING[kind.name],
        cursor=kind.cursor,
        cadence="daily" if kind.daily else "hourly",
        personal=_PERSONAL.get(kind.name, {}),
        docs=f"{_DOCS}/crm-{kind.name.replace('_', '-')}-v3/guide",
    )


OBJECT_STREAMS = tuple(_object_stream(kind) for kind in OBJECT_TYPES)
HISTORY = Stream("property_history", "Every value that stages, amounts, dates and owners have had; the key is type/id.",
                 primary_key="type/id", sync="children", cursor="hs_lastmodifieddate",
                 docs=f"{_DOCS}/crm-objects-v3/guide")  # fmt: skip
ASSOCIATIONS = Stream("associations", "Which records belong together, one row per record and type: type/id/type.",
                      primary_key="type/id/type", sync="children", cursor="hs_lastmodifieddate",
                      docs=f"{_DOCS}/crm-associations-v4/guide")  # fmt: skip
CUSTOM_OBJECTS = Stream("custom_objects", "Records of the account's own types; the key is type/id.", primary_key="type/id",
                        cursor="hs_lastmodifieddate", cadence="daily", docs=f"{_DOCS}/crm-custom-objects-v3/guide")  # fmt: skip


def _snapshot(name: str, description: str, docs: str, key: str = "id", personal: dict[str, Personal] | None = None) -> Stream:
    return Stream(
        name, description, primary_key=key, sync="snapshot", cadence="daily", personal=personal or {}, docs=f"{_DOCS}/{docs}"
    )


_OWNER = {"email": RESTRICTED, "firstName": CONFIDENTIAL, "lastName": CONFIDENTIAL}
OWNERS = _snapshot("owners", "Users that own records, those who left included.", "crm-owners-v3/guide", personal=_OWNER)
PIPELINES = _snapshot(
    "pipelines", "Pipelines of deals and tickets with their stages: type/id.", "crm-pipelines-v3/guide", "type/id"
)
PROPERTIES = _snapshot(
    "properties", "What every property is, archived ones included: type/name.", "crm-properties-v3/guide", "type/name"
)
SCHEMAS = _snapshot("schemas", "The account's own types of records.", "crm-schemas-v3/guide")
LISTS = _snapshot("lists", "Lists (segments) of records.", "crm-lists-v3/guide")
MEMBERSHIPS = _snapshot("list_memberships", "Which records are in a list, one row per list.", "crm-lists-v3/guide")
FORMS = _snapshot("forms", "Forms on the web site.", "marketing-forms-v3/guide")
CAMPAIGNS = _snapshot("campaigns", "Marketing campaigns.", "marketing-campaigns-public-api-v3/guide")
BUDGETS = _snapshot(
    "campaign_budgets", "Budget and spend of each campaign, item by item.", "marketing-campaigns-public-api-v3/guide"
)
REVENUE = _snapshot("campaign_revenue", "Revenue attributed to each campaign.", "marketing-campaigns-public-api-v3/guide")
SUBMISSIONS = Stream("form_submissions", "Forms filled in: form/submission.", primary_key="form/submission", sync="children",
                     cursor="submittedAt", cadence="daily", personal={"values": RESTRICTED, "pageUrl": CONFIDENTIAL},
                     docs="https://developers.hubspot.com/docs/api-reference/legacy/forms-v1/guide")  # fmt: skip
EMAILS = Stream("marketing_emails", "Marketing e-mails with their statistics.", cursor="updatedAt",
                docs=f"{_DOCS}/marketing-marketing-emails-v3/guide")  # fmt: skip
EMAIL_STATISTICS = Stream("marketing_email_statistics", "Statistics of each marketing e-mail by day: e-mail/day.",
                          primary_key="email/interval start", sync="children", cursor="day", cadence="daily",
                          docs=f"{_DOCS}/marketing-marketing-emails-v3/guide")  # fmt: skip
