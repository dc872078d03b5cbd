"""Answers of Zendesk that fail, refuse, or never end: every row is there afterwards, or the stream says what it lacks."""

from __future__ import annotations

from typing import Any

import pytest
from passing import PASSING_ANYWHERE
from zendesk_bench import CORE, GROUPS, PATHS, TICKETS, Bench, NaiveZendesk

PASSING: dict[str, dict[str, Any]] = PASSING_ANYWHERE | {
    "429 text without a wait": {"preset": "rate_limit"},
    "429 text with a wait": {"preset": "rate_limit_wait"},
    "503 with a wait": {"preset": "unavailable"},
    "slow": {"delay": 1.0},
}


@pytest.mark.parametrize("stream", CORE)
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_costs_time_and_no_row(bench: Bench, fault: str, stream: str) -> None:
    with bench.desk.fault(PASSING[fault], path=PATHS[stream], nth=2):
        results = bench.run()
    assert {r.outcome for r in results.values()} == {"ok"}, [r.error for r in results.values()]
    assert len(bench.desk.waits.seconds) == 1
    assert bench.wrong() == {}


@pytest.mark.parametrize("fault", [name for name in PASSING if name not in ("slow", "promise of more without rows")])
def test_the_same_fault_makes_a_naive_reader_lose_rows_in_silence(bench: Bench, fault: str) -> None:
    naive = NaiveZendesk(bench.desk)
    with bench.desk.fault(PASSING[fault], path=TICKETS, nth=2):
        naive.run()
    assert naive.missing(bench.desk)


ENDLESS: dict[str, dict[str, Any]] = {
    "cursor stays": {"json": {"repeat_cursor": None}},
    "no sign of the end": {"json": {"drop_end": True}},
    "no cursor": {"json": {"no_cursor": True}},
}


@pytest.mark.parametrize("stream", CORE)
@pytest.mark.parametrize("fault", [*ENDLESS])
def test_f20_an_end_that_cannot_be_told_fails_the_stream_and_keeps_its_state(bench: Bench, fault: str, stream: str) -> None:
    do = ENDLESS[fault]
    if fault == "cursor stays":
        # exports by time stay where they began; lists and cursor exports repeat what they sent before
        seen = {
            "tickets": "MTU3NjYxMzUzOS4wfHw0Njd8",
            "ticket_events": 1_167_609_600,
            "group_memberships": "eyJvIjogImlkIiwgInYiOiAxfQ==",
        }
        do = {"json": {"repeat_cursor": seen[stream]}}
    if fault == "no cursor" and stream == "group_memberships":
        do = {"json": {"set": {}, "repeat_cursor": None}}
    with bench.desk.fault(do, times=None, path=PATHS[stream]):
        results = bench.run(stream)
    assert results[stream].outcome == "failed"
    assert "nothing was skipped" in results[stream].error
    assert bench.run()[stream].outcome == "ok"
    assert bench.wrong() == {}


def test_f20_a_naive_reader_ends_quietly_without_a_sign_of_the_end(bench: Bench) -> None:
    naive = NaiveZendesk(bench.desk)
    with bench.desk.fault({"json": {"drop_end": True}}, times=None, path=TICKETS):
        naive.run()
    assert naive.missing(bench.desk)


def test_f27_the_wait_that_zendesk_asks_for_is_obeyed_and_a_missing_one_is_a_minute(bench: Bench) -> None:
    with bench.desk.fault({"preset": "rate_limit_wait", "headers": {"retry-after": "36"}}, path=TICKETS):
        bench.run("tickets")
    with bench.desk.fault({"preset": "rate_limit"}, path=TICKETS):
        bench.run("tickets")
    assert bench.desk.waits.seconds == [36.0, 60.0]


@pytest.mark.parametrize("fault", [{"preset": "quota"}, {"preset": "unavailable", "headers": {"retry-after": "100000"}}])
def test_f34_an_absurd_wait_or_a_used_up_quota_defers_the_stream_at_once(bench: Bench, fault: dict[str, Any]) -> None:
    with bench.desk.fault(fault, times=None, path=TICKETS, nth=2):
        results = bench.run()
    assert {name: r.outcome for name, r in results.items()} == {**dict.fromkeys(CORE, "ok"), "tickets": "deferred"}
    assert "the next run goes on from here" in results["tickets"].error
    assert bench.desk.waits.seconds == []
    assert {r.outcome for r in bench.run().values()} == {"ok"}
    assert bench.wrong() == {}


def test_f28_429_for_ever_ends_within_bounds_with_the_state_intact(bench: Bench) -> None:
    with bench.desk.fault({"preset": "rate_limit"}, times=None, path=TICKETS, nth=3):
        results = bench.run(retrying=bench.desk.retrying(attempts=8, total=300))
    assert results["tickets"].outcome == "deferred"
    assert sum(bench.desk.waits.seconds) <= 300
    bench.desk.forget_requests()
    bench.run()
    assert "start_time=1167609600" not in bench.desk.requests(TICKETS)[0]["query"]
    assert bench.wrong() == {}


@pytest.mark.parametrize("preset", ["forbidden", "forbidden_empty", "unauthorized", "expired_token"])
def test_f30_a_refused_stream_fails_by_name_the_others_finish_and_nothing_is_buried(bench: Bench, preset: str) -> None:
    bench.run()
    with bench.desk.fault({"preset": preset}, times=None, path=GROUPS, nth=2):
        results = bench.run()
    assert {name: r.outcome for name, r in results.items()} == {**dict.fromkeys(CORE, "ok"), "group_memberships": "failed"}
    assert results["group_memberships"].error.startswith("zendesk.group_memberships: ")
    assert bench.wrong() == {}, "an incomplete listing buries nothing"
    assert {r.outcome for r in bench.run().values()} == {"ok"}


def test_f30_a_naive_reader_takes_a_refusal_for_an_empty_stream(bench: Bench) -> None:
    naive = NaiveZendesk(bench.desk)
    with bench.desk.fault({"preset": "forbidden_empty"}, times=None, path=TICKETS):
        naive.run()
    assert naive.missing(bench.desk)


def test_a_permission_that_is_withdrawn_for_good_holds_only_its_stream(bench: Bench) -> None:
    bench.desk.on_server(lambda: bench.desk.vendor.revoke("ticket_events"))
    results = bench.run()
    assert {name: r.outcome for name, r in results.items()} == {**dict.fromkeys(CORE, "ok"), "ticket_events": "failed"}
    assert "role of an administrator" in results["ticket_events"].error


def test_one_ticket_whose_metrics_are_refused_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.desk.write("archive_ticket", id=bench.id("t0"))
    refused = bench.desk.fault({"preset": "forbidden_empty"}, times=None, path=f"/api/v2/tickets/{bench.id('t0')}.json")
    with bench.desk.fault({"json": {"drop_sideload": True}}, times=None, path=TICKETS), refused:
        result = bench.run("tickets")["tickets"]
    assert result.outcome == "ok"
    assert result.notices == (f"metrics of ticket {bench.id('t0')} are missing: Zendesk refused to show it",)
    assert bench.wrong("tickets")["tickets"]["changed"] == [str(bench.id("t0"))]


def test_f35_a_connection_that_never_answers_ends_in_time(bench: Bench) -> None:
    with bench.desk.fault({"delay": 2.0}, times=None, path=TICKETS):
        result = bench.run("tickets", retrying=bench.desk.retrying(attempts=2))["tickets"]
    assert result.outcome == "deferred"
    assert "ReadTimeout" in result.error
