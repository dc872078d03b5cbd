"""The reading endpoints: lists, single objects, and the lists inside objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe.account import Account, account_object
from sandbox.stripe.collection import Body
from sandbox.stripe.errors import missing, missing_parameter, unknown_parameter
from sandbox.stripe.expand import Tree, read_expansions
from sandbox.stripe.filters import Condition, Filter, created
from sandbox.stripe.forms import Params
from sandbox.stripe.listing import Page, page_of, page_of_rows, read_cursor
from sandbox.stripe.render import render
from sandbox.stripe.resources import BY_KIND, EVENT_DAYS, PAGING, RESOURCES, Resource
from sandbox.stripe.store import Store


@dataclass
class Call:
    """One request as an endpoint sees it."""

    account: Account
    params: Params
    path: dict[str, str] = field(default_factory=dict)
    is_hidden: Callable[[str], bool] = lambda id: False
    currency: str = "usd"

    @property
    def store(self) -> Store:
        """The objects of the account."""
        return self.account.store


Endpoint = Callable[[Call], Body]


@dataclass(frozen=True)
class Reader:
    """A GET endpoint: its path, the permission it needs, and what answers it."""

    path: str
    permission: str
    answer: Endpoint


def list_objects(call: Call, resource: Resource) -> Body:
    """A page of a collection."""
    tree = read_expansions(call.params, resource.kind, is_list=True)
    conditions = _conditions(call, resource.filters)
    conditions += resource.default(call.params)
    if resource.kind == "event":
        conditions.append(Condition(since=_events_since(call)))
    if resource.kind == "event" and {"type", "types"} <= call.params.keys():
        raise unknown_parameter("types")
    page = page_of(call.store, resource.kind, read_cursor(call.params), conditions, call.is_hidden)
    return _envelope(call, resource.kind, resource.path, page, tree)


def retrieve(call: Call, resource: Resource) -> Body:
    """One object by id; deleted ones as the API shows them."""
    tree = read_expansions(call.params, resource.kind, is_list=False)
    _refuse_unknown(call.params, ())
    id = call.path["id"]
    body = None if call.is_hidden(id) else call.store.get(resource.kind, id)
    if body is not None and resource.kind == "event" and body["created"] < _events_since(call):
        body = None
    if body is not None:
        return render(call.store, resource.kind, body, tree)
    gone = call.store.deleted(resource.kind, id)
    if gone is not None and resource.deleted_shows:
        return {"id": id, "object": gone["object"], "deleted": True}
    raise missing(resource.noun, id)


def _events_since(call: Call) -> int:
    return call.account.now() - EVENT_DAYS * 86_400


def _conditions(call: Call, filters: dict[str, Filter]) -> list[Condition]:
    _refuse_unknown(call.params, (*filters, *PAGING))
    return [filters[name](name, value, call.store) for name, value in call.params.items() if name in filters]


def _refuse_unknown(params: Params, known: Iterable[str]) -> None:
    for name in params:
        if name not in known:
            raise unknown_parameter(name)


def _envelope(call: Call, kind: str, url: str, page: Page, tree: Tree) -> Body:
    rows = [render(call.store, kind, row, tree) for row in page.rows]
    return {"object": "list", "data": rows, "has_more": page.has_more, "url": url}


def _parent(call: Call, kind: str) -> Body:
    body = call.store.get(kind, call.path["id"])
    if body is None:
        raise missing(BY_KIND[kind].noun, call.path["id"])
    return body


def _rows_of(kind: str, name: str, row_kind: str) -> Endpoint:
    """The complete nested list of a parent, paged."""

    def answer(call: Call) -> Body:
        tree = read_expansions(call.params, row_kind, is_list=True)
        _refuse_unknown(call.params, PAGING)
        rows = _parent(call, kind)[name]["data"]
        page = page_of_rows(rows, read_cursor(call.params), row_kind.replace("_", " "))
        url = f"{BY_KIND[kind].path}/{call.path['id']}/{name}"
        return _envelope(call, row_kind, url, page, tree)

    return answer


def _children_of(kind: str, name: str, child: str, filters: dict[str, Filter]) -> Endpoint:
    """The objects of another collection that belong to a parent."""

    def answer(call: Call) -> Body:
        tree = read_expansions(call.params, child, is_list=True)
        conditions = [Condition(within=(kind, [call.path["id"]])), *_conditions(call, filters)]
        if call.store.deleted(kind, call.path["id"]) is None:
            _parent(call, kind)
        page = page_of(call.store, child, read_cursor(call.params), conditions, call.is_hidden)
        return _envelope(call, child, f"{BY_KIND[kind].path}/{call.path['id']}/{name}", page, tree)

    return answer


def _subscription_items(call: Call) -> Body:
    tree = read_expansions(call.params, "subscription_item", is_list=True)
    _refuse_unknown(call.params, ("subscription", *PAGING))
    if "subscription" not in call.params:
        raise missing_parameter("subscription")
    id = call.params["subscription"]
    subscription = call.store.get("subscription", id)
    if subscription is None:
        raise missing("subscription", id, param="subscription")
    page = page_of_rows(subscription["items"]["data"], read_cursor(call.params), "subscription item")
    return _envelope(call, "subscription_item", "/v1/subscription_items", page, tree)


def _subscription_item(call: Call) -> Body:
    tree = read_expansions(call.params, "subscription_item", is_list=False)
    id = call.path["id"]
    for subscription in call.store.where("subscription", "item", id):
        for item in subscription["items"]["data"]:
            if item["id"] == id:
                return render(call.store, "subscription_item", item, tree)
    raise missing("subscription_item", id)


def _balance_transaction(call: Call) -> Body:
    tree = read_expansions(call.params, "customer_balance_transaction", is_list=False)
    body = call.store.get("customer_balance_transaction", call.path["transaction"])
    if body is None or body["customer"] != call.path["id"]:
        raise missing("customer balance transaction", call.path["transaction"])
    return render(call.store, "customer_balance_transaction", body, tree)


def _account(call: Call) -> Body:
    call.params.pop("expand", None)
    _refuse_unknown(call.params, ())
    oldest = min((body["created"] for body in call.store.all("product")), default=call.account.now())
    return account_object(oldest, call.currency)


def readers(event_summaries: Endpoint) -> list[Reader]:
    """Every GET endpoint of the API."""
    table = [Reader("/v1/account", "account_read", _account)]
    for resource in RESOURCES:
        permission = f"{resource.kind}_read"
        table.append(Reader(resource.path, permission, _bind(list_objects, resource)))
        table.append(Reader(resource.path + "/{id}", permission, _bind(retrieve, resource)))
    balance = _children_of(
        "customer",
        "balance_transactions",
        "customer_balance_transaction",
        {"created": created, "invoice": lambda *given: Condition(within=("invoice", [given[1]]))},
    )
    return [
        *table,
        Reader("/v1/subscription_items", "subscription_read", _subscription_items),
        Reader("/v1/subscription_items/{id}", "subscription_read", _subscription_item),
        Reader("/v1/invoices/{id}/lines", "invoice_read", _rows_of("invoice", "lines", "line_item")),
        Reader(
            "/v1/credit_notes/{id}/lines",
            "credit_note_read",
            _rows_of("credit_note", "lines", "credit_note_line_item"),
        ),
        Reader("/v1/charges/{id}/refunds", "refund_read", _children_of("charge", "refunds", "refund", {})),
        Reader("/v1/customers/{id}/balance_transactions", "customer_read", balance),
        Reader("/v1/customers/{id}/balance_transactions/{transaction}", "customer_read", _balance_transaction),
        Reader("/v1/billing/meters/{id}/event_summaries", "meter_read", event_summaries),
    ]


def _bind(endpoint: Callable[[Call, Resource], Any], resource: Resource) -> Endpoint:
    return lambda call: endpoint(call, resource)


READ_PERMISSIONS = frozenset(reader.permission for reader in readers(_account))
"""The permissions that reading everything takes."""
