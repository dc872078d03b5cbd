"""What objects and fields are: names, types, and what a describe call says about them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

Row = dict[str, Any]
NUMERIC = frozenset({"double", "currency", "percent", "int"})
COMPOUND = frozenset({"address", "location"})


@dataclass(frozen=True)
class Field:
    """One field; `to` are the objects a reference may point at, `formula` computes a value whenever it is read."""

    name: str
    type: str
    length: int = 0
    to: tuple[str, ...] = ()
    nillable: bool = True
    calculated: bool = False
    updateable: bool = True
    hidden: bool = False

    @property
    def custom(self) -> bool:
        """Whether an administrator of the org has made it."""
        return self.name.endswith("__c")

    @property
    def relationship(self) -> str | None:
        """The name by which a query reaches the parent."""
        if not self.to:
            return None
        return self.name[:-1] + "r" if self.custom else self.name.removesuffix("Id")

    def describe(self) -> Row:
        """The field as a describe call shows it."""
        return {
            "name": self.name, "label": re.sub(r"__c$", "", self.name).replace("_", " "), "type": self.type,
            "length": self.length, "byteLength": self.length * 3, "calculated": self.calculated, "custom": self.custom,
            "nillable": self.nillable, "updateable": self.updateable and not self.calculated,
            "createable": not self.calculated,  # codespell:ignore createable
            "filterable": self.type not in COMPOUND, "sortable": self.type not in COMPOUND, "unique": False,
            "externalId": False, "deprecatedAndHidden": self.hidden, "defaultedOnCreate": False,
            "precision": 18 if self.type in NUMERIC else 0, "scale": 2 if self.type in NUMERIC - {"int"} else 0,
            "referenceTo": list(self.to), "relationshipName": self.relationship, "picklistValues": [], "compoundFieldName": None,
            "soapType": {"boolean": "xsd:boolean", "datetime": "xsd:dateTime", "date": "xsd:date"}.get(self.type, "xsd:string"),
        }  # fmt: skip


@dataclass
class SObject:
    """One object: key prefix, fields, and which of its changes are kept in history objects."""

    name: str
    prefix: str
    fields: dict[str, Field]
    stream: str
    tracked: tuple[str, ...] = ()
    children: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Relationship name of a sub-select: child object and its field that points here."""

    def __post_init__(self) -> None:
        """Names are looked up without regard to case."""
        self.by_name = {name.lower(): name for name in self.fields}

    def add(self, new: Field) -> None:
        """The object has one more field."""
        self.fields[new.name] = new
        self.by_name[new.name.lower()] = new.name

    def hide(self, name: str, hidden: bool) -> None:
        """The integration user may not see the field any more, or again."""
        self.fields[name] = replace(self.fields[name], hidden=hidden)

    def readable(self) -> list[Field]:
        """Fields that the integration user sees, in the org's order."""
        return [known for known in self.fields.values() if not known.hidden]

    def find(self, name: str) -> Field | None:
        """A readable field by its name in any case."""
        known = self.fields.get(self.by_name.get(name.lower(), ""))
        return known if known and not known.hidden else None

    @property
    def soft_deletes(self) -> bool:
        """Whether a deleted record stays in the recycle bin for a while."""
        return "IsDeleted" in self.fields

    def describe(self, version: str) -> Row:
        """The object as a describe call shows it."""
        label = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name)
        url = f"/services/data/v{version}/sobjects/{self.name}"
        return {
            "name": self.name, "label": label, "labelPlural": label + "s", "keyPrefix": self.prefix, "custom": False,
            "queryable": True, "retrieveable": True, "replicateable": True, "updateable": True,
            "createable": True,  # codespell:ignore createable
            "deletable": True, "undeletable": self.soft_deletes, "deprecatedAndHidden": False, "urls": {"sobject": url},
            "fields": [known.describe() for known in self.readable()],
            "childRelationships": [
                {"childSObject": child, "field": by, "relationshipName": name} for name, (child, by) in self.children.items()
            ],
        }  # fmt: skip


Formula = Callable[[Any, Row], Any]


def parse_fields(text: str) -> dict[str, Field]:
    """Fields from a compact text: `Name:string(80) OwnerId:reference(User,Group) Score:double=` where = is calculated."""
    fields = {}
    for word in text.split():
        found = re.fullmatch(r"(\w+):(\w+)(?:\(([\w,]+)\))?([=!]?)", word)
        assert found, word
        name, type, argument, mark = found.groups()
        to = tuple(argument.split(",")) if type == "reference" and argument else ()
        length = int(argument) if argument and type != "reference" else {"reference": 18, "id": 18, "picklist": 255}.get(type, 0)
        fields[name] = Field(name, type, length, to, nillable=mark != "!", calculated=mark == "=")
    return fields
