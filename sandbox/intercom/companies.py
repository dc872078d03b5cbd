"""Companies: seen by the API only while a user belongs to them (developers.intercom.com/docs/references/rest-api, Companies)."""

from __future__ import annotations

from typing import Any

from sandbox.intercom.collection import Body, made_id
from sandbox.intercom.contacts import MOST_COMPANIES, Contacts
from sandbox.intercom.errors import invalid, missing
from sandbox.intercom.workspace import Workspace

_SETTABLE = ("name", "remote_created_at", "monthly_spend", "size", "industry", "website")


class Companies:
    """Operations on companies and on who belongs to them."""

    def __init__(self, workspace: Workspace, contacts: Contacts) -> None:
        self._workspace = workspace
        self._contacts = contacts
        self._by_company_id: dict[str, str] = {}

    def create_or_update(self, values: dict[str, Any], at: int) -> Body:
        """The company of this `company_id`, made if it does not exist."""
        space = self._workspace
        company_id = str(values.get("company_id") or "")
        if not company_id:
            raise invalid("company_id is required", "parameter_not_found")
        known = self._by_company_id.get(company_id)
        if known is not None and space.companies.get(known) is not None:
            return self.update(known, values, at)
        id = made_id(space.seed, "company", f"{company_id} {at if known else ''}")
        self._by_company_id[company_id] = id
        space.companies.put(
            {
                "type": "company",
                "company_id": company_id,
                "id": id,
                "app_id": space.id_code,
                "name": company_id,
                "remote_created_at": None,
                "created_at": at,
                "updated_at": at,
                "last_request_at": None,
                "monthly_spend": 0,
                "session_count": 0,
                "user_count": 0,
                "tags": {"type": "tag.list", "tags": []},
                "segments": {"type": "segment.list", "segments": []},
                "plan": {},
                "size": None,
                "industry": None,
                "website": None,
                "custom_attributes": {},
            }
        )
        return self.update(id, values, at)

    def update(self, id: str, values: dict[str, Any], at: int) -> Body:
        """Sets what is given; `company_id` stays what it was."""
        body = self._workspace.found("company", id)
        body.update({name: values[name] for name in _SETTABLE if name in values})
        if "plan" in values:
            plan = values["plan"]
            plan_id = str(int(made_id(self._workspace.seed, "plan", plan)[:6], 16))
            body["plan"] = {"type": "plan", "id": plan_id, "name": plan} if plan else {}
        body["custom_attributes"] = {**body["custom_attributes"], **(values.get("custom_attributes") or {})}
        body["updated_at"] = at
        self._workspace.companies.changed()
        return body

    def delete(self, id: str, at: int) -> Body:
        """Archives a company and lets its people go."""
        self._workspace.found("company", id)
        for contact in list(self._workspace.members.get(id, ())):
            self._part(contact, id, at)
        self._workspace.companies.remove(id)
        self._workspace.existence.end("companies", id)
        return {"id": id, "object": "company", "deleted": True}

    def attach(self, contact: str, id: str, at: int) -> Body:
        """A contact belongs to a company from now on."""
        space = self._workspace
        body = space.found("company", id)
        space.found("contact", contact)
        if len(space.employers.get(contact, ())) >= MOST_COMPANIES:
            raise invalid("Contact has reached the maximum of 1000 company associations", "contact_company_limit_exceeded")
        space.employers.setdefault(contact, {})[id] = None
        space.members.setdefault(id, {})[contact] = None
        return self._counted(contact, body, at)

    def detach(self, contact: str, id: str, at: int) -> Body:
        """A contact belongs to a company no more."""
        if id not in self._workspace.employers.get(contact, ()):
            raise missing("company")
        return self._part(contact, id, at)

    def leave_all(self, contact: str, at: int) -> None:
        """A contact that is gone belongs to no company."""
        for id in list(self._workspace.employers.get(contact, ())):
            self._part(contact, id, at)

    def recount(self, contact: str, at: int) -> None:
        """A contact was archived or is back: its companies have another number of users."""
        for id in self._workspace.employers.get(contact, ()):
            self._counted(contact, self._workspace.found("company", id), at)

    def inherit(self, source: str, into: str, at: int) -> None:
        """After a merge the companies of the source are the winner's."""
        for id in list(self._workspace.employers.get(source, ())):
            self._part(source, id, at)
            self.attach(into, id, at)

    def _part(self, contact: str, id: str, at: int) -> Body:
        self._workspace.employers.get(contact, {}).pop(id, None)
        self._workspace.members.get(id, {}).pop(contact, None)
        return self._counted(contact, self._workspace.found("company", id), at)

    def _counted(self, contact: str, body: Body, at: int) -> Body:
        """A company without users exists for nobody."""
        space = self._workspace
        body["user_count"] = sum(space.contacts.get(id) is not None for id in space.members.get(body["id"], ()))
        body["updated_at"] = at
        space.companies.changed()
        if space.contacts.get(contact) is not None:
            self._contacts.touch(contact, at)
        note = space.existence.begin if body["user_count"] else space.existence.end
        note("companies", body["id"])
        return body


def is_visible(body: Body) -> bool:
    """Whether lists and scroll show a company."""
    return bool(body["user_count"])
