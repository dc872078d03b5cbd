"""The endpoints that read, by path (developers.intercom.com/docs/references/rest-api/api.intercom.io)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.intercom import rendering
from sandbox.intercom.collection import Body, Collection
from sandbox.intercom.companies import is_visible
from sandbox.intercom.errors import IntercomError, invalid, missing
from sandbox.intercom.operations import Operations
from sandbox.intercom.paging import Listings, Slice, after_cursor, numbered, page_size
from sandbox.intercom.scroll import Scroll
from sandbox.intercom.search import Language, sorting

LISTED_COMPANIES = 10_000


@dataclass(frozen=True)
class Call:
    """One request: where it goes, what it asks, at which version and instant."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    version: int
    now: int
    base_url: str

    def flag(self, name: str) -> bool:
        """A parameter that is true."""
        return self.query.get(name) == "true"


class Reader:
    """Answers to GET requests and searches."""

    def __init__(self, operations: Operations, hides: Callable[[str], bool], scroll: Scroll) -> None:
        self._operations = operations
        self._space = operations.space
        self._hides = hides
        self._scroll = scroll
        self._listings = Listings()
        self._zone = ZoneInfo(self._space.timezone)

    def me(self, call: Call) -> Body:
        """Who the token belongs to, and the workspace."""
        space = self._space
        app = {"type": "app", "id_code": space.id_code, "name": "Sandbox", "created_at": space.created, "secure": False}
        app |= {"identity_verification": False, "timezone": space.timezone, "region": "US"}
        admin = {"type": "admin", "id": "991267000", "email": "owner@sandbox.example", "name": "Owner", "email_verified": True}
        return {**admin, "app": app, "avatar": {"type": "avatar", "image_url": ""}, "has_inbox_seat": True}

    def contacts(self, call: Call) -> Body:
        """All contacts, newest first."""
        size = page_size(call.query.get("per_page"), 50)
        found = after_cursor(
            self._space.contacts.ordered("created_at", True), "created_at", True, size, call.query.get("starting_after")
        )
        return self._contact_list(found, call)

    def search_contacts(self, call: Call) -> Body:
        """Contacts by a query, in the wanted order."""
        return self._contact_list(self._searched(call, "contacts", self._space.contacts, 50), call)

    def contact(self, call: Call) -> Body:
        """One contact; 410 if it was merged."""
        id = call.path["id"]
        body = self._space.contacts.get(id)
        target = self._operations.contacts.canonical(id)
        if body is None and target and call.version >= 16:
            message = "This contact has been merged. See the 'Link' header for the canonical contact."
            raise IntercomError(410, "contact_merged", message, {"Link": f'</contacts/{target}>; rel="canonical"'})
        if body is None or self._hides(id):
            raise missing("contact")
        return rendering.contact(self._space, body, merges=call.flag("include_merge_history"))

    def merge_history(self, call: Call) -> Body:
        """Who was merged into a user."""
        body = self._space.contacts.get(call.path["id"])
        if body is None or body["role"] != "user":
            raise IntercomError(404, "not_found", "Contact not found")
        entries = rendering.merge_history(self._space, body["id"])
        size, begin = page_size(call.query.get("per_page"), 50), int(call.query.get("cursor") or 0)
        more = begin + size < len(entries)
        answer: Body = {"type": "list", "data": entries[begin : begin + size], "has_more": more}
        return {**answer, "next_cursor": str(begin + size)} if more else answer

    def contact_companies(self, call: Call) -> Body:
        """The companies of a contact, whole."""
        id = self._space.found("contact", call.path["id"])["id"]
        rows = [body for company in self._space.employers.get(id, ()) if (body := self._space.companies.get(company))]
        return self._numbered(call, rows, f"/contacts/{id}/companies", "list", "data", 50)

    def contact_tags(self, call: Call) -> Body:
        """The tags of a contact."""
        held = self._space.found("contact", call.path["id"])["tags"]["data"]
        return {"type": "list", "data": [self._space.entry("tags", entry["id"]) for entry in held]}

    def contact_notes(self, call: Call) -> Body:
        """The notes about a contact."""
        id = self._space.found("contact", call.path["id"])["id"]
        return self._numbered(call, self._space.notes.get(id, []), f"/contacts/{id}/notes", "list", "data", 50)

    def companies(self, call: Call) -> Body:
        """The first 10,000 companies that have users, by page number."""
        given = call.body if isinstance(call.body, dict) else {}
        asked = {**given, **call.query}
        order = asked.get("order", "desc")
        if order not in ("asc", "desc"):
            raise invalid("order must be asc or desc")
        rows = [body for body in self._space.companies.ordered("created_at", order == "desc") if is_visible(body)]
        size = page_size(asked.get("per_page"), 20)
        if int(asked.get("page") or 1) * size > LISTED_COMPANIES:
            raise invalid("page limit reached, please use the scroll API", "client_error")
        return self._numbered(call, rows, "/companies/list", "list", "data", 20, asked)

    def scroll_companies(self, call: Call) -> Body:
        """All companies that have users, a hundred at a time."""
        rows = [body for body in self._space.companies.ordered("created_at", True) if is_visible(body)]
        shown, token = self._scroll.page(call.query.get("scroll_param"), rows, call.now)
        return {"type": "list", "data": shown, "pages": None, "total_count": None, "scroll_param": token}

    def company(self, call: Call) -> Body:
        """One company."""
        body = self._space.found("company", call.path["id"])
        if not is_visible(body):
            raise missing("company")
        return body

    def conversations(self, call: Call) -> Body:
        """All conversations, the last changed first."""
        size = page_size(call.query.get("per_page"), 20)
        rows = self._space.conversations.ordered("updated_at", True)
        return self._conversation_list(after_cursor(rows, "updated_at", True, size, call.query.get("starting_after")), call)

    def search_conversations(self, call: Call) -> Body:
        """Conversations by a query, the last changed first."""
        return self._conversation_list(self._searched(call, "conversations", self._space.conversations, 20), call)

    def conversation(self, call: Call) -> Body:
        """One conversation with its parts."""
        body = self._space.found("conversation", call.path["id"])
        self._operations.conversations.settle([body["id"]])
        return rendering.conversation(self._space, body, call.version, whole=True)

    def deleted_conversations(self, call: Call) -> Body:
        """Conversations that were deleted, newest first."""
        return self._numbered(
            call, self._space.deleted[::-1], "/conversations/deleted", "conversations.list", "conversations", 20
        )

    def handling_events(self, call: Call) -> Body:
        """When the handling of a conversation paused and went on."""
        return rendering.handling_events(self._space, self._space.found("conversation", call.path["id"])["id"])

    def search_tickets(self, call: Call) -> Body:
        """Tickets by a query, the last changed first."""
        found = self._searched(call, "tickets", self._space.tickets, 20)
        shown = [rendering.ticket(self._space, body) for body in self._seen(found.rows)]
        return {"type": "ticket.list", "pages": found.pages, "total_count": found.total, "tickets": shown}

    def ticket(self, call: Call) -> Body:
        """One ticket with its parts."""
        return rendering.ticket(self._space, self._space.found("ticket", call.path["id"]))

    def activity_logs(self, call: Call) -> Body:
        """What teammates did to the workspace, newest first."""
        if "created_at_after" not in call.query:
            raise invalid("created_at_after is required", "parameter_not_found")
        since, until = int(call.query["created_at_after"]), int(call.query.get("created_at_before") or call.now)
        rows = [entry for entry in self._space.activity_logs[::-1] if since <= entry["created_at"] <= until]
        return self._numbered(call, rows, "/admins/activity_logs", "activity_log.list", "activity_logs", 20, most=250)

    def calls(self, call: Call) -> Body:
        """Phone calls, newest first."""
        rows = self._space.lists["calls"].ordered("created_at", True)
        return self._numbered(call, rows, "/calls", "list", "data", 25, most=25)

    def data_attributes(self, call: Call) -> Body:
        """Attributes of contacts and companies; those of conversations moved with 2.16."""
        model = call.query.get("model")
        if model == "conversation" and call.version >= 16:
            raise invalid("model conversation is not supported; use /conversations/attributes", status=422)
        rows = [b for b in self._space.lists["data_attributes"] if model in (None, b["model"])]
        return {"type": "list", "data": [rendering.data_attribute(body) for body in rows]}

    def entries(self, name: str, type: str, field: str) -> Callable[[Call], Body]:
        """The answer of an endpoint that lists a small list whole."""
        return lambda call: {"type": type, field: list(self._space.lists[name])}

    def _searched(self, call: Call, kind: str, rows: Collection, default: int) -> Slice:
        if not isinstance(call.body, dict):
            raise invalid("the body must be a JSON object", "bad_request")
        query, paging = call.body.get("query"), call.body.get("pagination") or {}
        test = Language(kind, self._zone).test(query)
        field, descending = sorting(call.body.get("sort") if kind == "contacts" else None)
        name = f"{kind} {json.dumps(query, sort_keys=True)}"
        if "statistics." in name:
            self._operations.conversations.settle()
        found = self._listings.rows(rows, name, field, descending, test)
        size = page_size(paging.get("per_page"), default)
        return after_cursor(found, field, descending, size, paging.get("starting_after"))

    def _contact_list(self, found: Slice, call: Call) -> Body:
        merges = call.flag("include_merge_history") and call.version >= 16
        data = [rendering.contact(self._space, body, merges=merges) for body in self._seen(found.rows)]
        return {"type": "list", "data": data, "total_count": found.total, "pages": found.pages}

    def _conversation_list(self, found: Slice, call: Call) -> Body:
        self._operations.conversations.settle([body["id"] for body in found.rows])
        shown = [rendering.conversation(self._space, body, call.version, whole=False) for body in self._seen(found.rows)]
        return {"type": "conversation.list", "pages": found.pages, "total_count": found.total, "conversations": shown}

    def _seen(self, rows: list[Body]) -> list[Body]:
        return [body for body in rows if not self._hides(body["id"])]

    def _numbered(
        self, call: Call, rows: list[Body], path: str, type: str, field: str, default: int,
        asked: Mapping[str, Any] | None = None, most: int = 150,
    ) -> Body:  # fmt: skip
        given = call.query if asked is None else asked
        size = page_size(given.get("per_page"), default, most)
        found = numbered(rows, size, given.get("page"), lambda n: f"{call.base_url}{path}?per_page={size}&page={n}")
        return {"type": type, field: found.rows, "pages": found.pages, "total_count": found.total}
