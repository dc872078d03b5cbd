"""The org over HTTP, asked by the real SDK and by plain requests: login, paging, Bulk jobs, writes, errors, allowance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import requests
from salesforce_account import SalesforceAccount, a_year_of_sales, salesforce_account
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceMalformedRequest, SalesforceResourceNotFound
from simulated import DAY, HOUR

from connectors.salesforce.verbatim import Loopback
from sandbox.salesforce import queries
from sandbox.salesforce.identifiers import long_id, record_id

DATA = "/services/data/v66.0"
TOKEN = "/services/oauth2/token"


@pytest.fixture
def account() -> Iterator[SalesforceAccount]:
    with salesforce_account() as account:
        yield account


def session(account: SalesforceAccount) -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    made.mount("https://", Loopback(account.url))
    return made


def client(account: SalesforceAccount, **login: Any) -> Client:
    sessions = account.vendor.sessions
    login = login or {"consumer_key": sessions.consumer_key, "consumer_secret": sessions.consumer_secret, "domain": "acme.my"}
    return Client(session=session(account), version="66.0", **login)


@pytest.fixture
def http(account: SalesforceAccount) -> Iterator[httpx.Client]:
    form = {"grant_type": "client_credentials"}
    sessions = account.vendor.sessions
    with httpx.Client(base_url=account.url, trust_env=False) as http:
        token = http.post(TOKEN, data=form, auth=(sessions.consumer_key, sessions.consumer_secret)).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


# --- logging in


def test_the_sdk_logs_in_in_every_way(account: SalesforceAccount) -> None:
    sessions = account.vendor.sessions
    app = {"consumer_key": sessions.consumer_key, "consumer_secret": sessions.consumer_secret}
    person = {"username": sessions.username, "password": sessions.password}
    ways = [{**app, "domain": "acme.my"}, {**app, **person}, {**person, "security_token": sessions.security_token}]
    assert [client(account, **way).query("SELECT Id FROM User")["totalSize"] for way in ways] == [1, 1, 1]


def test_an_assertion_is_checked_by_its_signature_and_its_end(account: SalesforceAccount) -> None:
    sessions = account.vendor.sessions
    account.advance(int(datetime.now(UTC).timestamp()) - account.now)  # the SDK dates by this machine's clock
    signed = {"username": sessions.username, "consumer_key": sessions.consumer_key, "privatekey": sessions.private_key}
    assert client(account, **signed).query("SELECT Id FROM User")["totalSize"] == 1
    account.advance(HOUR)
    with pytest.raises(SalesforceAuthenticationFailed, match="expired"):
        client(account, **signed)


def test_a_token_answer_has_the_fields_of_a_token_answer(account: SalesforceAccount) -> None:
    sessions = account.vendor.sessions
    form = {"grant_type": "client_credentials", "client_id": sessions.consumer_key, "client_secret": sessions.consumer_secret}
    answer = httpx.post(account.url + TOKEN, data=form).json()
    assert answer["instance_url"] == "https://acme.my.salesforce.com"
    assert answer["issued_at"] == f"{account.now}000"
    assert answer["access_token"].startswith("00D")
    assert answer["token_type"] == "Bearer"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials", "client_id": "x"}, "invalid_client_id"),
        ({"grant_type": "password", "client_id": "*", "client_secret": "*", "username": "x", "password": "y"}, "invalid_grant"),
        ({"grant_type": "guess", "client_id": "*", "client_secret": "*"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"}, "invalid_grant"),
    ],
)
def test_a_grant_that_fails_is_a_400_with_an_error(account: SalesforceAccount, form: dict[str, str], error: str) -> None:
    sessions = account.vendor.sessions
    known = {"client_id": sessions.consumer_key, "client_secret": sessions.consumer_secret}
    sent = {name: known[name] if value == "*" else value for name, value in form.items()}
    answer = httpx.post(account.url + TOKEN, data=sent)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_refresh_token_that_is_used_twice_ends_its_family(account: SalesforceAccount) -> None:
    sessions = account.vendor.sessions
    first = account.write("authorize")
    form = {"grant_type": "refresh_token", "client_id": sessions.consumer_key, "client_secret": sessions.consumer_secret}
    answer = httpx.post(account.url + TOKEN, data={**form, "refresh_token": first}).json()
    header = {"Authorization": f"Bearer {answer['access_token']}"}
    assert httpx.get(account.url + DATA + "/limits/", headers=header).status_code == 200
    assert httpx.post(account.url + TOKEN, data={**form, "refresh_token": first}).json()["error"] == "invalid_grant"
    assert httpx.get(account.url + DATA + "/limits/", headers=header).status_code == 401


def test_a_session_ends_after_two_hours_without_use(account: SalesforceAccount, http: httpx.Client) -> None:
    account.advance(HOUR)
    assert http.get(DATA + "/limits/").status_code == 200
    account.advance(HOUR + 60)
    assert http.get(DATA + "/limits/").status_code == 200
    account.advance(2 * HOUR + 1)
    answer = http.get(DATA + "/limits/")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


# --- reading


def test_pages_follow_a_locator_that_says_query_even_after_query_all(
    account: SalesforceAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = account.write("create_many", object="Lead", count=25, numbered="Company", values={"LastName": "L", "Status": "Open"})
    account.write("delete", object="Lead", id=ids[3])
    monkeypatch.setattr(queries, "PAGE_ROWS", 10)
    sdk = client(account)
    page = sdk.query("SELECT Id FROM Lead", include_deleted=True, headers={"Sforce-Query-Options": "batchSize=10"})
    assert (page["totalSize"], page["done"], len(page["records"])) == (25, False, 10)
    assert page["nextRecordsUrl"].startswith(f"{DATA}/query/01g")
    assert page["nextRecordsUrl"].endswith("-10")
    found = [row["Id"] for row in sdk.query_all_iter("SELECT Id FROM Lead ORDER BY Id", include_deleted=True)]
    assert found == sorted(ids)
    account.advance(3 * DAY)
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_QUERY_LOCATOR"):
        client(account).query_more(page["nextRecordsUrl"], identifier_is_url=True)


def test_deleted_records_are_seen_by_query_all_for_fifteen_days(account: SalesforceAccount) -> None:
    id = account.create("Account", Name="A")
    account.write("delete", object="Account", id=id)
    assert client(account).query("SELECT Id FROM Account")["totalSize"] == 0
    assert client(account).query("SELECT Id FROM Account", include_deleted=True)["totalSize"] == 1
    account.advance(16 * DAY)
    assert client(account).query("SELECT Id FROM Account", include_deleted=True)["totalSize"] == 0


def test_updated_and_deleted_tell_ids_of_a_window(account: SalesforceAccount) -> None:
    id, gone = account.create("Account", Name="A"), account.create("Account", Name="B")
    account.write("delete", object="Account", id=gone)
    sdk = client(account)
    start, end = (datetime.fromtimestamp(account.now, UTC) + timedelta(hours=h) for h in (-1, 1))
    assert sdk.Account.updated(start, end)["ids"] == [id]
    assert [row["id"] for row in sdk.Account.deleted(start, end)["deletedRecords"]] == [gone]
    with pytest.raises(SalesforceMalformedRequest):
        sdk.Account.deleted(start - timedelta(days=20), end)


def test_describe_tells_fields_types_and_what_is_computed(account: SalesforceAccount) -> None:
    described = client(account).Account.describe()
    fields = {field["name"]: field for field in described["fields"]}
    assert described["keyPrefix"] == "001"
    assert (fields["Segment__c"]["calculated"], fields["Segment__c"]["custom"]) == (True, True)
    assert (fields["OwnerId"]["referenceTo"], fields["OwnerId"]["relationshipName"]) == (["User"], "Owner")
    assert fields["AnnualRevenue"]["type"] == "currency"
    assert "Account" in {thing["name"] for thing in client(account).describe()["sobjects"]}


def test_a_composite_request_counts_once_and_holds_five_queries_at_most(account: SalesforceAccount, http: httpx.Client) -> None:
    part = {"method": "GET", "url": f"{DATA}/query/?q=SELECT+COUNT()+FROM+User", "referenceId": "a"}
    good = http.post(DATA + "/composite", json={"compositeRequest": [part, {**part, "url": f"{DATA}/sobjects/No/describe"}]})
    assert [entry["httpStatusCode"] for entry in good.json()["compositeResponse"]] == [200, 404]
    assert good.headers["Sforce-Limit-Info"] == "api-usage=1/100000"
    assert http.post(DATA + "/composite", json={"compositeRequest": [part] * 6}).status_code == 400
    assert http.post(DATA + "/composite", json={"compositeRequest": [{**part, "url": DATA + "/limits/"}] * 26}).status_code == 400


# --- Bulk 2.0


def job(http: httpx.Client, query: str, operation: str = "query") -> str:
    answer = http.post(DATA + "/jobs/query", json={"operation": operation, "query": query})
    assert answer.json()["state"] == "UploadComplete"
    states = [http.get(f"{DATA}/jobs/query/{answer.json()['id']}").json()["state"] for _ in range(2)]
    assert states == ["InProgress", "JobComplete"]
    return str(answer.json()["id"])


def test_the_sdk_reads_a_job(account: SalesforceAccount) -> None:
    account.write("create_many", object="Lead", count=30, numbered="Company", values={"LastName": "L", "Status": "Open"})
    pages = list(client(account).bulk2.Lead.query("SELECT Id, Company FROM Lead", max_records=20, wait=0))
    assert [page.count("\n") for page in pages] == [21, 11]
    assert pages[0].startswith('"Id","Company"\n"00Q')


def test_results_are_quoted_compressed_and_found_again_by_their_locator(account: SalesforceAccount, http: httpx.Client) -> None:
    for name in ('a "b"\nc', "d\x00e"):
        account.create("Account", Name=name, AnnualRevenue=120_000_000)
    id = job(http, "SELECT Name, AnnualRevenue, Owner.Name, Website, IsDeleted, CreatedDate FROM Account ORDER BY Id")
    first = http.get(f"{DATA}/jobs/query/{id}/results?maxRecords=1", headers={"Accept-Encoding": "gzip"})
    row = '"a ""b""\nc","120000000.0","Integration User","","false","2026-01-01T00:00:00.000Z"\n'
    assert first.text == '"Name","AnnualRevenue","Owner.Name","Website","IsDeleted","CreatedDate"\n' + row
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.headers["Sforce-NumberOfRecords"] == "1"
    rest = [http.get(f"{DATA}/jobs/query/{id}/results?locator={first.headers['Sforce-Locator']}") for _ in range(2)]
    assert rest[0].text == rest[1].text
    assert "d\x00e" in rest[0].text
    assert rest[0].headers["Sforce-Locator"] == "null"
    assert http.get(f"/services/data/v59.0/jobs/query/{id}/results").status_code == 409
    account.vendor.api.jobs.headers_everywhere = False
    assert "AnnualRevenue" not in http.get(f"{DATA}/jobs/query/{id}/results?locator={first.headers['Sforce-Locator']}").text
    account.advance(2 * HOUR - 60)
    assert http.delete(f"{DATA}/jobs/query/{id}").status_code == 204
    assert http.get(f"{DATA}/jobs/query/{id}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["SELECT COUNT(Id) FROM Account", "SELECT Name, COUNT(Id) FROM Account GROUP BY Name", "SELECT Id FROM Account OFFSET 5",
     "SELECT (SELECT Id FROM Contacts) FROM Account", "SELECT BillingAddress FROM Account", "SELECT Nothing FROM Account"],
)  # fmt: skip
def test_bulk_refuses_what_it_cannot_do(http: httpx.Client, query: str) -> None:
    assert http.post(DATA + "/jobs/query", json={"operation": "query", "query": query}).status_code == 400


def test_a_job_can_be_aborted(http: httpx.Client) -> None:
    id = http.post(DATA + "/jobs/query", json={"operation": "query", "query": "SELECT Id FROM User"}).json()["id"]
    assert http.patch(f"{DATA}/jobs/query/{id}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert http.get(f"{DATA}/jobs/query/{id}/results").status_code == 400


# --- writing


def test_records_are_written_through_the_api(account: SalesforceAccount) -> None:
    sdk = client(account)
    made = sdk.Account.create({"Name": "By API", "AnnualRevenue": 12.5})
    assert sdk.Account.update(made["id"], {"Name": "Changed"}) == 204
    assert sdk.Account.get(made["id"])["Name"] == "Changed"
    assert sdk.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        sdk.Account.get(made["id"])
    with pytest.raises(SalesforceMalformedRequest, match="REQUIRED_FIELD_MISSING"):
        sdk.Account.create({"Industry": "None"})
    assert account.truth()["accounts"]["deleted"] == [made["id"]]


def test_a_stage_change_writes_both_histories(account: SalesforceAccount) -> None:
    deal = account.create("Opportunity", Name="D", StageName="Qualification", CloseDate="2026-01-31", Amount=100)
    account.write("update", object="Opportunity", id=deal, values={"StageName": "Proposal", "CloseDate": "2026-02-28"})
    row = account.objects("opportunities")[deal]
    assert (row["Probability"], row["ExpectedRevenue"], row["PushCount"], row["Fiscal"]) == (50, 50, 1, "2026 1")
    assert row["LastStageChangeDate"] == "2026-01-01T00:00:00.000Z"
    steps = [(step["StageName"], step["PrevCloseDate"]) for step in account.objects("opportunity_histories").values()]
    assert steps == [("Qualification", None), ("Proposal", "2026-01-31")]
    assert {row["Field"] for row in account.objects("opportunity_field_histories").values()} == {"StageName", "CloseDate"}


def test_a_lead_is_converted_into_three_records(account: SalesforceAccount) -> None:
    lead = account.create("Lead", LastName="L", Company="Co", Status="Open")
    account.write("convert_lead", object="Lead", id=lead)
    row = account.objects("leads")[lead]
    assert [row[f"Converted{kind}Id"][:3] for kind in ("Account", "Contact", "Opportunity")] == ["001", "003", "006"]


def test_deleting_an_account_deletes_what_belongs_to_it_and_undeleting_brings_it_back(account: SalesforceAccount) -> None:
    id = account.create("Account", Name="A")
    account.create("Contact", LastName="C", AccountId=id)
    account.write("delete", object="Account", id=id)
    assert account.truth()["contacts"]["ids"] == []
    account.write("undelete", object="Account", id=id)
    assert (account.truth()["contacts"]["count"], account.truth()["contacts"]["deleted"]) == (1, [])


def test_the_story_makes_one_record_for_each_and_links_only_where_it_says(account: SalesforceAccount) -> None:
    account.tell(*a_year_of_sales())
    accounts = account.objects("accounts").values()
    assert sorted((row["Name"], row["Stripe_Customer_Id__c"], row["Type"]) for row in accounts) == [
        ("Globex", "cus_1", "Former Customer"),
        ("Globx", None, None),
        ("Initech Inc", None, None),
    ]
    assert [row["Email"] for row in account.objects("contacts").values()] == ["ada@globex.example", "bob@initech.example"]
    assert {row["Email"] for row in account.objects("leads").values()} >= {"cy@mail.example", "cy2@mail.example"}
    campaign = next(iter(account.objects("campaigns").values()))
    assert (campaign["NumberOfLeads"], campaign["NumberOfConvertedLeads"], campaign["NumberOfWonOpportunities"]) == (2, 1, 1)
    assert (campaign["ActualCost"], campaign["BudgetedCost"]) == (1_234.56, 5_000)
    assert campaign["AmountWonOpportunities"] > 15_000  # euros in a campaign of dollars
    stages = [row["StageName"] for row in account.objects("opportunities").values()]
    assert stages == ["Closed Won", "Qualification", "Closed Lost"]
    assert next(row for row in account.objects("opportunities").values() if row["CurrencyIsoCode"] == "JPY")["Amount"] == 100


# --- errors and the allowance


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/query/?q=SELECT+Nope+FROM+Account", 400, "INVALID_FIELD"),
        ("/query/?q=", 400, "MALFORMED_QUERY"),
        ("/query/01g000000000000-2000", 400, "INVALID_QUERY_LOCATOR"),
        ("/sobjects/Nope/describe", 404, "NOT_FOUND"),
        ("/sobjects/Account/001000000000000", 404, "NOT_FOUND"),
        ("/nothing", 404, "NOT_FOUND"),
        ("/jobs/query/750", 404, "NOT_FOUND"),
    ],
)
def test_errors_are_arrays_with_a_code(http: httpx.Client, path: str, status: int, code: str) -> None:
    answer = http.get(DATA + path)
    assert (answer.status_code, [entry["errorCode"] for entry in answer.json()]) == (status, [code])


def test_an_address_that_is_too_long_is_a_414(http: httpx.Client) -> None:
    assert http.get(DATA + "/query/?q=" + "x" * 17_000).status_code == 414
    assert http.get(DATA + "/limits/", headers={"X-Long": "x" * 17_000}).status_code == 431


def test_a_version_that_the_org_does_not_speak_is_refused(http: httpx.Client) -> None:
    assert http.get("/services/data/v20.0/limits/").status_code == 404
    assert "66.0" in {version["version"] for version in http.get("/services/data/").json()}


def test_requests_are_counted_over_a_day_and_refused_with_403() -> None:
    with salesforce_account(limits="test") as account:
        account.vendor.usage.allowed = 3
        sessions = account.vendor.sessions
        form = {"grant_type": "client_credentials", "client_id": sessions.consumer_key, "client_secret": sessions.consumer_secret}
        token = httpx.post(account.url + TOKEN, data=form).json()["access_token"]
        with httpx.Client(base_url=account.url, headers={"Authorization": f"Bearer {token}"}) as http:
            answers = [http.get(DATA + "/limits/") for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 403]
            assert [answer.headers["Sforce-Limit-Info"] for answer in answers] == [f"api-usage={n}/3" for n in (1, 2, 3, 3)]
            assert answers[3].json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
            assert answers[2].json()["DailyApiRequests"] == {"Max": 3, "Remaining": 0}
        limits = account.vendor.limits()["daily_api_requests"]
        assert (limits["requests"], limits["peak"], limits["violations"]) == (4, 3, 1)
        account.on_server(account.vendor.reset_limits)
        assert account.vendor.limits()["daily_api_requests"]["violations"] == 0


def test_ids_carry_a_checksum_of_their_capitals() -> None:
    assert long_id("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert record_id("006", 62) == long_id("0065g0000000010")
    assert len({record_id("006", n).lower() for n in range(1, 300)}) == 299


def test_two_orgs_of_one_seed_are_alike() -> None:
    with salesforce_account() as one, salesforce_account() as other:
        for account in (one, other):
            account.tell(*a_year_of_sales())
        assert one.truth() == other.truth()
        assert one.objects("dated_conversion_rates") == other.objects("dated_conversion_rates")
        assert one.vendor.connection("u") == other.vendor.connection("u")
