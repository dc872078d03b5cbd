"""Later runs: what changed, what left without a sign, what merged, and what a run costs when nothing happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hubspot_account import STREAMS, HubspotAccount, buried, hubspot_account, landed, landed_lines
from simulated import DAY, HOUR
from vendor_account import differences

from connectors.hubspot import feed
from cynosure.warehouse import open_warehouse
from sandbox.story import events

#: the vendor's clock, one search per type of record that is hourly, and the list of marketing e-mails
IDLE_REQUESTS = 12


@pytest.fixture
def account() -> Iterator[HubspotAccount]:
    with hubspot_account() as found:
        yield found


@pytest.fixture
def loaded(account: HubspotAccount, tmp_path: Path) -> HubspotAccount:
    account.run(tmp_path)
    account.advance(2 * HOUR)
    return account


def begun(account: HubspotAccount, tmp_path: Path, *streams: str) -> None:
    """A first load of some streams only, some time ago."""
    account.run(tmp_path, streams)
    account.advance(2 * HOUR)


def test_an_hourly_run_with_nothing_new_costs_a_dozen_requests_and_writes_nothing(loaded: HubspotAccount, tmp_path: Path) -> None:
    loaded.run(tmp_path)
    loaded.advance(HOUR)
    loaded.forget_requests()
    results = loaded.run(tmp_path)
    assert sum(result.rows for result in results.values()) == 0
    assert len(loaded.requests()) == IDLE_REQUESTS


def test_a_quiet_day_costs_less_than_a_hundred_and_fifty_requests_more(loaded: HubspotAccount, tmp_path: Path) -> None:
    loaded.advance(DAY)
    loaded.forget_requests()
    loaded.run(tmp_path)
    assert len(loaded.requests()) <= IDLE_REQUESTS + 150
    assert differences(loaded, tmp_path) == {}


def test_after_days_of_everything_the_rows_equal_the_account(account: HubspotAccount, tmp_path: Path) -> None:
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    landing = tmp_path / "landing"
    account.run(landing)
    contact = account.write("create", kind="contacts", properties={"email": "new@org1.example"})["id"]
    account.write("associate", kind="contacts", id=contact, other="companies", to=account.id_of("companies", "o1"))
    account.tell(
        events.DealMoved(account.now, "d1", "negotiation"),
        events.MailingCounted(account.now, "mail1", 6, 5, 2, 0, 1),
        events.StaffLeft(account.now, "rep"),
        events.Merged(account.now, "hubspot", "p0", "p0copy"),
        events.Removed(account.now, "hubspot", "person", "p3", "archive"),
        events.Removed(account.now, "hubspot", "deal", "d3", "delete"),
        events.Restored(account.now, "hubspot", "person", "p5"),
        events.CampaignSpent(account.now, "spring", "More ads", 777),
    )
    account.write("remove_list", id="2")
    account.write(
        "add_stage", kind="deals", pipeline="default", label="Legal", metadata={"isClosed": "false", "probability": "0.9"}
    )
    account.write("submit", form="Newsletter", count=3)
    account.advance(DAY)
    account.run(landing)
    for _ in range(6):
        account.advance(DAY)
        account.run(landing, ["associations"])
    account.run(landing)
    assert differences(account, landing) == {}
    account.load(warehouse, landing)
    with warehouse.writing() as session:
        for stream, true in account.truth().items():
            rows = session.rows(f"select id, is_deleted from raw.hubspot__{stream} where valid_to is null")
            assert sorted(id for id, gone in rows if not gone) == true["ids"], stream
            assert {id for id, gone in rows if gone} <= set(true["deleted"]), stream


@pytest.mark.parametrize(
    "kind", ["contacts", "companies", "deals", "tickets", "line_items", "calls", "emails", "meetings", "notes", "tasks"]
)
def test_an_update_arrives_and_only_it_is_read(account: HubspotAccount, tmp_path: Path, kind: str) -> None:
    begun(account, tmp_path, kind)
    id = sorted(account.objects(kind))[0]
    owner = {"name": "Renamed"} if kind == "line_items" else {"hubspot_owner_id": "70000001"}
    account.write("update", kind=kind, id=id, properties=owner)
    results = account.run(tmp_path, [kind])
    assert results[kind].rows == 1
    assert differences(account, tmp_path, [kind]) == {}


def test_after_a_change_of_code_a_second_run_reads_only_the_look_back(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "contacts")
    account.run(tmp_path, ["contacts"])
    account.write("update", kind="contacts", id=account.id_of("contacts", "p0"), properties={"jobtitle": "Chief"})
    account.run(tmp_path, ["contacts"])
    account.advance(feed.LOOKBACK_SECONDS)
    assert account.run(tmp_path, ["contacts"])["contacts"].rows == 0
    assert all("after=" not in request["query"] for request in account.requests("/crm/v3/objects/contacts"))


def test_a_row_that_is_indexed_three_minutes_late_is_found(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "contacts")
    account.write("delay_index", seconds=180)
    id = account.write("create", settle=120, kind="contacts", properties={"email": "late@example.com"})["id"]
    account.run(tmp_path, ["contacts"])
    assert id not in landed(tmp_path, "contacts")
    account.advance(10 * 60)
    account.run(tmp_path, ["contacts"])
    assert id in landed(tmp_path, "contacts")


def test_an_archived_record_is_buried_within_a_day_with_its_instant_though_no_date_moved(
    loaded: HubspotAccount, tmp_path: Path
) -> None:
    deal = loaded.id_of("deals", "d0")
    at = loaded.now
    loaded.write("archive", kind="deals", id=deal)
    loaded.run(tmp_path)
    assert deal in landed(tmp_path, "deals")
    loaded.advance(DAY)
    loaded.run(tmp_path)
    line = [line for line in landed_lines(tmp_path, "deals") if line["id"] == deal][-1]
    assert (line["deleted"], int(line["changed"])) == (True, at)
    assert f"deals/{deal}" in buried(tmp_path, "property_history")
    assert {f"deals/{deal}/companies", f"deals/{deal}/contacts"} <= buried(tmp_path, "associations")
    assert differences(loaded, tmp_path) == {}


@pytest.mark.parametrize("quietly", [False, True])
def test_a_restored_record_comes_back_whether_its_date_moves_or_not(
    loaded: HubspotAccount, tmp_path: Path, quietly: bool
) -> None:
    contact = loaded.id_of("contacts", "p5")
    loaded.write("restore", kind="contacts", id=contact, quietly=quietly)
    loaded.advance(DAY)
    loaded.run(tmp_path)
    assert contact in landed(tmp_path, "contacts")
    assert differences(loaded, tmp_path) == {}


def test_archived_and_restored_between_two_runs_leaves_no_tombstone(loaded: HubspotAccount, tmp_path: Path) -> None:
    contact = loaded.id_of("contacts", "p2")
    loaded.write("archive", kind="contacts", id=contact)
    loaded.write("restore", kind="contacts", id=contact, quietly=True)
    loaded.advance(DAY)
    loaded.run(tmp_path)
    assert contact not in buried(tmp_path, "contacts")


@pytest.mark.parametrize(
    ("kind", "winner", "loser"), [("contacts", "p1", "p2"), ("companies", "o1", "o2"), ("deals", "d1", "d2")]
)
def test_a_merged_record_is_buried_the_winner_names_it_and_its_associations_point_to_the_winner(
    loaded: HubspotAccount, tmp_path: Path, kind: str, winner: str, loser: str
) -> None:
    kept, gone = loaded.id_of(kind, winner), loaded.id_of(kind, loser)
    loaded.write("merge", kind=kind, primaryObjectId=kept, objectIdToMerge=gone)
    loaded.run(tmp_path)
    assert gone in buried(tmp_path, kind)
    assert gone in landed(tmp_path, kind)[kept]["properties"]["hs_merged_object_ids"].split(";")
    pointing = {int(target["toObjectId"]) for body in landed(tmp_path, "associations").values() for target in body["to"]}
    assert int(gone) not in pointing
    streams = set(STREAMS) - {"list_memberships", "campaign_revenue"}  # daily
    assert differences(loaded, tmp_path, sorted(streams)) == {}


def test_a_chain_of_merges_buries_all_losers(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "contacts")
    first, second, third = (account.id_of("contacts", f"p{n}") for n in range(3))
    account.write("merge", kind="contacts", primaryObjectId=second, objectIdToMerge=first)
    account.write("merge", kind="contacts", primaryObjectId=third, objectIdToMerge=second)
    account.run(tmp_path, ["contacts"])
    assert {first, second} <= buried(tmp_path, "contacts")
    assert landed(tmp_path, "contacts")[third]["properties"]["hs_calculated_merged_vids"].startswith(second)


def test_an_association_added_without_a_date_is_there_within_seven_days(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "associations")
    deal, other = account.id_of("deals", "d4"), account.id_of("companies", "o0")
    account.write("associate", kind="deals", id=deal, other="companies", to=other)
    for _ in range(7):
        account.advance(DAY)
        account.run(tmp_path, ["associations"])
    row = landed(tmp_path, "associations")[f"deals/{deal}/companies"]
    assert int(other) in {target["toObjectId"] for target in row["to"]}


def test_an_incremental_row_has_its_associations_too(loaded: HubspotAccount, tmp_path: Path) -> None:
    deal = loaded.write("create", kind="deals", properties={"dealname": "New"},
                        associations=[["companies", loaded.id_of("companies", "o0")]])["id"]  # fmt: skip
    loaded.run(tmp_path)
    row = landed(tmp_path, "associations")[f"deals/{deal}/companies"]
    assert [kind["label"] for kind in row["to"][0]["associationTypes"]] == ["Primary", None]
    assert landed(tmp_path, "associations")[f"deals/{deal}/contacts"] == {"from": {"id": deal}, "to": []}


def test_an_erased_contact_is_found_by_the_walk_and_buried_by_fetching_it(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "contacts")
    contact = account.id_of("contacts", "p1")
    account.write("erase", id=contact)
    account.advance(DAY)
    account.run(tmp_path, ["contacts"])
    assert contact in landed(tmp_path, "contacts")
    connector = account.connector()
    stream = next(stream for stream in connector.streams if stream.name == "contacts")
    walked = {record.id for page in connector.walk(stream, None) or () for record in page.records}
    lost = landed(tmp_path, "contacts").keys() - walked
    assert lost == {contact}
    found = [record for page in connector.fetch(stream, sorted(lost)) or () for record in page.records]
    assert [(record.id, record.deleted) for record in found] == [(contact, True)]
    connector.close()


def test_statistics_that_grow_without_moving_a_date_are_read_within_hours(loaded: HubspotAccount, tmp_path: Path) -> None:
    loaded.run(tmp_path)
    before = landed(tmp_path, "marketing_emails")["40000000001"]
    loaded.tell(events.MailingCounted(loaded.now, "mail1", 6, 6, 6, 0, 1))
    loaded.advance(6 * HOUR)
    loaded.run(tmp_path)
    after = landed(tmp_path, "marketing_emails")["40000000001"]
    assert (after["updatedAt"], after["stats"]["counters"]["open"]) == (before["updatedAt"], 6)
    loaded.advance(DAY)
    loaded.run(tmp_path)
    assert differences(loaded, tmp_path) == {}


def test_a_deleted_marketing_email_is_buried_within_a_day(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "marketing_emails")
    account.write("delete_email", id="40000000001")
    account.advance(DAY)
    account.run(tmp_path, ["marketing_emails"])
    assert buried(tmp_path, "marketing_emails") == {"40000000001"}


def test_a_new_stage_is_known_as_soon_as_a_deal_is_in_it(loaded: HubspotAccount, tmp_path: Path) -> None:
    stage = loaded.write(
        "add_stage", kind="deals", pipeline="default", label="Legal", metadata={"isClosed": "false", "probability": "0.9"}
    )
    loaded.write("update", kind="deals", id=loaded.id_of("deals", "d1"), properties={"dealname": "Moved"})
    loaded.run(tmp_path)
    assert stage["id"] in {known["id"] for known in landed(tmp_path, "pipelines")["deals/default"]["stages"]}


def test_a_new_property_is_asked_for_from_the_next_run_on(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "deals")
    account.write("add_property", kind="deals", name="region")
    account.write("update", kind="deals", id=account.id_of("deals", "d1"), properties={"region": "EMEA"})
    account.run(tmp_path, ["deals"])
    assert landed(tmp_path, "deals")[account.id_of("deals", "d1")]["properties"]["region"] == "EMEA"


def test_a_record_without_a_date_of_change_is_found_by_the_daily_sweep(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "contacts")
    id = account.write("create", kind="contacts", settle=0, properties={"email": "undated@example.com"})["id"]
    account.write("undate", kind="contacts", id=id)
    account.run(tmp_path, ["contacts"])
    assert id not in landed(tmp_path, "contacts")
    account.advance(DAY)
    account.run(tmp_path, ["contacts"])
    assert differences(account, tmp_path, ["contacts"]) == {}


def test_a_list_that_is_gone_takes_its_members_with_it(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "lists", "list_memberships")
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    account.write("remove_list", id="2")
    account.advance(DAY)
    account.run(tmp_path, ["lists", "list_memberships"])
    account.load(warehouse, tmp_path)
    with warehouse.writing() as session:
        for stream in ("lists", "list_memberships"):
            rows: list[Any] = session.rows(f"select id from raw.hubspot__{stream} where valid_to is null and is_deleted")
            assert [row[0] for row in rows] == ["2"]


def test_members_of_a_long_list_are_all_there(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "list_memberships")
    ids = account.write("import", kind="contacts", count=600, properties={"email": "m{n}@example.com"})
    account.write("enrol", list="2", ids=ids)
    account.advance(DAY)
    account.run(tmp_path, ["list_memberships"])
    assert differences(account, tmp_path, ["list_memberships"]) == {}


def test_the_history_of_a_changed_record_is_read_again(account: HubspotAccount, tmp_path: Path) -> None:
    begun(account, tmp_path, "property_history")
    account.tell(events.DealMoved(account.now, "d1", "discovery"))
    account.advance()
    account.run(tmp_path, ["property_history"])
    assert differences(account, tmp_path, ["property_history"]) == {}
