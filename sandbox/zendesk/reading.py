"""The endpoints that read, each with the stream whose permission it needs and the limits that it counts for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.zendesk.account import Account
from sandbox.zendesk.errors import bad_request, not_found
from sandbox.zendesk.paging import LARGEST_PAGE, Items, listed, number
from sandbox.zendesk.store import Body, iso
from sandbox.zendesk.ticket import Ticket, audit_body, comment_bodies

API = "/api/v2"


@dataclass(frozen=True)
class Call:
    """One request: what is asked, at what instant, and which rows an index does not show yet."""

    account: Account
    path: str
    query: Mapping[str, str]
    at: dict[str, Any]
    """Ids in the path."""
    now: int
    hides: Callable[[str], bool]


@dataclass(frozen=True)
class Reader:
    """One endpoint."""

    path: str
    stream: str
    answer: Callable[[Call], Body]
    limits: tuple[str, ...] = ()


LISTS = {
    "groups": "groups", "group_memberships": "group_memberships", "organization_memberships": "organization_memberships",
    "satisfaction_ratings": "satisfaction_ratings", "slas/policies": "sla_policies", "ticket_fields": "ticket_fields",
    "ticket_forms": "ticket_forms", "custom_statuses": "custom_statuses", "brands": "brands", "users": "users",
    "organizations": "organizations",
}  # fmt: skip
"""Path -> stream of what has a plain list and a plain object."""
SINGULAR = {"sla_policies": "sla_policy", "custom_statuses": "custom_status"}
UNPAGED = ("custom_statuses",)
NUMBERED = ("sla_policies", "ticket_forms")
"""Lists that know page numbers only."""


def shown(stream: str, body: Body, call: Call) -> bool:
    """Whether a list shows a row."""
    if call.hides(str(body["id"])):
        return False
    if stream == "users":
        return bool(body["active"])
    if stream == "organizations":
        return not body.get("deleted_at")
    if stream == "groups":
        return not body["deleted"] or call.query.get("exclude_deleted") == "false"
    if stream == "satisfaction_ratings" and "start_time" in call.query:
        return str(body["created_at"]) >= str(iso(number(call.query, "start_time", 0)))
    return True


def _rows(stream: str, call: Call) -> Items:
    rows = call.account.store.rows[stream]
    return [(id, body) for id, body in rows.items() if shown(stream, body, call)]


def _list(stream: str) -> Callable[[Call], Body]:
    def answer(call: Call) -> Body:
        if stream in UNPAGED:
            return {stream: [body for _, body in _rows(stream, call)]}
        query = call.query
        if stream in NUMBERED:
            query = {name: value for name, value in query.items() if not name.startswith("page[")}
        return listed(call.path, stream, _rows(stream, call), dict, query)

    return answer


def _one(stream: str) -> Callable[[Call], Body]:
    def answer(call: Call) -> Body:
        body = call.account.store.get(stream, call.at["id"])
        if body is None or (stream == "organizations" and body.get("deleted_at")):
            raise not_found()
        return {SINGULAR.get(stream, stream[:-1]): body}

    return answer


def _many(stream: str) -> Callable[[Call], Body]:
    def answer(call: Call) -> Body:
        found = [call.account.store.get(stream, id) for id in _ids(call)]
        return {stream: [body for body in found if body is not None and shown(stream, body, call)]}

    return answer


def _ids(call: Call) -> list[int]:
    ids = [int(id) for id in call.query.get("ids", "").split(",") if id.strip().isdigit()]
    if len(ids) > LARGEST_PAGE:
        raise bad_request("TooManyValues", f"ids: at most {LARGEST_PAGE}", max_count=LARGEST_PAGE)
    return ids


def _count(stream: str) -> Callable[[Call], Body]:
    def answer(call: Call) -> Body:
        frozen = call.account.frozen_counts.get(stream)
        if frozen:
            return {"count": frozen}
        if stream == "tickets":
            value = sum(t.deleted is None for t in call.account.tickets.by_id.values())
        elif stream == "tags":
            value = len(call.account.tag_bodies())
        else:
            value = len(_rows(stream, call))
        return {"count": {"value": value, "refreshed_at": iso(call.now)}}

    return answer


def _tickets(call: Call) -> Body:
    live = [(t.id, t) for t in call.account.tickets.by_id.values() if _is_listed(t) and not call.hides(str(t.id))]
    page = listed(call.path, "tickets", live, lambda ticket: ticket, call.query)
    return page | _with_metrics(call, page["tickets"])


def _tickets_by_id(call: Call) -> Body:
    known = call.account.tickets.by_id
    return _with_metrics(call, [known[id] for id in _ids(call) if id in known and _is_listed(known[id])])


def _with_metrics(call: Call, tickets: list[Ticket]) -> Body:
    answer: Body = {"tickets": [call.account.tickets.body(t) for t in tickets]}
    if "metric_sets" in call.query.get("include", ""):
        answer["metric_sets"] = [t.metric.body(t.id) for t in tickets]
    return answer


def _is_listed(ticket: Ticket) -> bool:
    return ticket.deleted is None and not ticket.archived


def _ticket(call: Call) -> Body:
    ticket = call.account.tickets.live(call.at["id"])
    answer: Body = {"ticket": call.account.tickets.body(ticket)}
    if "metric_sets" in call.query.get("include", ""):
        answer["metric_sets"] = [ticket.metric.body(ticket.id)]
    return answer


def _audits(call: Call) -> Body:
    ticket = call.account.tickets.live(call.at["id"])
    audits = [(audit.id, audit) for audit in ticket.audits]
    if ticket.archived:
        # audits of an archived ticket come at once, whatever page size is asked for
        return {"audits": [audit_body(audit) for _, audit in audits], "count": len(audits), "next_page": None}
    return listed(call.path, "audits", audits, audit_body, call.query)


def _comments(call: Call) -> Body:
    bodies = comment_bodies(call.account.tickets.live(call.at["id"]))
    return listed(call.path, "comments", [(body["id"], body) for body in bodies], dict, call.query)


def _all_metrics(call: Call) -> Body:
    live = [(-t.id, t.metric.body(t.id)) for t in call.account.tickets.by_id.values() if _is_listed(t)]
    return listed(call.path, "ticket_metrics", sorted(live, key=lambda item: item[0]), dict, call.query)


def _metrics(call: Call) -> Body:
    ticket = call.account.tickets.live(call.at["id"])
    return {"ticket_metric": ticket.metric.body(ticket.id)}


def _deleted_tickets(call: Call) -> Body:
    bodies = sorted(((body["id"], body) for body in call.account.bin_bodies()), key=lambda item: item[0])
    return listed(call.path, "deleted_tickets", bodies, dict, call.query)


def _deleted_users(call: Call) -> Body:
    store = call.account.store
    inactive = {id: body for id, body in store.rows["users"].items() if not body["active"]}
    return listed(call.path, "deleted_users", sorted({**inactive, **store.gone["users"]}.items()), dict, call.query)


def _schedules(call: Call) -> Body:
    return {"schedules": list(call.account.store.rows["schedules"].values())}


def _holidays(call: Call) -> Body:
    if call.account.store.get("schedules", call.at["id"]) is None:
        raise not_found()
    return {"holidays": call.account.holidays(call.at["id"])}


def _tags(call: Call) -> Body:
    named = sorted((body["name"], body) for body in call.account.tag_bodies())
    return listed(call.path, "tags", named, dict, call.query)


def _me(call: Call) -> Body:
    return {"user": call.account.store.get("users", call.account.owner)}


READERS = (
    Reader(f"{API}/users/me", "", _me),
    Reader(f"{API}/tickets", "tickets", _tickets),
    Reader(f"{API}/tickets/show_many", "tickets", _tickets_by_id),
    Reader(f"{API}/tickets/{{id:int}}", "tickets", _ticket),
    Reader(f"{API}/tickets/{{id:int}}/audits", "ticket_audits", _audits),
    Reader(f"{API}/tickets/{{id:int}}/comments", "ticket_comments", _comments),
    Reader(f"{API}/tickets/{{id:int}}/metrics", "tickets", _metrics),
    Reader(f"{API}/ticket_metrics", "tickets", _all_metrics),
    Reader(f"{API}/deleted_tickets", "deleted_tickets", _deleted_tickets, ("deleted_tickets",)),
    Reader(f"{API}/deleted_users", "users", _deleted_users),
    Reader(f"{API}/business_hours/schedules", "schedules", _schedules),
    Reader(f"{API}/business_hours/schedules/{{id:int}}/holidays", "schedules", _holidays),
    Reader(f"{API}/tags", "tags", _tags),
    *(Reader(f"{API}/{s}/count", s, _count(s)) for s in
      ("tickets", "users", "organizations", "groups", "satisfaction_ratings", "ticket_fields", "tags")),
    *(Reader(f"{API}/{s}/show_many", s, _many(s)) for s in ("users", "organizations")),
    *(Reader(f"{API}/{path}", stream, _list(stream)) for path, stream in LISTS.items()),
    *(Reader(f"{API}/{path}/{{id:int}}", stream, _one(stream)) for path, stream in LISTS.items()),
)  # fmt: skip
"""All endpoints that read, except exports."""
