"""What is gone is buried, and what leaves no trace is found by listing."""

from __future__ import annotations

import pytest
from salesforce_account import (
    landed,
)
from salesforce_followed import Followed
from simulated import DAY, HOUR

from connectors.salesforce import queries
from sandbox.salesforce.org import ARCHIVED_AFTER


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
