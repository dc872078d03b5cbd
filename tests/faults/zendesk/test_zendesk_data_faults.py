"""What Zendesk's rows and cursors do: every row is there afterwards, or the stream says what it lacks."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from simulated import DAY, HOUR, MINUTE
from zendesk_account import START, landed, landed_lines
from zendesk_bench import CORE, GROUPS, TICKETS, Bench, NaiveZendesk

from connectors.zendesk import exports, listing
from cynosure.landing import LandingLog


def test_f05_rows_without_a_time_of_change_are_loaded(bench: Bench) -> None:
    with bench.desk.fault({"json": {"nulls": True}}, times=None, path="/api/v2/*"):
        results = bench.run(*CORE, "users", "organizations")
    assert {r.outcome for r in results.values()} == {"ok"}
    truth = bench.desk.truth()
    for stream in (*CORE, "users", "organizations"):
        assert landed(bench.landing, stream).keys() == set(truth[stream]["ids"])
    assert not any(line.get("changed") for line in landed_lines(bench.landing, "users"))


def test_f06_five_hundred_rows_of_one_second_survive_page_and_run_boundaries(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "EXPORT_PAGE", 120)
    bench.desk.write("bulk_tickets", count=500)
    with bench.desk.fault({"preset": "server_error"}, times=None, path=TICKETS, nth=3):
        assert bench.run("tickets")["tickets"].outcome == "deferred"
    assert 0 < len(landed(bench.landing, "tickets")) < 500
    bench.run("tickets")
    assert bench.wrong("tickets") == {}


def test_f07_a_row_that_is_committed_late_is_found_by_the_daily_lookback(bench: Bench) -> None:
    bench.run()
    id = bench.desk.write("create_ticket", settle=0, ticket={"subject": "late", "comment": {"body": "late"}})["id"]
    with bench.desk.fault({"hide": str(id), "until": bench.desk.now + 4 * MINUTE}, times=None):
        bench.desk.write("create_ticket", ticket={"subject": "in time", "comment": {"body": "in time"}})
        bench.run()
        assert bench.wrong("tickets")["tickets"]["missing"] == [str(id)]
        bench.desk.advance(DAY)
        bench.run()
    assert bench.wrong() == {}


def test_f10_a_change_that_moves_only_the_other_clock_is_loaded_and_a_naive_filter_drops_it(bench: Bench) -> None:
    naive = NaiveZendesk(bench.desk)
    naive.run()
    bench.run()
    bench.desk.advance(HOUR)
    bench.desk.write("system_update", id=bench.id("t1"), external_id="erp-1")
    naive.run()
    bench.run()
    assert naive.tickets[bench.id("t1")]["external_id"] is None
    assert landed(bench.landing, "tickets")[str(bench.id("t1"))]["external_id"] == "erp-1"
    assert bench.wrong() == {}


def test_f16_a_deleted_ticket_is_buried_and_a_naive_reader_keeps_it(bench: Bench) -> None:
    naive = NaiveZendesk(bench.desk)
    naive.run()
    bench.run()
    bench.desk.write("delete_ticket", id=bench.id("t1"))
    naive.run()
    bench.run()
    assert bench.id("t1") in naive.tickets
    assert bench.wrong() == {}


def test_f17_metrics_of_archived_tickets_are_there_and_their_list_lacks_them(bench: Bench) -> None:
    for n in (0, 3, 6, 9):
        bench.desk.write("archive_ticket", id=bench.id(f"t{n}"))
    bench.run()
    assert bench.wrong() == {}
    with_metrics = {int(id) for id, body in landed(bench.landing, "tickets").items() if body["metric_set"]}
    assert with_metrics - NaiveZendesk(bench.desk).metrics() == {bench.id(f"t{n}") for n in (0, 3, 6, 9)}


def test_f19_2500_tickets_and_organizations_of_one_second_are_all_there(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "EXPORT_PAGE", 1000)
    monkeypatch.setattr(listing, "LIST_PAGE", 100)
    bench.run("tickets", "organizations")
    bench.desk.write("bulk_tickets", count=2500, settle=0)
    bench.desk.write("bulk_organizations", count=2500)
    results = bench.run("tickets", "organizations")
    assert {r.outcome for r in results.values()} == {"ok"}
    assert bench.wrong("tickets", "organizations") == {}
    assert bench.run("organizations")["organizations"].outcome == "ok"


def test_f19_metric_events_of_one_second_are_paged_through(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "EXPORT_PAGE", 20)
    monkeypatch.setattr(listing, "LIST_PAGE", 50)
    bench.desk.write("bulk_tickets", count=60)
    assert bench.run("ticket_metric_events")["ticket_metric_events"].outcome == "ok"
    assert bench.wrong("ticket_metric_events") == {}


def test_f19_ticket_events_of_one_second_end_in_an_error_that_names_it(bench: Bench) -> None:
    bench.run()
    second = bench.desk.now
    bench.desk.write("bulk_tickets", count=6)
    result = bench.run("ticket_events")["ticket_events"]
    assert result.outcome == "failed"
    assert f"more than 5 rows share the second {second}" in result.error


def test_f22_a_ticket_that_moves_while_it_is_paged_is_present_exactly_once(bench: Bench) -> None:
    moved, other = bench.id("t1"), bench.id("t9")
    put = {"operation": "update_ticket", "arguments": {"id": moved, "ticket": {"priority": "urgent"}}}
    again = {"operation": "update_ticket", "arguments": {"id": other, "ticket": {"priority": "low", "external_id": "moved"}}}
    with bench.desk.fault({"put": put}, path=TICKETS, nth=2), bench.desk.fault({"put": again}, path=TICKETS, nth=2):
        assert bench.run("tickets")["tickets"].outcome == "ok"
    bench.desk.advance(2 * MINUTE)
    bench.run()
    assert bench.wrong() == {}


@pytest.mark.parametrize("distortion", [{"duplicate": True}, {"swap": True}])
def test_rows_that_come_twice_or_out_of_order_change_nothing(bench: Bench, distortion: dict[str, Any]) -> None:
    with bench.desk.fault({"json": distortion}, times=None, path="/api/v2/*"):
        assert {r.outcome for r in bench.run(*CORE, "users").values()} == {"ok"}
    assert bench.wrong(*CORE, "users") == {}


def test_of_two_versions_of_a_ticket_in_one_page_the_newer_stays(bench: Bench) -> None:
    rows = json.loads(json.dumps(bench.desk.objects("tickets")[str(bench.id("t1"))]))
    older = {**rows, "subject": "old", "generated_timestamp": rows["generated_timestamp"] - 1}
    body = {"tickets": [rows, older], "metric_sets": [], "after_cursor": "MTU3NjYxMzUzOS4wfHw0Njd8", "end_of_stream": True}
    with bench.desk.fault({"body": body}, path=TICKETS):
        bench.run("tickets")
    assert [b["subject"] for b in landed(bench.landing, "tickets").values()] == [rows["subject"]]


def test_metrics_that_are_missing_beside_their_ticket_are_asked_for(bench: Bench) -> None:
    bench.desk.write("archive_ticket", id=bench.id("t0"))
    with bench.desk.fault({"json": {"drop_sideload": True}}, times=None, path=TICKETS):
        assert bench.run("tickets")["tickets"].outcome == "ok"
    assert bench.wrong("tickets") == {}


def test_f36_a_type_that_drifts_between_rows_makes_no_second_row(bench: Bench) -> None:
    bench.run(*CORE, "users")
    with bench.desk.fault({"json": {"change_type": "id"}}, times=None, path="/api/v2/*"):
        bench.desk.advance(DAY)
        bench.run(*CORE, "users")
    truth = bench.desk.truth()
    assert {name: landed(bench.landing, name).keys() for name in CORE} == {name: set(truth[name]["ids"]) for name in CORE}


HOSTILE = "'; --\ufffd\n\r\t\"\\ \U0001f600 \u202e </script>"


@pytest.mark.parametrize(
    ("distortion", "field", "value"),
    [
        ({"hostile_text": "subject"}, "subject", HOSTILE),
        ({"big_number": "external_id"}, "external_id", 9_007_199_254_740_993),
        ({"set": {"status": "quantum"}}, "status", "quantum"),
        ({"add_field": {"novelty": {"deep": [1]}}}, "novelty", {"deep": [1]}),
        ({"set": {"subject": ""}}, "subject", ""),
    ],
)
def test_f38_f40_values_of_any_shape_are_kept_exactly(bench: Bench, distortion: dict[str, Any], field: str, value: Any) -> None:
    with bench.desk.fault({"json": distortion}, times=None, path=TICKETS):
        assert bench.run("tickets")["tickets"].outcome == "ok"
    bodies = landed(bench.landing, "tickets")
    assert len(bodies) == 12
    assert {json.dumps(body[field]) for body in bodies.values()} == {json.dumps(value)}


def test_a_custom_field_whose_type_changes_keeps_every_value(bench: Bench) -> None:
    field = bench.desk.vendor.account.configuration.fields[1]
    bench.run()
    bench.desk.write("change_catalogue", stream="ticket_fields", id=field, type="text")
    bench.desk.write("update_ticket", id=bench.id("t1"), ticket={"custom_fields": [{"id": field, "value": "severe"}]})
    bench.run(*CORE, "ticket_fields")
    assert bench.wrong(*CORE, "ticket_fields") == {}


def test_f40_a_row_without_its_id_fails_the_stream_instead_of_vanishing(bench: Bench) -> None:
    with bench.desk.fault({"json": {"drop_field": "id"}}, times=None, path=GROUPS):
        result = bench.run("group_memberships")["group_memberships"]
    assert result.outcome == "failed"
    assert "a row came without id" in result.error


def test_f42_a_run_killed_between_two_pages_skips_and_repeats_nothing_that_counts(bench: Bench) -> None:
    bench.run()
    for n in range(12):
        bench.desk.write("create_ticket", ticket={"subject": f"more {n}", "comment": {"body": "x"}})
    for page in (2, 2):
        with bench.desk.fault({"preset": "refused"}, times=None, path=TICKETS, nth=page):
            assert bench.run("tickets")["tickets"].outcome == "deferred"
    bench.run()
    assert bench.wrong() == {}
    newest = landed_lines(bench.landing, "tickets")[-12:]
    assert len({line["id"] for line in newest}) == 12


@pytest.mark.parametrize(
    "cursor", [{"since": 1}, {"cursor": "not a cursor", "at": START - HOUR, "listed": START, "looked_back": START}]
)
def test_f43_a_cursor_that_cannot_be_honoured_reads_everything_again(bench: Bench, cursor: dict[str, Any]) -> None:
    reader = bench.desk.connector()
    stream = next(s for s in reader.streams if s.name == "tickets")
    pages = list(reader.read(stream, cursor))
    assert {r.id for page in pages for r in page.records} == set(bench.desk.truth()["tickets"]["ids"])
    if "at" in cursor:
        assert "tickets: Zendesk does not accept the last run's cursor any more: reading everything again" in [
            p.notice for p in pages
        ]


@pytest.mark.parametrize("name", ["tickets", "organizations"])
def test_a_cursor_of_the_future_reads_everything_again_and_says_so(bench: Bench, name: str) -> None:
    reader = bench.desk.connector()
    stream = next(s for s in reader.streams if s.name == name)
    *_, last = reader.read(stream, None)
    assert last.cursor is not None
    later = {k: v + 10 * DAY if isinstance(v, int | float) else v for k, v in last.cursor.items()}
    pages = list(reader.read(stream, later))
    assert f"{name}: the last run lies in the future of Zendesk's clock: reading everything again" in [p.notice for p in pages]
    assert {r.id for page in pages for r in page.records} == set(bench.desk.truth()[name]["ids"])


def test_f45_two_runs_at_once_end_in_the_truth(bench: Bench) -> None:
    threads = [threading.Thread(target=bench.run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bench.run()
    assert bench.wrong() == {}


@pytest.mark.parametrize("skew", [-120, 120])
def test_f46_a_vendor_clock_that_is_off_by_two_minutes_loses_nothing(bench: Bench, skew: int) -> None:
    with bench.desk.fault({"clock_skew": skew}, times=None):
        bench.run()
        for _ in range(3):
            bench.desk.write("create_ticket", settle=90, ticket={"subject": "s", "comment": {"body": "b"}})
            bench.run()
        bench.desk.advance(2 * MINUTE)
        assert {r.outcome for r in bench.run().values()} == {"ok"}
    assert bench.wrong() == {}


def test_nothing_is_kept_of_a_stream_that_never_got_a_page(bench: Bench) -> None:
    with bench.desk.fault({"preset": "server_error"}, times=None, path=TICKETS):
        bench.run("tickets")
    assert LandingLog(f"file://{bench.landing}").stream("zendesk", "tickets").head() is None


def test_a_place_in_a_list_that_zendesk_does_not_know_any_more_begins_the_list_again(bench: Bench) -> None:
    reader = bench.desk.connector()
    stream = next(s for s in reader.streams if s.name == "group_memberships")
    pages = list(reader.read(stream, {"after": "gone", "read": 3, "begun": START - HOUR}))
    assert pages[0].begins
    assert pages[-1].ends
    assert {r.id for page in pages for r in page.records} == set(bench.desk.truth()["group_memberships"]["ids"])


@pytest.mark.parametrize("stream", ["custom_statuses", "sla_policies", "schedules", "tags"])
def test_an_empty_list_that_promises_more_buries_nothing(bench: Bench, stream: str) -> None:
    bench.run(stream)
    bench.desk.advance(DAY)
    with bench.desk.fault({"json": {"empty_page": True}}, times=None):
        assert bench.run(stream)[stream].outcome in ("failed", "deferred")
    assert bench.wrong(stream) == {}
