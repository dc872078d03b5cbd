"""The first load brings every row of every stream, byte for byte, and can be interrupted anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hubspot_account import STREAMS, HubspotAccount, buried, hubspot_account, landed, landed_lines
from simulated import MINUTE
from vendor_account import differences

from connectors.hubspot import feed, objects
from connectors.hubspot.transport import HubspotApi
from cynosure.warehouse import open_warehouse


@pytest.fixture
def account() -> Iterator[HubspotAccount]:
    with hubspot_account() as found:
        yield found


def test_every_stream_equals_the_account(account: HubspotAccount, tmp_path: Path) -> None:
    account.run(tmp_path)
    assert {stream for stream in STREAMS if not landed(tmp_path, stream)} == set()
    assert differences(account, tmp_path) == {}


def test_the_warehouse_holds_the_same_and_nothing_is_buried(account: HubspotAccount, tmp_path: Path) -> None:
    account.run(tmp_path / "landing")
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    account.load(warehouse, tmp_path / "landing")
    with warehouse.writing() as session:
        for stream, true in account.truth().items():
            rows = session.rows(f"select id, is_deleted from raw.hubspot__{stream} where valid_to is null")
            assert sorted(id for id, gone in rows if not gone) == true["ids"], stream
            assert [id for id, gone in rows if gone] == [], stream


def test_bodies_are_kept_as_they_were_sent(account: HubspotAccount, tmp_path: Path) -> None:
    number = {"json": {"set": {"amount": "1234567890123456789.10"}}}
    with account.fault(number, path="/crm/v3/objects/deals"):
        account.run(tmp_path, ["deals"])
    assert {body["properties"]["amount"] for body in landed(tmp_path, "deals").values()} == {"1234567890123456789.10"}


def test_archived_records_are_not_loaded_but_owners_who_left_are(account: HubspotAccount, tmp_path: Path) -> None:
    account.run(tmp_path)
    assert account.id_of("contacts", "p5") not in landed(tmp_path, "contacts")
    owners = landed(tmp_path, "owners")
    deal = landed(tmp_path, "deals")[account.id_of("deals", "d1")]
    assert owners[deal["properties"]["hubspot_owner_id"]]["archived"]
    assert len(landed(tmp_path, "deals")) == 6


def test_counts_equal_what_the_source_says(account: HubspotAccount, tmp_path: Path) -> None:
    account.run(tmp_path)
    connector = account.connector()
    told = {stream.name: totals.count for stream in connector.streams if (totals := connector.totals(stream)) is not None}
    connector.close()
    assert {"contacts", "deals", "custom_objects", "marketing_emails", "lists"} <= told.keys()
    assert told == {stream: len(landed(tmp_path, stream)) for stream in told}


def test_an_interrupted_load_goes_on_where_it_stopped(
    account: HubspotAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "LIST_PAGE", 2)
    with account.fault({"preset": "unavailable"}, times=None, path="/crm/v3/objects/contacts", nth=3):
        assert account.extract(tmp_path, ["contacts"])["contacts"].outcome == "deferred"
    assert len(landed(tmp_path, "contacts")) == 4
    account.forget_requests()
    account.run(tmp_path, ["contacts"])
    assert [request["query"] for request in account.requests("/crm/v3/objects/contacts") if "after=" in request["query"]]
    assert differences(account, tmp_path, ["contacts"]) == {}
    assert len([line["id"] for line in landed_lines(tmp_path, "contacts")]) == 6


@pytest.mark.parametrize("stream", ["associations", "property_history", "marketing_emails", "form_submissions", "custom_objects"])
def test_a_stream_of_several_parts_is_resumed_too(
    account: HubspotAccount, tmp_path: Path, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "LIST_PAGE", 2)
    monkeypatch.setattr(objects, "HISTORY_PAGE", 2)
    monkeypatch.setattr("connectors.hubspot.associations.BATCH", 2)
    monkeypatch.setattr("connectors.hubspot.marketing.SUBMISSIONS_PAGE", 2)
    paths = {
        "associations": "/crm/v4/associations/notes/*",
        "property_history": "/crm/v3/objects/deals",
        "marketing_emails": "/marketing/v3/emails/",
        "form_submissions": "/form-integrations/*",
        "custom_objects": "/crm/v3/objects/2-*",
    }
    with account.fault(
        {"preset": "unavailable"}, times=None, path=paths[stream], nth=2, must_strike=stream != "marketing_emails"
    ):
        account.extract(tmp_path, [stream])
    account.run(tmp_path, [stream])
    assert differences(account, tmp_path, [stream]) == {}


def test_a_list_that_ends_early_is_not_believed(account: HubspotAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "LIST_PAGE", 2)
    with account.fault({"json": {"drop_end": True}}, path="/crm/v3/objects/companies", nth=2):
        result = account.extract(tmp_path, ["companies"])["companies"]
    assert (result.outcome, "2 older records follow" in result.error) == ("deferred", True)
    account.run(tmp_path, ["companies"])
    assert differences(account, tmp_path, ["companies"]) == {}


def test_records_that_do_not_say_when_they_changed_are_loaded(account: HubspotAccount, tmp_path: Path) -> None:
    account.write("undate", kind="contacts", id=account.id_of("contacts", "p2"))
    account.run(tmp_path, ["contacts"])
    assert differences(account, tmp_path, ["contacts"]) == {}


def test_600_properties_come_in_chunks_and_none_is_dropped(account: HubspotAccount, tmp_path: Path) -> None:
    account.write("add_property", kind="companies", name="own_property_with_quite_a_long_name", count=600)
    last = {"own_property_with_quite_a_long_name_599": "kept"}
    account.write("update", kind="companies", id=account.id_of("companies", "o1"), properties=last)
    account.forget_requests()
    account.run(tmp_path, ["companies"])
    assert all(len(request["query"]) <= 16_000 for request in account.requests())
    assert differences(account, tmp_path, ["companies"]) == {}
    first = landed(tmp_path, "companies")
    assert len(first[account.id_of("companies", "o1")]["properties"]) > 600
    account.write("update", kind="companies", id=account.id_of("companies", "o1"), properties={"industry": "Law"})
    account.run(tmp_path, ["companies"])
    assert differences(account, tmp_path, ["companies"]) == {}


def test_a_walk_gives_the_same_bytes_as_the_load_in_slices(
    account: HubspotAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.run(tmp_path)
    monkeypatch.setattr(objects, "LIST_PAGE", 2)
    connector = account.connector()
    for stream in connector.streams:
        walked, place, slices = {}, None, 0
        while True:
            pages = connector.walk(stream, place)
            if pages is None:
                assert stream.name == "marketing_email_statistics"
                break
            page = next(pages)
            walked |= {record.id: json.loads(bytes(record.payload or b"null")) for record in page.records}
            place, slices = page.cursor, slices + 1
            if page.ends:
                assert walked == landed(tmp_path, stream.name), stream.name
                break
            assert place is not None
        if stream.name == "contacts":
            assert slices == 3
    connector.close()


def test_fetch_reads_rows_again_and_buries_those_that_are_gone(account: HubspotAccount, tmp_path: Path) -> None:
    account.run(tmp_path)
    connector = account.connector()
    gone = account.id_of("contacts", "p4")
    account.write("erase", id=gone)
    expected = {
        "contacts": [account.id_of("contacts", "p0"), gone],
        "property_history": [f"contacts/{account.id_of('contacts', 'p0')}", f"contacts/{gone}"],
        "associations": [f"contacts/{account.id_of('contacts', 'p0')}/companies", f"contacts/{gone}/companies"],
        "owners": ["70000001", "1"],
        "marketing_emails": ["40000000001", "7"],
    }
    for stream in connector.streams:
        if stream.name in expected:
            records = [record for page in connector.fetch(stream, expected[stream.name]) or () for record in page.records]
            assert [(record.id, record.deleted) for record in records] == [
                (expected[stream.name][0], False),
                (expected[stream.name][1], True),
            ], stream.name
    connector.close()


def test_a_property_without_a_value_has_its_place_all_the_same(account: HubspotAccount, tmp_path: Path) -> None:
    account.run(tmp_path, ["contacts"])
    assert all(body["properties"]["hs_email_optout"] is None for body in landed(tmp_path, "contacts").values())


def test_calculated_properties_have_no_history(account: HubspotAccount, tmp_path: Path) -> None:
    account.on_server(lambda: account.vendor.books.portal.properties["deals"]["amount"].update(calculated=True))
    account.run(tmp_path, ["property_history"])
    deal = landed(tmp_path, "property_history")[f"deals/{account.id_of('deals', 'd0')}"]
    assert set(deal["propertiesWithHistory"]) == {"dealstage", "closedate", "hubspot_owner_id", "pipeline"}
    stages = [entry["value"] for entry in deal["propertiesWithHistory"]["dealstage"]]
    assert stages == ["closedwon", "proposal", "qualification"]


def test_a_campaign_with_spend_but_without_an_end_has_the_instants_of_its_items(account: HubspotAccount, tmp_path: Path) -> None:
    always = next(id for id, body in account.objects("campaigns").items() if body["properties"]["hs_name"] == "Always on")
    account.write("spend", campaign=always, name="Ads", amount="99.5")
    account.run(tmp_path)
    campaign, budget = landed(tmp_path, "campaigns")[always], landed(tmp_path, "campaign_budgets")[always]
    assert (campaign["properties"]["hs_end_date"], campaign["properties"]["hs_spend_items_sum_amount"]) == (None, "99.5")
    assert budget["spendItems"][0]["createdAt"] > 1_700_000_000_000
    assert differences(account, tmp_path) == {}


def test_revenue_is_attributed_where_deals_name_the_campaign(account: HubspotAccount, tmp_path: Path) -> None:
    account.run(tmp_path, ["campaign_revenue"])
    assert sorted(body["dealsNumber"] for body in landed(tmp_path, "campaign_revenue").values()) == [0, 6]


def test_the_newest_minute_is_left_to_the_next_run(account: HubspotAccount, tmp_path: Path) -> None:
    results = account.run(tmp_path, ["contacts"])
    assert results["contacts"].as_of == account.now - feed.END_LAG_SECONDS == account.now - MINUTE
    assert buried(tmp_path, "contacts") == set()


def test_the_engine_talks_through_the_sdk(account: HubspotAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain: list[str] = []
    original = HubspotApi.get

    def noting(self: HubspotApi, path: str, *args: object, **more: object) -> object:
        plain.append(path)
        return original(self, path, *args, **more)

    monkeypatch.setattr(HubspotApi, "get", noting)
    account.run(tmp_path)
    lacking = ("/account-info/", "/marketing/v3/campaigns", "/form-integrations/")
    assert plain
    assert all(path.startswith(lacking) for path in plain)
