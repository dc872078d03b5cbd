"""How the API shows the records: nested lists that show only their beginning, parts, merge history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.intercom.collection import Body
from sandbox.intercom.contacts import SHOWN
from sandbox.intercom.versions import conversation_in
from sandbox.intercom.workspace import Workspace

NEWEST_PARTS = 500


def contact(space: Workspace, body: Body, *, merges: bool) -> Body:
    """A contact with the first of its tags, notes and companies; with its merge history if asked, for users."""
    id = body["id"]
    notes = [{"type": "note", "id": note["id"], "url": f"/notes/{note['id']}"} for note in space.notes.get(id, ())]
    companies = [
        {"type": "company", "id": company, "url": f"/companies/{company}"}
        for company in space.employers.get(id, ())
        if space.companies.get(company) is not None
    ]
    shown = {
        **body,
        "tags": _beginning(body["tags"]["data"], f"/contacts/{id}/tags"),
        "notes": _beginning(notes, f"/contacts/{id}/notes"),
        "companies": _beginning(companies, f"/contacts/{id}/companies"),
        "opted_out_subscription_types": _beginning([], f"/contacts/{id}/subscriptions"),
        "opted_in_subscription_types": _beginning([], f"/contacts/{id}/subscriptions"),
    }
    if merges and body["role"] == "user":
        shown["merge_history"] = merge_history(space, id)
    return shown


def merge_history(space: Workspace, id: str) -> list[Body]:
    """Who was merged into a contact directly, newest first."""
    found = [
        {"type": "merge_history", "source_contact_id": m.source, "source_contact_role": m.role, "merged_at": m.at}
        for m in space.merged_into.get(id, ())
    ]
    return found[::-1]


def conversation(space: Workspace, body: Body, version: int, *, whole: bool) -> Body:
    """A conversation; with its newest 500 parts if it is shown whole."""
    shown = conversation_in(body, version)
    if not whole:
        return shown
    parts = space.parts[body["id"]]
    listed = {"type": "conversation_part.list", "conversation_parts": parts[-NEWEST_PARTS:], "total_count": len(parts)}
    return {**shown, "conversation_parts": listed}


def ticket(space: Workspace, body: Body) -> Body:
    """A ticket with its newest 500 parts."""
    parts = space.ticket_parts[body["id"]]
    listed = {"type": "ticket_part.list", "ticket_parts": parts[-NEWEST_PARTS:], "total_count": len(parts)}
    return {**body, "ticket_parts": listed}


def data_attribute(body: Body) -> Body:
    """A data attribute; those that every workspace has come without an id."""
    return body if body["custom"] else {name: value for name, value in body.items() if name != "id"}


def handling_events(space: Workspace, id: str) -> Body:
    """Pauses of a conversation; the one answer with ISO times."""
    events = [
        {
            "teammate": event["teammate"],
            "type": event["type"],
            "timestamp": datetime.fromtimestamp(event["at"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "reason": "snoozed" if event["type"] == "paused" else None,
        }
        for event in space.pauses.get(id, ())
    ]
    return {"handling_events": events}


def whole_companies(space: Workspace, id: str) -> Body:
    """The set of companies of a contact as it is once every page was read."""
    listed: dict[str, Any] = contact(space, space.found("contact", id), merges=False)["companies"]
    everything = [
        {"type": "company", "id": company, "url": f"/companies/{company}"}
        for company in space.employers.get(id, ())
        if space.companies.get(company) is not None
    ]
    return {**listed, "data": everything, "has_more": False}


def _beginning(rows: list[Body], url: str) -> Body:
    return {"type": "list", "data": rows[:SHOWN], "url": url, "total_count": len(rows), "has_more": len(rows) > SHOWN}
