"""Bulk jobs that fail, vanish, get stuck or lie: made anew, or left to the next run, and no row is lost."""

from __future__ import annotations

from typing import Any

import pytest
from salesforce_account import landed
from salesforce_bench import Bench
from simulated import DAY, HOUR

from cynosure.landing import LandingLog

BULK_PASSING: dict[str, tuple[dict[str, Any], str]] = {
    "results cut off": ({"cut": 300}, "*/results"),
    "results as HTML": ({"preset": "html"}, "*/results"),
    "results without a locator": ({"body": '"Id"\n"1"\n', "headers": {"Sforce-NumberOfRecords": "1"}}, "*/results"),
    "503 at the results": ({"preset": "unavailable"}, "*/results"),
    "503 at the state": ({"preset": "unavailable"}, "*/jobs/query/750*"),
    "state as HTML": ({"preset": "html"}, "*/jobs/query/750*"),
    "401 in mid job": ({"put": {"operation": "end_sessions", "arguments": {}}}, "*/results"),
    "reset at the results": ({"reset": 200}, "*/results"),
}


@pytest.mark.parametrize("fault", BULK_PASSING)
def test_a_fault_of_a_job_that_passes_costs_time_and_no_row(bulk: Bench, fault: str) -> None:
    do, path = BULK_PASSING[fault]
    with bulk.account.fault(do, path=path):
        assert bulk.run(("contacts",))["contacts"].outcome == "ok"
    assert bulk.wrong(("contacts",)) == {}


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a job fails": ({"json": {"set": {"state": "Failed", "errorMessage": "InternalServerError : Retry"}}}, "*/jobs/query/750*"),
    "a job gives fewer rows than it counted": ({"json": {"set": {"numberRecordsProcessed": 15}}}, "*/jobs/query/750*[!s]"),
    "a job vanishes": ({"preset": "missing"}, "*/jobs/query/750*"),
    "results vanish": ({"preset": "missing"}, "*/results"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_job_that_breaks_is_made_anew(bulk: Bench, fault: str) -> None:
    do, path = BROKEN[fault]
    times = 2 if "fewer" in fault else 1
    with bulk.account.fault(do, times=times, path=path):
        result = bulk.run(("contacts",))["contacts"]
    assert (result.outcome, len(result.notices)) == ("ok", 1)
    assert bulk.wrong(("contacts",)) == {}


@pytest.mark.parametrize("fault", ["a job fails", "a job gives fewer rows than it counted"])
def test_jobs_that_always_break_fail_their_stream_and_bury_nothing(bulk: Bench, fault: str) -> None:
    do, path = BROKEN[fault]
    bulk.run(("contacts",))
    bulk.account.advance(8 * DAY)
    with bulk.account.fault(do, times=None, path=path):
        result = bulk.run(("contacts",))["contacts"]
    assert (result.outcome, "3 jobs were tried; state is kept" in result.error) == ("failed", True)
    head = LandingLog(f"file://{bulk.folder}").stream("salesforce", "contacts").head()
    assert head is not None
    assert head.sweep_from is None
    assert bulk.run(("contacts",))["contacts"].outcome == "ok"
    assert bulk.wrong(("contacts",)) == {}


def test_a_job_that_is_stuck_is_left_to_the_next_run_which_reads_it(bulk: Bench) -> None:
    account = bulk.account
    with account.fault({"json": {"set": {"state": "InProgress"}}}, times=None, path="*/jobs/query/750*"):
        result = bulk.run(("contacts",))["contacts"]
    assert result.outcome == "deferred"
    assert "is still InProgress after 30 minutes; the next run reads it" in result.error
    assert sum(account.waits.seconds) <= 1_800
    account.forget_requests()
    assert bulk.run(("contacts",))["contacts"].outcome == "ok"
    assert not [request for request in account.requests("*/jobs/query") if request["method"] == "POST"]
    assert bulk.wrong(("contacts",)) == {}


def test_a_job_that_never_ends_is_stopped_after_six_hours_and_made_anew(bulk: Bench) -> None:
    account = bulk.account
    with account.fault({"json": {"set": {"state": "InProgress"}}}, times=None, path="*/jobs/query/750*"):
        bulk.run(("contacts",))
    account.advance(7 * HOUR)
    with account.fault({"json": {"set": {"state": "InProgress"}}}, path="*/jobs/query/750*"):
        result = bulk.run(("contacts",))["contacts"]
    assert (result.outcome, "was still InProgress after 6 hours; it was stopped" in result.notices[0]) == ("ok", True)
    assert bulk.wrong(("contacts",)) == {}


def test_f39_a_column_added_while_a_job_runs_is_read_by_the_next_run(bulk: Bench) -> None:
    account = bulk.account
    more = {"operation": "add_field", "arguments": {"object": "Contact", "fields": "Score__c:double"}}
    with account.fault({"put": more}, path="*/jobs/query/750*"):
        assert bulk.run(("contacts",))["contacts"].outcome == "ok"
    account.create("Contact", LastName="Scored", Score__c=5, settle=HOUR)
    assert "new fields (Score__c)" in bulk.run(("contacts",))["contacts"].notices[0]
    assert bulk.wrong(("contacts",)) == {}


def test_f39_a_column_taken_away_while_a_job_runs_empties_nothing(bulk: Bench) -> None:
    account = bulk.account
    less = {"operation": "hide_fields", "arguments": {"object": "Contact", "fields": ["Email"]}}
    with account.fault({"put": less}, path="*/jobs/query/750*", nth=2):
        results = bulk.run(("contacts",))
    assert results["contacts"].outcome == "failed"
    assert landed(bulk.folder, "contacts") == {}
    account.write("hide_fields", object="Contact", fields=["Email"], hidden=False)
    bulk.run(("contacts",))
    assert bulk.wrong(("contacts",)) == {}
