"""Everything that can be done to a workspace, by name: what the API writes and what only Intercom's own pages offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.intercom.collection import Body
from sandbox.intercom.companies import Companies
from sandbox.intercom.contacts import Contacts
from sandbox.intercom.conversations import Conversations
from sandbox.intercom.errors import IntercomError, invalid
from sandbox.intercom.tickets import Tickets
from sandbox.intercom.workspace import FIRST_ADMIN, FIRST_TEAM, Workspace

Arguments = dict[str, Any]


class Operations:
    """One method per operation, `(arguments, at)`; the story and the API use the same."""

    def __init__(self, space: Workspace) -> None:
        self.space = space
        self.contacts = Contacts(space)
        self.companies = Companies(space, self.contacts)
        self.conversations = Conversations(space)
        self.tickets = Tickets(space)

    def run(self, operation: str, arguments: Arguments, at: int) -> Any:
        """Carries out an operation by name; IntercomError if it is refused or unknown."""
        action: Callable[[Arguments, int], Any] | None = getattr(self, f"do_{operation}", None)
        if action is None:
            raise IntercomError(404, "not_found", f"there is no operation {operation}")
        return action(arguments, at)

    def author(self, given: Arguments) -> Body:
        """Who acts: a teammate by `admin_id`, a contact by `intercom_user_id`, or the operator."""
        if given.get("intercom_user_id"):
            person = self.space.found("contact", str(given["intercom_user_id"]))
            return {"type": person["role"], "id": person["id"], "name": person["name"], "email": person["email"] or ""}
        if given.get("admin_id"):
            admin = self.space.entry("admins", given["admin_id"])
            return {name: admin[name] for name in ("type", "id", "name", "email")}
        return {"type": "bot", "id": str(FIRST_ADMIN), "name": "Operator", "email": f"operator+{self.space.id_code}@intercom.io"}

    def do_create_contact(self, a: Arguments, at: int) -> Body:
        """A new lead or user; `key` in the arguments makes the id."""
        return self.contacts.create(a, at, a.get("key"))

    def do_update_contact(self, a: Arguments, at: int) -> Body:
        """Sets fields of a contact."""
        return self.contacts.update(a["id"], {k: v for k, v in a.items() if k != "id"}, at)

    def do_archive_contact(self, a: Arguments, at: int) -> Body:
        """Archives a contact."""
        answer = self.contacts.archive(a["id"], at)
        self.companies.recount(a["id"], at)
        return answer

    def do_unarchive_contact(self, a: Arguments, at: int) -> Body:
        """Brings an archived contact back."""
        answer = self.contacts.unarchive(a["id"], at)
        self.companies.recount(a["id"], at)
        return answer

    def do_delete_contact(self, a: Arguments, at: int) -> Body:
        """Deletes a contact."""
        answer = self.contacts.delete(a["id"], at)
        self.companies.leave_all(a["id"], at)
        return answer

    def do_merge_contacts(self, a: Arguments, at: int) -> Body:
        """Merges `from` into `into`."""
        self.contacts.merge(a["from"], a["into"], at, leads_only=a.get("leads_only", False))
        self.companies.inherit(a["from"], a["into"], at)
        return self.space.found("contact", a["into"])

    def do_tag_contact(self, a: Arguments, at: int) -> Body:
        """Tags a contact, or with `on` false takes the tag off."""
        return self.contacts.tag(a["contact"], a["id"], at, on=a.get("on", True))

    def do_note_contact(self, a: Arguments, at: int) -> Body:
        """Writes a note about a contact."""
        return self.contacts.note(a["contact"], a["body"], self.author(a), at)

    def do_create_company(self, a: Arguments, at: int) -> Body:
        """Creates a company, or updates the one of that `company_id`."""
        return self.companies.create_or_update(a, at)

    def do_update_company(self, a: Arguments, at: int) -> Body:
        """Sets fields of a company."""
        return self.companies.update(a["id"], a, at)

    def do_delete_company(self, a: Arguments, at: int) -> Body:
        """Archives a company."""
        return self.companies.delete(a["id"], at)

    def do_attach_company(self, a: Arguments, at: int) -> Body:
        """Attaches a contact to a company."""
        return self.companies.attach(a["contact"], str(a["id"]), at)

    def do_detach_company(self, a: Arguments, at: int) -> Body:
        """Detaches a contact from a company."""
        return self.companies.detach(a["contact"], a["id"], at)

    def do_create_conversation(self, a: Arguments, at: int) -> Body:
        """A contact starts a conversation."""
        contact = str((a.get("from") or {}).get("id", ""))
        more = {"channel": a.get("channel", "conversation"), "subject": a.get("subject", "")}
        return self.conversations.create(contact, a["body"], at, **more)

    def do_reply_conversation(self, a: Arguments, at: int) -> Body:
        """A comment by a teammate or contact, or a note."""
        kind = a.get("message_type", "comment")
        if kind not in ("comment", "note"):
            raise invalid(f"message_type {kind} is invalid")
        return self.conversations.reply(a["id"], self.author(a), a["body"], at, kind)

    def do_manage_conversation(self, a: Arguments, at: int) -> Body:
        """Assigns, opens, closes or snoozes."""
        kind, author = a.get("message_type"), self.author(a)
        if kind == "assignment":
            whom = {"team" if a.get("type") == "team" else "admin": _nobody(a.get("assignee_id"))}
            return self.conversations.assign(a["id"], author, at, **whom)
        return self.conversations.turn(a["id"], str(kind), author, at, a.get("body"), a.get("snoozed_until"))

    def do_update_conversation(self, a: Arguments, at: int) -> Body:
        """Sets title, read mark, priority or attributes."""
        return self.conversations.update(a["id"], a, at)

    def do_rate_conversation(self, a: Arguments, at: int) -> Body:
        """The contact's rating; no endpoint does this."""
        return self.conversations.rate(a["id"], int(a["rating"]), a.get("remark", ""), at)

    def do_tag_conversation(self, a: Arguments, at: int) -> Body:
        """Tags a conversation, or with `on` false takes the tag off."""
        return self.conversations.tag(a["conversation"], a["id"], a.get("admin_id", FIRST_ADMIN), at, on=a.get("on", True))

    def do_redact_part(self, a: Arguments, at: int) -> Body:
        """Takes the words out of a part."""
        return self.conversations.redact(a["conversation_id"], a["conversation_part_id"], at)

    def do_delete_conversation(self, a: Arguments, at: int) -> Body:
        """Deletes a conversation."""
        return self.conversations.delete(a["id"], at, retain_metrics=a.get("retain_metrics", True))

    def do_create_ticket(self, a: Arguments, at: int) -> Body:
        """A new ticket."""
        given = a.get("ticket_attributes") or {}
        title, description = given.get("_default_title_", ""), given.get("_default_description_", "")
        return self.tickets.create(str(a["ticket_type_id"]), str(a["contacts"][0]["id"]), title, description, at)

    def do_update_ticket(self, a: Arguments, at: int) -> Body:
        """Moves or assigns a ticket."""
        return self.tickets.update(a["id"], a, self.author(a), at)

    def do_reply_ticket(self, a: Arguments, at: int) -> Body:
        """A comment or note on a ticket."""
        return self.tickets.reply(a["id"], self.author(a), a["body"], at, a.get("message_type", "comment"))

    def do_delete_ticket(self, a: Arguments, at: int) -> Body:
        """Deletes a ticket."""
        return self.tickets.delete(a["id"], at)

    def do_create_tag(self, a: Arguments, at: int) -> Body:
        """A new tag, or the one of that name."""
        known = next((t for t in self.space.lists["tags"] if t["name"] == a["name"]), None)
        id = str(self.space.number("tag", 7_522_999))
        return known or self.space.add_entry(
            "tags", {"type": "tag", "id": id, "name": a["name"], "applied_at": None, "applied_by": None}
        )

    def do_delete_tag(self, a: Arguments, at: int) -> Body:
        """A tag is no more."""
        self.space.entry("tags", a["id"])
        self.space.lists["tags"].remove(str(a["id"]))
        self.space.existence.end("tags", str(a["id"]))
        return {}

    def do_set(self, a: Arguments, at: int) -> Body:
        """Gives fields of a record other values without any sign of it: `kind`, `id`, `values`. For faults."""
        rows = {"contact": self.space.contacts, "company": self.space.companies, "conversation": self.space.conversations}
        body = self.space.found(a["kind"], a["id"])
        body.update(a["values"])
        rows[a["kind"]].changed()
        return body

    def do_join_admin(self, a: Arguments, at: int) -> Body:
        """A teammate joins or is described anew, and belongs to a team."""
        return join_admin(self.space, a, at)

    def do_leave_admin(self, a: Arguments, at: int) -> Body:
        """A teammate leaves."""
        return leave_admin(self.space, a["id"], at)


