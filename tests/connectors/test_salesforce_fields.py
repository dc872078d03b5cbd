"""Fields and objects that come and go: a stream stops by name and keeps what it has, or lists everything again."""

from __future__ import annotations

from typing import Any

from salesforce_account import (
    a_year_of_sales,
    landed,
)
from salesforce_followed import Followed
from simulated import DAY, HOUR, MINUTE

from cynosure.landing import LandingLog


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


def test_the_cursor_remembers_what_a_description_said(followed: Followed) -> None:
    followed.follow(("accounts",))
    head = LandingLog(f"file://{followed.folder}").stream("salesforce", "accounts").head()
    assert head is not None
    cursor: Any = head.cursor_after
    assert cursor["columns"]["AnnualRevenue"] == "currency"
    assert cursor["computed"] == ["Segment__c", "Won_Opportunities__c"]
    assert cursor["since"] == followed.account.now - 5 * MINUTE
