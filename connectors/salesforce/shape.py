"""The fields of an object as a describe call tells them, and what has changed since they were last looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from cynosure.extract import AccessDenied, Unexpected

# parts of compound fields are fields of their own; files are not metrics
_LEFT_OUT = frozenset({"address", "location", "base64", "complexvalue"})
# SystemModstamp also moves for changes by the system that leave LastModifiedDate alone
_STAMPS = ("SystemModstamp", "LastModifiedDate", "CreatedDate", "LoginTime")


class FieldLost(AccessDenied):
    """Fields that were read before cannot be read any more: a permission was withdrawn, or they were deleted."""


class _Field(msgspec.Struct):
    name: str
    type: str
    calculated: bool = False
    nillable: bool = True


class _Described(msgspec.Struct):
    fields: list[_Field]


@dataclass(frozen=True, slots=True)
class Shape:
    """Readable fields by name with their types, which of them the org computes, and where changes show."""

    columns: Mapping[str, str]
    computed: tuple[str, ...] = ()
    stamp: str | None = None
    stamp_may_be_null: bool = False

    @property
    def soft_deletes(self) -> bool:
        """Whether deleted records can still be seen for a while."""
        return "IsDeleted" in self.columns

    @property
    def needs_rest(self) -> bool:
        """Whether a field has values of any type, which only JSON tells apart."""
        return "anyType" in self.columns.values()


@dataclass(slots=True)
class Compared:
    """What differs between two looks at an object."""

    lost: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


def shape_of(name: str, body: bytes | msgspec.Raw, given_up: frozenset[tuple[str, str]]) -> Shape:
    """The shape that a describe answer tells; Unexpected if it is none."""
    try:
        fields = msgspec.json.decode(body, type=_Described).fields
    except msgspec.DecodeError as error:
        raise Unexpected(f"{name}: its description cannot be read: {error}") from None
    kept = [f for f in fields if f.type not in _LEFT_OUT and (name, f.name) not in given_up]
    columns = {f.name: f.type for f in sorted(kept, key=lambda f: f.name)}
    stamp = next((stamp for stamp in _STAMPS if stamp in columns), None)
    nullable = any(f.nillable for f in kept if f.name == stamp)
    return Shape(columns, tuple(f.name for f in kept if f.calculated), stamp, nullable)


def compare(name: str, before: Mapping[str, str], now: Shape, given_up: frozenset[tuple[str, str]]) -> Compared:
    """What was lost and added since."""
    lost = [f for f in before if f not in now.columns and (name, f) not in given_up]
    return Compared(sorted(lost), sorted(f for f in now.columns if f not in before))


def lost_fields(name: str, lost: list[str]) -> FieldLost:
    """What to raise for lost fields: their old values must not be replaced by nothing."""
    fields = ", ".join(f"{name}.{f}" for f in lost)
    return FieldLost(
        f"{fields} can no longer be read; nothing was loaded, so that no value is lost. Give the integration user Read access"
        " again (Setup > Object Manager > Fields > Field-Level Security), or, if deleted on purpose, list it in given_up_fields"
    )