def join_admin(space: Workspace, a: Arguments, at: int) -> Body:
    """A teammate joins or is described anew: `key`, `name`, `email`, `title`, `team`."""
    known = next((admin for admin in space.admins() if admin["email"] == a["email"]), None)
    team = next((t for t in space.lists["teams"] if t["name"] == a["team"]), None)
    if team is None:
        number = space.number("team", FIRST_TEAM)
        settings = {"assignment_limit": None, "distribution_method": "manual"}
        team = space.add_entry("teams", {"type": "team", "id": str(number), "name": a["team"], "admin_ids": [], **settings})
        space.log("app_team_creation", None, f"A team was created: {a['team']}.", at)
    if known is None:
        number = space.number("admin", FIRST_ADMIN)
        known = space.add_entry("admins", {"type": "admin", "id": str(number), "email": a["email"]})
        known |= {"away_mode_enabled": False, "away_mode_reassign": False, "has_inbox_seat": True, "avatar": None}
        space.log("admin_provisioned", known, f"{a['name']} joined the workspace.", at)
    known |= {
        "name": a["name"],
        "job_title": a["title"],
        "team_ids": [int(team["id"])],
        "role": {"type": "role", "name": a["title"]},
    }
    for other in space.lists["teams"]:
        other["admin_ids"] = [id for id in other["admin_ids"] if id != int(known["id"])]
    team["admin_ids"].append(int(known["id"]))
    return known


def leave_admin(space: Workspace, id: str, at: int) -> Body:
    """A teammate leaves; what was assigned stays so."""
    admin = space.entry("admins", id)
    space.admins().remove(str(id))
    for team in space.lists["teams"]:
        team["admin_ids"] = [known for known in team["admin_ids"] if known != int(id)]
    space.existence.end("admins", str(id))
    space.log("admin_deletion", None, f"{admin['name']} was removed from the workspace.", at)
    return admin


def _nobody(id: object) -> str | None:
    """An assignee, or None where 0 or nothing is given."""
    return None if id in (None, "", 0, "0") else str(id)
