"""Rate limits in real time, per account and per endpoint."""

from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest
import stripe

from sandbox.limits import RATES, Limits, Rates


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_the_account_takes_so_many_requests_in_any_second() -> None:
    watch = Stopwatch()
    limits = Limits(Rates(3, None), watch)
    assert [limits.admit("a"), limits.admit("b"), limits.admit("c"), limits.admit("d")] == [None] * 3 + ["global-rate"]
    watch.seconds = 0.99
    assert limits.admit("e") == "global-rate"
    watch.seconds = 1.0
    assert limits.admit("e") is None


def test_an_endpoint_has_its_own_limit() -> None:
    limits = Limits(Rates(10, 2), Stopwatch())
    assert [limits.admit("list"), limits.admit("list"), limits.admit("list")] == [None, None, "endpoint-rate"]
    assert limits.admit("retrieve") is None


def test_requests_that_were_refused_do_not_count_against_the_limit() -> None:
    watch = Stopwatch()
    limits = Limits(Rates(1, None), watch)
    limits.admit("a")
    for tenth in range(1, 10):
        watch.seconds = tenth / 10
        assert limits.admit("a") == "global-rate"
    watch.seconds = 1.0
    assert limits.admit("a") is None


def test_a_client_at_exactly_the_rate_is_never_refused() -> None:
    watch = Stopwatch()
    limits = Limits(RATES["test"], watch)
    for number in range(200):
        watch.seconds = number / 25
        assert limits.admit("list") is None
    assert limits.report()["account"] == {"requests": 200, "peak_per_second": 25, "violations": 0}


def test_the_report_tells_the_peak_and_the_refusals() -> None:
    limits = Limits(Rates(2, None), Stopwatch())
    for _ in range(5):
        limits.admit("list")
    assert limits.report()["endpoints"] == {"list": {"requests": 5, "peak_per_second": 5, "violations": 3}}


def test_live_mode_lets_four_endpoints_run_at_full_rate() -> None:
    limits = Limits(RATES["live"], Stopwatch())
    admitted = [limits.admit(f"list {number % 5}") for number in range(150)]
    assert admitted.count(None) == 100


def test_no_limits_means_none() -> None:
    limits = Limits(RATES["off"], Stopwatch())
    assert {limits.admit("list") for _ in range(1000)} == {None}


def test_over_the_limit_the_sdk_gets_a_rate_limit_error(client: stripe.StripeClient, servers: SimpleNamespace) -> None:
    servers.limits.rates = Rates(None, 1)
    client.v1.customers.list()
    with pytest.raises(stripe.RateLimitError) as limited:
        client.v1.customers.list()
    client.v1.customers.retrieve("cus_00")
    assert limited.value.json_body["error"]["code"] == "rate_limit"
    assert limited.value.headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"


def test_the_control_api_switches_the_mode_and_shows_the_counts(client: stripe.StripeClient, control: httpx.Client) -> None:
    control.post("/limits", json={"account": 2, "endpoint": None})
    client.v1.customers.list()
    client.v1.products.list()
    with pytest.raises(stripe.RateLimitError):
        client.v1.prices.list()
    report = control.get("/limits").json()
    assert report["account"] == {"requests": 3, "peak_per_second": 3, "violations": 1}
    assert control.post("/limits", json={"mode": "live"}).json()["limits"] == {"account": 100, "endpoint": 25}
    assert control.post("/limits", json={"mode": "warp"}).status_code == 400
