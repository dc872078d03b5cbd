"""The server speaks Zendesk's protocol: credentials, pages of every family, errors, limits and headers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from simulated import DAY
from zendesk_account import START, ZendeskAccount, zendesk_account

HOST = "https://northwind.zendesk.com"


@pytest.fixture
def desk() -> Iterator[ZendeskAccount]:
    with zendesk_account() as found:
        yield found


@pytest.fixture
def http(desk: ZendeskAccount) -> Iterator[httpx.Client]:
    credentials = desk.vendor.credentials
    with httpx.Client(base_url=desk.url, auth=(f"{credentials.email}/token", credentials.api_token)) as client:
        yield client


def get(http: httpx.Client, path: str, **params: Any) -> dict[str, Any]:
    answer = http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_basic_and_bearer_credentials_open_and_others_do_not(desk: ZendeskAccount) -> None:
    known = desk.vendor.credentials
    basic = base64.b64encode(f"{known.email}/token:{known.api_token}".encode()).decode()
    password = base64.b64encode(f"{known.email}:{known.api_token}".encode()).decode()
    given = {
        f"Basic {basic}": 200,
        f"Bearer {known.oauth_token}": 200,
        f"Basic {password}": 401,
        "Bearer x": 401,
        "Basic %%": 401,
    }
    for header, status in given.items():
        answer = httpx.get(desk.url + "/api/v2/users/me.json", headers={"Authorization": header})
        assert answer.status_code == status, header
    assert httpx.get(desk.url + "/api/v2/users/me.json").json() == {"error": "Couldn't authenticate you"}


def test_paths_work_with_and_without_json_and_without_redirects(http: httpx.Client) -> None:
    assert http.get("/api/v2/groups").json() == http.get("/api/v2/groups.json").json()
    assert http.get("/api/v2/incremental/tickets/cursor", params={"start_time": 1}).status_code == 200


def test_cursor_pages_of_a_list_end_with_has_more_false(http: httpx.Client) -> None:
    seen: list[int] = []
    params: dict[str, Any] = {"page[size]": 5}
    while True:
        page = get(http, "/api/v2/tickets.json", **params)
        seen += [row["id"] for row in page["tickets"]]
        assert page["links"]["next"] is None or page["links"]["next"].startswith(HOST + "/api/v2/tickets.json?")
        if not page["meta"]["has_more"]:
            break
        params["page[after]"] = page["meta"]["after_cursor"]
    assert seen == sorted(seen)
    assert len(seen) == 12


def test_offset_pages_count_and_end_at_ten_thousand_rows(http: httpx.Client) -> None:
    page = get(http, "/api/v2/tickets.json", page=2, per_page=5)
    assert (page["count"], len(page["tickets"])) == (12, 5)
    assert page["next_page"].startswith(HOST)
    assert get(http, "/api/v2/tickets.json", page=3, per_page=5)["next_page"] is None
    assert http.get("/api/v2/tickets.json", params={"page": 101}).status_code == 400


def test_the_cursor_export_orders_by_generated_timestamp_and_the_last_page_has_a_cursor(http: httpx.Client) -> None:
    path, rows, params = "/api/v2/incremental/tickets/cursor.json", [], {"start_time": 1, "per_page": 5}
    while True:
        page = get(http, path, **params)
        rows += page["tickets"]
        assert page["after_url"].startswith(HOST + path)
        assert (page["before_url"], page["before_cursor"]) == (None, None)
        assert re.fullmatch(r"\d+\.0\|\|\d+\|", base64.b64decode(page["after_cursor"]).decode())
        if page["end_of_stream"]:
            break
        params = {"cursor": page["after_cursor"], "per_page": 5}
    stamps = [(row["generated_timestamp"], row["id"]) for row in rows]
    assert stamps == sorted(stamps)
    assert len(rows) == 12
    again = get(http, path, cursor=page["after_cursor"])
    assert (again["tickets"], again["end_of_stream"], again["after_cursor"]) == ([], True, page["after_cursor"])


def test_the_time_export_begins_again_in_the_second_in_which_it_ended(http: httpx.Client) -> None:
    first = get(http, "/api/v2/incremental/ticket_events.json", start_time=1, per_page=10)
    assert first["count"] == 10
    assert first["end_of_stream"] is False
    assert first["next_page"].startswith(HOST)
    assert first["end_time"] == first["ticket_events"][-1]["timestamp"]
    second = get(http, "/api/v2/incremental/ticket_events.json", start_time=first["end_time"], per_page=10)
    assert first["ticket_events"][-1] in second["ticket_events"]


def test_comments_are_whole_only_if_they_are_asked_for(http: httpx.Client) -> None:
    path = "/api/v2/incremental/ticket_events.json"
    plain = [c for e in get(http, path, start_time=1)["ticket_events"] for c in e["child_events"] if c["event_type"] == "Comment"]
    asked = get(http, path, start_time=1, include="comment_events")["ticket_events"]
    whole = [c for e in asked for c in e["child_events"] if c["event_type"] == "Comment"]
    assert plain
    assert all("body" not in c and c["comment_present"] for c in plain)
    assert len(plain) == len(whole)
    assert all(c["body"] for c in whole)


def test_exports_leave_out_the_last_minute_and_refuse_to_begin_in_it(desk: ZendeskAccount, http: httpx.Client) -> None:
    path = "/api/v2/incremental/tickets/cursor.json"
    id = desk.write("create_ticket", settle=59, ticket={"subject": "now", "comment": {"body": "now"}})["id"]
    assert id not in [row["id"] for row in get(http, path, start_time=START - DAY)["tickets"]]
    desk.advance(1)
    assert id in [row["id"] for row in get(http, path, start_time=START - DAY)["tickets"]]
    refused = http.get(path, params={"start_time": desk.now - 59})
    assert (refused.status_code, refused.json()["error"]) == (400, "StartTimeTooRecent")


@pytest.mark.parametrize(
    ("path", "params", "status", "error"),
    [
        ("/api/v2/tickets/99999.json", {}, 404, "RecordNotFound"),
        ("/api/v2/nothing.json", {}, 404, "InvalidEndpoint"),
        ("/api/v2/incremental/tickets/cursor.json", {"cursor": "!!"}, 400, "InvalidCursor"),
        ("/api/v2/incremental/tickets/cursor.json", {}, 400, "MissingParameter"),
        ("/api/v2/incremental/users/cursor.json", {"start_time": 1, "per_page": 1001}, 400, "TooManyValues"),
        ("/api/v2/tickets/show_many.json", {"ids": ",".join(map(str, range(101)))}, 400, "TooManyValues"),
        ("/api/v2/groups.json", {"page[size]": 101}, 400, "InvalidPaginationParameter"),
        ("/api/v2/groups.json", {"page[after]": "x"}, 400, "InvalidPaginationParameter"),
    ],
)
def test_errors_have_zendesks_form(http: httpx.Client, path: str, params: dict[str, Any], status: int, error: str) -> None:
    answer = http.get(path, params=params)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["content-type"].startswith("application/json")


def test_a_record_that_cannot_be_valid_is_refused_with_details(http: httpx.Client) -> None:
    answer = http.post("/api/v2/users.json", json={"user": {"name": ""}})
    assert (answer.status_code, answer.json()["error"]) == (422, "RecordInvalid")
    assert answer.json()["details"]["name"][0]["error"] == "BlankValue"


def test_every_answer_carries_the_sandboxes_date_rate_headers_and_a_request_id(desk: ZendeskAccount, http: httpx.Client) -> None:
    desk.advance(5 * DAY)
    answer = http.get("/api/v2/tickets.json")
    assert answer.headers["date"] == "Sat, 26 Sep 2026 14:13:20 GMT"
    assert {"x-rate-limit", "x-rate-limit-remaining", "ratelimit-limit", "ratelimit-reset", "x-request-id"} <= set(answer.headers)
    assert answer.headers["zendesk-ratelimit-tickets-index"].startswith("total=100")
    assert "x-rate-limit" in http.get("/api/v2/tickets/99999.json").headers


def test_limits_hold_per_minute_for_the_account_and_for_exports() -> None:
    with zendesk_account(tickets=1, limits="live") as desk:
        credentials = desk.vendor.credentials
        with httpx.Client(base_url=desk.url, auth=(f"{credentials.email}/token", credentials.api_token)) as http:
            path = "/api/v2/incremental/organizations.json"
            statuses = [http.get(path, params={"start_time": 1}).status_code for _ in range(11)]
            assert statuses == [200] * 10 + [429]
            refused = http.get(path, params={"start_time": 1})
            assert refused.text == "Number of allowed API requests per minute exceeded"
            assert refused.headers["content-type"].startswith("text/plain")
            assert refused.headers["x-rate-limit-remaining"] == "0"
            assert 0 < int(refused.headers["retry-after"]) <= 60
            assert http.get("/api/v2/groups.json").status_code == 200
            counted = desk.vendor.limits()
            assert counted["exports"] == {"allowed": 10, "seconds": 60.0, "requests": 12, "peak": 12, "violations": 2}
            assert counted["account"]["allowed"] == 400
            desk.vendor.reset_limits()
            assert http.get(path, params={"start_time": 1}).status_code == 200


def test_a_revoked_key_is_refused_and_a_withdrawn_stream_forbidden(desk: ZendeskAccount, http: httpx.Client) -> None:
    desk.on_server(lambda: desk.vendor.revoke("users"))
    assert http.get("/api/v2/users.json").status_code == 403
    assert http.get("/api/v2/groups.json").status_code == 200
    desk.on_server(lambda: desk.vendor.revoke("key"))
    assert http.get("/api/v2/groups.json").status_code == 401


def test_a_record_that_is_hidden_shows_in_no_list_and_no_export(desk: ZendeskAccount, http: httpx.Client) -> None:
    id = desk.vendor.id_of("ticket", "t1")
    with desk.fault({"hide": str(id), "until": desk.now + 600}, times=None):
        for path in ("/api/v2/tickets.json", "/api/v2/incremental/tickets/cursor.json"):
            assert id not in [row["id"] for row in get(http, path, start_time=1)["tickets"]]
        desk.advance(600)
        assert id in [row["id"] for row in get(http, "/api/v2/tickets.json")["tickets"]]


def test_archived_tickets_leave_lists_and_stay_in_the_export_and_at_their_address(
    desk: ZendeskAccount, http: httpx.Client
) -> None:
    id = desk.vendor.id_of("ticket", "t0")
    desk.write("archive_ticket", id=id)
    for path, name, key in (
        ("/api/v2/tickets.json", "tickets", "id"),
        ("/api/v2/ticket_metrics.json", "ticket_metrics", "ticket_id"),
        ("/api/v2/tickets/show_many.json", "tickets", "id"),
    ):
        assert id not in [row[key] for row in get(http, path, ids=str(id))[name]], path
    exported = get(http, "/api/v2/incremental/tickets/cursor.json", start_time=1, include="metric_sets")
    assert id in [row["id"] for row in exported["tickets"]]
    assert id in [row["ticket_id"] for row in exported["metric_sets"]]
    assert get(http, f"/api/v2/tickets/{id}.json", include="metric_sets")["metric_sets"][0]["ticket_id"] == id
    whole = get(http, f"/api/v2/tickets/{id}/audits.json", **{"page[size]": 1})
    assert len(whole["audits"]) > 1, "audits of an archived ticket do not page"
    assert "meta" not in whole


def test_everything_that_can_be_listed_can_be_had_alone(desk: ZendeskAccount, http: httpx.Client) -> None:
    for path in (
        "groups",
        "group_memberships",
        "slas/policies",
        "ticket_fields",
        "ticket_forms",
        "custom_statuses",
        "brands",
        "users",
    ):
        (rows,) = [value for value in get(http, f"/api/v2/{path}.json").values() if isinstance(value, list)]
        for row in rows:
            assert row["url"].startswith(f"{HOST}/api/v2/{path}/{row['id']}")
            (alone,) = get(http, row["url"].removeprefix(HOST)).values()
            assert alone == row


def test_writes_over_http_walk_a_ticket_through_its_life(desk: ZendeskAccount, http: httpx.Client) -> None:
    user = http.post("/api/v2/users.json", json={"user": {"name": "Una", "email": "una@mail.example"}}).json()["user"]
    given = {"subject": "Broken", "comment": {"body": "It broke"}, "requester_id": user["id"], "priority": "high"}
    made = http.post("/api/v2/tickets.json", json={"ticket": given})
    ticket = made.json()["ticket"]
    assert (made.status_code, ticket["status"], ticket["priority"]) == (201, "new", "high")
    path, owner = f"/api/v2/tickets/{ticket['id']}.json", desk.vendor.account.owner
    for status in ("open", "pending", "open", "solved", "open", "solved", "closed"):
        desk.advance(3600)
        changed = http.put(path, json={"ticket": {"status": status, "assignee_id": owner, "comment": {"body": status}}})
        assert changed.json()["ticket"]["status"] == status
    assert http.put(path, json={"ticket": {"status": "open"}}).status_code == 422
    metric = get(http, f"/api/v2/tickets/{ticket['id']}/metrics.json")["ticket_metric"]
    assert (metric["reopens"], metric["replies"]) == (1, 7)
    assert metric["reply_time_in_minutes"]["calendar"] == 60
    assert metric["first_resolution_time_in_minutes"]["calendar"] == 240
    assert metric["full_resolution_time_in_minutes"]["calendar"] == 360
    assert metric["agent_wait_time_in_minutes"]["calendar"] == 60
    rated = http.post(f"/api/v2/tickets/{ticket['id']}/satisfaction_rating.json", json={"satisfaction_rating": {"score": "good"}})
    assert rated.json()["satisfaction_rating"]["score"] == "good"
    assert http.delete(path).status_code == 204
    assert http.get(path).status_code == 404
    assert [t["id"] for t in get(http, "/api/v2/deleted_tickets.json")["deleted_tickets"]] == [ticket["id"]]
    assert http.put(f"/api/v2/deleted_tickets/{ticket['id']}/restore.json").status_code == 204
    assert http.get(path).status_code == 200


def test_merging_users_deactivates_one_and_moves_only_generated_timestamps(desk: ZendeskAccount, http: httpx.Client) -> None:
    loser, winner = desk.vendor.id_of("person", "p1"), desk.vendor.id_of("person", "p2")
    before = {t["id"]: t for t in get(http, "/api/v2/tickets.json")["tickets"] if t["requester_id"] == loser}
    assert http.put(f"/api/v2/users/{loser}/merge.json", json={"user": {"id": winner}}).json()["user"]["id"] == winner
    after = {t["id"]: t for t in get(http, "/api/v2/tickets.json")["tickets"] if t["id"] in before}
    assert before
    for id, ticket in after.items():
        assert ticket["requester_id"] == winner
        assert ticket["updated_at"] == before[id]["updated_at"]
        assert ticket["generated_timestamp"] == desk.now
    assert get(http, f"/api/v2/users/{loser}.json")["user"]["active"] is False
    assert loser not in [u["id"] for u in get(http, "/api/v2/users.json")["users"]]
    assert loser in [u["id"] for u in get(http, "/api/v2/deleted_users.json")["deleted_users"]]


def test_memberships_groups_and_policies_can_be_written(desk: ZendeskAccount, http: httpx.Client) -> None:
    group = http.post("/api/v2/groups.json", json={"group": {"name": "Escalations"}}).json()["group"]
    joined = {"group_membership": {"user_id": desk.vendor.account.owner, "group_id": group["id"]}}
    membership = http.post("/api/v2/group_memberships.json", json=joined).json()["group_membership"]
    assert http.delete(f"/api/v2/group_memberships/{membership['id']}.json").status_code == 204
    assert http.delete(f"/api/v2/group_memberships/{membership['id']}.json").status_code == 404
    assert http.delete(f"/api/v2/groups/{group['id']}.json").status_code == 204
    assert group["id"] not in [g["id"] for g in get(http, "/api/v2/groups.json")["groups"]]
    shown = get(http, "/api/v2/groups.json", exclude_deleted="false")["groups"]
    assert [g["deleted"] for g in shown if g["id"] == group["id"]] == [True]
    policy = http.post("/api/v2/slas/policies.json", json={"sla_policy": {"title": "Gold", "filter": {"all": []}}}).json()[
        "sla_policy"
    ]
    assert http.delete(f"/api/v2/slas/policies/{policy['id']}.json").status_code == 204


def test_counts_can_be_frozen_as_a_cache_does(desk: ZendeskAccount, http: httpx.Client) -> None:
    assert get(http, "/api/v2/tickets/count.json")["count"]["value"] == 12
    desk.write("freeze_count", stream="tickets", value=12)
    desk.write("delete_ticket", id=1)
    assert get(http, "/api/v2/tickets/count.json")["count"]["value"] == 12


def test_the_connection_says_how_to_get_in(desk: ZendeskAccount) -> None:
    given = desk.vendor.connection("http://127.0.0.1:1")
    assert given.keys() == {"base_url", "email", "api_token", "plan", "requests_per_minute", "export_requests_per_minute"}
    assert all(isinstance(value, str) for value in given.values())


def test_answers_are_json_whatever_is_asked(http: httpx.Client) -> None:
    for path in ("tags", "business_hours/schedules", "deleted_tickets", "deleted_users", "ticket_metrics", "users/me"):
        assert json.loads(http.get(f"/api/v2/{path}").content)
