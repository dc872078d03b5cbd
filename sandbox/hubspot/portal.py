"""The CRM of the account: records and what may be done to them, each with HubSpot's own consequences.

Whatever changes a property moves the date of change; archiving and associating do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.hubspot.associations import Associations
from sandbox.hubspot.definitions import Definition, definitions
from sandbox.hubspot.deriving import derived
from sandbox.hubspot.errors import invalid, missing
from sandbox.hubspot.existence import Existence
from sandbox.hubspot.instants import iso
from sandbox.hubspot.kinds import BY_NAME, CUSTOM_ID, CUSTOM_NAME, KINDS, Kind
from sandbox.hubspot.shelf import Item, Shelf


class Portal:
    """Records of every type."""

    def __init__(self, existence: Existence, begin: int) -> None:
        self.existence = existence
        self.associations = Associations()
        self.shelves = {kind.name: Shelf(1000 * number) for number, kind in enumerate(KINDS, 1)}
        self.properties: dict[str, dict[str, Definition]] = {kind.name: definitions(kind, begin * 1000) for kind in KINDS}
        self.index_delay = 0
        """Seconds until a change can be found by a search."""
        self._tick = 0
        for kind in KINDS:
            for name in self.properties[kind.name]:
                self.note_property(kind.name, name)

    def tick(self, at: int) -> int:
        """Epoch milliseconds of something that happens at an instant: later than whatever happened before in that second."""
        self._tick = max(at * 1000, self._tick + 1) if self._tick // 1000 == at else max(at * 1000, self._tick)
        return self._tick

    def create(
        self, kind: str, properties: Mapping[str, Any], at: int, *, source: str = "CRM_UI", moment: int | None = None
    ) -> Item:
        """A new record; `moment` gives many of them the same millisecond."""
        described, shelf = self._kind(kind), self.shelves[self._kind(kind).name]
        now = self.tick(at) if moment is None else moment
        item = Item(shelf.new_id(), {}, now, now, source=source)
        text = iso(now)
        item.properties = {"hs_object_id": str(item.id), described.created: text, described.modified: text}
        if described.created == "hs_createdate" and "hs_timestamp" in self.properties[described.name]:
            item.properties["hs_timestamp"] = text
        shelf.put(item)
        self._set(described, item, properties, now, source)
        self._exists(described, item.id)
        return item

    def update(self, kind: str, id: int, properties: Mapping[str, Any], at: int, *, source: str = "CRM_UI") -> Item:
        """Other values of properties; an empty one clears."""
        described, item = self._kind(kind), self.get(kind, id)
        now = self.tick(at)
        self._set(described, item, properties, now, source)
        self.modified(described, item, now)
        return item

    def archive(self, kind: str, id: int, at: int) -> None:
        """Into the recycle bin: the date of change stays."""
        described, item = self._kind(kind), self.get(kind, id)
        item.archived = self.tick(at)
        self._is_gone(described, item.id)

    def restore(self, kind: str, id: int, at: int, *, quietly: bool = False) -> None:
        """Back from the recycle bin; `quietly` without moving the date of change."""
        described, item = self._kind(kind), self.shelves[self._kind(kind).name].items.get(id)
        if item is None:
            raise missing(f"no archived {kind} {id}")
        item.archived = None
        if not quietly:
            self.modified(described, item, self.tick(at))
        self._exists(described, item.id)

    def merge(self, kind: str, winner: int, loser: int, at: int) -> Item:
        """The winner takes in the loser, whose id vanishes."""
        described, kept, gone = self._kind(kind), self.get(kind, winner), self.get(kind, loser)
        shelf, now = self.shelves[described.name], self.tick(at)
        missing_here = {name: value for name, value in gone.properties.items() if name not in kept.properties}
        merged = [*_ids(kept, "hs_merged_object_ids"), *_ids(gone, "hs_merged_object_ids"), str(gone.id)]
        more = {"hs_merged_object_ids": ";".join(dict.fromkeys(merged))}
        if described.name == "contacts":
            more["hs_calculated_merged_vids"] = ";".join([*_ids(kept, "hs_calculated_merged_vids"), f"{gone.id}:{now}"])
        self._set(described, kept, {**missing_here, **more}, now, "MERGE_OBJECTS")
        self.modified(described, kept, now)
        self.associations.move(described.name, gone.id, kept.id)
        shelf.drop(gone.id)
        shelf.aliases[gone.id] = kept.id
        self._is_gone(described, gone.id)
        return kept

    def purge(self, kind: str, id: int) -> None:
        """Nothing is left of a record, on any list."""
        described = self._kind(kind)
        item = self.shelves[described.name].find(id)
        if item is None:
            raise missing(f"no {kind} {id}")
        self.shelves[described.name].drop(item.id)
        self.associations.forget(described.name, item.id)
        self._is_gone(described, item.id)

    def undate(self, kind: str, id: int) -> None:
        """A record that does not say when it changed, as some that were imported."""
        described, item = self._kind(kind), self.get(kind, id)
        item.modified = None
        item.properties.pop(described.modified, None)

    def associate(self, kind: str, id: int, other: str, to: int) -> None:
        """Two records belong together; the date of change of neither moves."""
        left, right = self._kind(kind).name, self._kind(other).name
        if not self.associations.knows(left, right):
            raise invalid(f"no associations from {kind} to {other}")
        self.get(kind, id), self.get(other, to)
        primary = right == "companies" and not self.associations.has_primary(left, id, right)
        self.associations.add(left, id, right, to, primary=primary)

    def dissociate(self, kind: str, id: int, other: str, to: int) -> None:
        """Two records belong together no more."""
        self.associations.remove(self._kind(kind).name, id, self._kind(other).name, to)

    def get(self, kind: str, id: int) -> Item:
        """A record that is not archived; a merged one gives the record that took it in."""
        item = self.shelves[self._kind(kind).name].find(id)
        if item is None or item.archived is not None:
            raise missing(f"Object not found. objectId are usually numeric. No {kind} {id}.")
        return item

    def modified(self, kind: Kind, item: Item, now: int) -> None:
        """Moves the date of change."""
        item.modified = now
        item.properties[kind.modified] = iso(now)
        self.shelves[kind.name].touched(item)

    def note_property(self, kind: str, name: str) -> None:
        """A property exists; those of the account's own types are told by their schema."""
        if kind != CUSTOM_NAME:
            self.existence.begins("properties", f"{kind}/{name}")

    def _set(self, kind: Kind, item: Item, properties: Mapping[str, Any], now: int, source: str) -> None:
        known = self.properties[kind.name]
        if unknown := [name for name in properties if name not in known]:
            raise invalid(f'Property "{unknown[0]}" does not exist', errors=[{"code": "PROPERTY_DOESNT_EXIST"}])
        values = {name: "" if value is None else str(value) for name, value in properties.items()}
        for name, value in derived(kind.name, item, values, now).items():
            if item.properties.get(name, "") == value:
                continue
            if now != item.created:
                item.history.setdefault(name, item.values(name)).append((now, value, source))
            if value:
                item.properties[name] = value
            else:
                item.properties.pop(name, None)

    def _kind(self, name: str) -> Kind:
        if name not in BY_NAME:
            raise invalid(f"Unable to infer object type from: {name}")
        return BY_NAME[name]

    def _exists(self, kind: Kind, id: int) -> None:
        for stream, row in _rows(kind, id):
            self.existence.begins(stream, row)

    def _is_gone(self, kind: Kind, id: int) -> None:
        for stream, row in _rows(kind, id):
            self.existence.ends(stream, row)


def _rows(kind: Kind, id: int) -> list[tuple[str, str]]:
    """The rows that a record has in the streams of the connector."""
    if kind.name == CUSTOM_NAME:
        return [("custom_objects", f"{CUSTOM_ID}/{id}")]
    rows = [(kind.name, str(id))]
    rows += [("property_history", f"{kind.name}/{id}")] if kind.tracked else []
    return rows + [("associations", f"{kind.name}/{id}/{other}") for other in kind.pairs]


def _ids(item: Item, name: str) -> list[str]:
    return [id for id in item.properties.get(name, "").split(";") if id]
