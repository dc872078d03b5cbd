"""What goes wrong at Salesforce: each fault either costs time and no row, or is told by name; a naive reader shows that it bites."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from salesforce_account import SalesforceAccount, landed, landed_lines, salesforce_account
from simulated import DAY, HOUR, MINUTE

from connectors.salesforce import jobs, queries, reading, verbatim
from cynosure.extract import Access, Connector, ConnectorSettings, Cursor, Page, Record, Stream, StreamResult
from cynosure.landing import LandingLog
from sandbox.salesforce.identifiers import record_id

CORE = ("accounts", "contacts", "users")
QUERY_ALL, MORE = "*/queryAll/", "*/query/01g*"
NULLABLE = "AccountSource"


class NaiveSalesforce(Connector):
    """A reader as it is often written: `query`, strict > on LastModifiedDate, and every failure taken for the end."""

    name = "salesforce"
    title = "Naive"
    api_version = "66.0"
    settings_model = ConnectorSettings
    streams = (Stream("accounts", "Read badly."), Stream("contacts", "Read badly."), Stream("tasks", "Read badly."))
    objects: ClassVar = {"accounts": "Account", "contacts": "Contact", "tasks": "Task"}

    def __init__(self, account: SalesforceAccount) -> None:
        super().__init__(ConnectorSettings())
        sessions = account.vendor.sessions
        form = {"grant_type": "client_credentials", "client_id": sessions.consumer_key, "client_secret": sessions.consumer_secret}
        token = httpx.post(account.url + "/services/oauth2/token", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Sforce-Query-Options": f"batchSize={queries.PAGE_SIZE}"}
        self._http = httpx.Client(base_url=account.url, headers=headers, timeout=0.3, trust_env=False)

    def check(self) -> list[Access]:
        return []

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        name, since = self.objects[stream.name], cursor["since"] if cursor else "1970-01-01T00:00:00Z"
        fields = [field["name"] for field in self._json(f"/services/data/v66.0/sobjects/{name}/describe").get("fields", [])]
        fields = [field for field in fields if not field.endswith("Address")]
        newest, rows = since, list(self._rows(f"SELECT {','.join(fields)} FROM {name} WHERE LastModifiedDate > {since}"))
        for row in rows:
            newest = max(newest, row["LastModifiedDate"].replace("+0000", "Z"))
        yield Page([Record(row["Id"], httpx.Response(200, json=row).content) for row in rows], 0.0, {"since": newest}, as_of=0.0)

    def close(self) -> None:
        self._http.close()

    def _rows(self, query: str) -> Iterator[dict[str, Any]]:
        page = self._json("/services/data/v66.0/query/", {"q": query})
        while True:
            yield from page.get("records", [])
            if page.get("done", True) or not page.get("nextRecordsUrl"):
                return
            page = self._json(page["nextRecordsUrl"])

    def _json(self, url: str, params: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            answer = self._http.get(url, params=params)
            return dict(answer.json()) if answer.status_code == 200 else {}
        except (httpx.HTTPError, ValueError):
            return {}


class Bench:
    """An org of fourteen contacts in pages of five, and a folder for this test."""

    def __init__(self, account: SalesforceAccount, folder: Path) -> None:
        self.account = account
        self.folder = folder

    def run(self, streams: tuple[str, ...] = CORE, **more: Any) -> dict[str, StreamResult]:
        return self.account.extract(self.folder, streams, **more)

    def naive(self) -> dict[str, StreamResult]:
        return self.account.extract(self.folder, connector=NaiveSalesforce(self.account))

    def missing(self, stream: str = "contacts") -> set[str]:
        return set(self.account.truth()[stream]["ids"]) - landed(self.folder, stream).keys()

    def wrong(self, streams: tuple[str, ...] = CORE) -> dict[str, Any]:
        return {stream: True for stream in streams if landed(self.folder, stream) != self.account.objects(stream)}

    def outcomes(self, results: dict[str, StreamResult]) -> dict[str, str]:
        return {name: result.outcome for name, result in results.items()}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(queries, "PAGE_SIZE", 5)
    monkeypatch.setattr(verbatim, "READ_SECONDS", 0.5)
    with salesforce_account() as account:
        for n in range(14):
            account.create("Contact", LastName=f"Contact {n}", Title="x" * 100, Email=f"c{n}@x.example")
        account.create("Account", Name="A", NumberOfEmployees=100, settle=HOUR)
        account.waits.seconds.clear()
        yield Bench(account, tmp_path)


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


# --- change capture


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


# --- paging


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


# --- Bulk jobs


@pytest.fixture
def bulk(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The same org, read by jobs in pages of five."""
    monkeypatch.setattr(reading, "BULK_FROM", 1)
    monkeypatch.setattr(jobs, "PAGE_SIZE", 5)
    return bench


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


# --- values


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


# --- runs


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
