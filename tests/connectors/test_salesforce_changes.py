"""Later runs: what changed is found, what is gone is buried, what leaves no trace is found by listing, and nothing new is cheap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from salesforce_account import (
    STREAMS,
    SalesforceAccount,
    a_year_of_sales,
    landed,
    landed_lines,
    salesforce_account,
    tombstones,
    versions,
)
from simulated import DAY, HOUR, MINUTE
from vendor_account import warehouse_differences

from connectors.salesforce import queries, reading
from cynosure.extract import run as extract_run
from cynosure.landing import LandingLog
from cynosure.warehouse import Warehouse, open_warehouse
from sandbox.salesforce.org import ARCHIVED_AFTER


class Followed:
    """An org and the warehouse that follows it."""

    def __init__(self, account: SalesforceAccount, folder: Path) -> None:
        self.account = account
        self.folder = folder
        self.warehouse: Warehouse = open_warehouse(f"duckdb://{folder}/w.duckdb")

    def follow(self, streams: tuple[str, ...] = STREAMS, **more: Any) -> dict[str, Any]:
        """A run without failures, loaded; its results."""
        results = self.account.run(self.folder, streams, **more)
        self.account.load(self.warehouse, self.folder, streams)
        return results

    def wrong(self, streams: tuple[str, ...] = STREAMS) -> dict[str, Any]:
        """What warehouse and org disagree on."""
        return warehouse_differences(self.account, self.warehouse, streams)

    def buried(self, stream: str) -> dict[str, Any]:
        """Tombstones with their last bodies."""
        with self.warehouse.writing() as session:
            return tombstones(session, stream)

    def versions(self) -> dict[str, int]:
        """How many versions history holds."""
        with self.warehouse.writing() as session:
            return {stream: versions(session, stream) for stream in STREAMS}


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Followed]:
    with salesforce_account() as account:
        yield Followed(account, tmp_path)


def test_after_every_kind_of_change_the_warehouse_equals_the_org(followed: Followed) -> None:
    account = followed.account
    account.tell(*a_year_of_sales())
    followed.follow()
    lead = account.create("Lead", LastName="New", Company="New Co", Status="Open")
    won = account.truth()["opportunities"]["ids"][1]
    member = account.truth()["campaign_members"]["ids"][0]
    for operation in (
        {"operation": "convert_lead", "object": "Lead", "id": lead},
        {"operation": "update", "object": "Opportunity", "id": won, "values": {"StageName": "Closed Won", "Amount": 5}},
        {"operation": "delete", "object": "Opportunity", "id": account.truth()["opportunities"]["ids"][2]},
        {"operation": "delete", "object": "Account", "id": account.truth()["accounts"]["ids"][-1]},
        {"operation": "delete", "object": "CampaignMember", "id": member},
        {"operation": "update", "object": "User", "id": account.truth()["users"]["ids"][0], "values": {"IsActive": False}},
    ):
        account.write(operation.pop("operation"), settle=HOUR, **operation)
        followed.follow()
    late = followed.wrong()
    assert late.pop("campaign_members") == {"extra": [member]}
    # what the org computes moves no time stamp
    assert {name: set(wrong) for name, wrong in late.items()} == {"accounts": {"changed"}, "campaigns": {"changed"}}
    account.advance(DAY)
    followed.follow()
    assert followed.wrong() == {}


def test_an_hour_with_nothing_new_costs_one_login_and_three_requests_and_writes_no_version(followed: Followed) -> None:
    account = followed.account
    account.tell(*a_year_of_sales())
    followed.follow()
    before = followed.versions()
    account.advance(HOUR)
    account.forget_requests()
    results = followed.follow()
    assert [request["path"] for request in account.requests()] == ["/services/oauth2/token"] + [
        "/services/data/v66.0/composite"
    ] * 3
    assert {result.rows for result in results.values()} == {0}
    assert followed.versions() == before
    assert {r.as_of for name, r in results.items() if name in ("accounts", "users", "tasks")} == {account.now - 5 * MINUTE}


def test_a_day_with_nothing_new_describes_once_and_lists_what_leaves_no_trace(followed: Followed) -> None:
    account = followed.account
    account.tell(*a_year_of_sales())
    followed.follow()
    before = followed.versions()
    account.advance(DAY)
    account.forget_requests()
    followed.follow()
    paths = [request["path"].rsplit("/", 1)[-1] or "queryAll" for request in account.requests()]
    daily = 10 + 3  # small sets; accounts and campaigns for their computed fields, members for deletions
    assert sorted(paths) == sorted(["token", *["composite"] * 4, *["queryAll"] * daily])
    assert followed.versions() == before


def test_only_objects_that_changed_are_read(followed: Followed) -> None:
    account = followed.account
    followed.follow()
    account.create("Account", Name="Late", settle=HOUR)
    account.create("Task", Status="Open", Priority="Normal", settle=HOUR)
    followed.follow()
    account.advance(HOUR)
    account.create("Account", Name="New", settle=10 * MINUTE)
    account.forget_requests()
    followed.follow()
    assert ["FROM Account" in query for query in account.queries()] == [True]
    assert followed.wrong() == {}


def test_a_row_that_commits_four_minutes_after_its_instant_is_found(followed: Followed) -> None:
    account = followed.account
    id = account.create("Account", Name="Slow")
    with account.fault({"hide": id, "until": account.now + 4 * MINUTE}, times=None):
        account.advance(MINUTE)
        followed.follow(("accounts",))
        assert id not in landed(followed.folder, "accounts")
        account.advance(9 * MINUTE)
        followed.follow(("accounts",))
    assert followed.wrong(("accounts",)) == {}
    assert id in landed(followed.folder, "accounts")


def test_a_row_that_commits_ten_minutes_late_is_found_by_looking_back(followed: Followed) -> None:
    account = followed.account
    followed.follow(("accounts",))
    id = account.create("Account", Name="Slower")
    with account.fault({"hide": id, "until": account.now + 10 * MINUTE}, times=None):
        account.advance(8 * MINUTE)
        followed.follow(("accounts",))
        assert id not in landed(followed.folder, "accounts")
        account.advance(8 * MINUTE)
        followed.follow(("accounts",))
    assert id in landed(followed.folder, "accounts")


def test_without_looking_back_that_row_would_be_lost(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LOOKBACK_SECONDS", 0.0)
    account = followed.account
    followed.follow(("accounts",))
    id = account.create("Account", Name="Slower")
    with account.fault({"hide": id, "until": account.now + 10 * MINUTE}, times=None):
        for _ in range(3):
            account.advance(8 * MINUTE)
            followed.follow(("accounts",))
    assert id not in landed(followed.folder, "accounts")


def test_five_hundred_rows_of_one_instant_survive_a_page_and_a_run_boundary(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = followed.account
    followed.follow(("leads",))
    account.advance(HOUR)
    values = {"LastName": "Tied", "Status": "Open"}
    account.write("create_many", settle=HOUR, object="Lead", count=500, numbered="Company", values=values)
    monkeypatch.setattr(queries, "PAGE_SIZE", 200)
    monkeypatch.setattr(extract_run, "CHECKPOINT_ROWS", 100)
    with account.fault({"preset": "forbidden"}, path="*/query/01g*"):
        assert account.extract(followed.folder, ("leads",))["leads"].outcome == "failed"
    assert len(landed(followed.folder, "leads")) == 200
    followed.follow(("leads",))
    assert followed.wrong(("leads",)) == {}
    assert len(landed(followed.folder, "leads")) == 500


def test_a_locator_that_expires_is_replaced_by_a_new_query_behind_what_was_read(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = followed.account
    followed.follow(("leads",))
    account.advance(HOUR)
    for n in range(5):
        values = {"LastName": f"L{n}", "Status": "Open"}
        account.write("create_many", settle=MINUTE, object="Lead", count=100, numbered="Company", values=values)
    account.advance(HOUR)
    monkeypatch.setattr(queries, "PAGE_SIZE", 150)
    with account.fault({"preset": "locator_expired"}, path="*/query/01g*", nth=2):
        followed.follow(("leads",))
    assert followed.wrong(("leads",)) == {}


def test_a_change_by_the_system_moves_no_last_modified_date_and_is_found(followed: Followed) -> None:
    account = followed.account
    id = account.create("Account", Name="Quiet")
    followed.follow(("accounts",))
    before = landed(followed.folder, "accounts")[id]["LastModifiedDate"]
    account.advance(HOUR)
    account.write("touch", object="Account", id=id, values={"LastActivityDate": "2026-01-01"})
    followed.follow(("accounts",))
    body = landed(followed.folder, "accounts")[id]
    assert (body["LastActivityDate"], body["LastModifiedDate"]) == ("2026-01-01", before)


def test_two_thousand_changes_come_through_a_job(followed: Followed) -> None:
    account = followed.account
    followed.follow(("leads",))
    account.advance(HOUR)
    values = {"LastName": "Bulk", "Status": "Open"}
    account.write("create_many", object="Lead", count=2_100, numbered="Company", values=values)
    account.forget_requests()
    followed.follow(("leads",))
    assert len([r for r in account.requests("*/jobs/query") if r["method"] == "POST"]) == 1
    assert followed.wrong(("leads",)) == {}


def test_a_soft_delete_is_buried_with_its_last_body_and_comes_back_when_restored(followed: Followed) -> None:
    account = followed.account
    id = account.create("Contact", LastName="Gone")
    followed.follow(("contacts",))
    account.advance(HOUR)
    account.write("delete", object="Contact", id=id)
    followed.follow(("contacts",))
    assert followed.buried("contacts")[id]["LastName"] == "Gone"
    account.write("undelete", object="Contact", id=id)
    followed.follow(("contacts",))
    assert followed.buried("contacts") == {}
    assert followed.wrong(("contacts",)) == {}


def test_a_merge_buries_the_loser_and_moves_its_children(followed: Followed) -> None:
    account = followed.account
    winner, loser = (account.create("Account", Name=name) for name in ("Winner", "Loser"))
    account.create("Contact", LastName="Child", AccountId=loser)
    streams = ("accounts", "contacts")
    followed.follow(streams)
    account.advance(HOUR)
    account.write("merge", object="Account", id=winner, losers=[loser])
    followed.follow(streams)
    assert followed.buried("accounts")[loser]["MasterRecordId"] == winner
    assert [contact["AccountId"] for contact in landed(followed.folder, "contacts").values()] == [winner]
    assert followed.wrong(streams) == {}


def test_a_hard_delete_is_found_by_the_weekly_listing(followed: Followed) -> None:
    account = followed.account
    kept, erased = (account.create("Contact", LastName=name) for name in ("Kept", "Erased"))
    followed.follow(("contacts",))
    account.write("purge", object="Contact", id=erased)
    for _ in range(6):
        account.advance(DAY)
        followed.follow(("contacts",))
    assert followed.buried("contacts") == {}
    account.advance(DAY)
    followed.follow(("contacts",))
    assert set(followed.buried("contacts")) == {erased}
    assert followed.wrong(("contacts",)) == {}
    assert kept in landed(followed.folder, "contacts")


def test_a_campaign_member_is_found_missing_within_a_day(followed: Followed) -> None:
    account = followed.account
    campaign = account.create("Campaign", Name="C")
    lead = account.create("Lead", LastName="L", Company="C", Status="Open")
    member = account.create("CampaignMember", CampaignId=campaign, LeadId=lead, Status="Sent")
    followed.follow(("campaign_members",))
    account.write("delete", object="CampaignMember", id=member)
    account.advance(DAY)
    followed.follow(("campaign_members",))
    assert set(followed.buried("campaign_members")) == {member}


def test_a_listing_that_breaks_off_buries_nothing(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    account = followed.account
    for n in range(9):
        account.create("Contact", LastName=f"C{n}")
    followed.follow(("contacts",))
    monkeypatch.setattr(queries, "PAGE_SIZE", 3)
    account.advance(8 * DAY)
    with account.fault({"preset": "unavailable"}, times=None, path="*/query/01g*"):
        assert account.extract(followed.folder, ("contacts",))["contacts"].outcome == "deferred"
    account.load(followed.warehouse, followed.folder, ("contacts",))
    assert followed.buried("contacts") == {}
    followed.follow(("contacts",))
    assert followed.wrong(("contacts",)) == {}


def test_a_formula_that_changes_alone_is_found_within_a_day(followed: Followed) -> None:
    account = followed.account
    id = account.create("Account", Name="Mid", NumberOfEmployees=200, settle=HOUR)
    followed.follow(("accounts",))
    account.write("redefine_formula", enterprise_from=150)
    account.advance(HOUR)
    followed.follow(("accounts",))
    assert landed(followed.folder, "accounts")[id]["Segment__c"] == "Mid-Market"
    account.advance(DAY)
    followed.follow(("accounts",))
    assert landed(followed.folder, "accounts")[id]["Segment__c"] == "Enterprise"
    assert followed.wrong(("accounts",)) == {}


def test_roll_ups_of_a_campaign_are_found_within_a_day(followed: Followed) -> None:
    account = followed.account
    campaign = account.create("Campaign", Name="C")
    followed.follow(("campaigns",))
    account.create("Opportunity", Name="D", StageName="Closed Won", CloseDate="2026-01-02", Amount=10, CampaignId=campaign)
    account.advance(DAY)
    followed.follow(("campaigns",))
    body = landed(followed.folder, "campaigns")[campaign]
    assert (body["NumberOfWonOpportunities"], body["AmountWonOpportunities"]) == (1, 10)
    assert body["SystemModstamp"] == body["CreatedDate"]


def test_activities_that_are_archived_stay(followed: Followed) -> None:
    account = followed.account
    task = account.create("Task", Status="Completed", Priority="Normal", IsClosed=True, CompletedDateTime=account.now)
    account.create("Event", StartDateTime=account.now, EndDateTime=account.now)
    followed.follow(("tasks", "events"))
    account.advance(ARCHIVED_AFTER + DAY)
    followed.follow(("tasks", "events"))
    assert landed(followed.folder, "tasks")[task]["IsArchived"] is True
    assert (followed.buried("tasks"), followed.buried("events")) == ({}, {})
    assert followed.wrong(("tasks", "events")) == {}


def test_history_of_fields_arrives_once_and_goes_when_its_opportunity_is_deleted(followed: Followed) -> None:
    account = followed.account
    streams = ("opportunities", "opportunity_histories", "opportunity_field_histories")
    deal = account.create("Opportunity", Name="D", StageName="Discovery", CloseDate="2026-02-01", Amount=10)
    followed.follow(streams)
    account.advance(HOUR)
    rep = account.create(
        "User", Username="r", Name="Rae Sel", LastName="Sel", Email="r@x.example", ProfileId="x", TimeZoneSidKey="UTC"
    )
    account.write("update", object="Opportunity", id=deal, values={"StageName": "Proposal", "Amount": 12, "OwnerId": rep})
    followed.follow(streams)
    told = [
        (row["Field"], row["OldValue"], row["NewValue"])
        for row in landed(followed.folder, "opportunity_field_histories").values()
    ]
    assert ("Amount", 10, 12) in told
    assert ("OwnerId", "Integration User", "Rae Sel") in told
    assert len(told) == 4
    account.advance(2 * DAY)
    account.write("delete", object="Opportunity", id=deal)
    followed.follow(streams)
    assert followed.wrong(streams) == {}
    assert landed(followed.folder, "opportunity_field_histories") == {}


def test_history_that_the_org_forgets_is_kept(followed: Followed) -> None:
    account = followed.account
    deal = account.create("Opportunity", Name="D", StageName="Discovery", CloseDate="2026-02-01")
    account.write("update", object="Opportunity", id=deal, values={"StageName": "Proposal"})
    followed.follow(("opportunity_field_histories",))
    kept = account.truth()["opportunity_field_histories"]["ids"]
    account.write("purge", object="OpportunityFieldHistory", id=kept[0])
    account.advance(8 * DAY)
    followed.follow(("opportunity_field_histories",))
    assert list(landed(followed.folder, "opportunity_field_histories")) == kept
    assert followed.buried("opportunity_field_histories") == {}


# --- fields and objects that come and go


def test_a_field_that_is_taken_away_stops_its_stream_by_name_and_keeps_its_values(followed: Followed) -> None:
    account = followed.account
    id = account.create("Account", Name="A", Industry="Software")
    followed.follow(("accounts", "contacts"))
    account.write("hide_fields", object="Account", fields=["Industry", "Rating"])
    account.write("update", object="Account", id=id, values={"Name": "B"}, settle=DAY)
    results = account.extract(followed.folder, ("accounts", "contacts"))
    assert (results["accounts"].outcome, results["contacts"].outcome) == ("failed", "ok")
    assert "Account.Industry, Account.Rating can no longer be read; nothing was loaded" in results["accounts"].error
    assert landed(followed.folder, "accounts")[id]["Industry"] == "Software"
    account.write("hide_fields", object="Account", fields=["Industry", "Rating"], hidden=False)
    followed.follow(("accounts",))
    assert followed.wrong(("accounts",)) == {}


def test_a_field_that_is_taken_away_within_the_day_stops_the_next_query(followed: Followed) -> None:
    account = followed.account
    id = account.create("Account", Name="A", Industry="Software")
    followed.follow(("accounts",))
    account.advance(HOUR)
    account.write("hide_fields", object="Account", fields=["Industry"])
    account.write("update", object="Account", id=id, values={"Name": "B"})
    assert "Account.Industry can no longer be read" in account.extract(followed.folder, ("accounts",))["accounts"].error
    assert landed(followed.folder, "accounts")[id]["Industry"] == "Software"


def test_a_field_that_is_given_up_in_the_settings_lets_its_stream_go_on(followed: Followed) -> None:
    account = followed.account
    id = account.create("Account", Name="A", Industry="Software")
    followed.follow(("accounts",))
    account.write("hide_fields", object="Account", fields=["Industry"])
    account.write("update", object="Account", id=id, values={"Name": "B"}, settle=DAY)
    followed.follow(("accounts",), given_up_fields="Account.Industry")
    assert landed(followed.folder, "accounts")[id]["Name"] == "B"


def test_a_new_field_makes_everything_be_listed_again_and_is_told(followed: Followed) -> None:
    account = followed.account
    account.create("Account", Name="Old")
    followed.follow(("accounts",))
    account.write("add_field", object="Account", fields="Score__c:double")
    account.create("Account", Name="New", Score__c="4.5", settle=DAY)
    notices = followed.follow(("accounts",))["accounts"].notices
    assert notices == ("Account has new fields (Score__c): everything is listed again",)
    assert followed.wrong(("accounts",)) == {}


def test_an_object_that_is_taken_away_fails_by_name_and_the_others_go_on(followed: Followed) -> None:
    account = followed.account
    account.tell(*a_year_of_sales())
    followed.follow()
    account.write("forbid_object", object="Opportunity", settle=HOUR)
    results = account.extract(followed.folder)
    # the history of its fields is asked for by its own changes, which cannot be seen any more either
    assert {name for name, result in results.items() if result.outcome != "ok"} == {
        "opportunities",
        "opportunity_field_histories",
    }
    assert "Read and View All on the object" in results["opportunities"].error
    assert len(landed(followed.folder, "opportunities")) == 3


def test_a_lost_optional_object_is_not_taken_for_one_that_never_was(followed: Followed) -> None:
    account = followed.account
    account.tell(*a_year_of_sales())
    followed.follow(("quotas",))
    account.write("forbid_object", object="ForecastingQuota", settle=DAY)
    assert account.extract(followed.folder, ("quotas",))["quotas"].outcome == "failed"


# --- the day's allowance


def test_a_run_does_not_start_when_four_fifths_of_the_days_requests_are_used(tmp_path: Path) -> None:
    with salesforce_account(limits="test") as account:
        account.create("Account", Name="A", settle=HOUR)
        account.write("use_requests", count=12_100)
        results = account.extract(tmp_path)
        assert {result.outcome for result in results.values()} == {"deferred"}
        assert "12,101 of the org's 15,000 daily API requests are used, more than 80%" in results["accounts"].error
        assert len(account.requests()) == 2
        assert not list(tmp_path.rglob("manifest.json"))
        account.advance(DAY + HOUR)
        account.run(tmp_path)


def test_a_run_stops_at_a_quarter_of_the_days_requests_and_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 200)
    monkeypatch.setattr(reading, "BULK_FROM", 10_000)
    with salesforce_account(limits="test") as account:
        account.vendor.usage.allowed = 60
        values = {"LastName": "L", "Status": "Open"}
        account.write("create_many", settle=HOUR, object="Lead", count=5_000, numbered="Company", values=values)
        results = account.extract(tmp_path, ["leads"])
        assert results["leads"].outcome == "deferred"
        assert "this run has used 25% of the org's daily API requests" in results["leads"].error
        assert account.vendor.limits()["daily_api_requests"]["requests"] == 15
        for _ in range(3):
            account.advance(DAY + HOUR)
            results = account.extract(tmp_path, ["leads"])
        assert results["leads"].outcome == "ok"
        assert sorted(landed(tmp_path, "leads")) == account.truth()["leads"]["ids"]


def test_with_nothing_new_a_second_run_lands_nothing(followed: Followed) -> None:
    account = followed.account
    account.tell(*a_year_of_sales())
    account.advance(HOUR)
    followed.follow()
    lines = {stream: len(landed_lines(followed.folder, stream)) for stream in STREAMS}
    account.advance(HOUR)
    followed.follow()
    assert {stream: len(landed_lines(followed.folder, stream)) for stream in STREAMS} == lines


def test_the_cursor_remembers_what_a_description_said(followed: Followed) -> None:
    followed.follow(("accounts",))
    head = LandingLog(f"file://{followed.folder}").stream("salesforce", "accounts").head()
    assert head is not None
    cursor: Any = head.cursor_after
    assert cursor["columns"]["AnnualRevenue"] == "currency"
    assert cursor["computed"] == ["Segment__c", "Won_Opportunities__c"]
    assert cursor["since"] == followed.account.now - 5 * MINUTE
