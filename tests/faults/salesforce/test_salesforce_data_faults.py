"""What goes wrong in what Salesforce says: changes without a trace, pages that lie, values of every shape, clocks, two runs."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from salesforce_account import landed, landed_lines
from salesforce_bench import MORE, NULLABLE, Bench, NaiveSalesforce
from simulated import DAY, HOUR, MINUTE

from connectors.salesforce import reading
from cynosure.extract import StreamResult
from sandbox.salesforce.identifiers import record_id


def test_f05_f06_f07_f08_what_a_naive_reader_misses(bench: Bench) -> None:
    account = bench.account
    tied = account.write("create_many", object="Contact", count=6, numbered="LastName", values={})
    late = account.create("Contact", LastName="Late")
    system = account.create("Account", Name="System")
    with (
        account.fault({"hide": late, "until": account.now + 8 * MINUTE}, times=None),
        account.fault({"hide": tied[5]}, times=None),
    ):
        account.advance(6 * MINUTE)
        account.extract(bench.folder / "naive", connector=NaiveSalesforce(account))
        bench.run()
        account.advance(4 * MINUTE)
    account.write("touch", object="Account", id=system, values={"LastActivityDate": "2026-01-01"})
    account.extract(bench.folder / "naive", connector=NaiveSalesforce(account))
    bench.run()
    assert bench.wrong() == {}
    naive = landed(bench.folder / "naive", "contacts")
    assert tied[5] not in naive
    assert landed(bench.folder / "naive", "accounts")[system]["LastActivityDate"] is None


def test_f12_f13_f14_deletions_archives_and_merges_that_a_naive_reader_never_sees(bench: Bench) -> None:
    account = bench.account
    ids = account.truth()["contacts"]["ids"]
    task = account.create("Task", Status="Completed", Priority="Normal", IsClosed=True, CompletedDateTime=account.now)
    streams = ("contacts", "tasks")
    bench.run(streams)
    account.write("delete", object="Contact", id=ids[0])
    account.write("merge", object="Contact", id=ids[1], losers=[ids[2]])
    bench.run(streams)
    lines = {line["id"]: line for line in landed_lines(bench.folder, "contacts")}
    assert [lines[id]["deleted"] for id in ids[:3]] == [True, False, True]
    assert lines[ids[2]]["payload"]["MasterRecordId"] == ids[1]
    account.advance(400 * DAY)
    bench.run(streams)
    assert landed(bench.folder, "tasks")[task]["IsArchived"] is True
    account.extract(bench.folder / "naive", connector=NaiveSalesforce(account))
    assert task not in landed(bench.folder / "naive", "tasks")


def test_f20_a_cursor_that_does_not_advance_raises_and_keeps_the_state(bench: Bench) -> None:
    stuck = f"/services/data/v66.0/query/{record_id('01g', 1)}-5"
    with bench.account.fault({"json": {"repeat_cursor": stuck}}, times=None, path=MORE):
        results = bench.run(("contacts",))
    assert results["contacts"].outcome == "failed"
    assert "paging does not advance" in results["contacts"].error
    assert bench.run(("contacts",))["contacts"].outcome == "ok"
    assert bench.wrong(("contacts",)) == {}


def test_f20_a_page_that_ends_too_early_is_noticed_and_the_rest_is_read(bench: Bench) -> None:
    with bench.account.fault({"json": {"shorten": 2}}, path=MORE, nth=2):
        assert bench.run(("contacts",))["contacts"].outcome == "ok"
    assert bench.wrong(("contacts",)) == {}


def test_f20_pages_that_always_end_too_early_raise(bench: Bench) -> None:
    with bench.account.fault({"json": {"shorten": 1}}, times=None, path="*/query*"):
        results = bench.run(("contacts",))
    assert results["contacts"].outcome == "failed"
    assert "rows and sent" in results["contacts"].error


def test_f22_a_row_that_moves_while_pages_are_read_is_there_once_with_its_newest_body(bench: Bench) -> None:
    account = bench.account
    last = account.truth()["contacts"]["ids"][-1]
    change = {"operation": "update", "arguments": {"object": "Contact", "id": last, "values": {"LastName": "Aaron"}}}
    with account.fault({"put": change}, path=MORE):
        bench.run(("contacts",))
    account.advance(HOUR)
    bench.run(("contacts",))
    assert bench.wrong(("contacts",)) == {}


def test_f24_a_naive_query_of_four_hundred_fields_loses_everything(bench: Bench) -> None:
    wide = " ".join(f"A_rather_long_name_of_a_custom_field_{n:03d}__c:string(80)" for n in range(400))
    bench.account.write("add_field", object="Contact", fields=wide)
    assert bench.naive()["contacts"].outcome == "ok"
    assert len(bench.missing()) == 14
    bench.run(("contacts",))
    assert bench.wrong(("contacts",)) == {}


def test_f37_a_column_that_is_empty_everywhere_stays(bulk: Bench) -> None:
    bulk.run(("accounts",))
    assert [body[NULLABLE] for body in landed(bulk.folder, "accounts").values()] == [None]


@pytest.mark.parametrize("way", ["rest", "bulk"])
def test_f38_values_of_every_shape_are_exact(bench: Bench, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account = bench.account
    monkeypatch.setattr(reading, "BULK_FROM", 1 if way == "bulk" else 10_000)
    midnight = account.now // DAY * DAY
    yen = account.create(
        "Opportunity", Name="a\x00b", StageName="Discovery", CloseDate="2026-01-31", Amount=12345678901234, CurrencyIsoCode="JPY"
    )
    dinar = account.create(
        "Opportunity", Name='x "y",\r\nz', StageName="Discovery", CloseDate="2026-01-31", Amount="1.005", CurrencyIsoCode="KWD"
    )
    day = account.create(
        "Event", StartDateTime=midnight, EndDateTime=midnight, ActivityDate="2026-01-01", IsAllDayEvent=True, settle=HOUR
    )
    bench.run(("opportunities", "events"))
    deals = landed(bench.folder, "opportunities")
    assert (deals[yen]["Amount"], deals[dinar]["Amount"]) == (12_345_678_901_234, 1.005)
    assert (deals[yen]["Name"], deals[dinar]["Name"]) == ("a\ufffdb", 'x "y",\r\nz')
    event = landed(bench.folder, "events")[day]
    assert (event["StartDateTime"], event["ActivityDate"]) == ("2026-01-01T00:00:00.000Z", "2026-01-01")


def test_f40_an_unknown_value_of_a_picklist_is_kept_as_text(bench: Bench) -> None:
    id = bench.account.create("Lead", LastName="L", Company="C", Status="Abducted by aliens", settle=HOUR)
    bench.run(("leads",))
    assert landed(bench.folder, "leads")[id]["Status"] == "Abducted by aliens"


@pytest.mark.parametrize("cursor", [{"since": 1.0}, {"since": 1_767_225_600.0, "from": "another release"}])
def test_f43_the_cursor_of_another_release_is_honoured_without_a_gap(bench: Bench, cursor: dict[str, Any]) -> None:
    connector = bench.account.connector()
    stream = next(stream for stream in connector.streams if stream.name == "contacts")
    pages = list(connector.read(stream, cursor))
    assert {record.id for page in pages for record in page.records} == set(bench.account.truth()["contacts"]["ids"])
    assert pages[-1].ends


def test_f44_f46_a_clock_that_is_wrong_by_two_minutes_loses_nothing(bench: Bench) -> None:
    account = bench.account
    for skew in (120, -120, 0):
        account.create("Contact", LastName=f"Skewed {skew}", settle=MINUTE)
        with account.fault({"clock_skew": skew}, times=None):
            bench.run(("contacts",))
        account.advance(10 * MINUTE)
    bench.run(("contacts",))
    assert bench.wrong(("contacts",)) == {}
    account.advance(HOUR)
    bench.run(("contacts",))
    account.advance(HOUR)
    assert bench.run(("contacts",))["contacts"].rows == 0


def test_f45_two_runs_at_once_end_with_the_truth(bench: Bench) -> None:
    results: list[dict[str, StreamResult]] = []
    threads = [threading.Thread(target=lambda: results.append(bench.run())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 2
    assert {outcome for found in results for outcome in bench.outcomes(found).values()} <= {"ok", "deferred"}
    bench.run()
    assert bench.wrong() == {}
