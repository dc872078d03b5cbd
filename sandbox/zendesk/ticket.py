"""A ticket, its audits, and how the API shows them (https://developer.zendesk.com/api-reference/ticketing/tickets/)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.zendesk import API
from sandbox.zendesk.metric_sets import MetricSet
from sandbox.zendesk.store import Body, iso

Child = tuple[Any, ...]
"""What happened inside an audit: ("Comment", id, public, text) or ("Create" | "Change", id, field, new, old)."""


@dataclass(slots=True)
class Audit:
    """One update of a ticket; `author` is a user id."""

    id: int
    ticket: int
    at: int
    author: int
    channel: str
    children: list[Child]


@dataclass(slots=True)
class Ticket:
    """A ticket as it is now; instants in epoch seconds, references are ids."""

    id: int
    created: int
    requester_id: int
    submitter_id: int
    subject: str
    description: str
    priority: str | None
    channel: str
    organization_id: int | None
    brand_id: int
    ticket_form_id: int
    custom_status_id: int
    schedule: int
    metric: MetricSet
    status: str = "new"
    type: str | None = None
    external_id: str | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    problem_id: int | None = None
    updated: int = 0
    generated: int = 0
    tags: list[str] = field(default_factory=list)
    custom_fields: dict[int, Any] = field(default_factory=dict)
    rating: int | None = None
    audits: list[Audit] = field(default_factory=list)
    archived: bool = False
    deleted: int | None = None
    deleted_by: int | None = None
    before_deletion: str = ""

    def body(self, fields: list[int], rating: Body | None) -> Body:
        """The ticket as the API shows it; `fields` are the ids of all custom fields."""
        custom = [{"id": id, "value": self.custom_fields.get(id)} for id in fields]
        return {
            "url": f"{API}/tickets/{self.id}.json",
            "id": self.id,
            "external_id": self.external_id,
            "via": {"channel": self.channel, "source": {"from": {}, "to": {}, "rel": None}},
            "created_at": iso(self.created),
            "updated_at": iso(self.updated),
            "generated_timestamp": self.generated,
            "type": self.type,
            "subject": self.subject,
            "raw_subject": self.subject,
            "description": self.description,
            "priority": self.priority,
            "status": "deleted" if self.deleted is not None else self.status,
            "recipient": None,
            "requester_id": self.requester_id,
            "submitter_id": self.submitter_id,
            "assignee_id": self.assignee_id,
            "organization_id": self.organization_id,
            "group_id": self.group_id,
            "collaborator_ids": [],
            "follower_ids": [],
            "email_cc_ids": [],
            "forum_topic_id": None,
            "problem_id": self.problem_id,
            "has_incidents": False,
            "is_public": True,
            "due_at": None,
            "tags": sorted(self.tags),
            "custom_fields": custom,
            "satisfaction_rating": _rated(rating),
            "sharing_agreement_ids": [],
            "custom_status_id": self.custom_status_id,
            "fields": custom,
            "followup_ids": [],
            "ticket_form_id": self.ticket_form_id,
            "brand_id": self.brand_id,
            "allow_channelback": False,
            "allow_attachments": True,
            "from_messaging_channel": False,
        }

    def deleted_body(self, actor: str) -> Body:
        """As the list of deleted tickets shows it."""
        return {
            "id": self.id,
            "subject": self.subject,
            "actor": {"id": self.deleted_by, "name": actor},
            "deleted_at": iso(self.deleted),
            "previous_state": self.before_deletion,
        }


def _rated(rating: Body | None) -> Body:
    if rating is None:
        return {"score": "unoffered"}
    shown = {"score": rating["score"]}
    return shown if rating["score"] == "offered" else {**shown, "id": rating["id"], "comment": rating["comment"]}


def audit_body(audit: Audit) -> Body:
    """An audit as `/tickets/{id}/audits` shows it."""
    return {
        "id": audit.id,
        "ticket_id": audit.ticket,
        "created_at": iso(audit.at),
        "author_id": audit.author,
        "metadata": {"system": {}, "custom": {}},
        "events": [_child(audit, child, "type") for child in audit.children],
        "via": {"channel": audit.channel, "source": {"from": {}, "to": {}, "rel": None}},
    }


def event_body(audit: Audit, with_comments: bool) -> Body:
    """The same as the export of ticket events shows it; comments have their text only if asked for."""
    children = [_child(audit, child, "event_type") for child in audit.children]
    if not with_comments:
        children = [
            {"id": c["id"], "event_type": "Comment", "comment_present": True, "comment_public": c["public"]} if "body" in c else c
            for c in children
        ]
    return {
        "id": audit.id,
        "ticket_id": audit.ticket,
        "timestamp": audit.at,
        "created_at": iso(audit.at),
        "updater_id": audit.author,
        "via": audit.channel.title(),
        "system": {"client": None, "location": None, "latitude": None, "longitude": None},
        "metadata": {},
        "event_type": "Audit",
        "child_events": children,
    }


def comment_bodies(ticket: Ticket) -> list[Body]:
    """The comments of a ticket, oldest first."""
    return [
        _child(audit, child, "type") | {"created_at": iso(audit.at), "metadata": {"system": {}, "custom": {}}}
        for audit in ticket.audits
        for child in audit.children
        if child[0] == "Comment"
    ]


def _child(audit: Audit, child: Child, naming: str) -> Body:
    kind, id, *rest = child
    via = {"via": audit.channel.title(), "via_reference_id": None} if naming == "event_type" else {}
    if kind == "Comment":
        public, text = rest
        return {
            "id": id, naming: "Comment", "author_id": audit.author, "body": text, "plain_body": text,
            "html_body": f'<div class="zd-comment">{text}</div>', "public": public, "attachments": [],
            "audit_id": audit.id, **via,
        }  # fmt: skip
    name, new, old = rest
    if naming == "event_type":
        return {"id": id, naming: kind, name: new, **({} if kind == "Create" else {"previous_value": old}), **via}
    return {"id": id, naming: kind, "field_name": name, "value": new, **({} if kind == "Create" else {"previous_value": old})}
