"""Writes by name: those of the API, and those that only Zendesk itself or its interface can make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sandbox.zendesk.account import Account
from sandbox.zendesk.errors import ZendeskError, not_found
from sandbox.zendesk.store import Body, iso

SETTABLE = {
    "status", "priority", "type", "subject", "assignee_id", "group_id", "organization_id", "external_id", "problem_id",
    "ticket_form_id", "brand_id", "tags",
}  # fmt: skip
STATUSES = ("new", "open", "pending", "hold", "solved", "closed")


class Operations:
    """Carries out writes; refusals raise ZendeskError."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._people, self._tickets, self._store = account.people, account.tickets, account.store
        self._configuration = account.configuration

    def write(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        """The result of an operation: a body, or nothing."""
        act: Callable[..., Any] | None = None if operation.startswith("_") else getattr(self, operation, None)
        if act is None or operation == "write":
            raise ZendeskError(422, {"error": "UnknownOperation", "description": operation})
        self._account.advance(at)
        return act(at, **arguments)

    def create_ticket(self, at: int, ticket: Body) -> Body:
        """`POST /tickets`: comment.body or description, and requester_id."""
        given = dict(ticket)
        comment = given.pop("comment", {})
        text = comment.get("body") or given.pop("description", "")
        requester = given.pop("requester_id", self._account.owner)
        values = self._values(given)
        channel = {"channel": "api"}
        created = self._tickets.create(at, requester, given.get("subject") or text[:60], text, **channel, **values)
        return self._tickets.body(created)

    def update_ticket(self, at: int, id: int, ticket: Body) -> Body:
        """`PUT /tickets/{id}`: fields and perhaps a comment (body, public, author_id)."""
        comment = ticket.get("comment")
        author = (comment or {}).get("author_id", self._account.owner)
        said = (comment["body"], comment.get("public", True)) if comment else None
        return self._tickets.body(self._tickets.update(id, at, author, self._values(ticket), said))

    def rate_ticket(self, at: int, id: int, score: str, comment: str = "") -> Body:
        """`POST /tickets/{id}/satisfaction_rating`."""
        return self._tickets.rate(id, at, score, comment)

    def delete_ticket(self, at: int, id: int) -> None:
        """`DELETE /tickets/{id}`."""
        self._tickets.delete(id, at, self._account.owner)

    def restore_ticket(self, at: int, id: int) -> None:
        """`PUT /deleted_tickets/{id}/restore`."""
        self._tickets.restore(id, at)

    def scrub_ticket(self, at: int, id: int) -> None:
        """`DELETE /deleted_tickets/{id}`."""
        self._tickets.scrub(id)

    def create_user(self, at: int, user: Body) -> Body:
        """`POST /users`."""
        more = {name: user[name] for name in ("organization_id", "external_id", "phone") if name in user}
        return self._people.add_user(at, user.get("name", ""), user.get("email"), user.get("role", "end-user"), **more)

    def update_user(self, at: int, id: int, user: Body) -> Body:
        """`PUT /users/{id}`."""
        return self._people.change_user(id, at, **user)

    def delete_user(self, at: int, id: int) -> Body:
        """`DELETE /users/{id}`."""
        return self._people.delete_user(id, at)

    def erase_user(self, at: int, id: int) -> Body:
        """`DELETE /deleted_users/{id}`."""
        return self._people.erase_user(id, at)

    def merge_users(self, at: int, id: int, into: int) -> Body:
        """`PUT /users/{id}/merge`: the tickets go to the other user, this one is deactivated."""
        winner = self._people.user(into)
        self._people.delete_user(id, at)
        self._tickets.reassign_requester(id, into, at)
        return winner

    def create_organization(self, at: int, organization: Body) -> Body:
        """`POST /organizations`."""
        more = {name: value for name, value in organization.items() if name != "name"}
        return self._people.add_organization(at, organization.get("name", ""), **more)

    def update_organization(self, at: int, id: int, organization: Body) -> Body:
        """`PUT /organizations/{id}`."""
        return self._people.change_organization(id, at, **organization)

    def delete_organization(self, at: int, id: int, erase: bool = False) -> None:
        """`DELETE /organizations/{id}`; erased, no export shows it."""
        self._people.delete_organization(id, at, erase)

    def create_group(self, at: int, group: Body) -> Body:
        """`POST /groups`."""
        return self._people.add_group(at, group.get("name", ""))

    def delete_group(self, at: int, id: int) -> None:
        """`DELETE /groups/{id}`."""
        self._people.delete_group(id, at)

    def join(self, at: int, stream: str, user_id: int, owner_id: int) -> Body:
        """`POST /group_memberships` or `/organization_memberships`."""
        return (self._people.join_group if stream == "group_memberships" else self._people.join_organization)(
            user_id, owner_id, at
        )

    def leave(self, at: int, stream: str, id: int) -> None:
        """`DELETE` of a membership."""
        self._people.leave(stream, id, at)

    def create_policy(self, at: int, sla_policy: Body) -> Body:
        """`POST /slas/policies`."""
        conditions = sla_policy.get("filter", {}).get("all", [])
        return self._configuration.put_policy(sla_policy["title"], conditions, sla_policy.get("policy_metrics", []), at)

    def delete_policy(self, at: int, id: int) -> None:
        """`DELETE /slas/policies/{id}`."""
        if self._store.drop("sla_policies", id) is None:
            raise not_found()

    def create_schedule(self, at: int, name: str, time_zone: str, intervals: list[list[int]]) -> Body:
        """A schedule."""
        id = self._configuration.add_schedule(name, time_zone, [(begin, end) for begin, end in intervals], at)
        return self._store.rows["schedules"][id]

    def create_holiday(self, at: int, schedule: int, name: str, start_date: str, end_date: str) -> Body:
        """`POST /business_hours/schedules/{id}/holidays`."""
        first, last = date.fromisoformat(start_date), date.fromisoformat(end_date)
        return self._configuration.add_holiday(schedule, name, first, last, at)

    def set_schedule(self, at: int, id: int, schedule: int) -> None:
        """A ticket comes under another schedule."""
        self._tickets.reschedule(id, schedule, at)

    def system_update(self, at: int, id: int, **values: Any) -> None:
        """A change by Zendesk itself, which moves only `generated_timestamp`."""
        self._tickets.system_update(id, at, **values)

    def archive_ticket(self, at: int, id: int) -> None:
        """What otherwise happens 120 days after closing."""
        self._tickets.live(id).archived = True

    def withdraw_breach(self, at: int, event: int) -> None:
        """Marks a breach as deleted."""
        self._tickets.timers.withdraw(event, at)

    def change_catalogue(self, at: int, stream: str, id: int, **values: Any) -> Body:
        """An administrator changes a field, form, status, brand or policy; a field may get another type."""
        return self._store.change(stream, id, at, **values)

    def delete_catalogue(self, at: int, stream: str, id: int) -> None:
        """An administrator deletes one; a brand stays, marked."""
        if stream == "brands":
            self._store.retire("brands", id, at, is_deleted=True, active=False)
        else:
            self._store.drop(stream, id)
        if stream == "ticket_fields":
            self._configuration.fields.remove(id)

    def bulk_tickets(self, at: int, count: int, stamp: int | None = None) -> list[int]:
        """So many tickets at one instant, as an import makes them."""
        when = at if stamp is None else stamp
        return [self._tickets.create(when, self._account.owner, f"Import {n}", "imported").id for n in range(count)]

    def bulk_organizations(self, at: int, count: int, stamp: int | None = None) -> list[int]:
        """So many organizations at one instant."""
        when = at if stamp is None else stamp
        return [self._people.add_organization(when, f"Import {when}-{n}")["id"] for n in range(count)]

    def freeze_count(self, at: int, stream: str, value: int) -> None:
        """The count that Zendesk has cached stays as it is."""
        self._account.frozen_counts[stream] = {"value": value, "refreshed_at": iso(at)}

    def _values(self, given: Body) -> dict[str, Any]:
        values = {name: given[name] for name in SETTABLE if name in given and name != "subject"}
        if values.get("status", "new") not in STATUSES:
            raise ZendeskError.invalid("status", f"Status: {values['status']} is not recognized", "InvalidValue")
        if "custom_fields" in given:
            values["custom_fields"] = {entry["id"]: entry["value"] for entry in given["custom_fields"]}
        return values
