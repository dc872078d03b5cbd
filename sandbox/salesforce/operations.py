"""What people change through the API or the org's own pages, by the name of the operation."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Records, Refused
from sandbox.salesforce.schema import NUMERIC, Field, Row, SObject, parse_fields
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.usage import Usage
from sandbox.salesforce.values import day_text


class Operations:
    """Carries out operations; Refused where the org refuses, KeyError for an operation that does not exist."""

    def __init__(self, org: Org, records: Records, sessions: Sessions, usage: Usage) -> None:
        self._org, self._records, self._sessions, self._usage = org, records, sessions, usage
        self._known: dict[str, Callable[[dict[str, Any], int], Any]] = {
            "create": self._create, "create_many": self._create_many, "update": self._update, "touch": self._touch,
            "delete": lambda a, at: records.delete(a["object"], a["id"], at),
            "undelete": lambda a, at: records.undelete(a["object"], a["id"], at),
            "purge": lambda a, at: records.purge(a["object"], a["id"], at),
            "merge": lambda a, at: records.merge(a["object"], a["id"], a["losers"], at),
            "convert_lead": self._convert, "forget_stamp": self._forget_stamp,
            "define_object": self._define, "add_field": self._add_field, "hide_fields": self._hide,
            "redefine_formula": self._redefine, "use_requests": lambda a, at: usage.add(a["count"], at),
            "end_sessions": lambda a, at: sessions.end_all(), "authorize": lambda a, at: sessions.authorize(at),
            "forbid_object": self._forbid,
        }  # fmt: skip

    def carry_out(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        """The result of an operation at an instant."""
        if operation not in self._known:
            raise KeyError(f"unknown operation {operation!r}; known are {', '.join(sorted(self._known))}")
        self._org.now = max(self._org.now, at)
        return self._known[operation](arguments, at)

    def _create(self, a: dict[str, Any], at: int) -> Row:
        return self._records.create(a["object"], self._typed(a["object"], a["values"]), at)

    def _create_many(self, a: dict[str, Any], at: int) -> list[str]:
        """So many records of an object that differ in one text field, all at one instant."""
        typed = self._typed(a["object"], a["values"])
        rows = (self._records.create(a["object"], {**typed, a["numbered"]: f"{a['object']} {n}"}, at) for n in range(a["count"]))
        return [row["Id"] for row in rows]

    def _update(self, a: dict[str, Any], at: int) -> Row:
        return self._records.update(a["object"], a["id"], self._typed(a["object"], a["values"]), at)

    def _touch(self, a: dict[str, Any], at: int) -> Row:
        return self._records.touch(a["object"], a["id"], self._typed(a["object"], a["values"]), at)

    def _convert(self, a: dict[str, Any], at: int) -> Row:
        """A lead becomes an account, a contact and an opportunity."""
        lead = self._records.existing("Lead", a["id"])
        if lead["IsConverted"]:
            raise Refused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        account = a.get("account") or self._records.create("Account", {"Name": lead["Company"]}, at)["Id"]
        names = {name: lead.get(name) for name in ("FirstName", "LastName", "Name", "Email", "Title")}
        contact = self._records.create("Contact", {**names, "AccountId": account}, at)["Id"]
        values = {"Name": lead["Company"], "AccountId": account, "StageName": "Qualification", "CloseDate": day_text(at)}
        deal = self._records.create("Opportunity", {**values, "ContactId": contact}, at)["Id"]
        ids = {"ConvertedAccountId": account, "ConvertedContactId": contact, "ConvertedOpportunityId": deal}
        return self._records.update("Lead", lead["Id"], {**ids, "IsConverted": True, "ConvertedDate": day_text(at)}, at)

    def _forget_stamp(self, a: dict[str, Any], at: int) -> None:
        """A record without the instant of its last change, as an import may leave one."""
        row = self._records.existing(a["object"], a["id"])
        self._org.table(a["object"]).put(row, {"SystemModstamp": None})

    def _define(self, a: dict[str, Any], at: int) -> None:
        fields = parse_fields("Id:id! " + a["fields"])
        self._org.define(SObject(a["object"], a["prefix"], fields, a["stream"]))

    def _add_field(self, a: dict[str, Any], at: int) -> None:
        for new in parse_fields(a["fields"]).values():
            self._org.add_field(a["object"], new)

    def _hide(self, a: dict[str, Any], at: int) -> None:
        """Permission for fields is withdrawn, or given back."""
        for name in a["fields"]:
            self._org.kinds[a["object"]].hide(name, a.get("hidden", True))

    def _redefine(self, a: dict[str, Any], at: int) -> None:
        """An administrator changes the formula of Account.Segment__c."""
        self._org.enterprise_from = a["enterprise_from"]

    def _forbid(self, a: dict[str, Any], at: int) -> None:
        """The integration user loses an object, or gets it back."""
        change = self._org.forbidden.add if a.get("forbidden", True) else self._org.forbidden.discard
        change(a["object"])

    def _typed(self, name: str, values: Row) -> Row:
        """Values of a JSON body as the org keeps them: exact numbers."""
        kind = self._org.kinds.get(name)
        if kind is None:
            raise Refused("NOT_FOUND", "The requested resource does not exist", 404)
        return {field: _exact(kind.fields.get(field), value) for field, value in values.items()}


def _exact(field: Field | None, value: Any) -> Any:
    if field is None or value is None or field.type not in NUMERIC:
        return value
    return int(value) if field.type == "int" else Decimal(str(value))
