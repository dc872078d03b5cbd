"""What can be done to the account besides what the story tells: by the API, or in HubSpot's own interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.hubspot.books import Books
from sandbox.hubspot.definitions import definition
from sandbox.hubspot.errors import invalid
from sandbox.hubspot.kinds import BY_NAME
from sandbox.hubspot.reading import Reader

Body = dict[str, Any]
Operation = Callable[[Books, Body, int], Any]


def _shown(books: Books, kind: str, id: int, at: int) -> Body:
    described = BY_NAME[kind]
    item = books.portal.get(kind, id)
    return Reader(books.portal, at).body(described, item, item.properties)


def _create(books: Books, given: Body, at: int) -> Body:
    """A record, with associations if given: [{to: {id}, types: [...]}] or [[type, id]]."""
    item = books.portal.create(given["kind"], given.get("properties") or {}, at, source="INTEGRATION")
    for other, to in given.get("associations") or []:
        books.portal.associate(given["kind"], item.id, other, int(to))
    return _shown(books, given["kind"], item.id, at)


def _update(books: Books, given: Body, at: int) -> Body:
    item = books.portal.update(given["kind"], int(given["id"]), given["properties"], at, source="INTEGRATION")
    return _shown(books, given["kind"], item.id, at)


def _archive(books: Books, given: Body, at: int) -> None:
    books.remove(given["kind"], int(given["id"]), "archive", at)


def _restore(books: Books, given: Body, at: int) -> None:
    books.portal.restore(given["kind"], int(given["id"]), at, quietly=bool(given.get("quietly")))


def _merge(books: Books, given: Body, at: int) -> Body:
    item = books.merge(given["kind"], int(given["primaryObjectId"]), int(given["objectIdToMerge"]), at)
    return _shown(books, given["kind"], item.id, at)


def _erase(books: Books, given: Body, at: int) -> None:
    books.remove(given.get("kind", "contacts"), int(given["id"]), "erase", at)


def _associate(books: Books, given: Body, at: int) -> Body:
    books.portal.associate(given["kind"], int(given["id"]), given["other"], int(given["to"]))
    return {"fromObjectId": given["id"], "toObjectId": given["to"], "labels": []}


def _dissociate(books: Books, given: Body, at: int) -> None:
    books.portal.dissociate(given["kind"], int(given["id"]), given["other"], int(given["to"]))


def _import(books: Books, given: Body, at: int) -> list[str]:
    """Many records at once; with `tied` all in one millisecond. `properties` may hold {n}."""
    moment = books.portal.tick(at) if given.get("tied", True) else None
    ids = []
    for number in range(int(given["count"])):
        values = {name: str(value).replace("{n}", str(number)) for name, value in (given.get("properties") or {}).items()}
        item = books.portal.create(given["kind"], values, at, source="IMPORT", moment=moment)
        ids.append(str(item.id))
    return ids


def _undate(books: Books, given: Body, at: int) -> None:
    books.portal.undate(given["kind"], int(given["id"]))


def _add_property(books: Books, given: Body, at: int) -> Body:
    """A property of the account's own; `count` makes numbered ones."""
    kind = BY_NAME[given["kind"]].name
    names = [f"{given['name']}_{n}" for n in range(given["count"])] if "count" in given else [given["name"]]
    for name in names:
        made = definition(name, given.get("type", "string"), at * 1000, calculated=bool(given.get("calculated")), own=True)
        books.portal.properties[kind][name] = made
        books.portal.note_property(kind, name)
    return books.portal.properties[kind][names[-1]]


def _archive_property(books: Books, given: Body, at: int) -> None:
    known = books.portal.properties[BY_NAME[given["kind"]].name]
    if given["name"] not in known:
        raise invalid(f"no property {given['name']}")
    known[given["name"]]["archived"] = True


def _delay_index(books: Books, given: Body, at: int) -> None:
    books.portal.index_delay = int(given["seconds"])


def _add_stage(books: Books, given: Body, at: int) -> Body:
    return books.pipelines.add_stage(given["kind"], given["pipeline"], given["label"], given.get("metadata") or {}, at)


def _spend(books: Books, given: Body, at: int) -> Body:
    return books.marketing.spend(given["campaign"], given["name"], str(given["amount"]), at)


def _count_email(books: Books, given: Body, at: int) -> None:
    books.marketing.count(given["id"], given["totals"], at)


def _delete_email(books: Books, given: Body, at: int) -> None:
    books.marketing.delete_email(given["id"], at)


def _add_list(books: Books, given: Body, at: int) -> str:
    return books.lists.add(given["name"], given.get("processing", "MANUAL"), at)


def _remove_list(books: Books, given: Body, at: int) -> None:
    books.lists.remove(str(given["id"]))


def _enrol(books: Books, given: Body, at: int) -> None:
    for id in given["ids"]:
        books.lists.enrol(str(given["list"]), int(id), at)


def _submit(books: Books, given: Body, at: int) -> None:
    form = books.marketing.form(given["form"], at)
    for number in range(int(given.get("count", 1))):
        books.marketing.submit(form, {"email": str(given.get("email", "lead{n}@example.com")).replace("{n}", str(number))}, at)


OPERATIONS: dict[str, Operation] = {
    "create": _create, "update": _update, "archive": _archive, "restore": _restore, "merge": _merge, "erase": _erase,
    "associate": _associate, "dissociate": _dissociate, "import": _import, "undate": _undate, "add_property": _add_property,
    "archive_property": _archive_property, "delay_index": _delay_index, "add_stage": _add_stage, "spend": _spend,
    "count_email": _count_email, "delete_email": _delete_email, "add_list": _add_list, "remove_list": _remove_list,
    "enrol": _enrol, "submit": _submit,
}  # fmt: skip
"""Operations by the name that `Vendor.write` takes."""
