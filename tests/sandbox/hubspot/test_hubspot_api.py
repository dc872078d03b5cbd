"""The simulated account speaks as HubSpot's documentation says, to HubSpot's own SDK and to plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException
from hubspot_account import HubspotAccount, hubspot_account
from urllib3.util.retry import Retry

MODIFIED = {"contacts": "lastmodifieddate", "deals": "hs_lastmodifieddate"}


@pytest.fixture(scope="module")
def standing() -> Iterator[HubspotAccount]:
    """An account that nobody changes."""
    with hubspot_account() as found:
        yield found


@pytest.fixture
def account() -> Iterator[HubspotAccount]:
    with hubspot_account() as found:
        yield found


def http(account: HubspotAccount, token: str | None = None) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token or account.vendor.tokens.private}"}
    return httpx.Client(base_url=account.url, headers=headers)


def sdk(account: HubspotAccount) -> Any:
    return HubSpot(access_token=account.vendor.tokens.private, host=account.url, retry=Retry(total=0))


def search(account: HubspotAccount, kind: str, **body: Any) -> httpx.Response:
    return http(account).post(f"/crm/v3/objects/{kind}/search", json=body)


def where(name: str, operator: str, **more: Any) -> dict[str, Any]:
    return {"filterGroups": [{"filters": [{"propertyName": name, "operator": operator, **more}]}]}


def test_the_sdk_lists_all_records(standing: HubspotAccount) -> None:
    assert [deal.id for deal in sdk(standing).crm.deals.get_all()] == standing.truth()["deals"]["ids"]
    assert len(sdk(standing).crm.owners.get_all()) == 2
    assert sdk(standing).crm.contacts.basic_api.get_page(limit=1).paging.next.after


def test_names_and_type_ids_and_dated_paths_are_the_same(standing: HubspotAccount) -> None:
    paths = ("/crm/v3/objects/deals", "/crm/v3/objects/0-3", "/crm/objects/2026-03/deals", "/crm/objects/2026-09/0-3")
    bodies = [http(standing).get(path).json()["results"] for path in paths]
    assert all(body == bodies[0] for body in bodies)
    assert http(standing).get("/crm/v3/owners").json() == http(standing).get("/crm/v3/owners/").json()


def test_every_property_value_is_text_or_null_and_unknown_names_are_ignored(standing: HubspotAccount) -> None:
    names = "amount,hs_is_closed,hs_priority,no_such_property"
    for deal in http(standing).get("/crm/v3/objects/deals", params={"properties": names, "limit": 100}).json()["results"]:
        assert set(deal["properties"]) == {
            "amount",
            "hs_is_closed",
            "hs_priority",
            "createdate",
            "hs_lastmodifieddate",
            "hs_object_id",
        }
        assert all(value is None or isinstance(value, str) for value in deal["properties"].values())
        assert deal["updatedAt"].endswith("Z")
        assert len(deal["updatedAt"]) == 24


def test_the_last_page_has_no_paging(standing: HubspotAccount) -> None:
    first = http(standing).get("/crm/v3/objects/deals", params={"limit": 4}).json()
    last = http(standing).get("/crm/v3/objects/deals", params={"limit": 4, "after": first["paging"]["next"]["after"]}).json()
    assert (len(first["results"]), len(last["results"]), "paging" in last) == (4, 2, False)


@pytest.mark.parametrize(("query", "status"), [({"limit": 101}, 400), ({"limit": 100}, 200), ({"limit": 51, "propertiesWithHistory": "amount"}, 400), ({"after": "x"}, 400)])  # fmt: skip
def test_limits_of_a_page(standing: HubspotAccount, query: dict[str, Any], status: int) -> None:
    assert http(standing).get("/crm/v3/objects/deals", params=query).status_code == status


@pytest.mark.parametrize(
    ("operator", "value", "count"),
    [
        ("EQ", {"value": "closedwon"}, 3), ("NEQ", {"value": "closedwon"}, 3), ("IN", {"values": ["closedwon", "closedlost"]}, 6),
        ("NOT_IN", {"values": ["closedwon"]}, 3), ("HAS_PROPERTY", {}, 6), ("NOT_HAS_PROPERTY", {}, 0),
        ("CONTAINS_TOKEN", {"value": "lost"}, 3), ("NOT_CONTAINS_TOKEN", {"value": "lost"}, 3),
    ],
)  # fmt: skip
def test_filters_on_text(standing: HubspotAccount, operator: str, value: dict[str, Any], count: int) -> None:
    assert search(standing, "deals", **where("dealstage", operator, **value)).json()["total"] == count


@pytest.mark.parametrize(
    ("operator", "value", "count"),
    [("GT", "1200.5", 5), ("GTE", "1200.5", 6), ("LT", "1200.52", 2), ("LTE", "1200.52", 3), ("BETWEEN", "1200.51", 2)],
)
def test_filters_on_numbers(standing: HubspotAccount, operator: str, value: str, count: int) -> None:
    more = {"highValue": "1200.52"} if operator == "BETWEEN" else {}
    assert search(standing, "deals", **where("amount", operator, value=value, **more)).json()["total"] == count


def test_dates_are_milliseconds_or_iso_and_groups_are_or(standing: HubspotAccount) -> None:
    deal = http(standing).get("/crm/v3/objects/deals").json()["results"][2]
    iso = deal["properties"]["hs_lastmodifieddate"]
    by_iso = search(standing, "deals", **where("hs_lastmodifieddate", "EQ", value=iso)).json()
    at = standing.vendor.books.portal.shelves["deals"].items[int(deal["id"])].modified
    by_number = search(standing, "deals", **where("hs_lastmodifieddate", "EQ", value=str(at))).json()
    assert [row["id"] for row in by_iso["results"]] == [row["id"] for row in by_number["results"]] == [deal["id"]]
    groups = [
        {"filters": [{"propertyName": "dealstage", "operator": "EQ", "value": stage}]} for stage in ("closedwon", "closedlost")
    ]
    assert search(standing, "deals", filterGroups=groups).json()["total"] == 6


def test_the_cap_of_a_search_is_a_400_whatever_is_found(standing: HubspotAccount) -> None:
    assert search(standing, "deals", limit=200, after="9800").status_code == 200
    refused = search(standing, "deals", limit=200, after="9801")
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    assert search(standing, "deals", limit=201).status_code == 400


def test_too_many_filters_are_refused(standing: HubspotAccount) -> None:
    one = {"propertyName": "amount", "operator": "HAS_PROPERTY"}
    assert search(standing, "deals", filterGroups=[{"filters": [one] * 11}]).status_code == 400
    assert search(standing, "deals", filterGroups=[{"filters": [one]}] * 6).status_code == 400
    assert search(standing, "deals", filterGroups=[{"filters": [one] * 5}] * 5).status_code == 200


def test_a_batch_with_a_missing_id_is_207_and_names_it(standing: HubspotAccount) -> None:
    known = standing.id_of("deals", "d0")
    answer = http(standing).post(
        "/crm/v3/objects/deals/batch/read", json={"inputs": [{"id": known}, {"id": "9"}], "properties": []}
    )
    assert (answer.status_code, answer.json()["numErrors"], answer.json()["errors"][0]["context"]) == (207, 1, {"ids": ["9"]})
    whole = http(standing).post("/crm/v3/objects/deals/batch/read", json={"inputs": [{"id": known}], "properties": []})
    assert whole.status_code == 200


def test_associations_are_paged_lonely_ones_make_207_and_bad_ids_and_pairs_are_refused(standing: HubspotAccount) -> None:
    def read(pair: str, *ids: str) -> httpx.Response:
        return http(standing).post(f"/crm/v4/associations/{pair}/batch/read", json={"inputs": [{"id": id} for id in ids]})

    deal, lonely = standing.id_of("deals", "d0"), standing.id_of("contacts", "p0copy")
    to = read("deals/companies", deal).json()["results"][0]["to"][0]
    assert {kind["typeId"] for kind in to["associationTypes"]} == {5, 341}
    assert read("contacts/companies", lonely).status_code == 207
    assert read("deals/companies", deal, "12x").status_code == 400
    assert read("line_items/contacts", "1").status_code == 404


def test_refusals_have_hubspots_shape(standing: HubspotAccount) -> None:
    nobody = httpx.get(f"{standing.url}/crm/v3/objects/deals")
    assert (nobody.status_code, nobody.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    assert http(standing, "abc").get("/crm/v3/objects/deals").status_code == 530
    page = http(standing).get("/crm/v9/nothing")
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (404, "text/html")
    long = http(standing).get("/crm/v3/objects/deals", params={"properties": "x" * 16_001})
    assert long.status_code == 414
    with pytest.raises(ApiException) as refused:
        sdk(standing).crm.contacts.basic_api.get_by_id("1")
    assert refused.value.status == 404


def test_a_missing_scope_is_named(account: HubspotAccount) -> None:
    account.vendor.revoke("deals")
    answer = http(account).get("/crm/v3/objects/deals")
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.deals.read"]


def test_rate_headers_stand_on_all_answers_but_searches(standing: HubspotAccount) -> None:
    listed = http(standing).get("/crm/v3/objects/deals")
    assert listed.headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    assert "x-hubspot-ratelimit-max" not in search(standing, "deals").headers
    assert listed.headers["x-hubspot-correlation-id"]


def test_limits_are_enforced_by_their_policies() -> None:
    with hubspot_account([], limits="live") as account:
        client = http(account)
        answers = [client.post("/crm/v3/objects/deals/search", json={}) for _ in range(7)]
        assert [answer.status_code for answer in answers[:5]] == [200] * 5
        assert answers[-1].json()["policyName"] == "SECONDLY"
        account.vendor.pace.ten_seconds = 3
        account.vendor.reset_limits()
        answers = [client.get("/crm/v3/objects/deals") for _ in range(4)]
        assert (answers[-1].status_code, answers[-1].json()["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
        account.vendor.pace.daily = 2
        account.vendor.reset_limits()
        assert [client.get("/crm/v3/objects/deals").status_code for _ in range(3)] == [200, 200, 429]
        assert account.vendor.limits()["daily"]["violations"] == 1


def test_oauth_tokens_live_half_an_hour(account: HubspotAccount) -> None:
    form = {key: account.oauth()[key] for key in ("client_id", "client_secret", "refresh_token")}
    granted = httpx.post(f"{account.url}/oauth/v1/token", data={"grant_type": "refresh_token", **form}).json()
    assert (granted["token_type"], granted["expires_in"]) == ("bearer", 1800)
    assert http(account, granted["access_token"]).get("/crm/v3/objects/deals").status_code == 200
    account.advance(1801)
    late = http(account, granted["access_token"]).get("/crm/v3/objects/deals")
    assert (late.status_code, late.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")


def test_writes_move_the_date_of_change_but_archiving_and_associating_do_not(account: HubspotAccount) -> None:
    client, id = http(account), account.id_of("deals", "d0")

    def changed() -> str:
        return str(client.get(f"/crm/v3/objects/deals/{id}").json()["updatedAt"])

    before = changed()
    account.advance(60)
    company = account.id_of("companies", "o3")
    assert client.put(f"/crm/v4/objects/deals/{id}/associations/default/companies/{company}").status_code == 200
    assert changed() == before
    assert client.patch(f"/crm/v3/objects/deals/{id}", json={"properties": {"dealname": "Other"}}).status_code == 200
    assert changed() > before
    moved = changed()
    account.advance(60)
    assert client.delete(f"/crm/v3/objects/deals/{id}").status_code == 204
    archived = client.get("/crm/v3/objects/deals", params={"archived": "true"}).json()["results"]
    assert [(row["id"], row["updatedAt"]) for row in archived] == [(id, moved)]
    assert archived[0]["archivedAt"] > moved
    assert search(account, "deals").json()["total"] == 5


def test_a_merged_id_gives_the_record_that_took_it_in(account: HubspotAccount) -> None:
    client = http(account)
    kept, gone = account.id_of("contacts", "p0"), account.id_of("contacts", "p0copy")
    answer = client.post("/crm/v3/objects/contacts/merge", json={"primaryObjectId": kept, "objectIdToMerge": gone})
    assert answer.json()["properties"]["hs_merged_object_ids"] == gone
    assert client.get(f"/crm/v3/objects/contacts/{gone}").json()["id"] == kept
    assert gone not in [row["id"] for row in client.get("/crm/v3/objects/contacts", params={"limit": 100}).json()["results"]]


def test_writes_by_the_sdk(account: HubspotAccount) -> None:
    client = sdk(account)
    made = client.crm.contacts.basic_api.create({"properties": {"email": "new@example.com"}})
    assert client.crm.contacts.basic_api.get_by_id(made.id).properties["email"] == "new@example.com"
    with pytest.raises(ApiException) as refused:
        client.crm.contacts.basic_api.create({"properties": {"no_such": "x"}})
    assert refused.value.status == 400
    client.crm.contacts.basic_api.purge({"objectId": made.id})
    assert made.id in account.truth()["contacts"]["deleted"]


def test_history_is_newest_first_and_a_computed_property_dates_itself_now(account: HubspotAccount) -> None:
    id = account.id_of("deals", "d0")
    url = f"/crm/v3/objects/deals/{id}?propertiesWithHistory=dealstage,hs_closed_amount"
    first = http(account).get(url).json()["propertiesWithHistory"]
    account.advance(60)
    second = http(account).get(url).json()["propertiesWithHistory"]
    assert [entry["value"] for entry in first["dealstage"]] == ["closedwon", "proposal", "qualification"]
    assert first["dealstage"] == second["dealstage"]
    assert first["hs_closed_amount"] != second["hs_closed_amount"]


def test_stages_leave_their_dates(standing: HubspotAccount) -> None:
    deal = standing.objects("deals")[standing.id_of("deals", "d0")]["properties"]
    assert deal["hs_v2_date_entered_proposal"] < deal["hs_v2_date_exited_proposal"] == deal["hs_v2_date_entered_closedwon"]
    assert (deal["hs_is_closed"], deal["hs_is_closed_won"], deal["hs_closed_amount"]) == ("true", "true", deal["amount"])
    contact = standing.objects("contacts")[standing.id_of("contacts", "p0")]["properties"]
    assert contact["lifecyclestage"] == "customer"
    assert contact["hs_v2_date_entered_opportunity"] == contact["hs_lifecyclestage_opportunity_date"]


def test_only_linked_companies_carry_the_stripe_id(standing: HubspotAccount) -> None:
    companies = standing.objects("companies")
    linked = {body["properties"]["stripe_customer_id"] for body in companies.values()}
    assert linked == {None, "cus_0", "cus_2", "cus_4"}


def test_statistics_grow_without_moving_updated_at_and_sum_up_by_day(standing: HubspotAccount) -> None:
    email = standing.objects("marketing_emails")["40000000001"]
    days = [body["aggregations"]["counters"]["open"] for body in standing.objects("marketing_email_statistics").values()]
    assert (email["updatedAt"], email["stats"]["counters"]["open"], sum(days)) == (email["publishDate"], 4, 4)


def test_the_same_seed_and_story_give_the_same_account(standing: HubspotAccount) -> None:
    with hubspot_account() as twin:
        assert {stream: twin.objects(stream) for stream in twin.truth()} == {
            stream: standing.objects(stream) for stream in standing.truth()
        }


def test_what_is_noted_equals_what_is_shown(standing: HubspotAccount) -> None:
    for stream, noted in standing.truth().items():
        assert (sorted(standing.objects(stream)), noted["count"]) == (noted["ids"], len(noted["ids"])), stream
