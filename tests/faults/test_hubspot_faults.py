"""The fault bench for HubSpot: each fault against the connector, and where it tells something against a careless reader.

Faults are numbered as in docs; the careless reader pages searches by offset from the newest date it saw, takes what it
gets for everything, and any failure for the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hubspot_account import HubspotAccount, buried, hubspot_account, landed, landed_lines
from simulated import DAY, HOUR
from vendor_account import differences

from connectors.hubspot import feed, objects, sdk, transport
from cynosure.extract import StreamResult
from cynosure.landing import LandingLog

CONTACTS = "/crm/v3/objects/contacts"
CORE = ("contacts", "companies", "deals")


@dataclass
class Bench:
    account: HubspotAccount
    landing: Path

    def run(self, *streams: str, **more: Any) -> dict[str, StreamResult]:
        return self.account.extract(self.landing, streams or CORE, **more)

    def good(self, *streams: str, **more: Any) -> None:
        assert {result.error for result in self.run(*streams, **more).values()} == {""}

    def wrong(self, *streams: str) -> dict[str, Any]:
        return differences(self.account, self.landing, streams or CORE)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Small pages, so that a fault finds a page to strike, and a reader without patience."""
    monkeypatch.setattr(objects, "LIST_PAGE", 3)
    monkeypatch.setattr(feed, "SEARCH_PAGE", 3)
    monkeypatch.setattr(transport, "LONGEST_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(sdk, "READ_SECONDS", 0.6)
    with hubspot_account() as account:
        yield Bench(account, tmp_path / "landing")


class Careless:
    """Reads contacts as it is often done."""

    def __init__(self, account: HubspotAccount) -> None:
        self._http = httpx.Client(
            base_url=account.url, headers={"Authorization": f"Bearer {account.vendor.tokens.private}"}, timeout=0.3
        )
        self.rows: dict[str, Any] = {}
        self.newest = "0"

    def read(self, page: int = 3, most: int = 100) -> None:
        """Everything changed after the newest date, page by page."""
        after: str | None = None
        since = self.newest
        for _ in range(most):
            filters = [{"propertyName": "lastmodifieddate", "operator": "GT", "value": since}] if since != "0" else []
            body: dict[str, Any] = {"filterGroups": [{"filters": filters}], "limit": page, "sorts": ["lastmodifieddate"]}
            try:
                answer = self._http.post(f"{CONTACTS}/search", json=body | ({"after": after} if after else {})).json()
                results = answer["results"]
            except (httpx.HTTPError, ValueError, KeyError):
                return
            for row in results:
                self.rows[row["id"]] = row
                self.newest = row["properties"].get("lastmodifieddate") or self.newest
            after = answer.get("paging", {}).get("next", {}).get("after")
            if after is None:
                return

    def lost(self, account: HubspotAccount) -> set[str]:
        return set(account.truth()["contacts"]["ids"]) - self.rows.keys()


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


def test_f05_null_cursors_are_loaded(bench: Bench) -> None:
    for key in ("p1", "p3"):
        bench.account.write("undate", kind="contacts", id=bench.account.id_of("contacts", key))
    reader = Careless(bench.account)
    reader.newest = "1"
    reader.read()
    bench.good("contacts")
    assert (len(reader.lost(bench.account)), bench.wrong("contacts")) == (2, {})


def test_f06_many_rows_of_one_millisecond_across_pages_and_runs(bench: Bench) -> None:
    bench.good("contacts")
    reader = Careless(bench.account)
    reader.read(page=200)
    bench.account.advance(HOUR)
    bench.account.write("import", settle=0, kind="contacts", count=8, properties={"email": "a{n}@example.com"})
    moment = bench.account.now
    bench.account.advance(120)
    bench.good("contacts")
    reader.read(page=200)
    bench.account.on_server(lambda: bench.account.vendor.write("import", {"kind": "contacts", "count": 1, "properties": {"email": "late@example.com"}}, moment))  # fmt: skip
    items = bench.account.vendor.books.portal.shelves["contacts"].items
    late, tied = items[max(items)], items[max(items) - 1]
    kind = bench.account.vendor.books.portal._kind("contacts")
    bench.account.on_server(lambda: bench.account.vendor.books.portal.modified(kind, late, tied.modified))
    bench.account.advance(120)
    bench.good("contacts")
    reader.read(page=200)
    assert (reader.lost(bench.account), bench.wrong("contacts")) == ({str(late.id)}, {})


def test_f07_a_row_that_the_index_shows_late(bench: Bench) -> None:
    bench.good("contacts")
    reader = Careless(bench.account)
    reader.read()
    bench.account.advance(HOUR)
    late = bench.account.write("create", settle=60, kind="contacts", properties={"email": "late@example.com"})["id"]
    with bench.account.fault({"hide": late}, times=None):
        bench.account.write("create", settle=180, kind="contacts", properties={"email": "newer@example.com"})
        reader.read()
        bench.good("contacts")
    bench.account.advance(180)
    reader.read()
    bench.good("contacts")
    assert (reader.lost(bench.account), bench.wrong("contacts")) == ({late}, {})


def test_f08_and_f13_what_moves_no_date_is_caught_by_its_sweep(bench: Bench) -> None:
    bench.good(*CORE, "associations")
    reader = Careless(bench.account)
    reader.read()
    archived = bench.account.id_of("contacts", "p1")
    bench.account.write("archive", kind="contacts", id=archived)
    for _ in range(7):
        bench.account.advance(DAY)
        bench.good("contacts", "associations")
    reader.read()
    assert archived in reader.rows
    assert archived in buried(bench.landing, "contacts")
    assert bench.wrong(*CORE, "associations") == {}


def test_f14_a_merge_buries_the_loser_and_points_to_the_winner(bench: Bench) -> None:
    bench.good(*CORE, "associations")
    bench.account.advance(HOUR)
    loser, winner = bench.account.id_of("contacts", "p1"), bench.account.id_of("contacts", "p2")
    bench.account.write("merge", kind="contacts", primaryObjectId=winner, objectIdToMerge=loser)
    bench.good(*CORE, "associations")
    assert loser in buried(bench.landing, "contacts")
    assert bench.wrong(*CORE, "associations") == {}


def test_f18_past_the_cap_of_searches_only_a_careless_reader_loses_rows(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    # ten thousand rows themselves are in the connector's tests at scale
    monkeypatch.setattr("sandbox.hubspot.searching.CAP", 20)
    bench.good("contacts")
    bench.account.advance(HOUR)
    bench.account.write("import", kind="contacts", count=25, properties={"email": "x{n}@example.com"})
    reader = Careless(bench.account)
    reader.read()
    bench.good("contacts")
    assert reader.lost(bench.account)
    assert bench.wrong("contacts") == {}


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


def test_f21_a_nested_list_longer_than_a_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.hubspot.reading.PER_RECORD", 2)
    deal = bench.account.id_of("deals", "d0")
    for n in range(1, 5):
        bench.account.write("associate", kind="deals", id=deal, other="contacts", to=bench.account.id_of("contacts", f"p{n}"))
    bench.good("associations")
    assert len(landed(bench.landing, "associations")[f"deals/{deal}/contacts"]["to"]) == 5
    assert bench.wrong("associations") == {}


def test_f22_a_row_that_changes_between_two_pages_is_there_once_and_pushes_out_nobody(bench: Bench) -> None:
    first = bench.account.truth()["contacts"]["ids"][0]
    put = {"operation": "update", "arguments": {"kind": "contacts", "id": first, "properties": {"jobtitle": "moved"}}}
    again = {"operation": "update", "arguments": {"kind": "contacts", "id": first, "properties": {"jobtitle": "again"}}}
    reader = Careless(bench.account)
    with bench.account.fault({"put": put}, path=f"{CONTACTS}/search", nth=2):
        reader.read()
    with bench.account.fault({"put": again}, path=CONTACTS, nth=2):
        bench.good("contacts")
    bench.account.advance()
    bench.good("contacts")
    assert reader.lost(bench.account)
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


def test_f36_f38_values_of_any_shape_are_kept_as_sent(bench: Bench) -> None:
    shapes = {"change_type": "numberofemployees", "hostile_text": "name", "big_number": "annualrevenue", "add_field": "brand_new"}
    with bench.account.fault({"json": shapes}, times=None, path="/crm/v3/objects/companies"):
        bench.good("companies")
    for body in landed(bench.landing, "companies").values():
        values = body["properties"]
        assert (values["numberofemployees"], values["annualrevenue"]) == (12.5, 9_007_199_254_740_993)
        assert (body["brand_new"], values["name"].startswith("a\"b'c;--\n<script>")) == ("new", True)


def test_f37_a_property_that_is_left_out_when_empty_makes_no_difference(bench: Bench) -> None:
    with bench.account.fault({"json": {"drop_field": "hs_email_optout"}}, times=None, path=CONTACTS):
        bench.good("contacts")
    assert "missing" not in bench.wrong("contacts")["contacts"]


def test_f40_an_unknown_stage_is_kept_as_text(bench: Bench) -> None:
    bench.account.write("update", kind="deals", id=bench.account.id_of("deals", "d1"), properties={"dealstage": "998877"})
    bench.good("deals")
    assert landed(bench.landing, "deals")[bench.account.id_of("deals", "d1")]["properties"]["dealstage"] == "998877"


def test_f42_a_load_that_breaks_on_its_third_page_skips_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "LIST_PAGE", 1)
    with bench.account.fault({"preset": "unavailable"}, times=None, path=CONTACTS, nth=3):
        assert bench.run("contacts")["contacts"].outcome == "deferred"
    bench.good("contacts")
    ids = [line["id"] for line in landed_lines(bench.landing, "contacts")]
    assert len(ids) == len(set(ids)) == bench.account.truth()["contacts"]["count"]


def test_f43_new_code_goes_on_from_old_state(bench: Bench) -> None:
    bench.good("contacts")
    head = LandingLog(f"file://{bench.landing}").stream("hubspot", "contacts").head()
    assert head is not None
    assert json.loads(json.dumps(head.cursor_after)) == head.cursor_after
    bench.account.advance(HOUR)
    bench.account.forget_requests()
    bench.good("contacts")
    assert [request["path"] for request in bench.account.requests()] == ["/account-info/v3/details", f"{CONTACTS}/search"]


def test_f44_a_second_run_with_nothing_new_lands_nothing(bench: Bench) -> None:
    bench.good()
    bench.account.advance(HOUR)
    assert {result.rows for result in bench.run().values()} == {0}


def test_f45_two_runs_at_once_do_not_interleave(bench: Bench) -> None:
    bench.good("contacts")
    bench.account.advance(HOUR)
    bench.account.write("import", kind="contacts", count=5, properties={"email": "t{n}@example.com"})
    one, two = bench.account.connector(), bench.account.connector()
    stream = next(stream for stream in one.streams if stream.name == "contacts")
    head = LandingLog(f"file://{bench.landing}").stream("hubspot", "contacts").head()
    assert head is not None
    pages = [list(reader.read(stream, head.cursor_after)) for reader in (one, two)]
    rows = [{record.id: bytes(record.payload or b"") for page in found for record in page.records} for found in pages]
    assert rows[0] == rows[1]
    assert pages[0][-1].cursor == pages[1][-1].cursor


@pytest.mark.parametrize("skew", [-120, 120])
def test_f46_a_vendors_clock_that_is_off_loses_nothing(bench: Bench, skew: int) -> None:
    with bench.account.fault({"clock_skew": skew}, times=None):
        bench.good("contacts")
        bench.account.advance(HOUR)
        bench.account.write("create", settle=30, kind="contacts", properties={"email": "skew@example.com"})
        bench.good("contacts")
    bench.account.advance()
    bench.good("contacts")
    assert bench.wrong("contacts") == {}


def test_f15_a_catalogue_that_breaks_off_buries_nothing(bench: Bench) -> None:
    bench.good("properties")
    bench.account.advance(DAY)
    with bench.account.fault({"preset": "unavailable"}, times=None, path="/crm/v3/properties/deals"):
        assert bench.run("properties")["properties"].outcome == "deferred"
    assert (bench.wrong("properties"), buried(bench.landing, "properties")) == ({}, set())
    bench.good("properties")
    assert bench.wrong("properties") == {}
