"""Turns canonical objects into what an answer shows: expanded where asked, lists cut, includable fields on demand."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.collection import Body
from sandbox.stripe.events import INLINED
from sandbox.stripe.expand import EXPANDABLE, Node, Tree
from sandbox.stripe.store import Store


def render(store: Store, kind: str, body: Body, tree: Tree) -> Body:
    """The object as an answer shows it."""
    shown = store.frozen(body)
    _expand(store, shown, body, EXPANDABLE[kind], tree)
    return shown


def _expand(store: Store, shown: Body, source: Body, offered: dict[str, Node], tree: Tree) -> None:
    for name, subtree in tree.items():
        node = offered[name]
        if node.how == "+":
            included = _included(store, source, name)
            if included is not None:
                shown[name] = _shown_list(store, included, subtree)
        elif node.how == "@":
            shown[name] = _resolve(store, source.get(name), node.kinds, subtree)
        else:
            shown[name] = _walk(store, shown.get(name), source.get(name), node, subtree)


def _resolve(store: Store, value: Any, kinds: tuple[str, ...], tree: Tree) -> Any:
    if isinstance(value, list):
        return [_resolve(store, row, kinds, tree) for row in value]
    if not isinstance(value, str):
        return value
    for kind in kinds:
        found = _look_up(store, kind, value)
        if found is not None:
            return found if found.get("deleted") else render(store, kind, found, tree)
    return value


def _look_up(store: Store, kind: str, id: str) -> Body | None:
    body = store.get(kind, id)
    if body is not None:
        return body
    gone = store.deleted(kind, id)
    if gone is None:
        return None
    if kind in ("customer", "product"):
        return {"id": id, "object": gone["object"], "deleted": True}
    return {**gone, "valid": False} if kind == "coupon" else gone


def _walk(store: Store, shown: Any, source: Any, node: Node, tree: Tree) -> Any:
    if isinstance(shown, list):
        return [_walk(store, row, original, node, tree) for row, original in zip(shown, source, strict=False)]
    if not isinstance(shown, dict):
        return shown
    if not node.kinds:
        _expand(store, shown, source, node.children, tree)
        return shown
    kind = node.kinds[0]
    whole = source if isinstance(source, dict) else {}
    if kind == "price":
        whole = store.price(shown["id"]) or whole
    return render(store, kind, whole, tree)


def _shown_list(store: Store, value: Any, tree: Tree) -> Any:
    """A list that is put in on demand has its rows rendered; everything else stays."""
    if not isinstance(value, dict) or "_kind" not in value:
        return value
    rows = [render(store, value["_kind"], row, tree.get("data", {})) for row in value["data"]]
    return {name: rows if name == "data" else held for name, held in value.items() if name != "_kind"}


def _included(store: Store, source: Body, name: str) -> Any:
    id = source["id"]
    match name:
        case "refunds":
            return _list(store, "refund", "charge", id, f"/v1/charges/{id}/refunds")
        case "payments":
            return _list(store, "invoice_payment", "invoice", id, "/v1/invoice_payments")
        case "subscriptions":
            return _list(store, "subscription", "customer", id, f"/v1/customers/{id}/subscriptions")
        case "sources" | "tax_ids":
            return {"object": "list", "data": [], "has_more": False, "url": f"/v1/customers/{id}/{name}"}
        case "tax":
            return {"automatic_tax": "unrecognized_location", "ip_address": None, "location": None}
        case "currency_options" if source["object"] == "price":
            return source.get(name) or {source["currency"]: _own_currency(source)}
    return source.get(name)


def _list(store: Store, kind: str, index: str, id: str, url: str) -> Body:
    rows = store.where(kind, index, id)
    if kind == "subscription":
        rows = [row for row in rows if row["status"] != "canceled"]
    return {
        "object": "list",
        "data": rows[:INLINED],
        "has_more": len(rows) > INLINED,
        "url": url,
        "_kind": kind,
    }


def _own_currency(price: Body) -> Body:
    fields = ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")
    return {field: price.get(field) for field in fields}
