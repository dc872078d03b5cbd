"""Conversations, their parts, ratings and pauses (developers.intercom.com/docs/references/rest-api, Conversations)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.intercom.collection import Body, drifting
from sandbox.intercom.contacts import contact_reference
from sandbox.intercom.errors import invalid, missing
from sandbox.intercom.statistics import statistics
from sandbox.intercom.workspace import Workspace, owner

TURNS = {"open": "open", "close": "closed", "snoozed": "snoozed"}
"""What a part does to the state of its conversation."""


class Conversations:
    """Operations on conversations; each keeps `updated_at`, `waiting_since` and the statistics."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._zone = ZoneInfo(workspace.timezone)
        self._unsettled: dict[str, None] = {}

    def create(self, contact: str, text: str, at: int, *, channel: str = "conversation", subject: str = "") -> Body:
        """A contact starts a conversation."""
        space = self._workspace
        person = space.found("contact", contact)
        id = str(space.number("conversation"))
        author = {"type": person["role"], "id": contact, "name": person["name"], "email": person["email"] or ""}
        body: Body = {"type": "conversation", "id": id, "created_at": at, "updated_at": at}
        body |= {"waiting_since": drifting(at, id), "snoozed_until": None}
        body["source"] = {
            "type": channel,
            "id": str(space.number("source", 403_918_000)),
            "delivered_as": "customer_initiated",
            "subject": subject,
            "body": f"<p>{text}</p>",
            "author": author,
            "attachments": [],
            "url": None,
            "redacted": False,
        }
        body["contacts"] = {"type": "contact.list", "contacts": [contact_reference(person)]}
        body["first_contact_reply"] = {"created_at": at, "type": channel, "url": None}
        body |= {"admin_assignee_id": None, "team_assignee_id": None, "open": True, "state": "open", "read": False}
        body |= {"tags": {"type": "tag.list", "tags": []}, "priority": "not_priority", "sla_applied": None, "statistics": None}
        body |= {"conversation_rating": None, "teammates": {"type": "admin.list", "admins": []}, "title": subject or None}
        body |= {"custom_attributes": {}, "topics": {}, "ticket": None, "ai_agent": None, "ai_agent_participated": False}
        body["linked_objects"] = {"type": "list", "data": [], "total_count": 0, "has_more": False}
        company = next(iter(space.employers.get(contact, ())), None)
        body["company"] = {"type": "company", "id": company} if company else None
        body |= {"channel": {"initial": channel, "current": channel}, "external_references": []}
        body |= {"monitor_evaluations": [], "scorecards": [], "sales_agent": None, "sales_agent_participated": False}
        space.conversations.put(body)
        space.parts[id] = []
        space.spoken_with.setdefault(contact, {})[id] = None
        space.existence.begin("conversations", id)
        space.existence.begin("handling_events", handling_row(id))
        self._spoke(contact, at)
        self._unsettled[id] = None
        return body

    def reply(self, id: str, author: Body, text: str, at: int, kind: str = "comment") -> Body:
        """Says something: a `comment`, or a `note` that the contact does not see. A contact's words reopen."""
        body = self._workspace.found("conversation", id)
        by_contact = author["type"] in ("user", "lead")
        if by_contact and body["state"] != "open":
            return self.turn(id, "open", author, at, text)
        self._part(body, kind, author, at, text)
        if by_contact:
            body["waiting_since"] = body["waiting_since"] or drifting(at, id)
            self._spoke(author["id"], at)
        elif kind == "comment":
            body["waiting_since"] = None
            self._contacted(body, at)
        if author["type"] == "admin":
            known = body["teammates"]["admins"]
            if all(entry["id"] != author["id"] for entry in known):
                known.append({"type": "admin", "id": author["id"]})
        return self._changed(body, at)

    def assign(self, id: str, author: Body, at: int, *, team: str | None = None, admin: str | None = None) -> Body:
        """Gives the conversation to a team, a teammate, or nobody."""
        body = self._workspace.found("conversation", id)
        if team is not None:
            body["team_assignee_id"] = owner(team, f"{id} team")
            self._part(body, "assignment", author, at, None, {"type": "team", "id": str(team)})
        if admin is not None or team is None:
            body["admin_assignee_id"] = owner(admin, f"{id} admin")
            self._part(body, "assignment", author, at, None, {"type": "admin", "id": str(admin)} if admin else None)
        return self._changed(body, at)

    def turn(self, id: str, kind: str, author: Body, at: int, text: str | None = None, until: int | None = None) -> Body:
        """Opens, closes or snoozes; a snoozed conversation is a pause in its handling."""
        body = self._workspace.found("conversation", id)
        if kind not in TURNS:
            raise invalid(f"message_type {kind} is invalid")
        was = body["state"]
        self._part(body, kind, author, at, text)
        body |= {"state": TURNS[kind], "open": kind != "close", "snoozed_until": until if kind == "snoozed" else None}
        if kind == "close":
            body["waiting_since"] = None
        if author["type"] in ("user", "lead"):
            body["waiting_since"] = drifting(at, id)
            self._spoke(author["id"], at)
        if kind == "snoozed" or was == "snoozed":
            self._pause(body, "paused" if kind == "snoozed" else "resumed", author, at)
        return self._changed(body, at)

    def rate(self, id: str, rating: int, remark: str, at: int) -> Body:
        """The contact rates the help, 1 to 5; again is a changed mind."""
        body = self._workspace.found("conversation", id)
        if not 1 <= rating <= 5:
            raise invalid("rating must lie between 1 and 5")
        contact = body["contacts"]["contacts"][0]
        teammate = body["admin_assignee_id"]
        asked = (body["conversation_rating"] or {}).get("created_at", at)
        body["conversation_rating"] = {
            "rating": rating,
            "remark": remark or None,
            "created_at": asked,
            "updated_at": at,
            "contact": contact,
            "teammate": {"type": "admin", "id": int(teammate)} if teammate else None,
        }
        return self._changed(body, at)

    def update(self, id: str, values: dict[str, Any], at: int) -> Body:
        """Sets title, priority, read mark or attributes."""
        body = self._workspace.found("conversation", id)
        body.update({name: values[name] for name in ("title", "read", "priority") if name in values})
        body["custom_attributes"] = {**body["custom_attributes"], **(values.get("custom_attributes") or {})}
        return self._changed(body, at)

    def tag(self, id: str, tag: str, admin: str, at: int, *, on: bool = True) -> Body:
        """Puts a tag on a conversation, or takes it off."""
        body = self._workspace.found("conversation", id)
        name = self._workspace.entry("tags", tag)["name"]
        held = body["tags"]
        held["tags"] = [kept for kept in held["tags"] if kept["id"] != str(tag)]
        entry = {"type": "tag", "id": str(tag), "name": name, "applied_at": at, "applied_by": {"type": "admin", "id": str(admin)}}
        if on:
            held["tags"].append(entry)
        self._changed(body, at)
        return entry

    def redact(self, id: str, part: str, at: int) -> Body:
        """Takes the words out of a part."""
        body = self._workspace.found("conversation", id)
        found = next((p for p in self._workspace.parts[id] if p["id"] == str(part)), None)
        if found is None:
            raise missing("conversation_part")
        found.update(body="<p><i>This message was deleted</i></p>", redacted=True, updated_at=at, attachments=[])
        return self._changed(body, at)

    def delete(self, id: str, at: int, *, retain_metrics: bool = True) -> Body:
        """Gone for good; the list of deleted conversations tells so."""
        space = self._workspace
        space.found("conversation", id)
        space.conversations.remove(id)
        space.parts.pop(id)
        self._unsettled.pop(id, None)
        space.deleted.append({"type": "conversation", "id": id, "metrics_retained": retain_metrics, "deleted_at": at})
        space.existence.end("conversations", id)
        space.existence.end("handling_events", handling_row(id))
        return {"id": id, "object": "conversation", "deleted": True}

    def settle(self, ids: Iterable[str] | None = None) -> None:
        """Brings the statistics of these conversations, or of all, up to date; call it before anybody looks."""
        due = [id for id in (self._unsettled if ids is None else ids) if id in self._unsettled]
        if not due:
            return
        names = {str(team["id"]): team["name"] for team in self._workspace.lists["teams"]}
        for id in due:
            del self._unsettled[id]
            body = self._workspace.conversations.get(id)
            if body is not None:
                paused = self._paused(id)
                body["statistics"] = statistics(body, self._workspace.parts[id], self._zone, names, paused)

    def _paused(self, id: str) -> int:
        instants = [event["at"] for event in self._workspace.pauses.get(id, ())]
        return sum(end - begin for begin, end in zip(instants[::2], instants[1::2], strict=False))

    def _part(self, body: Body, kind: str, author: Body, at: int, text: str | None, to: Body | None = None) -> None:
        self._workspace.parts[body["id"]].append(
            {
                "type": "conversation_part",
                "id": str(self._workspace.number("part", 110_000)),
                "part_type": kind,
                "body": f"<p>{text}</p>" if text else None,
                "created_at": at,
                "updated_at": at,
                "notified_at": at,
                "assigned_to": to,
                "author": {**author, "from_ai_agent": False, "is_ai_answer": False},
                "attachments": [],
                "external_id": None,
                "redacted": False,
                "state": body["state"],
                "tags": [],
                "event_details": None,
                "metadata": {},
                "email_message_metadata": None,
                "app_package_code": None,
            }
        )

    def _pause(self, body: Body, kind: str, author: Body, at: int) -> None:
        teammate = {"type": author["type"], "id": author["id"], "name": author["name"], "email": author["email"]}
        self._workspace.pauses.setdefault(body["id"], []).append({"teammate": teammate, "type": kind, "at": at})

    def _spoke(self, contact: str, at: int) -> None:
        person = self._workspace.contacts.get(contact)
        if person is not None:
            person.update(last_replied_at=at, last_seen_at=at, updated_at=at)
            self._workspace.contacts.changed()

    def _contacted(self, body: Body, at: int) -> None:
        for entry in body["contacts"]["contacts"]:
            person = self._workspace.contacts.get(entry["id"])
            if person is not None:
                person.update(last_contacted_at=at, updated_at=at)
                self._workspace.contacts.changed()

    def _changed(self, body: Body, at: int) -> Body:
        body["updated_at"] = at
        self._unsettled[body["id"]] = None
        self._workspace.conversations.changed()
        return body


def handling_row(id: str) -> str:
    """The row id of the handling events of a conversation."""
    return f"conversations/{id}/handling_events"
