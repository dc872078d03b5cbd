"""Answers of HubSpot that fail, refuse or jumble, against the connector, and where it tells something against a careless reader."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_account import buried, landed
from hubspot_bench import CONTACTS, CORE, Bench, Careless
from simulated import HOUR

from cynosure.landing import LandingLog

PASSING: dict[str, dict[str, Any]] = {
    "F27 429": {"preset": "rate_limit"},
    "F27 429 with a wait": {"preset": "rate_limit_wait"},
    "F27 429 with an unreadable wait": {"preset": "rate_limit", "headers": {"Retry-After": "soon"}},
    "F27 429 as HTML": {"preset": "rate_limit_html"},
    "F27 429 of searches": {"preset": "rate_limit_search"},
    "F29 500": {"preset": "server_error"},
    "F29 502 as HTML": {"preset": "bad_gateway"},
    "F29 503": {"preset": "unavailable"},
    "F29 504 as HTML": {"preset": "gateway_timeout"},
    "F26 200 as HTML": {"preset": "html"},
    "F26 200 cut off": {"cut": 300},
    "F26 200 empty": {"cut": 0},
    "F26 reset in the body": {"reset": 300},
    "F26 reset before the headers": {"preset": "refused"},
    "F35 slow": {"delay": 1.0},
}


@pytest.mark.parametrize("path", [CONTACTS, f"{CONTACTS}/search", f"{CONTACTS}/batch/read"])
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_costs_time_and_no_row(bench: Bench, fault: str, path: str) -> None:
    if path != CONTACTS:
        bench.good("contacts")
        bench.account.advance(HOUR)
        bench.account.write("update", kind="contacts", id=bench.account.id_of("contacts", "p1"), properties={"jobtitle": "Chief"})
    with bench.account.fault(PASSING[fault], path=path):
        bench.good("contacts")
    assert len(bench.account.waits.seconds) == 1
    assert bench.wrong("contacts") == {}


@pytest.mark.parametrize("fault", PASSING)
def test_the_same_faults_make_a_careless_reader_lose_rows_in_silence(bench: Bench, fault: str) -> None:
    reader = Careless(bench.account)
    with bench.account.fault(PASSING[fault], path=f"{CONTACTS}/search", nth=2):
        reader.read()
    assert reader.lost(bench.account)


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ({"json": {"repeat_cursor": "1"}}, "paging does not advance"),
        ({"json": {"empty_page": True}}, "an empty page says that more follows"),
        ({"json": {"drop_end": True}}, "older records follow"),
    ],
)
def test_f20_a_missing_end_or_a_circle_is_told_and_keeps_the_state(bench: Bench, do: dict[str, Any], said: str) -> None:
    with bench.account.fault(do, times=None, path=CONTACTS):
        result = bench.run("contacts")["contacts"]
    assert result.outcome != "ok"
    assert said in result.error
    bench.good("contacts")
    assert bench.wrong("contacts") == {}


@pytest.mark.parametrize(
    "do", [{"json": {"drop_row": True}}, {"json": {"swap": True}}, {"json": {"drop_end": True}}, {"json": {"duplicate": True}}]
)
def test_f20_a_search_that_leaves_rows_out_or_jumbles_them_is_asked_again(bench: Bench, do: dict[str, Any]) -> None:
    bench.good("contacts")
    bench.account.advance(HOUR)
    bench.account.write("import", kind="contacts", count=7, properties={"email": "s{n}@example.com"})
    with bench.account.fault(do, path=f"{CONTACTS}/search"):
        bench.good("contacts")
    assert bench.wrong("contacts") == {}


def test_f24_a_url_that_is_too_long_is_told_and_never_asked(bench: Bench) -> None:
    bench.account.write("add_property", kind="contacts", name="a_property_of_the_accounts_own_with_a_long_name", count=600)
    bench.good("contacts")
    assert not [request for request in bench.account.requests() if request["status"] == 414]
    assert bench.wrong("contacts") == {}
    with bench.account.fault({"preset": "too_long"}, path=CONTACTS):
        result = bench.account.extract(bench.landing.parent / "other", ["contacts"])["contacts"]
    assert (result.outcome, "HTTP 414" in result.error) == ("failed", True)


def test_f25_one_bad_id_loses_nobody_else(bench: Bench) -> None:
    bench.good(*CORE, "associations")
    bench.account.advance(HOUR)
    for n in range(5):
        bench.account.write(
            "update", settle=0, kind="contacts", id=bench.account.id_of("contacts", f"p{n}"), properties={"jobtitle": "x"}
        )
    bench.account.advance()
    bad = bench.account.id_of("contacts", "p3")
    with bench.account.fault({"put": {"operation": "erase", "arguments": {"id": bad}}}, path="/crm/v4/associations/contacts/*"):
        result = bench.run("associations")["associations"]
    assert (result.error, len(result.notices)) == ("", 1)
    rows = bench.wrong("associations")["associations"]
    # what still points to the erased record are unchanged rows of others: they are read again within seven days
    pointing = {
        id for id, row in landed(bench.landing, "associations").items() if int(bad) in {to["toObjectId"] for to in row["to"]}
    }
    assert {what: set(ids) for what, ids in rows.items()} == {"changed": pointing}
    assert f"contacts/{bad}/companies" in buried(bench.landing, "associations")


def test_f27_an_absurd_wait_is_capped_and_defers(bench: Bench) -> None:
    absurd = {"preset": "rate_limit", "headers": {"Retry-After": "999999"}}
    with bench.account.fault(absurd, times=None, path=CONTACTS):
        result = bench.run("contacts")["contacts"]
    assert result.outcome == "deferred"
    assert sum(bench.account.waits.seconds) <= 900


@pytest.mark.parametrize("path", [CONTACTS, f"{CONTACTS}/search"])
def test_f28_a_limit_for_ever_ends_deferred_with_its_state(bench: Bench, path: str) -> None:
    if path != CONTACTS:
        bench.good("contacts")
        bench.account.advance(HOUR)
    with bench.account.fault({"preset": "rate_limit_wait"}, times=None, path=path) as struck:
        result = bench.run("contacts")["contacts"]
        assert struck() <= 4
    assert (result.outcome, "HubSpot asks to slow down" in result.error) == ("deferred", True)
    bench.good("contacts")
    assert bench.wrong("contacts") == {}


@pytest.mark.parametrize("preset", ["forbidden", "unauthorized", "missing", "missing_html"])
def test_f30_a_refused_stream_is_never_taken_for_empty(bench: Bench, preset: str) -> None:
    with bench.account.fault({"preset": preset}, times=None, path=CONTACTS):
        results = bench.run()
    assert {name: result.outcome for name, result in results.items()} == {"contacts": "failed", "companies": "ok", "deals": "ok"}
    assert results["contacts"].rows == 0
    assert LandingLog(f"file://{bench.landing}").stream("hubspot", "contacts").head() is None
    reader = Careless(bench.account)
    with bench.account.fault({"preset": preset}, times=None, path=f"{CONTACTS}/search"):
        reader.read()
    assert reader.lost(bench.account)


def test_f30_without_the_catalogue_of_properties_the_known_ones_are_read(bench: Bench) -> None:
    with bench.account.fault({"preset": "forbidden"}, times=None, path="/crm/v3/properties/contacts"):
        bench.good("contacts")
    contact = landed(bench.landing, "contacts")[bench.account.id_of("contacts", "p0")]
    assert contact["properties"]["lifecyclestage"] == "customer"


def test_f34_a_used_up_day_is_not_waited_for(bench: Bench) -> None:
    bench.good()
    bench.account.advance(HOUR)
    with bench.account.fault({"preset": "quota"}, times=None, path="/crm/*"):
        results = bench.run()
    assert {result.outcome for result in results.values()} == {"deferred"}
    assert bench.account.waits.seconds == []
    bench.good()
    assert bench.wrong() == {}
