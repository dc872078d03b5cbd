"""The fidelity checks must object to what real clients would trip over, or they prove nothing."""

from __future__ import annotations

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.fidelity.openapi import OpenApi
from sandbox.fidelity.sdk_types import SdkTypes

Path = tuple[str | int, ...]


@pytest.fixture
def bodies(servers: SimpleNamespace) -> dict[str, dict[str, Any]]:
    """Objects as the server renders them, by component."""
    store = servers.account.store

    def shown(kind: str, id: str) -> dict[str, Any]:
        return dict(store.frozen(store.get(kind, id)))

    return {
        "subscription": shown("subscription", "sub_1"),
        "invoice": shown("invoice", "in_1"),
        "price": shown("price", "price_monthly"),
        "customer": shown("customer", "cus_01"),
    }


def changed(body: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy with the value at the path, or without the field for the value `...`."""
    copy = deepcopy(body)
    node: Any = copy
    for step in path[:-1]:
        node = node[step]
    if value is ...:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return copy


ITEM: Path = ("items", "data", 0)
LINE: Path = ("lines", "data", 0)

BAD: dict[str, tuple[str, Path, Any]] = {
    "required field missing": ("subscription", ("status",), ...),
    "required field of a row missing": ("subscription", (*ITEM, "current_period_end"), ...),
    "list envelope without has_more": ("subscription", ("items", "has_more"), ...),
    "has_more no boolean": ("invoice", ("lines", "has_more"), "false"),
    "list without rows": ("invoice", ("lines", "data"), None),
    "unknown status": ("subscription", ("status",), "sleeping"),
    "unknown interval": ("price", ("recurring", "interval"), "fortnight"),
    "text for a number": ("invoice", ("total",), "1000"),
    "fraction for minor units": ("invoice", ("amount_due",), 10.5),
    "number for a decimal text": ("price", ("unit_amount_decimal",), 1000),
    "number for a boolean": ("customer", ("livemode",), 0),
    "null where it may not be": ("customer", ("created",), None),
    "number in metadata": ("customer", ("metadata",), {"size": 5}),
    "object where an id belongs": ("subscription", ("customer",), {"name": "Ada"}),
    "period moved back to the subscription": ("subscription", ("current_period_end",), 1),
    "singular discount on the subscription": ("subscription", ("discount",), None),
    "subscription on the invoice": ("invoice", ("subscription",), "sub_1"),
    "charge on the invoice": ("invoice", ("charge",), None),
    "tax on the invoice": ("invoice", ("tax",), 0),
    "proration on the line": ("invoice", (*LINE, "proration"), False),
    "price on the line": ("invoice", (*LINE, "price"), None),
    "misspelt field": ("customer", ("emial",), "a@b.c"),
}


@pytest.mark.parametrize("name", BAD)
def test_both_checks_object_to(name: str, bodies: dict[str, dict[str, Any]], openapi: OpenApi, sdk: SdkTypes) -> None:
    component, path, value = BAD[name]
    bad = changed(bodies[component], path, value)
    assert openapi.component_errors(component, bad)
    assert sdk.errors(bad)


@pytest.mark.parametrize("component", ["subscription", "invoice", "price", "customer"])
def test_neither_check_objects_to_what_the_server_sends(
    component: str, bodies: dict[str, dict[str, Any]], openapi: OpenApi, sdk: SdkTypes
) -> None:
    assert openapi.component_errors(component, bodies[component]) == []
    assert sdk.errors(bodies[component]) == []


def test_a_renamed_field_is_missing_and_unknown(bodies: dict[str, dict[str, Any]], openapi: OpenApi, sdk: SdkTypes) -> None:
    body = bodies["subscription"]
    renamed = {**{key: value for key, value in body.items() if key != "start_date"}, "started": body["start_date"]}
    assert len(openapi.component_errors("subscription", renamed)) == 2
    assert len(sdk.errors(renamed)) == 2


def test_an_answer_of_the_wrong_kind_is_objected_to(bodies: dict[str, dict[str, Any]], openapi: OpenApi) -> None:
    page = {"object": "list", "data": [bodies["customer"]], "has_more": False, "url": "/v1/customers"}
    assert openapi.errors("GET", "/v1/customers", 200, page) == []
    assert openapi.errors("GET", "/v1/invoices", 200, page)


def test_an_answer_at_an_unknown_path_is_objected_to(openapi: OpenApi) -> None:
    assert openapi.errors("GET", "/v1/colours", 200, {}) == ["GET /v1/colours: no such operation in the description"]


def test_an_error_without_its_envelope_is_objected_to(openapi: OpenApi) -> None:
    assert openapi.errors("GET", "/v1/customers", 400, {"message": "no"})
    assert openapi.errors("GET", "/v1/customers", 400, {"error": {"type": "bad_luck"}})
