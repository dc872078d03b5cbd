"""The org: its objects, their records, what is computed when it is read, and what the integration user may see."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.salesforce.formulas import formulas
from sandbox.salesforce.objects import standard_objects
from sandbox.salesforce.schema import Field, Row, SObject
from sandbox.salesforce.table import Table
from sandbox.salesforce.truth import Truth
from sandbox.salesforce.values import in_warehouse

ARCHIVED_AFTER = 365 * 86_400
"""Activities that ended so long ago are archived (default of the org)."""
BIN_DAYS = 15
"""Days that a deleted record stays in the recycle bin."""


class Org:
    """Everything the org holds; `now` is the instant of the last event or request."""

    def __init__(self, seed: int, currency: str, timezone: str) -> None:
        self.seed, self.currency, self.timezone = seed, currency.upper(), timezone
        self.kinds = standard_objects()
        self.tables = {name: Table(kind) for name, kind in self.kinds.items()}
        self.truth = Truth()
        self.formulas = formulas()
        self.enterprise_from = 250
        self.forbidden: set[str] = set()
        self.now = 0

    def kind(self, name: str) -> SObject | None:
        """An object by its name in any case, if the integration user may see it."""
        known = self.kinds.get(name) or next((k for n, k in self.kinds.items() if n.lower() == name.lower()), None)
        return known if known and known.name not in self.forbidden else None

    def table(self, name: str) -> Table:
        """The records of an object."""
        return self.tables[name]

    def row(self, name: str, id: str) -> Row:
        """A record; KeyError if nothing is left of it."""
        found = self.tables[name].get(id)
        if found is None:
            raise KeyError(id)
        return found

    def define(self, kind: SObject) -> None:
        """The org has a custom object."""
        self.kinds[kind.name] = kind
        self.tables[kind.name] = Table(kind)

    def add_field(self, name: str, new: Field) -> None:
        """An administrator adds a field."""
        self.kinds[name].add(new)

    def value(self, kind: SObject, row: Row, name: str) -> Any:
        """The value of a field as a reader sees it now."""
        formula = self.formulas.get((kind.name, name))
        if formula is not None:
            return formula(self, row)
        if name == "IsArchived":
            return self.is_archived(kind, row)
        return row.get(name)

    def is_archived(self, kind: SObject, row: Row) -> bool:
        """Whether an activity is so old that only a query of everything shows it."""
        if "IsArchived" not in kind.fields:
            return False
        ended = row.get("EndDateTime") if kind.name == "Event" else row.get("CompletedDateTime")
        return ended is not None and ended < self.now - ARCHIVED_AFTER

    def in_bin(self, row: Row, at: int | None = None) -> bool:
        """Whether a deleted record can still be seen and restored, now or at an instant."""
        return bool(row["_deleted"] >= (self.now if at is None else at) - BIN_DAYS * 86_400)

    def warehouse_objects(self, stream: str) -> dict[str, Row]:
        """Every existing row of a stream by id, as a connector lands it."""
        kind = next(kind for kind in self.kinds.values() if kind.stream == stream)
        table, columns = self.tables[kind.name], [f for f in kind.readable() if f.type not in ("address", "location")]
        return {
            id: {f.name: in_warehouse(f.type, self.value(kind, table.rows[id], f.name)) for f in columns}
            for id in sorted(self.truth.alive(stream))
            if id in table.rows
        }

    def rate(self, currency: str) -> Decimal:
        """Units of a currency for one of the corporate currency."""
        for row in self.tables["CurrencyType"].rows.values():
            if row["IsoCode"] == currency:
                return Decimal(row["ConversionRate"])
        return Decimal(1)
