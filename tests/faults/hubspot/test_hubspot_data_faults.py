"""What HubSpot's rows and indexes do, against the connector, and where it tells something against a careless reader."""

from __future__ import annotations

import json

import pytest
from hubspot_account import buried, landed, landed_lines
from hubspot_bench import CONTACTS, CORE, Bench, Careless
from simulated import DAY, HOUR

from connectors.hubspot import objects
from cynosure.landing import LandingLog


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
