"""Records as answers show them: listed, read in batches, and with their associations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.hubspot.associations import PER_RECORD, shown
from sandbox.hubspot.errors import invalid, missing
from sandbox.hubspot.instants import iso
from sandbox.hubspot.kinds import BY_NAME, Kind
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.shelf import Item

Body = dict[str, Any]
LIST_PAGE, HISTORY_PAGE, BATCH, ASSOCIATION_BATCH = 100, 50, 100, 1000
"""https://developers.hubspot.com/docs/api-reference/crm-objects-v3/guide"""


class Reader:
    """Reads the CRM at an instant (epoch seconds)."""

    def __init__(self, portal: Portal, now: int) -> None:
        self._portal = portal
        self._now = now

    def body(self, kind: Kind, item: Item, properties: Iterable[str] = (), history: Iterable[str] = ()) -> Body:
        """One record; without names the default properties, unknown names are ignored."""
        known = self._portal.properties[kind.name]
        wanted = set(properties) or set(kind.defaults)
        names = sorted({*(name for name in wanted if name in known and not known[name]["archived"]), *kind.always})
        body: Body = {"id": str(item.id), "properties": {name: item.properties.get(name) for name in names}}
        tracked = [name for name in history if name in known]
        if tracked:
            body["propertiesWithHistory"] = {name: self._history(kind, item, name) for name in sorted(tracked)}
        body["createdAt"] = iso(item.created)
        body["updatedAt"] = iso(item.modified if item.modified is not None else item.created)
        body["archived"] = item.archived is not None
        if item.archived is not None:
            body["archivedAt"] = iso(item.archived)
        return body

    def page(self, kind: Kind, query: dict[str, Any], path: str) -> Body:
        """A page of the list endpoint."""
        limit = _limit(query.get("limit"), HISTORY_PAGE if query["history"] else LIST_PAGE)
        after = query.get("after")
        if after is not None and not after.isdigit():
            raise invalid(f"invalid paging cursor {after}")
        found = []
        for item in self._portal.shelves[kind.name].after(int(after or 0), archived=query["archived"]):
            found.append(item)
            if len(found) > limit:
                break
        body: Body = {"results": [self.body(kind, item, query["properties"], query["history"]) for item in found[:limit]]}
        if query["associations"]:
            for entry, item in zip(body["results"], found, strict=False):
                entry["associations"] = self._first_associations(kind, item, query["associations"])
        if len(found) > limit:
            last = found[limit - 1].id
            body["paging"] = {"next": {"after": str(last), "link": f"{path}?after={last}"}}
        return body

    def batch(self, kind: Kind, wanted: Body) -> tuple[int, Body]:
        """A batch read and its status; missing ids make it 207."""
        inputs = wanted.get("inputs")
        history = wanted.get("propertiesWithHistory") or []
        if not isinstance(inputs, list) or len(inputs) > (HISTORY_PAGE if history else BATCH):
            raise invalid("Invalid input JSON: the number of inputs is not allowed")
        found: dict[int, Body] = {}
        lost = []
        for entry in inputs:
            item = self._find(kind, str(entry["id"]), wanted.get("idProperty"))
            if item is None:
                lost.append(str(entry["id"]))
            else:
                found[item.id] = self.body(kind, item, wanted.get("properties") or (), history)
        body: Body = {"status": "COMPLETE", "results": list(found.values()), **_times(self._now)}
        if not lost:
            return 200, body
        error = {"status": "error", "category": "OBJECT_NOT_FOUND",
                 "message": "Could not get some objects, they may be deleted or not exist.",
                 "context": {"ids": lost}}  # fmt: skip
        return 207, {**body, "numErrors": 1, "errors": [error]}

    def associated(self, kind: Kind, other: Kind, wanted: Body) -> tuple[int, Body]:
        """A batch read of associations; an id that no living record has refuses all of it."""
        if not self._portal.associations.knows(kind.name, other.name):
            raise missing(f"No association types exist from {kind.name} to {other.name}")
        inputs = wanted.get("inputs")
        if not isinstance(inputs, list) or len(inputs) > ASSOCIATION_BATCH:
            raise invalid("Invalid input JSON: too many inputs")
        shelf = self._portal.shelves[kind.name]
        for entry in inputs:
            item = shelf.items.get(int(entry["id"])) if str(entry["id"]).isdigit() else None
            if item is None or item.archived is not None:
                raise invalid(f"Invalid input: {entry['id']} is not a valid id")
        results = [result for entry in inputs if (result := self._associations(kind, other, entry))["to"]]
        body: Body = {"status": "COMPLETE", "results": results, **_times(self._now)}
        if len(results) == len(inputs):
            return 200, body
        with_some = {result["from"]["id"] for result in results}
        errors = [_lonely(str(entry["id"]), other) for entry in inputs if str(entry["id"]) not in with_some]
        return 207, {**body, "numErrors": len(errors), "errors": errors}

    def all_associated(self, kind: Kind, other: Kind, id: int) -> Body:
        """All associations of one record in one piece."""
        return {"from": {"id": str(id)}, "to": self._living(kind, other, id)}

    def _associations(self, kind: Kind, other: Kind, entry: Body) -> Body:
        id, after = int(entry["id"]), int(entry.get("after") or 0)
        rest = [to for to in self._living(kind, other, id) if to["toObjectId"] > after]
        body: Body = {"from": {"id": str(id)}, "to": rest[:PER_RECORD]}
        if len(rest) > PER_RECORD:
            last = rest[PER_RECORD - 1]["toObjectId"]
            body["paging"] = {"next": {"after": str(last), "link": f"?after={last}"}}
        return body

    def _living(self, kind: Kind, other: Kind, id: int) -> list[Body]:
        shelf = self._portal.shelves[other.name]
        found = sorted(self._portal.associations.of(kind.name, id, other.name).items())
        return [shown(kind.name, other.name, to, types) for to, types in found if shelf.items[to].archived is None]

    def _first_associations(self, kind: Kind, item: Item, wanted: Iterable[str]) -> Body:
        """The older form, cut off after the first page."""
        found: Body = {}
        for name in wanted:
            other = BY_NAME.get(name)
            if other is None or not self._portal.associations.knows(kind.name, other.name):
                continue
            ids = [to["toObjectId"] for to in self._living(kind, other, item.id)]
            if ids:
                results = [{"id": str(id), "type": f"{kind.name[:-1]}_to_{other.name[:-1]}"} for id in ids[:100]]
                more = {"paging": {"next": {"after": str(ids[99])}}} if len(ids) > 100 else {}
                found[name] = {"results": results, **more}
        return found

    def _find(self, kind: Kind, id: str, property: str | None) -> Item | None:
        shelf = self._portal.shelves[kind.name]
        if property:
            return next((item for item in shelf.living() if item.properties.get(property) == id), None)
        item = shelf.find(int(id)) if id.isdigit() else None
        return item if item is not None and item.archived is None else None

    def _history(self, kind: Kind, item: Item, name: str) -> list[Body]:
        """Values newest first; a computed property claims to have got its value just now."""
        if self._portal.properties[kind.name][name]["calculated"]:
            value = item.properties.get(name, "")
            return [{"value": value, "timestamp": iso(self._now * 1000), "sourceType": "CALCULATED"}]
        entries = reversed(item.values(name))
        return [{"value": value, "timestamp": iso(at), "sourceType": source} for at, value, source in entries]


def kind_of(name: str) -> Kind:
    """A type by its name or id."""
    if name not in BY_NAME:
        raise invalid(f"Unable to infer object type from: {name}")
    return BY_NAME[name]


def _limit(text: str | None, most: int) -> int:
    if text is None:
        return 10
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise invalid(f"Page size {text} is not allowed: between 1 and {most}")
    return int(text)


def _times(now: int) -> Body:
    return {"startedAt": iso(now * 1000), "completedAt": iso(now * 1000)}


def _lonely(id: str, other: Kind) -> Body:
    return {
        "status": "error", "category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {other.name} is associated with {id}.", "context": {"fromObjectId": [id],
            "toObjectType": [other.type_id]},
    }  # fmt: skip
