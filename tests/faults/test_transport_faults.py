"""Failures on the wire: those that pass are waited out, those that stay are told by name, and no row is lost in either case."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.stripe import transport
from cynosure.landing import LandingLog

INVOICES = "/v1/invoices"
ABSURD = {"preset": "rate_limit", "headers": {"Retry-After": "999999"}}
UNREADABLE = {"preset": "rate_limit", "headers": {"Retry-After": "soon"}}
PASSING: dict[str, dict[str, Any]] = {
    "429": {"preset": "rate_limit"},
    "429 with Retry-After": {"preset": "rate_limit", "headers": {"Retry-After": "0.2"}},
    "429 with unreadable Retry-After": UNREADABLE,
    "429 as HTML": {"preset": "rate_limit_html"},
    "429 that may be retried": {"preset": "rate_limit_retry"},
    "429 that says stop": {"preset": "rate_limit_stop"},
    "lock_timeout": {"preset": "lock_timeout"},
    "500": {"preset": "server_error"},
    "500 that says stop": {"preset": "server_error", "headers": {"Stripe-Should-Retry": "false"}},
    "502 as HTML": {"preset": "bad_gateway"},
    "503": {"preset": "unavailable"},
    "409": {"status": 409, "body": {"error": {"type": "invalid_request_error", "message": "busy"}}},
    "200 as HTML": {"preset": "html"},
    "200 cut off": {"preset": "truncated"},
    "200 empty": {"cut": 0},
    "reset in the body": {"preset": "reset"},
    "reset before the headers": {"preset": "refused"},
    "promise of more without rows": {"json": {"empty_page": True}},
    "no has_more": {"json": {"drop": "has_more"}},
    "no data": {"json": {"drop": "data"}},
    "slow": {"delay": 1.0},
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(transport, "LONGEST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 0.6)


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_costs_time_and_no_row(bench: Any, fault: str) -> None:
    with bench.company.fault(PASSING[fault], path=INVOICES, nth=2):
        results = bench.run()
    assert {r.outcome for r in results.values()} == {"ok"}
    assert bench.company.waits.seconds
    assert bench.wrong() == {}


@pytest.mark.parametrize("fault", PASSING)
def test_the_same_fault_makes_a_naive_connector_lose_rows_in_silence(bench: Any, fault: str) -> None:
    with bench.company.fault(PASSING[fault], path=INVOICES, nth=2):
        results = bench.naive_run()
    assert results["invoices"].outcome == "ok"
    assert bench.wrong(("invoices",))["invoices"]["missing"]


STAYING = ["429", "500", "200 as HTML", "200 cut off", "reset in the body", "promise of more without rows", "no has_more"]


@pytest.mark.parametrize("fault", STAYING)
def test_a_fault_that_stays_defers_its_stream_by_name_and_the_next_run_goes_on(bench: Any, fault: str) -> None:
    with bench.company.fault(PASSING[fault], times=None, path=INVOICES, nth=3):
        results = bench.run(retrying=bench.company.retrying(attempts=3))
    assert {name: r.outcome for name, r in results.items()} == {"customers": "ok", "subscriptions": "ok", "invoices": "deferred"}
    assert results["invoices"].error.startswith("stripe.invoices: /v1/invoices: ")
    assert "gave up after 3 tries; the next run goes on from here" in results["invoices"].error
    assert {r.outcome for r in bench.run().values()} == {"ok"}
    assert bench.wrong() == {}


def test_the_wait_that_stripe_asks_for_is_obeyed(bench: Any) -> None:
    with bench.company.fault({"preset": "rate_limit", "headers": {"Retry-After": "0.3"}}, path=INVOICES):
        bench.run(("invoices",))
    assert bench.company.waits.seconds == [0.3]


def test_an_absurd_wait_defers_the_stream_instead_of_stopping_the_run(bench: Any) -> None:
    with bench.company.fault(ABSURD, path=INVOICES, nth=2):
        results = bench.run()
    assert {name: r.outcome for name, r in results.items()} == {"customers": "ok", "subscriptions": "ok", "invoices": "deferred"}
    assert bench.company.waits.seconds == []
    assert {r.outcome for r in bench.run().values()} == {"ok"}
    assert bench.wrong() == {}


def test_a_key_that_is_revoked_in_mid_paging_fails_loudly_and_keeps_the_state(bench: Any) -> None:
    with bench.company.fault({"preset": "unauthorized"}, times=None, path=INVOICES, after_id="*"):
        results = bench.run()
    assert {name: r.outcome for name, r in results.items()} == {"customers": "ok", "subscriptions": "ok", "invoices": "failed"}
    assert "Stripe refused the API key" in results["invoices"].error
    assert {r.outcome for r in bench.run().values()} == {"ok"}
    assert bench.wrong() == {}


def test_f30_a_stream_that_is_forbidden_fails_by_name_and_the_others_go_on(bench: Any) -> None:
    with bench.company.fault({"preset": "forbidden"}, times=None, path=INVOICES):
        results = bench.run()
        assert bench.wrong(("customers", "subscriptions")) == {}
    assert {name: r.outcome for name, r in results.items()} == {"customers": "ok", "subscriptions": "ok", "invoices": "failed"}
    assert "give the restricted key the Read permission" in results["invoices"].error


@pytest.mark.parametrize("preset", ["forbidden", "unauthorized"])
def test_a_naive_connector_takes_a_refusal_for_an_empty_stream(bench: Any, preset: str) -> None:
    with bench.company.fault({"preset": preset}, times=None, path=INVOICES):
        assert bench.naive_run()["invoices"].outcome == "ok"
    assert bench.wrong(("invoices",))["invoices"]["missing"]


def test_a_list_that_does_not_exist_fails_its_stream_by_name(bench: Any) -> None:
    with bench.company.fault({"preset": "missing"}, times=None, path="/v1/plans"):
        results = bench.run(("plans", "customers"))
    assert {name: r.outcome for name, r in results.items()} == {"plans": "failed", "customers": "ok"}
    assert "/v1/plans" in results["plans"].error


def test_f20_a_cursor_that_does_not_advance_raises_and_keeps_the_state(bench: Any) -> None:
    newest = bench.company.all("invoice")[3]["id"]
    with bench.company.fault({"json": {"repeat_cursor": newest}}, times=None, path=INVOICES):
        results = bench.run(("invoices",))
    assert results["invoices"].outcome == "failed"
    assert "paging does not advance" in results["invoices"].error
    assert bench.run(("invoices",))["invoices"].outcome == "ok"
    assert bench.wrong(("invoices",)) == {}


def test_a_naive_connector_walks_in_a_circle_and_ends_quietly(bench: Any) -> None:
    newest = bench.company.all("invoice")[3]["id"]
    with bench.company.fault({"json": {"repeat_cursor": newest}}, times=None, path=INVOICES):
        assert bench.naive_run()["invoices"].outcome == "ok"
    assert bench.wrong(("invoices",))["invoices"]["missing"]


OTHER_VERSION = {"headers": {"Stripe-Version": "2024-06-20"}, "json": {"set": {"email": None, "name": None}}}


def test_an_answer_in_another_api_version_is_refused(bench: Any) -> None:
    with bench.company.fault(OTHER_VERSION, times=None, path="/v1/customers"):
        results = bench.run()
    assert {name: r.outcome for name, r in results.items()} == {"customers": "failed", "subscriptions": "ok", "invoices": "ok"}
    assert "answered in API version 2024-06-20" in results["customers"].error
    assert LandingLog(f"file://{bench.landing}").stream("stripe", "customers").head() is None
    assert bench.run()["customers"].outcome == "ok"
    assert bench.wrong() == {}


def test_a_naive_connector_stores_what_another_version_says(bench: Any) -> None:
    with bench.company.fault(OTHER_VERSION, times=None, path="/v1/customers"):
        assert bench.naive_run()["customers"].outcome == "ok"
    assert bench.wrong(("customers",))["customers"]["changed"]


def test_the_vendors_clock_is_used_even_when_nothing_else_works(bench: Any) -> None:
    with bench.company.fault({"preset": "unavailable"}, times=None):
        results = bench.run(retrying=bench.company.retrying(attempts=2))
    assert {r.outcome for r in results.values()} == {"deferred"}
    assert not list(bench.folder.rglob("manifest.json"))
