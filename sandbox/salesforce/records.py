"""Changes of records, with what the vendor does besides: time stamps, history, cascades, the recycle bin."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce import opportunities
from sandbox.salesforce.identifiers import long_id
from sandbox.salesforce.objects import CASCADES
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Field, Row, SObject

_MERGEABLE = ("Account", "Contact", "Lead", "Case")
_TYPES = {"currency": "Currency", "datetime": "DateTime", "date": "DateOnly", "reference": "EntityId", "picklist": "DynamicEnum"}


class Refused(Exception):
    """A change that the org does not allow; `code` and `status` are the API's."""

    def __init__(self, code: str, message: str, status: int = 400, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code, self.status, self.fields = code, status, fields


class Records:
    """The one way by which records come, change and go, whoever asks."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.user = ""

    def create(self, name: str, values: Row, at: int) -> Row:
        """A new record with every field that the org fills by itself; Refused if one is unknown or missing."""
        kind, table = self._kind(name), self.org.table(name)
        self._check(kind, values)
        row: Row = {"Id": table.new_id()}
        full = {field.name: False for field in kind.fields.values() if field.type == "boolean" and not field.calculated}
        full |= self._stamps(kind, at, created=True)
        full |= self._defaults(kind) | values
        if kind.name == "Opportunity":
            full |= opportunities.derived(self.org, full, at, {})
        missing = [f.name for f in kind.fields.values() if not f.nillable and f.name != "Id" and full.get(f.name) is None]
        if missing:
            raise Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", fields=tuple(missing))
        table.put(row, full)
        self.org.truth.came(kind.stream, row["Id"])
        if kind.name == "Opportunity":
            self.create("OpportunityHistory", opportunities.snapshot(row, {}), at)
        return row

    def update(self, name: str, id: str, values: Row, at: int) -> Row:
        """Changes fields of an existing record and keeps the history that the object keeps."""
        kind, row = self._kind(name), self.existing(name, id)
        self._check(kind, values)
        before = dict(row)
        changes = values | self._stamps(kind, at, created=False)
        if kind.name == "Opportunity":
            changes |= opportunities.derived(self.org, {**row, **values}, at, before)
        self.org.table(name).put(row, changes)
        if kind.name == "Opportunity" and opportunities.is_worth_history(before, row):
            self.create("OpportunityHistory", opportunities.snapshot(row, before), at)
        self._track(kind, before, row, at)
        return row

    def touch(self, name: str, id: str, values: Row, at: int) -> Row:
        """A change by the system: SystemModstamp moves, LastModifiedDate does not."""
        row = self.existing(name, id)
        self.org.table(name).put(row, values | {"SystemModstamp": at})
        return row

    def delete(self, name: str, id: str, at: int) -> None:
        """Into the recycle bin with all that belongs to it; objects without one lose the record for good."""
        kind, row = self._kind(name), self.existing(name, id)
        for child, field in CASCADES.get(name, ()):
            for dependent in [r for r in self.org.table(child).of(field, row["Id"]) if not r.get("IsDeleted")]:
                self.delete(child, dependent["Id"], at)
        if not kind.soft_deletes:
            self.purge(name, row["Id"], at)
            return
        stamp = {"SystemModstamp": at} if "SystemModstamp" in kind.fields else {}
        self.org.table(name).put(row, {"IsDeleted": True, "_deleted": at, "_with": (name, id)} | stamp)
        self.org.truth.went(kind.stream, row["Id"])

    def undelete(self, name: str, id: str, at: int) -> Row:
        """Out of the recycle bin, with what went there because of it; Refused if it is not there."""
        kind, row = self._kind(name), self.org.table(name).get(id)
        if row is None or not row.get("IsDeleted") or not self.org.in_bin(row, at):
            raise Refused("UNDELETE_FAILED", "Entity is not in the recycle bin")
        since = row["_deleted"]
        stamp = {"SystemModstamp": at} if "SystemModstamp" in kind.fields else {}
        self.org.table(name).put(row, {"IsDeleted": False, "MasterRecordId": None} | stamp)
        self.org.truth.came(kind.stream, row["Id"])
        for child, field in CASCADES.get(name, ()):
            for dependent in self.org.table(child).of(field, row["Id"]):
                if dependent.get("IsDeleted") and dependent["_deleted"] == since:
                    self.undelete(child, dependent["Id"], at)
        return row

    def purge(self, name: str, id: str, at: int) -> None:
        """A hard delete: nothing is left of the record, and no query ever tells."""
        kind, table = self._kind(name), self.org.table(name)
        row = table.get(id)
        if row is None:
            raise Refused("ENTITY_IS_DELETED", "entity is deleted", 404)
        for child, field in CASCADES.get(name, ()):
            for dependent in table_rows(self.org, child, field, row["Id"]):
                self.purge(child, dependent["Id"], at)
        table.remove(row["Id"])
        # copies of field history outlive their record: a warehouse keeps what it has read
        if not kind.name.endswith("History") or kind.name == "OpportunityHistory":
            self.org.truth.went(kind.stream, row["Id"])

    def merge(self, name: str, winner: str, losers: list[str], at: int) -> Row:
        """The losers go into the recycle bin and point at the winner, who gets what belonged to them."""
        if name not in _MERGEABLE:
            raise Refused("INVALID_TYPE", f"entity type {name} does not support merge")
        kept = self.existing(name, winner)
        for loser in losers:
            lost = self.existing(name, loser)
            for child in self.org.tables.values():
                self._repoint(child.kind, lost["Id"], kept["Id"], at)
            self.org.table(name).put(
                lost, {"IsDeleted": True, "_deleted": at, "MasterRecordId": kept["Id"], "SystemModstamp": at}
            )
            self.org.truth.went(self._kind(name).stream, lost["Id"])
        return self.update(name, kept["Id"], {}, at)

    def existing(self, name: str, id: str) -> Row:
        """A record that is not deleted; Refused as the API says it."""
        row = self.org.table(name).get(long_id(id))
        if row is None:
            raise Refused("NOT_FOUND", "The requested resource does not exist", 404)
        if row.get("IsDeleted"):
            raise Refused("ENTITY_IS_DELETED", "entity is deleted", 404)
        return row

    def _repoint(self, kind: SObject, old: str, new: str, at: int) -> None:
        table = self.org.table(kind.name)
        stamp = {"SystemModstamp": at} if "SystemModstamp" in kind.fields else {}
        for name in table.parents:
            for row in table.of(name, old) if name != "MasterRecordId" else ():
                table.put(row, {name: new} | stamp)

    def _kind(self, name: str) -> SObject:
        kind = self.org.kinds.get(name)
        if kind is None:
            raise Refused("NOT_FOUND", "The requested resource does not exist", 404)
        return kind

    def _check(self, kind: SObject, values: Row) -> None:
        for name in values:
            if name not in kind.fields:
                raise Refused("INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}")
            if kind.fields[name].calculated:
                raise Refused("INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {name}.", fields=(name,))

    def _defaults(self, kind: SObject) -> Row:
        given: Row = {}
        if "OwnerId" in kind.fields:
            given["OwnerId"] = self.user
        if "CurrencyIsoCode" in kind.fields:
            given["CurrencyIsoCode"] = self.org.currency
        return given

    def _stamps(self, kind: SObject, at: int, *, created: bool) -> Row:
        names = ["SystemModstamp", "LastModifiedDate"] + (["CreatedDate"] if created else [])
        people = ["LastModifiedById"] + (["CreatedById"] if created else [])
        stamps: Row = {name: at for name in names if name in kind.fields}
        return stamps | {name: self.user for name in people if name in kind.fields}

    def _track(self, kind: SObject, before: Row, row: Row, at: int) -> None:
        changed = [kind.fields[name] for name in kind.tracked if before.get(name) != row.get(name)]
        history = "OpportunityFieldHistory" if kind.name == "Opportunity" else "CaseHistory"
        for field in changed:
            for old, new, type in _told(self.org, field, before.get(field.name), row.get(field.name)):
                values = {"Field": field.name, "DataType": type, "OldValue": old, "NewValue": new}
                self.create(history, {f"{kind.name}Id": row["Id"], **values}, at)


def table_rows(org: Org, name: str, field: str, parent: str) -> list[Row]:
    """The children of a record, deleted or not."""
    return list(org.table(name).of(field, parent))


def _told(org: Org, field: Field, old: Any, new: Any) -> list[tuple[Any, Any, str]]:
    """The entries of a change: a lookup is told twice, once with ids and once with names."""
    entries = [(old, new, _TYPES.get(field.type, "Text"))]
    if field.type == "reference":
        users = org.table("User").rows
        entries.append((users.get(old, {}).get("Name"), users.get(new, {}).get("Name"), "Text"))
    return entries
