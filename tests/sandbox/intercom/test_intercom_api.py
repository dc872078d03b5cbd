"""The simulated API answers as Intercom's does: versions, permissions, limits, searches, pages, refusals, writes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from intercom_account import START, ZONE, IntercomAccount, intercom_account
from simulated import DAY, HOUR

from sandbox.intercom.allowance import Allowance
from sandbox.intercom.errors import IntercomError


class Api:
    """A plain HTTP client."""

    def __init__(self, space: IntercomAccount) -> None:
        self.space = space
        token = space.vendor.connection("")["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Intercom-Version": "2.16"}
        self.http = httpx.Client(base_url=space.url, headers=headers)

    def get(self, path: str, **params: Any) -> Any:
        return self._body(self.http.get(path, params=params))

    def post(self, path: str, body: Any) -> Any:
        return self._body(self.http.post(path, json=body))

    def search(self, kind: str, query: Any, **more: Any) -> Any:
        return self.post(f"/{kind}/search", {"query": query, **more})

    def refusal(self, method: str, path: str, **more: Any) -> tuple[int, str]:
        answer = self.http.request(method, path, **more)
        body = answer.json()
        assert body["type"] == "error.list"
        assert body["request_id"]
        return answer.status_code, body["errors"][0]["code"]

    @staticmethod
    def _body(answer: httpx.Response) -> Any:
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """A workspace that nobody changes."""
    with intercom_account() as space:
        yield Api(space)


@pytest.fixture
def own() -> Iterator[Api]:
    """A workspace that the test may change."""
    with intercom_account(chats=4) as space:
        yield Api(space)


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc"])
def test_a_request_without_the_token_is_refused(api: Api, header: str | None) -> None:
    answer = httpx.get(f"{api.space.url}/me", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()["errors"][0]) == (401, {"code": "unauthorized", "message": "Access Token Invalid"})


def test_me_tells_the_zone_and_every_answer_the_time(api: Api) -> None:
    assert api.get("/me")["app"]["timezone"] == ZONE
    assert api.http.get("/tags").headers["date"] == "Mon, 21 Sep 2026 14:13:20 GMT"


@pytest.mark.parametrize(
    ("version", "path", "status"),
    [
        ("2.16", "/conversations/deleted", 200),
        ("2.15", "/conversations/deleted", 400),
        (None, "/conversations/deleted", 400),
        ("2.15", "/conversations/attributes", 400),
        ("2.15", "/data_attributes?model=conversation", 200),
        ("2.16", "/data_attributes?model=conversation", 422),
        ("2.14", "/conversations/21540001/handling_events", 400),
        ("2.15", "/conversations/21540001/handling_events", 200),
        ("2.15", "/office_hours_schedules", 400),
        ("9.9", "/tags", 400),
    ],
)
def test_a_resource_exists_from_its_version_on(api: Api, version: str | None, path: str, status: int) -> None:
    headers = {"Authorization": api.http.headers["authorization"], **({"Intercom-Version": version} if version else {})}
    answer = httpx.get(f"{api.space.url}{path}", headers=headers)
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["errors"][0]["code"] == "intercom_version_invalid"


def test_fields_come_with_their_version(api: Api) -> None:
    seen = {}
    for version in ("2.14", "2.15", "2.16"):
        answer = api.http.get("/conversations/21540001", headers={"Intercom-Version": version})
        assert answer.headers["intercom-version"] == version
        seen[version] = set(answer.json())
    assert seen["2.15"] - seen["2.14"] == {"company"}
    assert {"channel", "external_references", "sales_agent_participated"} <= seen["2.16"] - seen["2.15"]


def pages_of(api: Api, path: str, field: str, **params: Any) -> list[Any]:
    found, pages = [], []
    while True:
        body = api.get(path, **params)
        found += body[field]
        pages.append(body["pages"])
        if "next" not in body["pages"]:
            assert [page["page"] for page in pages] == list(range(1, len(pages) + 1))
            assert len(found) == body["total_count"]
            return found
        params["starting_after"] = body["pages"]["next"]["starting_after"]


@pytest.mark.parametrize(("path", "field"), [("/contacts", "data"), ("/conversations", "conversations")])
def test_lists_go_on_by_a_cursor_and_end_without_one(api: Api, path: str, field: str) -> None:
    whole = api.get(path)[field]
    assert len(whole) >= 9
    for size in (1, 2, 4, 9):
        assert pages_of(api, path, field, per_page=size) == whole
    assert "conversation_parts" not in whole[0]


def test_a_cursor_that_is_no_cursor_and_sizes_out_of_bounds_are_refused(api: Api) -> None:
    assert api.refusal("GET", "/contacts?starting_after=nonsense") == (400, "client_error")
    assert api.refusal("GET", "/conversations?per_page=151") == (400, "parameter_invalid")
    assert api.refusal("GET", "/contacts?per_page=many") == (400, "parameter_invalid")


def test_a_row_that_is_updated_while_walking_moves_and_is_not_shown_twice(own: Api) -> None:
    first = own.get("/conversations", per_page=2)
    last = own.get("/conversations")["conversations"][-1]["id"]
    own.space.write("update_conversation", id=last, title="To the front")
    rest = own.get("/conversations", per_page=50, starting_after=first["pages"]["next"]["starting_after"])
    seen = [talk["id"] for talk in first["conversations"] + rest["conversations"]]
    assert last not in seen
    assert len(seen) == len(set(seen))


def day(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp())


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        (">", "2026-10-05T09:00", False),  # the rest of the same day is not "greater"
        (">", "2026-10-04T23:59", True),
        ("=", "2026-10-05T00:00", True),
        ("=", "2026-10-05T23:59", True),
        ("=", "2026-10-06T00:00", False),
        ("<", "2026-10-05T23:59", False),
        ("<", "2026-10-06T00:00", True),
    ],
)
def test_contacts_are_searched_by_days_of_the_workspace(own: Api, operator: str, value: str, found: bool) -> None:
    own.space.advance(day("2026-10-05T15:00") - START)
    id = own.space.write("create_contact", role="lead", email="day@day.example")["id"]
    query = {"field": "updated_at", "operator": operator, "value": day(value)}
    assert (id in [row["id"] for row in own.search("contacts", query)["data"]]) == found
    query["value"] = str(query["value"])
    assert (id in [row["id"] for row in own.search("contacts", query)["data"]]) == found


def test_conversations_are_searched_by_seconds_and_the_value_itself_counts(own: Api) -> None:
    talk = own.space.first("conversations")
    for shift, found in ((-1, True), (0, True), (1, False)):
        query = {"field": "updated_at", "operator": ">", "value": talk["updated_at"] + shift}
        assert (talk["id"] in [row["id"] for row in own.search("conversations", query)["conversations"]]) == found


@pytest.mark.parametrize(
    ("kind", "query", "code"),
    [
        ("contacts", {"field": "updated_at", "operator": ">=", "value": 1}, "parameter_invalid"),
        ("contacts", {"field": "updated_at", "operator": "!=", "value": 1}, "parameter_invalid"),
        ("contacts", {"field": "updated_at", "operator": "IN", "value": [1]}, "parameter_invalid"),
        ("contacts", {"field": "updated_at", "operator": ">", "value": "yesterday"}, "parameter_invalid"),
        ("contacts", {"field": "shoe_size", "operator": "=", "value": 1}, "parameter_invalid"),
        ("contacts", {"field": "email", "operator": "LIKE", "value": "x"}, "parameter_invalid"),
        ("contacts", {"field": "email", "operator": "<=", "value": "x"}, "parameter_invalid"),
        ("contacts", None, "parameter_invalid"),
        ("contacts", {"operator": "AND", "value": []}, "parameter_invalid"),
        ("conversations", {"operator": "OR", "value": [{"field": "id", "operator": "=", "value": "1"}] * 16}, "client_error"),
        ("tickets", {"field": "updated_at", "operator": ">=", "value": 1}, "parameter_invalid"),
    ],
)
def test_searches_that_cannot_be_understood_are_refused(api: Api, kind: str, query: Any, code: str) -> None:
    assert api.refusal("POST", f"/{kind}/search", json={"query": query}) == (400, code)


def test_groups_may_be_nested_twice_and_no_deeper(api: Api) -> None:
    leaf = {"field": "role", "operator": "=", "value": "user"}
    inner = {"operator": "OR", "value": [leaf, {"field": "role", "operator": "=", "value": "lead"}]}
    assert api.search("contacts", {"operator": "AND", "value": [inner, leaf]})["total_count"] > 0
    deep = {"operator": "AND", "value": [{"operator": "OR", "value": [inner]}]}
    assert api.refusal("POST", "/contacts/search", json={"query": deep}) == (400, "client_error")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"field": "email", "operator": "~", "value": "HOME.example"}, 1),
        ({"field": "email", "operator": "$", "value": "@mail.example"}, 8),
        ({"field": "email", "operator": "^", "value": "p1@"}, 1),
        ({"field": "email", "operator": "!~", "value": "mail.example"}, 1),
        ({"field": "role", "operator": "NIN", "value": ["user"]}, 4),
        ({"field": "role", "operator": "IN", "value": ["user", "lead"]}, 9),
        ({"field": "custom_attributes.lead_source", "operator": "=", "value": "organic"}, 6),
    ],
)
def test_operators_compare_as_documented(api: Api, query: Any, count: int) -> None:
    assert api.search("contacts", query)["total_count"] == count


def test_contacts_are_sorted_as_asked_and_newest_first_otherwise(api: Api) -> None:
    everybody = {"field": "role", "operator": "IN", "value": ["user", "lead"]}
    up = api.search("contacts", everybody, sort={"field": "updated_at", "order": "ascending"})["data"]
    assert [row["updated_at"] for row in up] == sorted(row["updated_at"] for row in up)
    assert [row["id"] for row in api.search("contacts", everybody)["data"]] == [row["id"] for row in up][::-1]
    sort = {"field": "updated_at", "order": "asc"}
    assert api.refusal("POST", "/contacts/search", json={"query": everybody, "sort": sort}) == (400, "invalid_sort_order")


def test_a_merged_contact_is_gone_and_points_to_the_last_of_at_most_three(own: Api) -> None:
    chain = [own.space.write("create_contact", role="user", email=f"{n}@x.example")["id"] for n in range(5)]
    for loser, winner in itertools.pairwise(chain):
        own.space.write("merge_contacts", **{"from": loser, "into": winner})
    for position, target in ((3, 4), (2, 4), (1, 4), (0, 3)):
        answer = own.http.get(f"/contacts/{chain[position]}")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (410, "contact_merged")
        assert answer.headers["link"] == f'</contacts/{chain[target]}>; rel="canonical"'
    history = own.get(f"/contacts/{chain[4]}/merge_history")
    assert [(e["source_contact_id"], e["source_contact_role"]) for e in history["data"]] == [(chain[3], "user")]
    assert own.refusal("GET", f"/contacts/{chain[3]}/merge_history") == (404, "not_found")
    old = own.http.get(f"/contacts/{chain[0]}", headers={"Intercom-Version": "2.14"})
    assert old.status_code == 404


def test_the_api_merges_leads_into_users_only(own: Api) -> None:
    user, lead = own.space.first("contacts", role="user")["id"], own.space.first("contacts", role="lead")["id"]
    assert own.refusal("POST", "/contacts/merge", json={"from": user, "into": lead}) == (400, "invalid_merge")
    other = own.post("/contacts", {"role": "user", "email": "other@x.example"})["id"]
    assert own.refusal("POST", "/contacts/merge", json={"from": other, "into": user}) == (400, "invalid_merge")
    assert own.post("/contacts/merge", {"from": lead, "into": user})["id"] == user
    assert lead not in {row["id"] for row in own.get("/contacts")["data"]}
    shown = own.get(f"/contacts/{user}", include_merge_history="true")
    assert next(entry["source_contact_id"] for entry in shown["merge_history"]) == lead


def test_companies_are_seen_while_a_user_belongs_to_them(own: Api) -> None:
    contact = own.space.first("contacts", role="user")["id"]
    made = own.post("/companies", {"company_id": "42", "name": "Empty"})
    assert own.post("/companies", {"company_id": "42", "name": "Still empty"})["id"] == made["id"]

    def seen() -> bool:
        return made["id"] in {row["id"] for row in own.post("/companies/list", {"per_page": 100})["data"]}

    assert not seen()
    own.post(f"/contacts/{contact}/companies", {"id": made["id"]})
    assert seen()
    assert own.get(f"/companies/{made['id']}")["user_count"] == 1
    assert own.http.delete(f"/contacts/{contact}/companies/{made['id']}").status_code == 200
    assert not seen()


def test_pages_by_number_give_an_address_and_then_nothing(api: Api) -> None:
    first = api.post("/companies/list", {"per_page": 2})
    assert first["pages"]["next"] == f"{api.space.url}/companies/list?per_page=2&page=2"
    assert api.post("/companies/list", {"per_page": 2, "page": 2})["pages"]["next"] is None
    assert api.refusal("POST", "/companies/list", json={"page": 101, "per_page": 100}) == (400, "client_error")


def test_there_is_one_scroll_with_one_token_and_it_expires(own: Api) -> None:
    first = own.get("/companies/scroll")
    assert (first["pages"], first["total_count"]) == (None, None)
    assert own.refusal("GET", "/companies/scroll") == (400, "scroll_exists")
    end = own.get("/companies/scroll", scroll_param=first["scroll_param"])
    assert (end["data"], end["scroll_param"]) == ([], first["scroll_param"])
    assert own.refusal("GET", f"/companies/scroll?scroll_param={first['scroll_param']}") == (404, "not_found")
    again = own.get("/companies/scroll")["scroll_param"]
    own.space.advance(61)
    assert own.refusal("GET", f"/companies/scroll?scroll_param={again}") == (404, "not_found")


def test_the_rate_limit_counts_ten_seconds_and_says_when_they_end() -> None:
    clock = [1_000.0]
    allowance = Allowance(app_per_minute=30, monotonic=lambda: clock[0])
    for left in (4, 3, 2, 1, 0):
        headers = allowance.admit(START)
        assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("5", str(left))
    with pytest.raises(IntercomError) as refused:
        allowance.admit(START)
    assert (refused.value.status, refused.value.message) == (429, "Exceeded rate limit of 5 in 10_seconds")
    assert refused.value.headers["X-RateLimit-Reset"] == str(START + 10)
    assert "Retry-After" not in refused.value.headers
    clock[0] += 10
    assert allowance.admit(START)["X-RateLimit-Remaining"] == "4"
    assert allowance.report()["app"] == {"allowed": 5, "seconds": 10, "requests": 7, "peak": 6, "violations": 1}
    assert Allowance().report()["app"]["allowed"] == 1_666
    assert Allowance().report()["workspace"]["allowed"] == 4_166


def test_deleted_conversations_are_told_newest_first_and_gone(own: Api) -> None:
    ids = [row["id"] for row in own.get("/conversations")["conversations"]][:2]
    for id, query in zip(ids, ("", "?retain_metrics=false"), strict=True):
        assert own.http.delete(f"/conversations/{id}{query}").json() == {"id": id, "object": "conversation", "deleted": True}
        own.space.advance(60)
    listed = own.get("/conversations/deleted")
    assert [(e["id"], e["metrics_retained"]) for e in listed["conversations"]] == [(ids[1], False), (ids[0], True)]
    assert (listed["type"], listed["total_count"], listed["pages"]["next"]) == ("conversations.list", 2, None)
    assert own.refusal("GET", f"/conversations/{ids[0]}") == (404, "conversation_not_found")


def test_a_permission_that_is_withdrawn_is_named(own: Api) -> None:
    own.space.vendor.revoke("conversations")
    answer = own.http.get("/conversations")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "forbidden")
    assert "read_conversations" in answer.text
    assert own.http.get("/contacts").status_code == 200
    own.space.vendor.revoke("key")
    assert own.http.get("/contacts").status_code == 401


@pytest.mark.parametrize("path", ["/contacts/none", "/companies/none", "/tickets/1", "/conversations/1", "/nowhere"])
def test_what_does_not_exist_is_not_found(api: Api, path: str) -> None:
    status, code = api.refusal("GET", path)
    assert status == 404
    assert code.endswith("not_found")


def test_a_conversation_written_through_the_api_counts_itself(own: Api) -> None:
    contact, admin = own.space.first("contacts", role="user")["id"], own.space.first("admins")["id"]
    made = own.post("/conversations", {"from": {"type": "user", "id": contact}, "body": "Hello"})
    path = f"/conversations/{made['id']}"
    steps: list[tuple[str, dict[str, Any]]] = [
        ("/parts", {"message_type": "assignment", "type": "admin", "admin_id": admin, "assignee_id": admin}),
        ("/reply", {"message_type": "comment", "type": "admin", "admin_id": admin, "body": "Hi"}),
        ("/reply", {"message_type": "comment", "type": "user", "intercom_user_id": contact, "body": "Thanks"}),
        ("/parts", {"message_type": "close", "type": "admin", "admin_id": admin}),
        ("/parts", {"message_type": "open", "admin_id": admin}),
        ("/parts", {"message_type": "snoozed", "admin_id": admin, "snoozed_until": START + DAY}),
        ("/parts", {"message_type": "close", "type": "admin", "admin_id": admin}),
    ]
    updated = []
    for step, body in steps:
        own.space.advance(HOUR)
        updated.append(own.post(f"{path}{step}", body)["updated_at"])
    assert updated == [START + HOUR * n for n in range(1, 8)]
    own.space.write("rate_conversation", id=made["id"], rating=5, remark="Great")
    found = own.get(path)
    counted = found["statistics"]
    kinds = [part["part_type"] for part in found["conversation_parts"]["conversation_parts"]]
    assert kinds == ["assignment", "comment", "comment", "close", "open", "snoozed", "close"]
    assert (found["state"], found["open"], found["waiting_since"]) == ("closed", False, None)
    assert (counted["time_to_assignment"], counted["count_reopens"], counted["count_assignments"]) == (HOUR, 1, 1)
    assert (counted["first_close_at"], counted["last_close_at"]) == (START + 4 * HOUR, START + 7 * HOUR)
    assert (counted["count_conversation_parts"], counted["last_closed_by_id"]) == (7, admin)
    assert (found["conversation_rating"]["rating"], found["conversation_rating"]["remark"]) == (5, "Great")
    events = own.get(f"{path}/handling_events")["handling_events"]
    assert [(e["type"], e["timestamp"]) for e in events] == [
        ("paused", "2026-09-21T20:13:20Z"),
        ("resumed", "2026-09-21T21:13:20Z"),
    ]


def test_a_ticket_moves_through_its_states(own: Api) -> None:
    contact, admin = own.space.first("contacts")["id"], own.space.first("admins")["id"]
    kind = own.get("/ticket_types")["data"][0]["id"]
    made = own.post(
        "/tickets", {"ticket_type_id": kind, "contacts": [{"id": contact}], "ticket_attributes": {"_default_title_": "T"}}
    )
    states = {state["category"]: state["id"] for state in own.get("/ticket_states")["data"]}
    assert (made["ticket_state"]["category"], made["admin_assignee_id"]) == ("submitted", 0)
    moved = own.http.put(f"/tickets/{made['id']}", json={"ticket_state_id": states["resolved"], "admin_id": admin}).json()
    assert (moved["ticket_state"]["category"], moved["open"], moved["previous_ticket_state_id"]) == (
        "resolved",
        False,
        states["submitted"],
    )
    assert moved["ticket_parts"]["ticket_parts"][-1]["previous_ticket_state"] == "submitted"
    assert own.refusal("PUT", f"/tickets/{made['id']}", json={"ticket_state_id": "1"}) == (400, "ticket_state_id_invalid")
    found = own.search("tickets", {"field": "created_at", "operator": ">", "value": START - 1})["tickets"]
    assert [ticket["id"] for ticket in found] == [made["id"]]
