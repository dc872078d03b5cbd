"""The query language: what is found, in which order and form, and what is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sandbox.salesforce.reply import Refusal
from sandbox.salesforce.vendor import SalesforceOrg
from sandbox.vendor import Setting

T = 1_767_225_600
BY_NAME = "ORDER BY Name"


@pytest.fixture(scope="module")
def org() -> SalesforceOrg:
    org = SalesforceOrg(Setting(7, T - 90 * 86_400, T, "UTC", "USD"))
    for n, (name, country, employees) in enumerate(
        [("Alpha", "DE", 10), ("beta", "US", 200), ("Gamma's \\ 100%", None, None), ("delta", "US", 300)]
    ):
        values = {"Name": name, "BillingCountry": country, "NumberOfEmployees": employees, "AnnualRevenue": "12500000.5"}
        made = org.write("create", {"object": "Account", "values": values}, T + n * 60)
        org.write("create", {"object": "Contact", "values": {"LastName": f"C{n}", "AccountId": made["Id"]}}, T + n * 60)
    gone = org.write("create", {"object": "Account", "values": {"Name": "Gone"}}, T + 600)
    org.write("delete", {"object": "Account", "id": gone["Id"]}, T + 601)
    return org


def ask(org: SalesforceOrg, query: str, *, deleted: bool = False) -> dict[str, Any]:
    page = org.api.queries.first(query, "66.0", deleted=deleted, hidden=lambda id: False)
    return dict(msgspec.json.decode(msgspec.json.encode(page)))


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("BillingCountry = 'us'", ["beta", "delta"]),
        ("BillingCountry != 'US'", ["Alpha", "Gamma's \\ 100%"]),
        ("BillingCountry = null", ["Gamma's \\ 100%"]),
        ("BillingCountry <> null AND NumberOfEmployees >= 200", ["beta", "delta"]),
        ("NumberOfEmployees < 200", ["Alpha"]),
        ("NOT (NumberOfEmployees < 200)", ["beta", "delta", "Gamma's \\ 100%"]),
        ("Name LIKE 'g%' OR Name LIKE '_lpha'", ["Alpha", "Gamma's \\ 100%"]),
        ("Name = 'Gamma\\'s \\\\ 100%'", ["Gamma's \\ 100%"]),
        ("Name IN ('ALPHA', 'nobody')", ["Alpha"]),
        ("Name NOT IN ('ALPHA', 'beta')", ["delta", "Gamma's \\ 100%"]),
        ("SystemModstamp >= 2026-01-01T00:01:00Z AND SystemModstamp < 2026-01-01T00:03:00.000+00:00", ["beta", "Gamma's \\ 100%"]),
        ("SystemModstamp > 2026-01-01T01:02:00+0100", ["delta"]),
        ("CreatedDate = LAST_N_DAYS:2", []),
        ("CreatedDate >= LAST_N_DAYS:2 AND (Name = 'beta' OR (Name = 'delta' AND BillingCountry = 'US'))", ["beta", "delta"]),
        ("Owner.Name = 'Integration User' AND Account.Name = 'beta'", ["beta"]),
        ("IsDeleted = true", []),
    ],
)  # fmt: skip
def test_conditions(org: SalesforceOrg, where: str, found: list[str]) -> None:
    records = ask(org, f"SELECT Name FROM Account WHERE {where} {BY_NAME}")["records"]
    assert sorted((record["Name"] for record in records), key=str.casefold) == found


def test_names_are_read_without_regard_to_case_and_answered_as_they_are(org: SalesforceOrg) -> None:
    record = ask(org, "select id, NAME from account where name = 'alpha'")["records"][0]
    assert record == {
        "attributes": {"type": "Account", "url": f"/services/data/v66.0/sobjects/Account/{record['Id']}"},
        "Id": record["Id"],
        "Name": "Alpha",
    }


def test_ids_are_compared_in_either_form_and_with_regard_to_case(org: SalesforceOrg) -> None:
    id = ask(org, "SELECT Id FROM Account WHERE Name = 'Alpha'")["records"][0]["Id"]
    assert ask(org, f"SELECT Id FROM Account WHERE Id = '{id[:15]}'")["totalSize"] == 1
    assert ask(org, f"SELECT Id FROM Account WHERE Id = '{id[:15].swapcase()}'")["totalSize"] == 0


def test_order_limit_and_offset(org: SalesforceOrg) -> None:
    def names(tail: str) -> list[str]:
        return [r["Name"] for r in ask(org, f"SELECT Name FROM Account {tail}")["records"]]

    assert names("ORDER BY NumberOfEmployees") == ["Gamma's \\ 100%", "Alpha", "beta", "delta"]
    assert names("ORDER BY NumberOfEmployees DESC NULLS LAST, Name LIMIT 2") == ["delta", "beta"]
    assert names("ORDER BY BillingCountry DESC NULLS LAST, NumberOfEmployees ASC LIMIT 2 OFFSET 1") == ["delta", "Alpha"]


def test_parents_nest_and_children_are_results_of_their_own(org: SalesforceOrg) -> None:
    contact = ask(org, "SELECT LastName, Account.Name, Account.Owner.Name FROM Contact WHERE Account.Name = 'beta'")["records"][0]
    assert (contact["Account"]["Name"], contact["Account"]["Owner"]["Name"]) == ("beta", "Integration User")
    account = ask(org, "SELECT Name, (SELECT LastName FROM Contacts WHERE LastName = 'C1') FROM Account WHERE Name = 'beta'")[
        "records"
    ][0]
    assert (account["Contacts"]["totalSize"], account["Contacts"]["records"][0]["LastName"]) == (1, "C1")
    none = ask(org, "SELECT (SELECT Id FROM Opportunities) FROM Account WHERE Name = 'beta'")["records"][0]
    assert none["Opportunities"] is None


def test_counts_and_groups(org: SalesforceOrg) -> None:
    assert ask(org, "SELECT COUNT() FROM Account") == {"totalSize": 4, "done": True, "records": []}
    assert ask(org, "SELECT COUNT() FROM Account", deleted=True)["totalSize"] == 5
    group = ask(org, "SELECT BillingCountry, COUNT(Id), SUM(NumberOfEmployees) people FROM Account WHERE BillingCountry = 'US'"
                     " GROUP BY BillingCountry")["records"]  # fmt: skip
    assert group == [{"attributes": {"type": "AggregateResult"}, "BillingCountry": "US", "expr0": 2, "people": 500.0}]


def test_doubles_are_written_as_java_writes_them(org: SalesforceOrg) -> None:
    page = org.api.queries.first("SELECT AnnualRevenue FROM Account LIMIT 1", "66.0", deleted=False, hidden=lambda id: False)
    assert b'"AnnualRevenue":1.25000005E7' in msgspec.json.encode(page)


def test_field_sets_need_a_limit(org: SalesforceOrg) -> None:
    custom = ask(org, "SELECT FIELDS(CUSTOM) FROM Account LIMIT 200")["records"][0]
    assert set(custom) == {"attributes", "Stripe_Customer_Id__c", "Segment__c", "Won_Opportunities__c"}
    with pytest.raises(Refusal, match="LIMIT of at most 200"):
        ask(org, "SELECT FIELDS(ALL) FROM Account")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Nothing FROM Account", "INVALID_FIELD"),
        ("SELECT Nobody.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Nothing = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE SystemModstamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Task WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account; DROP", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_what_is_refused(org: SalesforceOrg, query: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        ask(org, query)
    assert (refused.value.status, refused.value.code) == (400, code)
