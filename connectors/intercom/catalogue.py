"""What each Intercom stream is, which permission it needs, and how the small lists are listed.

https://developers.intercom.com/docs/references/rest-api/api.intercom.io
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cynosure.extract import Personal, Stream

CONFIDENTIAL, RESTRICTED = Personal.CONFIDENTIAL, Personal.RESTRICTED
_DOCS = "https://developers.intercom.com/docs/references/rest-api/api.intercom.io"
_TEAMMATE: Mapping[str, Personal] = {"name": CONFIDENTIAL, "email": RESTRICTED, "avatar": CONFIDENTIAL}


def _docs(page: str) -> str:
    return f"{_DOCS}/{page}"


CONTACTS = Stream(
    "contacts",
    "Leads and users with all their tags, notes and companies, and with who was merged into them.",
    cursor="updated_at",
    personal={
        "name": CONFIDENTIAL, "email": RESTRICTED, "phone": RESTRICTED, "avatar": CONFIDENTIAL, "location": RESTRICTED,
        "social_profiles": RESTRICTED, "custom_attributes": RESTRICTED, "email_domain": CONFIDENTIAL, "external_id": CONFIDENTIAL,
    },
    docs=_docs("contacts/searchcontacts"),
)  # fmt: skip
CONTACT_COMPANIES = Stream(
    "contact_companies",
    "Which companies a contact belongs to: one row per contact, replaced as a whole.",
    primary_key="contacts/id/companies",
    sync="children",
    cursor="updated_at",
    docs=_docs("companies/listcompaniesforacontact"),
)
COMPANIES = Stream(
    "companies",
    "Companies that have users. Nothing tells which changed, so all are walked once a day, and when their number changes.",
    sync="snapshot",
    cadence="daily",
    personal={"website": CONFIDENTIAL, "custom_attributes": CONFIDENTIAL},
    docs=_docs("companies/scrolloverallcompanies"),
    # what people do moves these without a sign
    computed=("session_count", "user_count", "last_request_at"),
)
CONVERSATIONS = Stream(
    "conversations",
    "Conversations with their statistics, rating and parts, of which Intercom gives the newest 500.",
    cursor="updated_at",
    personal={
        "title": CONFIDENTIAL, "source": RESTRICTED, "conversation_parts": RESTRICTED, "conversation_rating": CONFIDENTIAL,
        "custom_attributes": CONFIDENTIAL, "contacts": CONFIDENTIAL,
    },
    docs=_docs("conversations/retrieveconversation"),
)  # fmt: skip
HANDLING_EVENTS = Stream(
    "handling_events",
    "When work on a conversation paused and went on: one row per conversation, replaced as a whole.",
    primary_key="conversations/id/handling_events",
    sync="children",
    cursor="updated_at",
    personal={"handling_events": CONFIDENTIAL},
    docs=_docs("conversations"),
)
TICKETS = Stream(
    "tickets",
    "Tickets with their parts, of which Intercom gives the newest 500. Deleted ones are found by listing all of them.",
    cursor="updated_at",
    personal={"ticket_attributes": RESTRICTED, "ticket_parts": RESTRICTED, "contacts": CONFIDENTIAL},
    docs=_docs("tickets/searchtickets"),
)
ACTIVITY_LOGS = Stream(
    "activity_logs",
    "What teammates changed in the workspace.",
    cursor="created_at",
    personal={"performed_by": RESTRICTED, "activity_description": CONFIDENTIAL, "metadata": CONFIDENTIAL},
    docs=_docs("admins/listactivitylogs"),
)


@dataclass(frozen=True, slots=True)
class SmallList:
    """A list that is read whole once a day: its path, where its rows are, and whether it comes in pages of some size."""

    stream: Stream
    path: str
    rows: str = "data"
    params: Mapping[str, str] = field(default_factory=dict)
    page_size: int | None = None


def _small(name: str, description: str, page: str, personal: Mapping[str, Personal] | None = None) -> Stream:
    return Stream(name, description, sync="snapshot", cadence="daily", personal=personal or {}, docs=_docs(page))


SMALL_LISTS = (
    SmallList(_small("admins", "Teammates.", "admins/listadmins", _TEAMMATE), "/admins", "admins"),
    SmallList(_small("teams", "Teams and who is in them.", "teams/listteams"), "/teams", "teams"),
    SmallList(_small("tags", "Tags.", "tags/listtags"), "/tags"),
    SmallList(_small("segments", "Segments.", "segments/listsegments"), "/segments", "segments"),
    SmallList(
        _small("data_attributes", "Attributes of contacts and companies, also archived; without an id they are keyed by name.",
               "data-attributes/lisdataattributes"),
        "/data_attributes", params={"include_archived": "true"},
    ),
    SmallList(_small("conversation_attributes", "Attributes of conversations.", "data-attributes"), "/conversations/attributes"),
    SmallList(_small("ticket_types", "Types of tickets.", "ticket-types/listtickettypes"), "/ticket_types"),
    SmallList(_small("ticket_states", "States of tickets.", "ticket-states/listticketstates"), "/ticket_states"),
    SmallList(
        _small("subscription_types", "What contacts can subscribe to.", "subscription-types/listsubscriptiontypes"),
        "/subscription_types",
    ),
    SmallList(
        _small("office_hours_schedules", "When the workspace is open.", "office-hours/listofficehoursschedules"),
        "/office_hours_schedules",
    ),
    SmallList(
        _small("calls", "Phone calls.", "calls/listcalls", {"phone": RESTRICTED, "recording_url": RESTRICTED}),
        "/calls", page_size=25,
    ),
)  # fmt: skip

#: stream -> the permission to tick in the Developer Hub
PERMISSIONS: Mapping[str, str] = {
    **dict.fromkeys(("contacts", "contact_companies", "companies", "segments"), "Read and list users and companies"),
    **dict.fromkeys(("conversations", "handling_events", "calls"), "Read conversations"),
    **dict.fromkeys(("tickets", "ticket_types", "ticket_states"), "Read tickets"),
    **dict.fromkeys(("admins", "teams", "office_hours_schedules"), "Read admins"),
    **dict.fromkeys(("data_attributes", "conversation_attributes", "subscription_types"), "Gather App data"),
    "activity_logs": "Read admin activity logs",
    "tags": "Read tags",
}
