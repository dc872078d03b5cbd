"""What the sandbox's Stripe API refuses, and how it says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import stripe


def error_of(response: httpx.Response) -> dict[str, Any]:
    return dict(response.json()["error"])


def test_a_request_without_a_key_is_unauthorized(servers: SimpleNamespace) -> None:
    response = httpx.get(servers.stripe + "/v1/customers")
    assert response.status_code == 401
    assert "code" not in error_of(response)


def test_a_wrong_key_is_named_but_masked(servers: SimpleNamespace) -> None:
    client = stripe.StripeClient("sk_test_nobodyknowsthis", base_addresses={"api": servers.stripe})
    with pytest.raises(stripe.AuthenticationError, match=r"Invalid API Key provided: sk_test_\*\*\*this"):
        client.v1.customers.list()


def test_basic_authentication_takes_the_key_as_user_name(servers: SimpleNamespace, build: SimpleNamespace) -> None:
    assert httpx.get(servers.stripe + "/v1/customers", auth=(build.secret, "")).status_code == 200
    assert httpx.get(servers.stripe + "/v1/customers", auth=("sk_test_x", "")).status_code == 401


def test_a_restricted_key_reaches_what_it_may_and_nothing_else(servers: SimpleNamespace, control: httpx.Client) -> None:
    control.post("/keys", json={"key": "rk_test_reader0001", "permissions": ["customer_read"]})
    client = stripe.StripeClient("rk_test_reader0001", base_addresses={"api": servers.stripe})
    assert client.v1.customers.list().data
    with pytest.raises(stripe.PermissionError, match="rak_invoice_read") as refused:
        client.v1.invoices.list()
    assert refused.value.http_status == 403
    with pytest.raises(stripe.PermissionError, match="rak_customer_write"):
        client.v1.customers.create({"email": "new@example.com"})


def test_a_revoked_key_is_refused_until_it_is_restored(servers: SimpleNamespace, control: httpx.Client) -> None:
    client = stripe.StripeClient("sk_test_comesandgoes", base_addresses={"api": servers.stripe})
    control.post("/keys", json={"key": "sk_test_comesandgoes", "revoked": True})
    with pytest.raises(stripe.AuthenticationError, match="Expired API Key"):
        client.v1.customers.list()
    control.post("/keys", json={"key": "sk_test_comesandgoes", "revoked": False})
    assert client.v1.customers.list().data


@pytest.mark.parametrize("version", ["2024-06-20", "2026-09-30.endive", "2025-03-31.basil"])
def test_any_other_api_version_is_refused(http: httpx.Client, version: str) -> None:
    response = http.get("/v1/customers", headers={"Stripe-Version": version})
    assert response.status_code == 400
    assert version in error_of(response)["message"]


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("colour=red", "parameter_unknown", "colour"),
        ("created[near]=5", "parameter_unknown", "created[near]"),
        ("created[gte]=soon", "parameter_invalid_integer", "created[gte]"),
        ("limit=0", "parameter_invalid_integer", "limit"),
        ("limit=101", "parameter_invalid_integer", "limit"),
        ("limit=ten", "parameter_invalid_integer", "limit"),
        ("starting_after=cus_nobody", "resource_missing", "starting_after"),
        ("starting_after=cus_03&ending_before=cus_01", None, "starting_after"),
        ("expand[]=data.colour", None, "expand"),
        ("expand[]=test_clock", None, "expand"),
        ("expand[]=data.subscriptions.data.items.data", None, "expand"),
        ("expand=data.discount", None, "expand"),
    ],
)
def test_a_bad_parameter_is_named(http: httpx.Client, query: str, code: str | None, param: str) -> None:
    response = http.get(f"/v1/customers?{query}")
    error = error_of(response)
    assert (response.status_code, error.get("code"), error["param"]) == (400, code, param)
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("/v1/subscriptions?status=sleeping", "status"),
        ("/v1/subscriptions?customer=cus_nobody", "customer"),
        ("/v1/subscription_items", "subscription"),
        ("/v1/prices?active=maybe", "active"),
        ("/v1/events?type=customer.*&types[]=customer.created", "types"),
        ("/v1/events?" + "&".join(f"types[]=event.{number}" for number in range(21)), "types"),
    ],
)
def test_a_bad_value_is_named(http: httpx.Client, query: str, param: str) -> None:
    response = http.get(query)
    assert (response.status_code, error_of(response)["param"]) == (400, param)


def test_twenty_event_types_are_allowed(http: httpx.Client) -> None:
    types = "&".join(f"types[]=event.{number}" for number in range(20))
    assert http.get("/v1/events?" + types).status_code == 200


@pytest.mark.parametrize("path", ["customers", "prices", "invoices", "events", "subscription_items", "coupons"])
def test_an_unknown_id_is_missing(http: httpx.Client, path: str) -> None:
    response = http.get(f"/v1/{path}/nothing_here")
    error = error_of(response)
    assert (response.status_code, error["code"], error["param"]) == (404, "resource_missing", "id")
    assert "'nothing_here'" in error["message"]


def test_an_unknown_path_is_not_found(http: httpx.Client) -> None:
    response = http.get("/v1/colours")
    assert response.status_code == 404
    assert "GET: /v1/colours" in error_of(response)["message"]


def test_every_answer_carries_a_request_id_and_the_sandbox_date(http: httpx.Client) -> None:
    good, bad = http.get("/v1/customers"), http.get("/v1/customers/cus_nobody")
    assert good.headers["request-id"].startswith("req_")
    assert good.headers["request-id"] != bad.headers["request-id"]
    assert good.headers["date"] == bad.headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_answers_are_indented_like_stripes(http: httpx.Client) -> None:
    assert http.get("/v1/customers?limit=1").text.startswith('{\n  "object": "list",\n  "data": [\n    {\n      "id":')
