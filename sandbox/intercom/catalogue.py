"""What a workspace is set up with: teams come with the staff, everything else is here from the beginning."""

from __future__ import annotations

from typing import Any

from sandbox.intercom.collection import Body
from sandbox.intercom.hours import CLOSES, OPENS, WORKDAYS
from sandbox.intercom.workspace import Workspace

TAGS = ("VIP", "Churn risk", "Feature request", "Bug", "Billing question")
SEGMENTS = (("Active", "contact"), ("New", "contact"), ("Slipping away", "contact"), ("Paying companies", "company"))
TICKET_TYPES = (
    ("Request", "Customer", "What a customer asks for"),
    ("Escalation", "Back-office", "Urgent matters for the engineers"),
    ("Incident", "Tracker", "One cause behind many conversations"),
)
ESCALATION = 1
STATES = (
    ("submitted", "Submitted", "Submitted"),
    ("in_progress", "In progress", "In progress"),
    ("waiting_on_customer", "Waiting on customer", "Waiting on you"),
    ("resolved", "Resolved", "Resolved"),
)
SUBSCRIPTION_TYPES = (("Announcements", "opt_out"), ("Product updates", "opt_in"), ("Newsletter", "opt_in"))
ATTRIBUTES = (
    ("contact", "email", "string", False),
    ("contact", "name", "string", False),
    ("contact", "custom_attributes.job_title", "string", True),
    ("contact", "custom_attributes.lead_source", "string", True),
    ("company", "name", "string", False),
    ("company", "monthly_spend", "float", False),
    ("company", "custom_attributes.country", "string", True),
    ("company", "custom_attributes.billing_id", "string", True),
)
CONVERSATION_ATTRIBUTES = (("Topic", "list"), ("Severity", "list"), ("Follow up", "boolean"))
_LISTS = (
    "admins", "teams", "tags", "segments", "data_attributes", "conversation_attributes", "ticket_types", "ticket_states",
    "subscription_types", "office_hours_schedules", "calls",
)  # fmt: skip


def furnish(space: Workspace) -> None:
    """Fills the small lists of a new workspace."""
    at = space.created
    for name in _LISTS:
        space.lists.setdefault(name, type(space.contacts)())
    for number, name in enumerate(TAGS, 7_522_901):
        space.add_entry("tags", {"type": "tag", "id": str(number), "name": name, "applied_at": None, "applied_by": None})
    for number, (name, person) in enumerate(SEGMENTS, 1):
        id = f"{number:024x}"
        dates = {"created_at": at, "updated_at": at, "person_type": person}
        space.add_entry("segments", {"type": "segment", "id": id, "name": name, **dates})
    _tickets(space, at)
    for number, (name, consent) in enumerate(SUBSCRIPTION_TYPES, 91):
        space.add_entry("subscription_types", _subscription_type(number, name, consent))
    for number, (model, name, kind, custom) in enumerate(ATTRIBUTES, 1):
        _attribute(space, number, model, name, kind, custom)
    for number, (label, kind) in enumerate(CONVERSATION_ATTRIBUTES, 401):
        entry = _described("conversation", label, label, kind, custom=True, at=at)
        space.add_entry("conversation_attributes", {"id": str(number), **entry})
    space.add_entry("office_hours_schedules", _office_hours(space))


def _tickets(space: Workspace, at: int) -> None:
    for number, (name, category, description) in enumerate(TICKET_TYPES, 95):
        kind: Body = {"type": "ticket_type", "id": str(number), "name": name, "description": description, "icon": "🎟️"}
        kind |= {"workspace_id": space.id_code, "archived": False, "created_at": at, "updated_at": at}
        kind |= {"is_internal": category != "Customer", "category": category}
        kind["ticket_type_attributes"] = {"type": "list", "data": []}
        space.add_entry("ticket_types", kind)
    for number, (category, internal, external) in enumerate(STATES, 8_269):
        state: Body = {"type": "ticket_state", "id": str(number), "category": category, "internal_label": internal}
        space.add_entry("ticket_states", {**state, "external_label": external, "archived": False})


def _subscription_type(number: int, name: str, consent: str) -> Body:
    default = {"name": name, "description": f"{name} by e-mail", "language": "en"}
    return {
        "type": "subscription",
        "id": str(number),
        "state": "live",
        "default_translation": default,
        "translations": [default],
        "consent_type": consent,
        "content_types": ["email"],
    }


def _attribute(space: Workspace, number: int, model: str, name: str, kind: str, custom: bool) -> None:
    entry = _described(model, name, name.rpartition(".")[2], kind, custom=custom, at=space.created)
    if custom:
        # only custom attributes have an id
        space.add_entry("data_attributes", {"id": 12_878 + number, **entry})
        return
    key = f"{model}/{name}"
    space.lists["data_attributes"].put({"id": key, **entry})
    space.existence.begin("data_attributes", key)


def _described(model: str, full_name: str, name: str, kind: str, *, custom: bool, at: int) -> dict[str, Any]:
    body: Body = {
        "type": "data_attribute",
        "model": model,
        "name": name,
        "full_name": full_name,
        "label": name,
        "data_type": kind,
    }
    body |= {"api_writable": True, "messenger_writable": False, "ui_writable": True, "custom": custom, "archived": False}
    return body | ({"created_at": at, "updated_at": at, "admin_id": "991267001"} if custom else {})


def _office_hours(space: Workspace) -> Body:
    day = 24 * 60
    spans = [
        {"start_minute": d * day + OPENS * 60, "end_minute": d * day + CLOSES * 60, "day_of_week": d} for d in range(WORKDAYS)
    ]
    return {
        "type": "office_hours_schedule",
        "id": "123",
        "name": "Support hours",
        "time_zone_name": space.timezone,
        "time_intervals": spans,
        "twenty_four_seven": False,
        "created_at": space.created,
        "updated_at": space.created,
    }
