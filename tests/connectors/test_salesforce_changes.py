"""Later runs: what changed is found, and nothing new is cheap."""

from __future__ import annotations

import pytest
from salesforce_account import (
    STREAMS,
    a_year_of_sales,
    landed,
    landed_lines,
)
from salesforce_followed import Followed
from simulated import DAY, HOUR, MINUTE

from connectors.salesforce import queries, reading
from cynosure.extract import run as extract_run


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


def test_with_nothing_new_a_second_run_lands_nothing(followed: Followed) -> None:
    account = followed.account
    account.tell(*a_year_of_sales())
    account.advance(HOUR)
    followed.follow()
    lines = {stream: len(landed_lines(followed.folder, stream)) for stream in STREAMS}
    account.advance(HOUR)
    followed.follow()
    assert {stream: len(landed_lines(followed.folder, stream)) for stream in STREAMS} == lines
