"""The search language: filters, groups of them, and what they compare (developers.intercom.com).

Contacts compare dates by calendar days of the workspace: `>` begins with the next day, `<` ends before the day. For
conversations and tickets `>` and `<` include the value itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.intercom.collection import Body
from sandbox.intercom.errors import IntercomError, invalid

MOST_FILTERS = 15
MOST_NESTING = 2
OPERATORS = ("=", "!=", "IN", "NIN", "<", ">", "~", "!~", "^", "$", "<=", ">=")
_DATE = re.compile(r"(^|\.)\w+_(at|since|until)$|^waiting_since$|^snoozed_until$")
_NESTED = ("statistics.", "source.", "conversation_rating.", "custom_attributes.", "location.", "ai_agent.", "ticket_attribute.")
_FIELDS = {
    "contacts": {
        "id", "role", "name", "avatar", "owner_id", "email", "email_domain", "phone", "external_id", "created_at",
        "signed_up_at", "updated_at", "last_seen_at", "last_contacted_at", "last_replied_at", "last_email_opened_at",
        "last_email_clicked_at", "language_override", "browser", "os", "unsubscribed_from_emails", "marked_email_as_spam",
        "has_hard_bounced", "segment_id", "tag_id",
    },
    "conversations": {
        "id", "created_at", "updated_at", "contact_ids", "teammate_ids", "admin_assignee_id", "team_assignee_id", "open",
        "state", "read", "priority", "waiting_since", "snoozed_until", "tag_ids", "title", "ai_agent_participated",
    },
    "tickets": {
        "id", "created_at", "updated_at", "title", "description", "category", "ticket_type_id", "contact_ids",
        "teammate_ids", "admin_assignee_id", "team_assignee_id", "open", "state", "snoozed_until",
    },
}  # fmt: skip

Test = Callable[[Body], bool]


@dataclass(frozen=True)
class Language:
    """What may be asked of one kind of record."""

    kind: str
    zone: ZoneInfo

    def test(self, query: Any, depth: int = 0) -> Test:
        """The query as a function of a body; IntercomError where it cannot be understood."""
        if not isinstance(query, dict) or "operator" not in query:
            raise invalid("query is invalid: it needs an operator")
        if query["operator"] in ("AND", "OR"):
            return self._group(query, depth)
        return self._filter(query)

    def _group(self, query: dict[str, Any], depth: int) -> Test:
        entries = query.get("value")
        if not isinstance(entries, list) or not entries:
            raise invalid("query is invalid: a group needs a list of filters")
        if len(entries) > MOST_FILTERS:
            raise invalid(f"too many filters: at most {MOST_FILTERS} in a group", "client_error")
        if depth >= MOST_NESTING:
            raise invalid(f"filters are nested too deeply: at most {MOST_NESTING} levels", "client_error")
        tests = [self.test(entry, depth + 1) for entry in entries]
        if query["operator"] == "AND":
            return lambda body: all(test(body) for test in tests)
        return lambda body: any(test(body) for test in tests)

    def _filter(self, query: dict[str, Any]) -> Test:
        field, operator, value = query.get("field"), query["operator"], query.get("value")
        if not isinstance(field, str) or not (field in _FIELDS[self.kind] or field.startswith(_NESTED)):
            raise invalid(f"field {field} is not searchable")
        if operator not in OPERATORS:
            raise invalid(f"operator {operator} is not valid")
        if _DATE.search(field):
            return self._date(field, operator, value)
        if operator in ("<=", ">="):
            raise invalid(f"operator {operator} is not valid for {field}")
        return _compared(field, operator, value)

    def _date(self, field: str, operator: str, value: Any) -> Test:
        refused = ("!=", "IN", "NIN") if self.kind == "contacts" else ("IN", "NIN")
        inclusive = operator in ("<=", ">=") and (self.kind, field) != ("tickets", "created_at")
        if operator in refused or operator in ("~", "!~", "^", "$") or inclusive:
            raise invalid(f"operator {operator} is not valid for {field}")
        try:
            instant = int(value)
        except (TypeError, ValueError):
            raise invalid(f"{field} must be a UNIX timestamp, not {value!r}") from None
        if self.kind != "contacts":
            return _instants(field, operator, instant)
        day = self._day(instant)

        def by_day(body: Body) -> bool:
            held = _number(_held(body, field))
            if held is None:
                return False
            return {"=": self._day(held) == day, ">": self._day(held) > day, "<": self._day(held) < day}[operator]

        return by_day

    def _day(self, instant: float) -> int:
        return datetime.fromtimestamp(instant, self.zone).date().toordinal()


def _instants(field: str, operator: str, instant: int) -> Test:
    def by_second(body: Body) -> bool:
        held = _number(_held(body, field))
        if held is None:
            return False
        if operator in (">", ">="):
            return held >= instant
        if operator in ("<", "<="):
            return held <= instant
        return (held == instant) == (operator == "=")

    return by_second


def _compared(field: str, operator: str, value: Any) -> Test:
    if operator in ("IN", "NIN"):
        if not isinstance(value, list):
            raise invalid(f"the value of {operator} must be a list")
        wanted = {_text(entry) for entry in value}
        return lambda body: any(_text(held) in wanted for held in _all_held(body, field)) == (operator == "IN")
    text = _text(value)
    by: dict[str, Callable[[str], bool]] = {
        "=": lambda held: held == text,
        "!=": lambda held: held == text,
        "~": lambda held: text.lower() in held.lower(),
        "!~": lambda held: text.lower() in held.lower(),
        "^": lambda held: held.lower().startswith(text.lower()),
        "$": lambda held: held.lower().endswith(text.lower()),
    }
    if operator in ("<", ">"):
        limit = _number(value)
        if limit is None:
            raise invalid(f"operator {operator} is not valid for {field}")
        above = operator == ">"
        return lambda body: (n := _number(_held(body, field))) is not None and (n > limit if above else n < limit)
    negated = operator.startswith("!")
    return lambda body: any(by[operator](_text(held)) for held in _all_held(body, field)) != negated


_LISTED: dict[str, Callable[[Body], list[Any]]] = {
    "contact_ids": lambda body: [entry["id"] for entry in body["contacts"]["contacts"]],
    "teammate_ids": lambda body: [entry["id"] for entry in (body.get("teammates") or {}).get("admins", ())],
    "tag_id": lambda body: [entry["id"] for entry in body["tags"]["data"]],
    "tag_ids": lambda body: [entry["id"] for entry in body["tags"]["tags"]],
    "segment_id": lambda body: [],
    "ticket_type_id": lambda body: [body["ticket_type"]["id"]],
    "title": lambda body: [body.get("title") or (body.get("ticket_attributes") or {}).get("_default_title_")],
    "description": lambda body: [body["ticket_attributes"].get("_default_description_")],
}


def _all_held(body: Body, field: str) -> list[Any]:
    return _LISTED[field](body) if field in _LISTED else [_held(body, field)]


def _held(body: Body, field: str) -> Any:
    value: Any = body
    for name in field.split(".", 1):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def sorting(given: Any) -> tuple[str, bool]:
    """Field and direction of a search; newest first unless it says otherwise."""
    if not isinstance(given, dict) or not given:
        return "updated_at", True
    order = given.get("order", "descending")
    if order not in ("ascending", "descending"):
        message = f"Invalid sort order '{order}'. Must be one of: ascending, descending"
        raise IntercomError(400, "invalid_sort_order", message)
    field = given.get("field", "updated_at")
    if field not in _FIELDS["contacts"]:
        raise invalid(f"cannot sort by {field}")
    return field, order == "descending"
