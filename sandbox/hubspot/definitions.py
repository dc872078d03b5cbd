"""The account's catalogue of properties, as /crm/v3/properties shows it."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.instants import iso
from sandbox.hubspot.kinds import KINDS, Kind
from sandbox.story.events import LIFECYCLE

DEAL_STAGES = (
    ("qualification", "Qualification", "0.2", False), ("discovery", "Discovery", "0.4", False),
    ("proposal", "Proposal", "0.6", False), ("negotiation", "Negotiation", "0.8", False),
    ("closedwon", "Closed won", "1.0", True), ("closedlost", "Closed lost", "0.0", True),
)  # fmt: skip
"""Stage id, label, probability and whether it is an end."""
TICKET_STAGES = (
    ("1", "New", "OPEN"),
    ("2", "Waiting on contact", "OPEN"),
    ("3", "Waiting on us", "OPEN"),
    ("4", "Closed", "CLOSED"),
)

_DATES, _NUMBERS, _FLAGS = "datetime", "number", "bool"
_LIFE = {
    **{f"hs_v2_date_{way}_{stage}": _DATES for stage in LIFECYCLE for way in ("entered", "exited")},
    **{f"hs_lifecyclestage_{stage}_date": _DATES for stage in LIFECYCLE},
}  # fmt: skip
_STAGE_DATES = {f"hs_v2_date_{way}_{stage[0]}": _DATES for stage in DEAL_STAGES for way in ("entered", "exited")}
_EVERY = {"hs_object_id": _NUMBERS, "hubspot_owner_id": "enumeration", "hs_merged_object_ids": "string"}
_TEXTS: dict[str, tuple[str, ...]] = {
    "contacts": ("email", "firstname", "lastname", "company", "jobtitle", "phone", "country", "hs_lead_status",
                 "hs_analytics_source",
                 "hs_analytics_source_data_1", "hs_analytics_source_data_2", "hs_latest_source", "hs_calculated_merged_vids",
                 "lifecyclestage"),
    "companies": ("name", "domain", "industry", "type", "country", "lifecyclestage", "stripe_customer_id",
                  "hs_parent_company_id"),
    "deals": ("dealname", "pipeline", "dealstage", "dealtype", "deal_currency_code", "hs_analytics_source", "closed_lost_reason",
              "closed_won_reason", "hs_manual_forecast_category", "hs_priority", "campaign", "competitor",
              "partner", "partner_role"),
    "tickets": ("subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority",
                "source_type", "hs_resolution"),
    "line_items": ("name", "hs_sku", "recurringbillingfrequency", "hs_line_item_currency_code", "hs_recurring_billing_period"),
    "products": ("name", "description", "hs_sku", "recurringbillingfrequency"),
    "calls": ("hs_call_title", "hs_call_body", "hs_call_direction", "hs_call_status", "hs_call_disposition"),
    "emails": ("hs_email_subject", "hs_email_text", "hs_email_direction", "hs_email_status"),
    "meetings": ("hs_meeting_title", "hs_meeting_body", "hs_meeting_outcome"),
    "notes": ("hs_note_body",),
    "tasks": ("hs_task_subject", "hs_task_body", "hs_task_status", "hs_task_priority", "hs_task_type"),
    KINDS[-1].name: ("workspace", "plan"),
}  # fmt: skip
_TYPED: dict[str, dict[str, str]] = {
    "contacts": {**_LIFE, "hs_email_optout": _FLAGS, "num_conversion_events": _NUMBERS, "hubspotscore": _NUMBERS,
                 "first_conversion_date": _DATES, "recent_conversion_date": _DATES, "hubspot_owner_assigneddate": _DATES,
                 "hs_analytics_first_timestamp": _DATES, "associatedcompanyid": _NUMBERS},
    "companies": {**_LIFE, "numberofemployees": _NUMBERS, "annualrevenue": _NUMBERS},
    "deals": {**_STAGE_DATES, "amount": _NUMBERS, "closedate": _DATES, "hs_acv": _NUMBERS, "hs_arr": _NUMBERS, "hs_mrr": _NUMBERS,
              "hs_tcv": _NUMBERS, "hs_v2_date_entered_current_stage": _DATES},
    "tickets": {"closed_date": _DATES, "first_agent_reply_date": _DATES, "hs_v2_date_entered_1": _DATES,
                "hs_v2_date_entered_4": _DATES},
    "line_items": {"hs_product_id": _NUMBERS, "quantity": _NUMBERS, "price": _NUMBERS, "amount": _NUMBERS, "discount": _NUMBERS,
                   "hs_recurring_billing_start_date": "date"},
    "products": {"price": _NUMBERS},
    "calls": {"hs_call_duration": _NUMBERS}, "emails": {}, "notes": {},
    "meetings": {"hs_meeting_start_time": _DATES, "hs_meeting_end_time": _DATES},
    "tasks": {"hs_task_completion_date": _DATES},
    KINDS[-1].name: {"seats": _NUMBERS},
}  # fmt: skip
_OWN = frozenset({"stripe_customer_id", "competitor", "partner", "partner_role"})
"""Properties that the account has made."""
_CALCULATED: dict[str, dict[str, str]] = {
    "deals": {"hs_is_closed": _FLAGS, "hs_is_closed_won": _FLAGS, "hs_deal_stage_probability": _NUMBERS,
              "hs_closed_amount": _NUMBERS,
              "hs_projected_amount": _NUMBERS, "amount_in_home_currency": _NUMBERS},
    "tickets": {"time_to_close": _NUMBERS},
}  # fmt: skip
"""Their history shows the present as its date at every read."""
_FIELDS = {
    "string": "text",
    "number": "number",
    "bool": "booleancheckbox",
    "datetime": "date",
    "date": "date",
    "enumeration": "select",
}

Definition = dict[str, Any]


def definition(name: str, type: str, at: int, *, calculated: bool = False, own: bool = False) -> Definition:
    """One property, described at an instant (epoch milliseconds); `own` ones were made by the account."""
    return {
        "updatedAt": iso(at), "createdAt": iso(at), "name": name, "label": name.replace("_", " ").capitalize(), "type": type,
        "fieldType": "calculation_equation" if calculated else _FIELDS[type], "description": "", "groupName": "information",
        "options": [], "displayOrder": -1, "calculated": calculated, "externalOptions": name == "hubspot_owner_id",
        "archived": False, "hasUniqueValue": name == "email", "hidden": False, "hubspotDefined": not own, "formField": False,
        "modificationMetadata": {"archivable": own, "readOnlyDefinition": not own, "readOnlyValue": calculated},
    }  # fmt: skip


def definitions(kind: Kind, at: int) -> dict[str, Definition]:
    """The properties of a type at the beginning, by name."""
    typed = dict.fromkeys(_TEXTS[kind.name], "string") | _EVERY | _TYPED[kind.name]
    typed |= {kind.created: _DATES, kind.modified: _DATES}
    if kind.created == "hs_createdate":
        typed["hs_timestamp"] = _DATES
    found = {name: definition(name, type, at, own=name in _OWN) for name, type in typed.items()}
    return found | {name: definition(name, type, at, calculated=True) for name, type in _CALCULATED.get(kind.name, {}).items()}
