"""Every injectable fault, as a real client meets it."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import stripe

from sandbox.faults import TRANSPORT
from sandbox.stripe.presets import PRESETS

Inject = Callable[..., None]


@pytest.fixture
def inject(servers: SimpleNamespace) -> Inject:
    """Sets one rule: inject(do, match..., times=1)."""

    def add(do: dict[str, Any], times: int | None = 1, **match: Any) -> None:
        servers.faults.add({"match": match, "do": do, "times": times})

    return add


def ids(page: Any) -> list[str]:
    return [row["id"] for row in page["data"]]


# answers instead of the server's own


@pytest.mark.parametrize(
    ("preset", "error", "code"),
    [
        ("rate_limit", stripe.RateLimitError, "rate_limit"),
        ("lock_timeout", stripe.RateLimitError, "lock_timeout"),
        ("server_error", stripe.APIError, None),
        ("unavailable", stripe.APIError, None),
        ("unauthorized", stripe.AuthenticationError, None),
        ("forbidden", stripe.PermissionError, None),
        ("missing", stripe.InvalidRequestError, "resource_missing"),
    ],
)
def test_an_error_answer_strikes_once(
    client: stripe.StripeClient, inject: Inject, preset: str, error: type[stripe.StripeError], code: str | None
) -> None:
    inject({"preset": preset})
    with pytest.raises(error) as raised:
        client.v1.customers.list()
    assert raised.value.http_status == PRESETS[preset]["status"]
    assert raised.value.json_body["error"].get("code") == code
    assert client.v1.customers.list().data


def test_a_rate_limit_comes_with_and_without_a_time_to_wait(client: stripe.StripeClient, inject: Inject) -> None:
    inject({"preset": "rate_limit"})
    with pytest.raises(stripe.RateLimitError) as without:
        client.v1.customers.list()
    inject({"preset": "rate_limit", "headers": {"Retry-After": "Fri, 01 Jan 2027 00:00:00 GMT"}})
    with pytest.raises(stripe.RateLimitError) as absurd:
        client.v1.customers.list()
    assert "retry-after" not in without.value.headers
    assert absurd.value.headers["retry-after"].endswith("GMT")


def test_should_retry_makes_the_sdk_try_a_rate_limit_again(
    servers: SimpleNamespace, build: SimpleNamespace, inject: Inject
) -> None:
    patient = stripe.StripeClient(build.secret, base_addresses={"api": servers.stripe}, max_network_retries=1)
    inject({"preset": "rate_limit_retry"})
    assert patient.v1.customers.list().data
    inject({"preset": "rate_limit_stop"})
    with pytest.raises(stripe.RateLimitError):
        patient.v1.customers.list()


@pytest.mark.parametrize("preset", ["html", "bad_gateway", "rate_limit_html"])
def test_a_page_of_html_is_no_json(http: httpx.Client, inject: Inject, preset: str) -> None:
    inject({"preset": preset})
    response = http.get("/v1/customers")
    assert response.status_code == TRANSPORT[preset]["status"]
    assert response.headers["content-type"] == "text/html"
    assert response.text.startswith("<!DOCTYPE html>")


# the wire


def test_a_truncated_answer_is_complete_http_and_broken_json(client: stripe.StripeClient, inject: Inject) -> None:
    inject({"preset": "truncated"})
    with pytest.raises(stripe.APIError, match="Invalid response body") as raised:
        client.v1.customers.list()
    assert len(raised.value.http_body) == 900


def test_a_reset_breaks_the_connection_inside_the_body(http: httpx.Client, inject: Inject) -> None:
    inject({"preset": "reset"})
    taken = b""
    with pytest.raises(httpx.TransportError), http.stream("GET", "/v1/customers") as response:
        assert response.status_code == 200
        for piece in response.iter_raw():
            taken += piece
    assert len(taken) <= 900
    assert http.get("/v1/customers").status_code == 200


def test_a_refused_connection_gives_no_answer_at_all(client: stripe.StripeClient, inject: Inject) -> None:
    inject({"preset": "refused"})
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.list()
    assert client.v1.customers.list().data


def test_a_slow_answer_outlasts_the_clients_patience(http: httpx.Client, inject: Inject) -> None:
    inject({"delay": 0.3})
    started = time.perf_counter()
    with pytest.raises(httpx.ReadTimeout):
        http.get("/v1/customers", timeout=0.1)
    inject({"delay": 0.2})
    assert http.get("/v1/customers").status_code == 200
    assert time.perf_counter() - started > 0.3


def test_the_date_can_run_ahead_of_the_vendors_clock(http: httpx.Client, inject: Inject) -> None:
    inject({"clock_skew": 120})
    assert http.get("/v1/customers").headers["date"] == "Thu, 01 Jan 2026 00:02:00 GMT"
    inject({"clock_skew": -120})
    assert http.get("/v1/customers").headers["date"] == "Wed, 31 Dec 2025 23:58:00 GMT"


# pages


def test_a_key_can_fail_in_the_middle_of_paging(client: stripe.StripeClient, inject: Inject) -> None:
    inject({"preset": "unauthorized"}, path="/v1/customers", after_id="*", nth=2)
    seen = []
    with pytest.raises(stripe.AuthenticationError):
        for customer in client.v1.customers.list({"limit": 5}).auto_paging_iter():
            seen.append(customer.id)
    assert len(seen) == 10


def test_one_endpoint_can_be_forbidden_while_others_answer(client: stripe.StripeClient, inject: Inject) -> None:
    inject({"preset": "forbidden"}, path="/v1/invoices*", times=None)
    for _ in range(2):
        with pytest.raises(stripe.PermissionError):
            client.v1.invoices.list()
    assert client.v1.customers.list().data


def test_a_page_can_promise_more_and_hold_nothing(client: stripe.StripeClient, inject: Inject) -> None:
    inject({"json": {"empty_page": True}}, times=None)
    with pytest.raises(IndexError):
        list(client.v1.customers.list().auto_paging_iter())


def test_has_more_can_be_missing(client: stripe.StripeClient, inject: Inject) -> None:
    inject({"json": {"drop": "has_more"}})
    with pytest.raises(AttributeError):
        list(client.v1.customers.list().auto_paging_iter())


def test_has_more_can_lie(http: httpx.Client, inject: Inject) -> None:
    inject({"json": {"has_more": False}})
    assert http.get("/v1/customers?limit=2").json()["has_more"] is False


def test_a_cursor_can_repeat_itself(http: httpx.Client, inject: Inject) -> None:
    inject({"json": {"repeat_cursor": "cus_20"}}, after_id="cus_20")
    page = http.get("/v1/customers?limit=3&starting_after=cus_20").json()
    assert (page["data"][-1]["id"], page["has_more"]) == ("cus_20", True)


def test_rows_can_come_in_another_order_or_twice(http: httpx.Client, inject: Inject) -> None:
    inject({"json": {"swap": True}})
    assert ids(http.get("/v1/customers?limit=3").json()) == ["cus_22", "cus_23", "cus_24"]
    inject({"json": {"duplicate": "cus_23"}})
    assert ids(http.get("/v1/customers?limit=3").json()) == ["cus_24", "cus_23", "cus_23", "cus_22"]


def test_a_row_can_come_into_being_between_two_pages(
    client: stripe.StripeClient, inject: Inject, build: SimpleNamespace, servers: SimpleNamespace
) -> None:
    late = build.made("CUSTOMER", id="cus_between", created=build.start)
    inject({"put": {"kind": "customer", "body": late}}, path="/v1/customers", after_id="*")
    walked = [row.id for row in client.v1.customers.list({"limit": 5}).auto_paging_iter()]
    assert (len(walked), "cus_between" in walked) == (25, False)
    assert client.v1.customers.list({"limit": 1}).data[0].id == "cus_between"
    servers.account.store.remove("customer", "cus_between", at=build.start)


def test_a_row_can_stay_hidden_and_appear_late(
    client: stripe.StripeClient, inject: Inject, servers: SimpleNamespace, build: SimpleNamespace
) -> None:
    inject({"hide": "cus_23", "until": servers.account.now() + 240})
    assert [row.id for row in client.v1.customers.list({"limit": 2}).data] == ["cus_24", "cus_22"]
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.retrieve("cus_23")
    servers.account.clock.offset += 240
    assert [row.id for row in client.v1.customers.list({"limit": 2}).data] == ["cus_24", "cus_23"]
    servers.account.clock.offset -= 240


def test_a_row_can_hold_a_value_nobody_knows(http: httpx.Client, inject: Inject) -> None:
    inject({"json": {"set": {"status": "hibernating"}}}, path="/v1/subscriptions")
    assert {row["status"] for row in http.get("/v1/subscriptions").json()["data"]} == {"hibernating"}


# events


@pytest.fixture
def updated(servers: SimpleNamespace, build: SimpleNamespace) -> str:
    """A subscription that was just updated."""
    store, now = servers.account.store, servers.account.now()
    body = store.get("subscription", "sub_1")
    store.put("subscription", {**body, "cancel_at": now + 5}, at=now, event="customer.subscription.updated")
    store.put("subscription", body, at=now)
    return "sub_1"


def test_an_event_can_be_reported_twice(client: stripe.StripeClient, inject: Inject, updated: str) -> None:
    inject({"json": {"event_twice": "customer.subscription.updated"}}, path="/v1/events")
    found = client.v1.events.list({"type": "customer.subscription.updated", "limit": 1}).data
    assert len({event.id for event in found}) == 2
    assert {event.data.object["id"] for event in found} == {updated}


def test_an_event_can_carry_an_older_version(client: stripe.StripeClient, inject: Inject, updated: str) -> None:
    inject({"json": {"older_version": "2024-06-20"}}, path="/v1/events")
    event = client.v1.events.list({"type": "customer.subscription.updated", "limit": 1}).data[0].to_dict()
    old, now = event["data"]["object"], client.v1.subscriptions.retrieve(updated).to_dict()
    assert event["api_version"] == "2024-06-20"
    assert old["current_period_end"] == now["items"]["data"][0]["current_period_end"]
    assert "current_period_end" not in now
    assert "current_period_end" not in old["items"]["data"][0]


def test_an_event_can_lack_the_id_of_its_object(client: stripe.StripeClient, inject: Inject, updated: str) -> None:
    inject({"json": {"without_object_id": "invoice.upcoming"}}, path="/v1/events")
    event = client.v1.events.list({"limit": 1}).data[0].to_dict()
    assert event["type"] == "invoice.upcoming"
    assert "id" not in event["data"]["object"]


def test_events_older_than_thirty_days_are_gone(
    client: stripe.StripeClient, servers: SimpleNamespace, updated: str, build: SimpleNamespace
) -> None:
    event = client.v1.events.list({"type": "customer.subscription.updated"}).data[0]
    servers.account.clock.offset += 30 * build.day
    assert client.v1.events.retrieve(event.id).id == event.id
    servers.account.clock.offset += 1
    assert not client.v1.events.list({"type": "customer.subscription.updated"}).data
    with pytest.raises(stripe.InvalidRequestError, match="No such event"):
        client.v1.events.retrieve(event.id)
    servers.account.clock.offset -= 30 * build.day + 1


def test_an_object_can_be_gone_when_it_is_fetched_again(client: stripe.StripeClient, inject: Inject, updated: str) -> None:
    inject({"preset": "missing"}, method="GET", path=f"/v1/subscriptions/{updated}")
    with pytest.raises(stripe.InvalidRequestError) as gone:
        client.v1.subscriptions.retrieve(updated)
    assert (gone.value.http_status, gone.value.code) == (404, "resource_missing")


# rules


def test_a_rule_waits_for_its_call_and_its_time(
    http: httpx.Client, inject: Inject, servers: SimpleNamespace, build: SimpleNamespace
) -> None:
    inject({"status": 418}, path="/v1/customers", nth=3)
    inject({"status": 417}, path="/v1/products", after=build.start + 60)
    assert [http.get("/v1/customers").status_code for _ in range(4)] == [200, 200, 418, 200]
    assert http.get("/v1/products").status_code == 200
    servers.account.clock.offset += 60
    assert http.get("/v1/products").status_code == 417
    servers.account.clock.offset -= 60
