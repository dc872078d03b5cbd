"""What goes wrong on the way: each fault either costs time and no row, or is told by name; a naive reader shows that it bites."""

from __future__ import annotations

from typing import Any

import pytest
from salesforce_account import landed
from salesforce_bench import MORE, QUERY_ALL, Bench, NaiveSalesforce
from simulated import DAY

from connectors.salesforce import reading

PASSING: dict[str, dict[str, Any]] = {
    "403 concurrent limit": {"preset": "rate_limit"},
    "503 with Retry-After": {"preset": "rate_limit_wait"},
    "429 as HTML": {"preset": "rate_limit_html"},
    "500": {"preset": "server_error"},
    "502 as HTML": {"preset": "bad_gateway"},
    "503": {"preset": "unavailable"},
    "503 as HTML": {"preset": "unavailable_html"},
    "200 as HTML": {"preset": "html"},
    "200 cut off": {"preset": "truncated"},
    "200 empty": {"cut": 0},
    "reset in the body": {"preset": "reset"},
    "reset before the headers": {"reset": 0},
    "no done": {"json": {"drop_end": True}},
    "more without rows": {"json": {"empty_page": True}},
    "slow": {"delay": 1.0},
}


@pytest.mark.parametrize("fault", PASSING)
def test_f26_f27_f35_a_fault_that_passes_costs_time_and_no_row(bench: Bench, fault: str) -> None:
    with bench.account.fault(PASSING[fault], path=MORE):
        assert set(bench.outcomes(bench.run()).values()) == {"ok"}
    assert len(bench.account.waits.seconds) == 1
    assert bench.wrong() == {}


@pytest.mark.parametrize("fault", [fault for fault in PASSING if fault != "more without rows"])
def test_the_same_fault_makes_a_naive_reader_lose_rows_in_silence(bench: Bench, fault: str) -> None:
    with bench.account.fault(PASSING[fault], path=MORE):
        assert bench.naive()["contacts"].outcome == "ok"
    assert bench.missing()


@pytest.mark.parametrize("fault", ["403 concurrent limit", "503 as HTML", "200 cut off", "reset in the body", "no done", "slow"])
def test_f27_f28_a_fault_that_stays_defers_its_stream_within_bounds_and_the_next_run_goes_on(bench: Bench, fault: str) -> None:
    with bench.account.fault(PASSING[fault], times=None, path=MORE):
        results = bench.run(retrying=bench.account.retrying(attempts=3))
    assert bench.outcomes(results) == {"accounts": "ok", "contacts": "deferred", "users": "ok"}
    assert "gave up after 3 tries; the next run goes on from here" in results["contacts"].error
    assert len(bench.account.waits.seconds) == 2
    assert set(bench.outcomes(bench.run()).values()) == {"ok"}
    assert bench.wrong() == {}


@pytest.mark.parametrize("path", ["*/composite", "/services/oauth2/token"])
def test_f28_what_all_streams_ask_together_is_waited_for_once(bench: Bench, path: str) -> None:
    with bench.account.fault({"preset": "unavailable"}, times=None, path=path):
        results = bench.run(streams=tuple(stream.name for stream in bench.account.connector().streams))
    assert set(bench.outcomes(results).values()) == {"deferred"}
    assert len(bench.account.waits.seconds) == 3
    assert set(bench.outcomes(bench.run()).values()) == {"ok"}


def test_f27_the_wait_that_is_asked_for_is_obeyed_and_an_absurd_one_is_capped(bench: Bench) -> None:
    absurd = {"preset": "unavailable", "headers": {"Retry-After": "999999"}}
    with bench.account.fault(absurd, path=MORE):
        assert bench.run(("contacts",))["contacts"].outcome == "deferred"
    with bench.account.fault({"preset": "rate_limit_wait"}, path=MORE):
        assert bench.run(("contacts",))["contacts"].outcome == "ok"
    assert bench.account.waits.seconds == [1.0]


def test_f27_f34_an_exhausted_allowance_is_no_refusal_and_is_not_asked_again(bench: Bench) -> None:
    with bench.account.fault({"preset": "quota"}, times=None, path="/services/data/*", nth=3):
        results = bench.run()
    assert set(bench.outcomes(results).values()) == {"deferred"}
    assert all("daily allowance of API requests is used up" in result.error for result in results.values())
    assert bench.account.waits.seconds == []
    assert set(bench.outcomes(bench.run()).values()) == {"ok"}


@pytest.mark.parametrize("path", ["*/composite", "*/jobs/query"])
def test_f29_questions_by_post_are_tried_again(bench: Bench, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BULK_FROM", 1)
    with bench.account.fault({"preset": "unavailable"}, method="POST", path=path):
        assert set(bench.outcomes(bench.run()).values()) == {"ok"}
    assert bench.wrong() == {}


def test_f30_a_forbidden_object_fails_by_name_and_the_others_are_whole(bench: Bench) -> None:
    bench.account.write("forbid_object", object="Contact")
    results = bench.run()
    assert bench.outcomes(results) == {"accounts": "ok", "contacts": "failed", "users": "ok"}
    assert "give its permission set Read and View All on the object" in results["contacts"].error
    assert bench.naive()["contacts"].outcome == "ok", "negative control: silence"


@pytest.mark.parametrize("preset", ["forbidden", "api_disabled"])
def test_f30_a_refusal_is_never_taken_for_an_empty_stream(bench: Bench, preset: str) -> None:
    with bench.account.fault({"preset": preset}, times=None, path=QUERY_ALL):
        results = bench.run()
    assert set(bench.outcomes(results).values()) == {"failed"}
    assert set(bench.outcomes(bench.run()).values()) == {"ok"}


def test_f31_withdrawn_fields_keep_their_values_where_a_naive_reader_empties_them(bench: Bench) -> None:
    account = bench.account
    id = account.truth()["contacts"]["ids"][0]
    bench.run(("contacts",))
    account.extract(bench.folder / "naive", connector=NaiveSalesforce(account))
    account.write("hide_fields", object="Contact", fields=["Email", "Title", "LeadSource"])
    account.write("update", object="Contact", id=id, values={"LastName": "Renamed"}, settle=DAY)
    error = bench.run(("contacts",))["contacts"].error
    assert "Contact.Email, Contact.LeadSource, Contact.Title can no longer be read" in error
    account.extract(bench.folder / "naive", connector=NaiveSalesforce(account))
    assert landed(bench.folder, "contacts")[id]["Email"] == "c0@x.example"
    assert "Email" not in landed(bench.folder / "naive", "contacts")[id]
