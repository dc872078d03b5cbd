"""Contacts: leads and users, how they come, change, merge and go (developers.intercom.com/docs/references/rest-api, Contacts)."""

from __future__ import annotations

from typing import Any

from sandbox.intercom.collection import Body, made_id
from sandbox.intercom.errors import IntercomError, invalid, missing
from sandbox.intercom.workspace import Merge, Workspace, owner

SHOWN = 10
"""Companies, tags and notes that a contact shows of itself; the rest has to be listed."""
MOST_COMPANIES = 1_000
_SETTABLE = (
    "external_id", "role", "email", "phone", "name", "avatar", "signed_up_at", "last_seen_at", "unsubscribed_from_emails",
    "language_override",
)  # fmt: skip
_EMPTY = (
    "avatar", "language_override", "browser", "browser_version", "browser_language", "os", "android_app_name",
    "android_app_version", "android_device", "android_os_version", "android_sdk_version", "android_last_seen_at",
    "ios_app_name", "ios_app_version", "ios_device", "ios_os_version", "ios_sdk_version", "ios_last_seen_at",
    "utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term", "referrer",
)  # fmt: skip


class Contacts:
    """Operations on contacts; each keeps `updated_at`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def create(self, values: dict[str, Any], at: int, key: str | None = None) -> Body:
        """A new contact; a lead unless it has another role. `key` makes its id."""
        space = self._workspace
        role = values.get("role") or ("user" if values.get("external_id") else "lead")
        if role not in ("user", "lead"):
            raise invalid("role must be either 'user' or 'lead'")
        if role == "user" and not (values.get("email") or values.get("external_id")):
            raise invalid("email or external_id is required", "parameter_not_found")
        self._refuse_duplicate(values, role)
        id = made_id(space.seed, "contact", key or space.number("contact", 0))
        body = self._blank(id, role, int(values.get("created_at") or at), at)
        space.contacts.put(body)
        space.existence.begin("contacts", id)
        space.existence.begin("contact_companies", companies_row(id))
        return self.update(id, {**values, "role": role}, at)

    def update(self, id: str, values: dict[str, Any], at: int) -> Body:
        """Sets what is given."""
        body = self._workspace.found("contact", id)
        body.update({name: values[name] for name in _SETTABLE if name in values})
        if "email" in values:
            email = values["email"]
            body["email_domain"] = email.partition("@")[2] if email else None
        if "owner_id" in values:
            body["owner_id"] = owner(values["owner_id"], id)
        body["custom_attributes"] = {**body["custom_attributes"], **(values.get("custom_attributes") or {})}
        if values.get("country"):
            body["location"] = {**body["location"], "country": values["country"]}
        return self.touch(id, at)

    def touch(self, id: str, at: int, **values: Any) -> Body:
        """The contact changed at this instant."""
        body = self._workspace.found("contact", id)
        body.update(values, updated_at=at)
        for entry in (*self._workspace.spoken_with.get(id, ()),):
            self._show_external_id(entry, body)
        self._workspace.contacts.changed()
        return body

    def archive(self, id: str, at: int) -> Body:
        """Out of sight, until it is restored."""
        body = self._gone(id)
        self._workspace.archived[id] = body
        return {"type": "contact", "id": id, "external_id": body["external_id"], "archived": True}

    def unarchive(self, id: str, at: int) -> Body:
        """Back, and changed at this instant."""
        body = self._workspace.archived.pop(id, None)
        if body is None:
            raise missing("contact")
        self._workspace.contacts.put(body)
        self._workspace.existence.begin("contacts", id)
        self._workspace.existence.begin("contact_companies", companies_row(id))
        self.touch(id, at)
        return {"type": "contact", "id": id, "external_id": body["external_id"], "archived": False}

    def delete(self, id: str, at: int) -> Body:
        """Gone for good."""
        body = self._workspace.archived.pop(id, None) or self._gone(id)
        return {"type": "contact", "id": id, "external_id": body["external_id"], "deleted": True}

    def merge(self, source: str, into: str, at: int, *, leads_only: bool = False) -> Body:
        """The source goes, the other keeps what both had; the API takes leads only, Intercom's own pages merge users too."""
        space = self._workspace
        loser, winner = space.found("contact", source), space.found("contact", into)
        if source == into or winner["role"] != "user" or (leads_only and loser["role"] != "lead"):
            raise invalid("Contacts can only be merged from a lead into a user", "invalid_merge")
        self._gone(source)
        merge = Merge(source, loser["role"], into, at)
        space.merges[source] = merge
        space.merged_into.setdefault(into, []).append(merge)
        for id in space.spoken_with.pop(source, {}):
            self._repoint(id, source, winner, at)
        for name in ("phone", "name", "email"):
            winner[name] = winner[name] or loser[name]
        return self.touch(into, at)

    def tag(self, id: str, tag: str, at: int, *, on: bool = True) -> Body:
        """Puts a tag on a contact, or takes it off."""
        entry = self._workspace.entry("tags", tag)
        held = self._workspace.found("contact", id)["tags"]
        held["data"] = [kept for kept in held["data"] if kept["id"] != str(tag)]
        if on:
            held["data"].append({"type": "tag", "id": str(tag), "url": f"/tags/{tag}"})
        self.touch(id, at)
        return entry

    def note(self, id: str, text: str, admin: Body, at: int) -> Body:
        """Writes a note about a contact."""
        self._workspace.found("contact", id)
        note = {
            "type": "note",
            "id": str(self._workspace.number("note", 0)),
            "created_at": at,
            "contact": {"type": "contact", "id": id},
            "author": {name: admin[name] for name in ("type", "id", "name", "email")},
            "body": f"<p>{text}</p>",
        }
        self._workspace.notes.setdefault(id, []).append(note)
        self.touch(id, at)
        return note

    def canonical(self, id: str) -> str | None:
        """Where a merged contact can be found now, over at most three merges."""
        target = None
        for _ in range(3):
            merge = self._workspace.merges.get(id)
            if merge is None:
                break
            target = id = merge.into
        return target

    def _refuse_duplicate(self, values: dict[str, Any], role: str) -> None:
        for name in ("external_id", "email") if role == "user" else ():
            value = values.get(name)
            twin = value and next(
                (c for c in self._workspace.contacts if c[name] == value and (name == "external_id" or c["role"] == "user")), None
            )
            if twin:
                message = f"A contact matching those details already exists with id={twin['id']}"
                raise IntercomError(409, "conflict", message)

    def _gone(self, id: str) -> Body:
        body = self._workspace.found("contact", id)
        self._workspace.contacts.remove(id)
        self._workspace.existence.end("contacts", id)
        self._workspace.existence.end("contact_companies", companies_row(id))
        return body

    def _repoint(self, id: str, source: str, winner: Body, at: int) -> None:
        space = self._workspace
        body = space.conversations.get(id) or space.tickets.get(id)
        if body is None:
            return
        kept = [entry for entry in body["contacts"]["contacts"] if entry["id"] not in (source, winner["id"])]
        body["contacts"]["contacts"] = [*kept, contact_reference(winner)]
        body["updated_at"] = at
        space.spoken_with.setdefault(winner["id"], {})[id] = None
        space.conversations.changed()
        space.tickets.changed()

    def _show_external_id(self, id: str, contact: Body) -> None:
        body = self._workspace.conversations.get(id) or self._workspace.tickets.get(id)
        if body is None or all(e["external_id"] == contact["external_id"] for e in body["contacts"]["contacts"]):
            return
        for entry in body["contacts"]["contacts"]:
            if entry["id"] == contact["id"]:
                entry["external_id"] = contact["external_id"]
                body["updated_at"] = contact["updated_at"]
        self._workspace.conversations.changed()
        self._workspace.tickets.changed()

    def _blank(self, id: str, role: str, created: int, at: int) -> Body:
        body: Body = {"type": "contact", "id": id, "workspace_id": self._workspace.id_code, "external_id": None, "role": role}
        body |= dict.fromkeys(("email", "email_domain", "phone", "name", "owner_id"))
        body["social_profiles"] = {"type": "list", "data": []}
        body |= dict.fromkeys(("has_hard_bounced", "marked_email_as_spam", "unsubscribed_from_emails"), False)
        body |= {"created_at": created, "updated_at": at}
        body |= dict.fromkeys(
            (
                "signed_up_at",
                "last_seen_at",
                "last_replied_at",
                "last_contacted_at",
                "last_email_opened_at",
                "last_email_clicked_at",
            )
        )
        body["location"] = dict.fromkeys(("country", "region", "city", "country_code", "continent_code"))
        body["location"]["type"] = "location"
        body |= dict.fromkeys(_EMPTY)
        return body | {"custom_attributes": {}, "tags": {"data": []}}


def contact_reference(body: Body) -> Body:
    """How a conversation or ticket names a contact."""
    return {"type": "contact", "id": body["id"], "external_id": body["external_id"]}


def companies_row(id: str) -> str:
    """The row id of the set of companies of a contact."""
    return f"contacts/{id}/companies"
