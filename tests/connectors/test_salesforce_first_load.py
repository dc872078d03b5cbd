"""The first reading of an org: every stream whole, in one form whichever interface delivered it, with what the audit asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from salesforce_account import STREAMS, SalesforceAccount, a_year_of_sales, landed, landed_lines, salesforce_account, tombstones
from simulated import HOUR
from vendor_account import warehouse_differences

from connectors.salesforce import Salesforce, jobs, queries, reading
from connectors.salesforce.payload import long_id, plain
from cynosure.extract import AccessDenied, Misconfigured, Page, Stream
from cynosure.extract import run as extract_run
from cynosure.warehouse import open_warehouse
from sandbox.salesforce.identifiers import long_id as the_orgs_long_id


@pytest.fixture
def account() -> Iterator[SalesforceAccount]:
    with salesforce_account() as account:
        account.tell(*a_year_of_sales())
        yield account


def by_name(account: SalesforceAccount) -> dict[str, Stream]:
    return {stream.name: stream for stream in account.connector().streams}


def test_every_stream_holds_what_the_org_holds(account: SalesforceAccount, tmp_path: Path) -> None:
    account.run(tmp_path)
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    account.load(warehouse, tmp_path)
    assert warehouse_differences(account, warehouse) == {}
    assert {name for name in STREAMS if not account.truth()[name]["ids"]} == set()


def test_the_first_reading_costs_two_composite_questions_for_five_objects_and_one_query_each(
    account: SalesforceAccount, tmp_path: Path
) -> None:
    account.run(tmp_path)
    kinds = [request["path"].rsplit("/v66.0/", 1)[-1] for request in account.requests()]
    assert kinds.count("/services/oauth2/token") == 1
    assert kinds.count("composite") == 6  # one describes 25 objects, five count five objects each
    assert kinds.count("queryAll/") == len(STREAMS)
    assert len(kinds) == 7 + len(STREAMS)


def through_bulk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BULK_FROM", 1)


def test_bulk_and_rest_give_the_same_bytes(account: SalesforceAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = 'Line one\r\nline "two", with; comma\tand \\ and é 漢 \U0001f600'
    account.create("Account", Name=hostile, AnnualRevenue="125000000.10", NumberOfEmployees=0, Website="")
    account.create("Account", Name="0012", AnnualRevenue="0.1", BillingCity=" ")
    account.create("Account", Name="true", AnnualRevenue="98765432109876.54")
    account.advance(HOUR)
    account.run(tmp_path / "rest")
    through_bulk(monkeypatch)
    account.forget_requests()
    account.run(tmp_path / "bulk")
    asked = [request["path"] for request in account.requests()]
    assert sum(path.endswith("/jobs/query") for path in asked) == len(STREAMS) - 2  # values of any type need JSON
    for stream in STREAMS:
        rest, bulk = (
            {line["id"]: (line["hash"], line["changed"], line["deleted"]) for line in landed_lines(tmp_path / way, stream)}
            for way in ("rest", "bulk")
        )
        assert rest == bulk, stream


def test_values_have_one_form(account: SalesforceAccount, tmp_path: Path) -> None:
    id = account.create("Account", Name="Form", AnnualRevenue="125000000.50", NumberOfEmployees=7, Website="")
    account.run(tmp_path, ["accounts"])
    body = landed(tmp_path, "accounts")[id]
    assert (body["AnnualRevenue"], body["NumberOfEmployees"], body["Website"], body["IsDeleted"]) == (
        125_000_000.5,
        7,
        None,
        False,
    )
    assert body["CreatedDate"] == "2026-01-01T00:00:00.000Z"
    assert list(body) == sorted(body)
    assert "attributes" not in body
    assert "BillingAddress" not in body


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("1.2E8", "120000000"), ("120000000.0", "120000000"), ("0.10", "0.1"), ("-0.0", "0"), ("5", "5"), ("1E-3", "0.001"),
     ("98765432109876543210.123456789", "98765432109876543210.123456789")],
)  # fmt: skip
def test_numbers_keep_their_exact_value(sent: str, kept: str) -> None:
    assert bytes(plain(sent)).decode() == kept


def test_ids_of_15_and_18_characters_join() -> None:
    assert (
        long_id("001A0000006Vm9r") == long_id("001A0000006Vm9rIAC") == "001A0000006Vm9rIAC" == the_orgs_long_id("001A0000006Vm9r")
    )


def test_short_ids_of_the_org_become_long_rows(account: SalesforceAccount, tmp_path: Path) -> None:
    with account.fault({"json": {"short_ids": True}}, times=None, path="*/queryAll/"):
        account.run(tmp_path, ["contacts"])
    assert sorted(landed(tmp_path, "contacts")) == account.truth()["contacts"]["ids"]


def test_twelve_thousand_rows_come_through_bulk_page_by_page(
    account: SalesforceAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PAGE_VALUES", 10**9)
    monkeypatch.setattr(jobs, "PAGE_SIZE", 5_000)
    account.write("create_many", object="Lead", count=12_000, numbered="Company", values={"LastName": "L", "Status": "Open"})
    account.forget_requests()
    results = account.run(tmp_path, ["leads"])
    assert set(account.truth()["leads"]["ids"]) == set(landed(tmp_path, "leads"))
    assert results["leads"].rows > 12_000
    assert len(account.requests("*/results")) == 3
    assert account.queries() == []


def test_no_answer_has_its_encoding_guessed(account: SalesforceAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def guess(response: requests.Response) -> str:
        raise AssertionError(response.url)

    monkeypatch.setattr(requests.Response, "apparent_encoding", property(guess))
    account.run(tmp_path, ["leads"])


@pytest.mark.parametrize(("values", "rows_a_page"), [(10**9, 10_000), (100_000, None), (1, 1)])
def test_a_page_of_bulk_results_holds_fewer_rows_of_more_fields(
    account: SalesforceAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: int, rows_a_page: int | None
) -> None:
    through_bulk(monkeypatch)
    monkeypatch.setattr(jobs, "PAGE_VALUES", values)
    account.create("Lead", LastName="L", Company="C", Status="Open")
    account.forget_requests()
    account.run(tmp_path, ["leads"])
    asked = {int(parse_qs(request["query"])["maxRecords"][0]) for request in account.requests("*/results")}
    columns = len(landed(tmp_path, "leads").popitem()[1])
    assert columns > 20
    assert asked == {rows_a_page or values // columns}


def test_a_load_that_is_killed_between_pages_of_a_job_goes_on_in_the_same_job(
    account: SalesforceAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PAGE_SIZE", 500)
    monkeypatch.setattr(extract_run, "CHECKPOINT_ROWS", 400)
    account.write("create_many", object="Lead", count=2_500, numbered="Company", values={"LastName": "L", "Status": "Open"})
    with account.fault({"preset": "forbidden"}, times=None, path="*/results", nth=3):
        assert account.extract(tmp_path, ["leads"])["leads"].outcome == "failed"
    account.forget_requests()
    account.run(tmp_path, ["leads"])
    assert not [r for r in account.requests("*/jobs/query") if r["method"] == "POST"]
    assert len(account.requests("*/results")) == 4  # of six pages, two were kept
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    account.load(warehouse, tmp_path, ["leads"])
    assert warehouse_differences(account, warehouse, ["leads"]) == {}


def test_a_load_that_is_killed_between_pages_of_a_query_goes_on_behind_the_last_row(
    account: SalesforceAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 300)
    monkeypatch.setattr(extract_run, "CHECKPOINT_ROWS", 200)
    account.write("create_many", object="Lead", count=1_000, numbered="Company", values={"LastName": "L", "Status": "Open"})
    with account.fault({"preset": "forbidden"}, times=None, path="*/query/01g*", nth=2):
        assert account.extract(tmp_path, ["leads"])["leads"].outcome == "failed"
    account.forget_requests()
    account.run(tmp_path, ["leads"])
    assert "WHERE Id > '00Q" in account.queries()[0]
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    account.load(warehouse, tmp_path, ["leads"])
    assert warehouse_differences(account, warehouse, ["leads"]) == {}


def test_rows_without_an_instant_of_change_are_loaded(account: SalesforceAccount, tmp_path: Path) -> None:
    ids = [account.create("Account", Name=f"Imported {n}") for n in range(5)]
    for id in ids[::2]:
        account.write("forget_stamp", object="Account", id=id)
    account.run(tmp_path, ["accounts"])
    assert set(account.truth()["accounts"]["ids"]) == set(landed(tmp_path, "accounts"))


def test_merged_records_are_buried_with_the_id_of_the_winner(account: SalesforceAccount, tmp_path: Path) -> None:
    winner, loser = (account.create("Account", Name=name) for name in ("Winner", "Loser"))
    contact = account.create("Contact", LastName="Child", AccountId=loser)
    account.write("merge", object="Account", id=winner, losers=[loser])
    account.run(tmp_path, ["accounts", "contacts"])
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    account.load(warehouse, tmp_path, ["accounts", "contacts"])
    with warehouse.writing() as session:
        assert tombstones(session, "accounts")[loser]["MasterRecordId"] == winner
    assert landed(tmp_path, "contacts")[contact]["AccountId"] == winner


def test_an_opportunity_keeps_its_own_currency_and_the_rate_of_its_day_is_there(
    account: SalesforceAccount, tmp_path: Path
) -> None:
    account.run(tmp_path, ["opportunities", "dated_conversion_rates"])
    won = next(deal for deal in landed(tmp_path, "opportunities").values() if deal["IsWon"])
    assert (won["Amount"], won["CurrencyIsoCode"]) == (15_000, "EUR")
    rates = [
        rate for rate in landed(tmp_path, "dated_conversion_rates").values()
        if rate["IsoCode"] == "EUR" and rate["StartDate"] <= won["CloseDate"] < rate["NextStartDate"]
    ]  # fmt: skip
    assert len(rates) == 1


def test_an_object_that_only_some_orgs_have_is_a_notice_and_not_a_failure(account: SalesforceAccount, tmp_path: Path) -> None:
    account.write("forbid_object", object="ForecastingQuota")
    assert account.run(tmp_path, ["quotas"])["quotas"].notices == ("this org has no ForecastingQuota",)
    account.forget_requests()
    account.advance(HOUR)
    assert account.run(tmp_path, ["quotas"])["quotas"].notices == ()
    assert len(account.requests()) == 1


def test_further_objects_are_streams_of_their_own(account: SalesforceAccount, tmp_path: Path) -> None:
    fields = "Name:string(80) Value__c:currency IsDeleted:boolean! CreatedDate:datetime! SystemModstamp:datetime!"
    account.write("define_object", object="Renewal__c", prefix="a01", stream="renewal__c", fields=fields)
    id = account.create("Renewal__c", Name="R", Value__c="12.5")
    connector = account.connector()
    connector.read_also({"renewals": "Renewal__c"})
    account.run(tmp_path, ["renewals"], connector=connector)
    assert landed(tmp_path, "renewals")[id]["Value__c"] == 12.5


@pytest.mark.parametrize(("object", "said"), [("Renewal; drop", "not the API name"), ("account", "read already, as accounts")])
def test_a_further_object_has_a_name_and_is_not_read_twice(object: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        Salesforce.further("renewals", object)


# --- what the audit asks


def pages(found: Iterator[Page] | None) -> list[Page]:
    assert found is not None
    return list(found)


def test_a_walk_enumerates_what_exists_with_the_bytes_that_reading_lands(
    account: SalesforceAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.run(tmp_path)
    monkeypatch.setattr(queries, "PAGE_SIZE", 3)
    connector = account.connector()
    for name, stream in by_name(account).items():
        if name.endswith("field_histories") or name == "case_histories":
            assert connector.walk(stream, None) is None
            continue
        walked = pages(connector.walk(stream, None))
        assert [page.ends for page in walked] == [False] * (len(walked) - 1) + [True]
        bodies = {r.id: json.loads(bytes(r.payload or b"")) for page in walked for r in page.records}
        assert bodies == landed(tmp_path, name)
        if len(walked) > 2:
            rest = pages(connector.walk(stream, walked[0].cursor))
            assert [r.id for page in rest for r in page.records] == [r.id for page in walked[1:] for r in page.records]


def test_single_records_come_as_reading_lands_them_and_gone_ones_as_tombstones(
    account: SalesforceAccount, tmp_path: Path
) -> None:
    account.run(tmp_path, ["accounts"])
    doomed, erased = (account.create("Account", Name=name) for name in ("Doomed", "Erased"))
    account.write("delete", object="Account", id=doomed)
    account.write("purge", object="Account", id=erased)
    alive = list(landed(tmp_path, "accounts"))[:2]
    found = pages(account.connector().fetch(by_name(account)["accounts"], [*alive, doomed, erased[:15]]))
    records = {r.id: r for page in found for r in page.records}
    assert [records[id].deleted for id in (*alive, doomed, erased)] == [False, False, True, True]
    assert all(json.loads(bytes(records[id].payload or b"")) == landed(tmp_path, "accounts")[id] for id in alive)


def test_totals_are_the_orgs_own(account: SalesforceAccount) -> None:
    connector, streams = account.connector(), by_name(account)
    totals = connector.totals(streams["opportunities"])
    assert totals is not None
    assert (totals.count, dict(totals.sums)) == (3, {}), "the org adds in its corporate currency: sums of many mean nothing"
    tasks = connector.totals(streams["tasks"])
    assert tasks is not None
    assert tasks.count == account.truth()["tasks"]["count"]


def test_amounts_of_one_currency_are_summed_exactly() -> None:
    with salesforce_account() as account:
        for amount in ("0.10", "0.20", "98765432109.15"):
            account.create("Opportunity", Name="D", StageName="Discovery", CloseDate="2026-02-01", Amount=amount)
        totals = account.connector().totals(by_name(account)["opportunities"])
        assert totals is not None
        assert (totals.count, totals.sums["Amount"]) == (3, Decimal("98765432109.45"))


# --- many fields


WIDE = " ".join(f"A_rather_long_name_of_a_custom_field_{n:03d}__c:string(80)" for n in range(400))


def test_four_hundred_fields_are_read_without_an_address_that_is_too_long(account: SalesforceAccount, tmp_path: Path) -> None:
    account.write("add_field", object="Account", fields=WIDE)
    id = account.create("Account", Name="Wide", A_rather_long_name_of_a_custom_field_399__c="last")
    account.run(tmp_path, ["accounts"])
    body = landed(tmp_path, "accounts")[id]
    assert len(body) > 400
    assert body["A_rather_long_name_of_a_custom_field_399__c"] == "last"
    assert {request["status"] for request in account.requests()} == {200}
    connector, stream = account.connector(), by_name(account)["accounts"]
    (fetched,) = [r for page in pages(connector.fetch(stream, [id])) for r in page.records]
    assert json.loads(bytes(fetched.payload or b"")) == body
    assert {r.payload for page in pages(connector.walk(stream, None)) for r in page.records} == {None}
    assert max(len(request["query"]) for request in account.requests()) < 14_000


def test_a_naive_query_of_four_hundred_fields_is_refused(account: SalesforceAccount) -> None:
    account.write("add_field", object="Account", fields=WIDE)
    query = queries.select([field.name for field in account.vendor.org.kinds["Account"].readable()], "Account")
    assert queries.is_long(query)
    with pytest.raises(Exception, match="longer than Salesforce allows"):
        list(queries.pages(account.connector()._api, query))


def test_parts_of_a_wide_row_from_different_versions_are_read_again(account: SalesforceAccount) -> None:
    account.write("add_field", object="Account", fields=WIDE)
    id = account.create("Account", Name="Before")
    account.advance(HOUR)
    change = {"operation": "update", "arguments": {"object": "Account", "id": id, "values": {"Name": "After", "Type": "After"}}}
    with account.fault({"put": change}, path="*/queryAll/", nth=2):
        found = pages(account.connector().fetch(by_name(account)["accounts"], [id]))
    body = json.loads(bytes(found[0].records[0].payload or b""))
    assert (body["Name"], body["Type"]) == ("After", "After")


# --- settings and access


def test_the_check_proves_every_stream_with_one_question(account: SalesforceAccount) -> None:
    assert [(access.stream, access.allowed) for access in account.connector().check()] == [(name, True) for name in STREAMS]
    assert len(account.requests()) == 2


def test_the_check_names_what_may_not_be_read(account: SalesforceAccount) -> None:
    account.write("forbid_object", object="Case")
    denied = {access.stream: access.reason for access in account.connector().check() if not access.allowed}
    assert set(denied) == {"cases"}
    assert "permission set Read and View All" in denied["cases"]


def test_a_blocked_app_is_refused_in_words(account: SalesforceAccount) -> None:
    account.on_server(lambda: account.vendor.revoke("key"))
    with pytest.raises(AccessDenied, match="check consumer_key and consumer_secret"):
        account.connector().check()


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"domain": "login"}, "not a My Domain"),
        ({"domain": "https://evil.example/"}, None),
        ({"domain": "a b"}, "not a My Domain"),
        ({"instance_url": "http://salesforce.example"}, "clear text"),
        ({"instance_url": "https://evil.example"}, "only for tests on this machine"),
        ({"consumer_key": " "}, "consumer_key is empty"),
        ({"consumer_secret": None}, "username and private_key"),
        ({"given_up_fields": "Region__c"}, "is not object.field"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_with_what_to_write(
    account: SalesforceAccount, settings: dict[str, Any], complaint: str | None
) -> None:
    if complaint is None:
        assert account.connector(**settings)
        return
    with pytest.raises(Misconfigured, match=complaint):
        account.connector(**settings)
