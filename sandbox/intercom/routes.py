"""Which endpoint answers which request, since which version, and which permission it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.intercom.reading import Call, Reader

SCOPES = {
    "read_users_and_companies": ("contacts", "contact_companies", "companies", "segments"),
    "read_conversations": ("conversations", "handling_events", "calls"),
    "read_tickets": ("tickets", "ticket_types", "ticket_states"),
    "read_admins": ("admins", "teams", "office_hours_schedules"),
    "read_activity_logs": ("activity_logs",),
    "read_tags": ("tags",),
    "read_data_attributes": ("data_attributes", "conversation_attributes"),
    "read_subscription_types": ("subscription_types",),
}
"""Streams that a permission opens."""


@dataclass(frozen=True)
class ReadRoute:
    """An endpoint that reads."""

    method: str
    path: str
    scope: str | None
    answer: Callable[[Call], Any]
    since: int = 7


@dataclass(frozen=True)
class WriteRoute:
    """An endpoint that writes: which operation, and the name of the id in its path."""

    method: str
    path: str
    operation: str
    names: tuple[tuple[str, str], ...] = (("id", "id"),)
    """(name in the path, name of the argument)."""
    constants: tuple[tuple[str, Any], ...] = ()


def scope_of(stream: str) -> str:
    """The permission that a stream needs; KeyError for a stream that nothing reads."""
    return next(scope for scope, streams in SCOPES.items() if stream in streams)


def read_routes(r: Reader) -> list[ReadRoute]:
    """Endpoints that read; fixed paths before those with an id."""
    users, talks = "read_users_and_companies", "read_conversations"
    tickets, admins = "read_tickets", "read_admins"
    attributes = r.entries("conversation_attributes", "list", "data")
    return [
        ReadRoute("GET", "/me", None, r.me),
        ReadRoute("GET", "/contacts", users, r.contacts),
        ReadRoute("POST", "/contacts/search", users, r.search_contacts),
        ReadRoute("GET", "/contacts/{id}", users, r.contact),
        ReadRoute("GET", "/contacts/{id}/merge_history", users, r.merge_history, 16),
        ReadRoute("GET", "/contacts/{id}/companies", users, r.contact_companies),
        ReadRoute("GET", "/contacts/{id}/tags", users, r.contact_tags),
        ReadRoute("GET", "/contacts/{id}/notes", users, r.contact_notes),
        ReadRoute("POST", "/companies/list", users, r.companies),
        ReadRoute("GET", "/companies/scroll", users, r.scroll_companies),
        ReadRoute("GET", "/companies/{id}", users, r.company),
        ReadRoute("GET", "/conversations", talks, r.conversations),
        ReadRoute("POST", "/conversations/search", talks, r.search_conversations),
        ReadRoute("GET", "/conversations/deleted", talks, r.deleted_conversations, 16),
        ReadRoute("GET", "/conversations/attributes", "read_data_attributes", attributes, 16),
        ReadRoute("GET", "/conversations/{id}", talks, r.conversation),
        ReadRoute("GET", "/conversations/{id}/handling_events", talks, r.handling_events, 15),
        ReadRoute("GET", "/calls", talks, r.calls, 14),
        ReadRoute("POST", "/tickets/search", tickets, r.search_tickets),
        ReadRoute("GET", "/tickets/{id}", tickets, r.ticket),
        ReadRoute("GET", "/ticket_types", tickets, r.entries("ticket_types", "list", "data")),
        ReadRoute("GET", "/ticket_states", tickets, r.entries("ticket_states", "list", "data"), 14),
        ReadRoute("GET", "/admins", admins, r.entries("admins", "admin.list", "admins")),
        ReadRoute("GET", "/admins/activity_logs", "read_activity_logs", r.activity_logs),
        ReadRoute("GET", "/teams", admins, r.entries("teams", "team.list", "teams")),
        ReadRoute("GET", "/office_hours_schedules", admins,
                  r.entries("office_hours_schedules", "office_hours_schedule.list", "data"), 16),
        ReadRoute("GET", "/tags", "read_tags", r.entries("tags", "list", "data")),
        ReadRoute("GET", "/segments", users, r.entries("segments", "segment.list", "segments")),
        ReadRoute("GET", "/data_attributes", "read_data_attributes", r.data_attributes),
        ReadRoute("GET", "/subscription_types", "read_subscription_types", r.entries("subscription_types", "list", "data")),
    ]  # fmt: skip


_CONTACT = (("id", "contact"),)
_ON_CONTACT = (("contact", "contact"), ("id", "id"))
_OFF = (("on", False),)
_CONVERSATION = (("id", "conversation"),)
WRITE_ROUTES = (
    WriteRoute("POST", "/contacts", "create_contact", ()),
    WriteRoute("POST", "/contacts/merge", "merge_contacts", (), (("leads_only", True),)),
    WriteRoute("PUT", "/contacts/{id}", "update_contact"),
    WriteRoute("DELETE", "/contacts/{id}", "delete_contact"),
    WriteRoute("POST", "/contacts/{id}/archive", "archive_contact"),
    WriteRoute("POST", "/contacts/{id}/unarchive", "unarchive_contact"),
    WriteRoute("POST", "/contacts/{id}/companies", "attach_company", _CONTACT),
    WriteRoute("DELETE", "/contacts/{contact}/companies/{id}", "detach_company", _ON_CONTACT),
    WriteRoute("POST", "/contacts/{id}/tags", "tag_contact", _CONTACT),
    WriteRoute("DELETE", "/contacts/{contact}/tags/{id}", "tag_contact", _ON_CONTACT, _OFF),
    WriteRoute("POST", "/contacts/{id}/notes", "note_contact", _CONTACT),
    WriteRoute("POST", "/companies", "create_company", ()),
    WriteRoute("PUT", "/companies/{id}", "update_company"),
    WriteRoute("DELETE", "/companies/{id}", "delete_company"),
    WriteRoute("POST", "/conversations", "create_conversation", ()),
    WriteRoute("POST", "/conversations/redact", "redact_part", ()),
    WriteRoute("PUT", "/conversations/{id}", "update_conversation"),
    WriteRoute("DELETE", "/conversations/{id}", "delete_conversation"),
    WriteRoute("POST", "/conversations/{id}/reply", "reply_conversation"),
    WriteRoute("POST", "/conversations/{id}/parts", "manage_conversation"),
    WriteRoute("POST", "/conversations/{id}/tags", "tag_conversation", _CONVERSATION),
    WriteRoute("DELETE", "/conversations/{conversation}/tags/{id}", "tag_conversation",
               (("conversation", "conversation"), ("id", "id")), _OFF),
    WriteRoute("POST", "/tickets", "create_ticket", ()),
    WriteRoute("PUT", "/tickets/{id}", "update_ticket"),
    WriteRoute("POST", "/tickets/{id}/reply", "reply_ticket"),
    WriteRoute("DELETE", "/tickets/{id}", "delete_ticket"),
    WriteRoute("POST", "/tags", "create_tag", ()),
    WriteRoute("DELETE", "/tags/{id}", "delete_tag"),
)  # fmt: skip
