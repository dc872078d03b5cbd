"""The endpoints that write: which operation each is, what of the request it takes, and how it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.zendesk.errors import bad_request

API = "/api/v2"
Body = dict[str, Any]


@dataclass(frozen=True)
class Writer:
    """One endpoint; `arguments` makes the operation's arguments of the id in the path and the JSON body."""

    method: str
    path: str
    operation: str
    arguments: Callable[[int | None, Body], Body]
    wrapped: str | None = None
    """The name under which the result is answered; None answers 204."""
    status: int = 200


def _inner(name: str) -> Callable[[int | None, Body], Body]:
    def arguments(id: int | None, body: Body) -> Body:
        if not isinstance(body.get(name), dict):
            raise bad_request("InvalidValue", f"{name} is missing")
        return {name: body[name]} if id is None else {"id": id, name: body[name]}

    return arguments


def _id(id: int | None, body: Body) -> Body:
    return {"id": id}


def _rating(id: int | None, body: Body) -> Body:
    given = body.get("satisfaction_rating", {})
    return {"id": id, "score": given.get("score", ""), "comment": given.get("comment") or ""}


def _merge(id: int | None, body: Body) -> Body:
    return {"id": id, "into": body.get("user", {}).get("id")}


def _membership(stream: str, owner: str) -> Callable[[int | None, Body], Body]:
    def arguments(id: int | None, body: Body) -> Body:
        given = body.get(stream[:-1], {})
        return {"stream": stream, "user_id": given.get("user_id"), "owner_id": given.get(owner)}

    return arguments


def _end(stream: str) -> Callable[[int | None, Body], Body]:
    return lambda id, body: {"stream": stream, "id": id}


WRITERS = (
    Writer("POST", f"{API}/tickets", "create_ticket", _inner("ticket"), "ticket", 201),
    Writer("PUT", f"{API}/tickets/{{id:int}}", "update_ticket", _inner("ticket"), "ticket"),
    Writer("DELETE", f"{API}/tickets/{{id:int}}", "delete_ticket", _id),
    Writer("POST", f"{API}/tickets/{{id:int}}/satisfaction_rating", "rate_ticket", _rating, "satisfaction_rating"),
    Writer("PUT", f"{API}/deleted_tickets/{{id:int}}/restore", "restore_ticket", _id),
    Writer("DELETE", f"{API}/deleted_tickets/{{id:int}}", "scrub_ticket", _id),
    Writer("POST", f"{API}/users", "create_user", _inner("user"), "user", 201),
    Writer("PUT", f"{API}/users/{{id:int}}", "update_user", _inner("user"), "user"),
    Writer("DELETE", f"{API}/users/{{id:int}}", "delete_user", _id, "user"),
    Writer("PUT", f"{API}/users/{{id:int}}/merge", "merge_users", _merge, "user"),
    Writer("DELETE", f"{API}/deleted_users/{{id:int}}", "erase_user", _id, "deleted_user"),
    Writer("POST", f"{API}/organizations", "create_organization", _inner("organization"), "organization", 201),
    Writer("PUT", f"{API}/organizations/{{id:int}}", "update_organization", _inner("organization"), "organization"),
    Writer("DELETE", f"{API}/organizations/{{id:int}}", "delete_organization", _id),
    Writer("POST", f"{API}/groups", "create_group", _inner("group"), "group", 201),
    Writer("DELETE", f"{API}/groups/{{id:int}}", "delete_group", _id),
    Writer("POST", f"{API}/group_memberships", "join", _membership("group_memberships", "group_id"), "group_membership", 201),
    Writer("DELETE", f"{API}/group_memberships/{{id:int}}", "leave", _end("group_memberships")),
    Writer(
        "POST", f"{API}/organization_memberships", "join", _membership("organization_memberships", "organization_id"),
        "organization_membership", 201,
    ),
    Writer("DELETE", f"{API}/organization_memberships/{{id:int}}", "leave", _end("organization_memberships")),
    Writer("POST", f"{API}/slas/policies", "create_policy", _inner("sla_policy"), "sla_policy", 201),
    Writer("DELETE", f"{API}/slas/policies/{{id:int}}", "delete_policy", _id),
)  # fmt: skip
"""All endpoints that write."""
