"""Tickets, their states and parts (developers.intercom.com/docs/references/rest-api, Tickets)."""

from __future__ import annotations

from typing import Any

from sandbox.intercom.collection import Body
from sandbox.intercom.contacts import contact_reference
from sandbox.intercom.errors import invalid
from sandbox.intercom.workspace import Workspace


class Tickets:
    """Operations on tickets; each keeps `updated_at`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def create(self, type: str, contact: str, title: str, description: str, at: int) -> Body:
        """A new ticket in the first state of its type."""
        space = self._workspace
        kind = space.entry("ticket_types", type)
        person = space.found("contact", contact)
        id = str(space.number("ticket"))
        state = next(s for s in space.lists["ticket_states"] if s["category"] == "submitted")
        body: Body = {"type": "ticket", "id": id, "ticket_id": str(space.number("inbox ticket", 0))}
        body["ticket_attributes"] = {"_default_title_": title, "_default_description_": description}
        body |= {"ticket_state": _shown_state(state), "ticket_type": _shown_type(kind)}
        body["contacts"] = {"type": "contact.list", "contacts": [contact_reference(person)]}
        # an unassigned ticket says 0 where a conversation says null
        body |= {"admin_assignee_id": 0, "team_assignee_id": 0, "created_at": at, "updated_at": at, "open": True}
        body["linked_objects"] = {"type": "list", "data": [], "total_count": 0, "has_more": False}
        body |= {"category": kind["category"], "is_shared": False, "previous_ticket_state_id": None}
        space.tickets.put(body)
        space.ticket_parts[id] = []
        space.spoken_with.setdefault(contact, {})[id] = None
        space.existence.begin("tickets", id)
        return body

    def update(self, id: str, values: dict[str, Any], author: Body, at: int) -> Body:
        """Sets attributes, state, assignee, and whether it is open."""
        body = self._workspace.found("ticket", id)
        body["ticket_attributes"] = {**body["ticket_attributes"], **(values.get("ticket_attributes") or {})}
        if values.get("ticket_state_id") is not None:
            self._move(body, str(values["ticket_state_id"]), author, at)
        for name in ("admin_assignee_id", "team_assignee_id"):
            if name in values:
                body[name] = int(values[name] or 0)
                to = {"type": name.partition("_")[0], "id": str(values[name])} if values[name] else None
                self._part(body, "assignment", author, at, assigned_to=to)
        body.update({name: values[name] for name in ("open", "is_shared", "snoozed_until") if name in values})
        return self._changed(body, at)

    def reply(self, id: str, author: Body, text: str, at: int, kind: str = "comment") -> Body:
        """A comment or a note."""
        body = self._workspace.found("ticket", id)
        self._part(body, kind, author, at, body=f"<p>{text}</p>")
        return self._changed(body, at)

    def delete(self, id: str, at: int) -> Body:
        """Gone for good, and nothing tells of it."""
        self._workspace.found("ticket", id)
        self._workspace.tickets.remove(id)
        self._workspace.ticket_parts.pop(id)
        self._workspace.existence.end("tickets", id)
        return {"id": id, "object": "ticket", "deleted": True}

    def _move(self, body: Body, state_id: str, author: Body, at: int) -> None:
        state = self._workspace.lists["ticket_states"].get(state_id)
        if state is None:
            raise invalid("Ticket state id is not valid or is not associated with the ticket type", "ticket_state_id_invalid")
        was = body["ticket_state"]
        body |= {"ticket_state": _shown_state(state), "previous_ticket_state_id": was["id"]}
        body["open"] = state["category"] != "resolved"
        moved = {"ticket_state": state["category"], "previous_ticket_state": was["category"]}
        self._part(body, "ticket_state_updated_by_admin", author, at, **moved)

    def _part(self, ticket: Body, kind: str, author: Body, at: int, **more: Any) -> None:
        part: Body = {"type": "ticket_part", "id": str(self._workspace.number("ticket part", 0)), "part_type": kind}
        part |= {"created_at": at, "updated_at": at, "author": author, "attachments": [], "redacted": False, **more}
        self._workspace.ticket_parts[ticket["id"]].append(part)

    def _changed(self, body: Body, at: int) -> Body:
        body["updated_at"] = at
        self._workspace.tickets.changed()
        return body


def _shown_state(state: Body) -> Body:
    return {name: state[name] for name in ("type", "id", "category", "internal_label", "external_label")}


def _shown_type(kind: Body) -> Body:
    return {name: kind[name] for name in ("type", "id", "name", "description", "icon", "archived", "is_internal", "category")}
