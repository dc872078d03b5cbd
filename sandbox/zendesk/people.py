"""Users, organizations, groups and who belongs to which."""

from __future__ import annotations

from typing import Any

from sandbox.zendesk import API
from sandbox.zendesk.errors import ZendeskError, blank, not_found
from sandbox.zendesk.store import Body, Store, iso

STAFF = ("agent", "admin")


class People:
    """The account's directory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_address: dict[str, int] = {}
        self._indexes: dict[str, dict[tuple[str, int], set[int]]] = {"group_memberships": {}, "organization_memberships": {}}

    def add_user(self, at: int, name: str, email: str | None, role: str = "end-user", **more: Any) -> Body:
        """A user; raises a 422 for an address that another has."""
        if not name:
            raise blank("name")
        if email and self.by_email(email):
            raise ZendeskError.invalid("email", f"Email: {email} is already being used by another user", "DuplicateValue")
        id = self._store.numbers.take("users")
        organization = more.pop("organization_id", None)
        body = self._store.add("users", _user(id, at, name, email, role) | more, at)
        self._index_address(body)
        if organization is not None:
            self.join_organization(id, organization, at)
        return body

    def by_email(self, email: str) -> Body | None:
        """The active user of an address."""
        id = self._by_address.get(email.lower())
        body = self._store.get("users", id) if id is not None else None
        return body if body and body["active"] else None

    def change_user(self, id: int, at: int, **values: Any) -> Body:
        """Other values; a new organization becomes the default one."""
        self.user(id)
        organization = values.pop("organization_id", None)
        if organization is not None and self.user(id)["organization_id"] != organization:
            self.join_organization(id, organization, at)
        body = self._store.change("users", id, at, **values)
        self._index_address(body)
        return body

    def user(self, id: int) -> Body:
        """A user; 404 if there is none."""
        body = self._store.get("users", id)
        if body is None:
            raise not_found()
        return body

    def delete_user(self, id: int, at: int) -> Body:
        """Deactivates a user, as the API's DELETE does."""
        self.user(id)
        for stream in ("organization_memberships", "group_memberships"):
            for membership in self.memberships(stream, user=id):
                self._store.drop(stream, membership["id"])
        return self._store.retire("users", id, at, active=False)

    def revive_user(self, id: int, at: int) -> Body:
        """Takes a deactivation back, which only Zendesk's support can."""
        return self._store.revive("users", id, at, active=True)

    def erase_user(self, id: int, at: int) -> Body:
        """Deletes a user permanently: only the list of deleted users still knows the id."""
        self.delete_user(id, at)
        body = self._store.drop("users", id)
        assert body is not None
        body.update(name="Permanently Deleted User", email=None, phone=None, updated_at=iso(at), permanently_deleted=True)
        return body

    def add_organization(self, at: int, name: str, **more: Any) -> Body:
        """An organization; raises a 422 for a name that another has."""
        if not name:
            raise blank("name")
        id = self._store.numbers.take("organizations")
        body = {
            "url": f"{API}/organizations/{id}.json", "id": id, "name": name, "shared_tickets": False, "shared_comments": False,
            "external_id": None, "created_at": iso(at), "updated_at": iso(at), "domain_names": [], "details": "", "notes": "",
            "group_id": None, "tags": [], "organization_fields": {},
        }  # fmt: skip
        return self._store.add("organizations", body | more, at)

    def organization(self, id: int) -> Body:
        """An organization that is not deleted; 404 if there is none."""
        body = self._store.get("organizations", id)
        if body is None or body.get("deleted_at"):
            raise not_found()
        return body

    def change_organization(self, id: int, at: int, **values: Any) -> Body:
        """Other values."""
        self.organization(id)
        return self._store.change("organizations", id, at, **values)

    def delete_organization(self, id: int, at: int, erase: bool = False) -> None:
        """Deletes an organization; its users stay."""
        self.organization(id)
        for membership in self.memberships("organization_memberships", organization=id):
            self._leave(membership, at)
        if erase:
            self._store.drop("organizations", id)
        else:
            self._store.retire("organizations", id, at, deleted_at=iso(at))

    def revive_organization(self, id: int, at: int) -> None:
        """Takes a deletion back, which only Zendesk's support can."""
        body = self._store.revive("organizations", id, at, updated_at=iso(at))
        body.pop("deleted_at", None)

    def merge_organizations(self, winner: int, loser: int, at: int) -> None:
        """Members of the loser come to the winner; the loser is deleted."""
        self.organization(winner)
        for membership in self.memberships("organization_memberships", organization=loser):
            self.join_organization(membership["user_id"], winner, at)
        self.delete_organization(loser, at)

    def add_group(self, at: int, name: str, default: bool = False) -> Body:
        """A group of agents."""
        id = self._store.numbers.take("groups")
        body = {
            "url": f"{API}/groups/{id}.json", "id": id, "is_public": True, "name": name, "description": "", "default": default,
            "deleted": False, "created_at": iso(at), "updated_at": iso(at),
        }  # fmt: skip
        return self._store.add("groups", body, at)

    def delete_group(self, id: int, at: int) -> None:
        """Marks a group as deleted; its memberships end."""
        if self._store.get("groups", id) is None:
            raise not_found()
        for membership in self.memberships("group_memberships", group=id):
            self._store.drop("group_memberships", membership["id"])
        self._store.retire("groups", id, at, deleted=True)

    def join_group(self, user: int, group: int, at: int) -> Body:
        """Makes a user a member of a group."""
        found = self.memberships("group_memberships", user=user, group=group)
        if found:
            return found[0]
        is_first = not self.memberships("group_memberships", user=user)
        if is_first:
            self._store.change("users", user, at, default_group_id=group)
        return self._add_membership("group_memberships", at, user_id=user, group_id=group, default=is_first)

    def join_organization(self, user: int, organization: int, at: int) -> Body:
        """Makes a user a member of an organization, and that the default one."""
        self.organization(organization)
        for other in self.memberships("organization_memberships", user=user):
            if other["organization_id"] == organization and other["default"]:
                return other
            self._store.change("organization_memberships", other["id"], at, default=False)
        self._store.change("users", user, at, organization_id=organization)
        for other in self.memberships("organization_memberships", user=user, organization=organization):
            return self._store.change("organization_memberships", other["id"], at, default=True)
        return self._add_membership(
            "organization_memberships", at, user_id=user, organization_id=organization, default=True, view_tickets=False
        )

    def leave(self, stream: str, id: int, at: int) -> None:
        """Ends a membership."""
        body = self._store.get(stream, id)
        if body is None:
            raise not_found()
        self._leave(body, at)

    def memberships(self, stream: str, **by: int) -> list[Body]:
        """Memberships of a user, group or organization."""
        ids: set[int] | None = None
        for name, owner in by.items():
            found = self._indexes[stream].get((name, owner), set())
            ids = found if ids is None else ids & found
        rows = self._store.rows[stream]
        return [rows[id] for id in sorted(ids or ()) if id in rows]

    def _leave(self, membership: Body, at: int) -> None:
        stream = "group_memberships" if "group_id" in membership else "organization_memberships"
        self._store.drop(stream, membership["id"])
        user = self._store.get("users", membership["user_id"])
        if user and stream == "organization_memberships" and user["organization_id"] == membership["organization_id"]:
            self._store.change("users", user["id"], at, organization_id=None)

    def _add_membership(self, stream: str, at: int, **values: Any) -> Body:
        id = self._store.numbers.take(stream)
        body = {"url": f"{API}/{stream}/{id}.json", "id": id, **values, "created_at": iso(at), "updated_at": iso(at)}
        for name in ("user_id", "group_id", "organization_id"):
            if name in values:
                self._indexes[stream].setdefault((name.removesuffix("_id"), values[name]), set()).add(id)
        return self._store.add(stream, body, at)

    def _index_address(self, user: Body) -> None:
        if user["email"]:
            self._by_address[user["email"].lower()] = user["id"]


def _user(id: int, at: int, name: str, email: str | None, role: str) -> Body:
    return {
        "id": id, "url": f"{API}/users/{id}.json", "name": name, "email": email, "created_at": iso(at), "updated_at": iso(at),
        "time_zone": "UTC", "iana_time_zone": "Etc/UTC", "phone": None, "shared_phone_number": None, "photo": None,
        "locale_id": 1, "locale": "en-US", "organization_id": None, "role": role, "verified": role in STAFF, "external_id": None,
        "tags": [], "alias": "", "active": True, "shared": False, "shared_agent": False, "last_login_at": None,
        "two_factor_auth_enabled": None, "signature": None, "details": "", "notes": "",
        "role_type": 0 if role in STAFF else None, "custom_role_id": None, "moderator": role == "admin",
        "ticket_restriction": None if role in STAFF else "requested", "only_private_comments": False,
        "restricted_agent": role not in STAFF, "suspended": False, "default_group_id": None, "report_csv": False,
        "user_fields": {},
    }  # fmt: skip
