"""The records of one object, found by id, by parent, and by when they last changed."""

from __future__ import annotations

import bisect
from collections.abc import Iterator

from sandbox.salesforce.identifiers import long_id, record_id
from sandbox.salesforce.schema import Row, SObject

_UNINDEXED = {"OwnerId", "CreatedById", "LastModifiedById", "ProfileId"}


class Table:
    """Records by id; deleted ones stay until they are purged."""

    def __init__(self, kind: SObject) -> None:
        self.kind = kind
        self.rows: dict[str, Row] = {}
        self._parents = [known.name for known in kind.fields.values() if known.to and known.name not in _UNINDEXED]
        self._index: dict[str, dict[str, dict[str, None]]] = {name: {} for name in self._parents}
        self._changes: list[tuple[int, str]] = []
        self._unstamped: dict[str, None] = {}
        self._count = 0

    @property
    def parents(self) -> list[str]:
        """Reference fields by which records can be found."""
        return self._parents

    @property
    def stamp(self) -> str:
        """The field that says when a record last changed."""
        return "SystemModstamp" if "SystemModstamp" in self.kind.fields else "CreatedDate"

    def new_id(self) -> str:
        """An id that no record has had."""
        self._count += 1
        return record_id(self.kind.prefix, self._count)

    def get(self, id: str) -> Row | None:
        """A record by either form of its id."""
        return self.rows.get(long_id(id))

    def put(self, row: Row, changes: Row) -> None:
        """Gives a record these values, and keeps the indexes."""
        id = row["Id"]
        for name in self._parents:
            if name in changes and (row.get(name) != changes[name] or id not in self.rows):
                self._index[name].get(row.get(name) or "", {}).pop(id, None)
                if changes[name]:
                    self._index[name].setdefault(changes[name], {})[id] = None
        row.update(changes)
        self.rows[id] = row
        if self.stamp in changes:
            self._note(id, row[self.stamp])

    def remove(self, id: str) -> None:
        """Nothing is left of a record."""
        row = self.rows.pop(id)
        for name in self._parents:
            self._index[name].get(row.get(name) or "", {}).pop(id, None)
        self._unstamped.pop(id, None)

    def of(self, parent_field: str, parent: str) -> list[Row]:
        """The records whose reference is that parent, in the order of their making."""
        return [self.rows[id] for id in self._index[parent_field].get(parent, ())]

    def changed_since(self, at: int) -> Iterator[Row]:
        """Records whose stamp is that instant or later, or is missing."""
        start = bisect.bisect_left(self._changes, (at, ""))
        ids = dict.fromkeys(id for _, id in self._changes[start:]) | self._unstamped
        return (self.rows[id] for id in ids if id in self.rows)

    def _note(self, id: str, at: int | None) -> None:
        if at is None:
            self._unstamped[id] = None
            return
        self._unstamped.pop(id, None)
        entry = (at, id)
        if not self._changes or self._changes[-1] <= entry:
            self._changes.append(entry)
        else:
            bisect.insort(self._changes, entry)
