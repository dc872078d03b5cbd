"""The control API: clock, faults, journal, truth, keys, fixtures."""

from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest
import stripe

from sandbox.control import seconds_of
from sandbox.simulation import ControlError


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), ("2h", 7200), ("7d", 604_800), ("1w", 604_800)])
def test_durations_have_a_unit(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "1.5d", "7 days", "1y"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ControlError, match="such as 7d"):
        seconds_of(text)


def test_advancing_moves_the_date_of_every_answer(
    control: httpx.Client, http: httpx.Client, servers: SimpleNamespace, build: SimpleNamespace
) -> None:
    moved = control.post("/advance", json={"by": "7d"}).json()
    assert moved == {"now": build.start + 7 * build.day, "iso": "2026-01-08T00:00:00+00:00"}
    assert control.get("/clock").json() == moved
    assert http.get("/v1/account").headers["date"] == "Thu, 08 Jan 2026 00:00:00 GMT"
    servers.account.clock.offset -= 7 * build.day


def test_a_bad_request_says_what_is_wrong(control: httpx.Client) -> None:
    refused = control.post("/advance", json={"by": "soon"})
    assert refused.status_code == 400
    assert "such as 7d" in refused.json()["error"]
    assert control.post("/advance", content=b"{").status_code == 400
    assert control.get("/nothing").status_code == 404


def test_faults_are_set_listed_and_taken_back(control: httpx.Client, http: httpx.Client) -> None:
    rule = {"match": {"path": "/v1/products"}, "do": {"status": 503}, "times": 2}
    set_ids = control.post("/faults", json={"faults": [rule, rule]}).json()["faults"]
    assert http.get("/v1/products").status_code == 503
    assert [fault["id"] for fault in control.get("/faults").json()["faults"]] == set_ids
    assert [fault["struck"] for fault in control.get("/faults").json()["faults"]] == [1, 1]
    assert control.delete("/faults").json() == {"faults": []}
    assert http.get("/v1/products").status_code == 200
    assert "unknown preset" in control.post("/faults", json={"do": {"preset": "x"}}).json()["error"]


def test_the_journal_tells_every_request(control: httpx.Client, http: httpx.Client, build: SimpleNamespace) -> None:
    before = control.get("/requests").json()["requests"]
    since = before[-1]["number"] if before else 0
    http.get("/v1/customers?limit=3")
    http.get("/v1/customers/cus_nobody")
    first, second = control.get("/requests", params={"since": since}).json()["requests"]
    assert (first["method"], first["path"], first["query"], first["status"]) == ("GET", "/v1/customers", "limit=3", 200)
    assert (first["sandbox_time"], first["key"]) == (build.start, build.secret[-4:])
    assert control.get("/requests", params={"since": since, "status": 404}).json()["requests"] == [second]
    assert control.get("/requests", params={"since": since, "path": "/v1/customers/*"}).json()["requests"] == [second]
    assert control.get("/requests", params={"since": since, "vendor": "slack"}).json()["requests"] == []


def test_the_journal_knows_requests_that_got_no_answer(control: httpx.Client, http: httpx.Client) -> None:
    control.post("/faults", json={"do": {"reset": 0}})
    with pytest.raises(httpx.TransportError):
        http.get("/v1/customers")
    assert control.get("/requests").json()["requests"][-1]["status"] == 0


def test_the_truth_is_told_by_name(control: httpx.Client) -> None:
    assert control.get("/truth/board?month=2026-01").json() == {"month": "2026-01", "mrr": "12.000000"}
    assert control.get("/_sandbox/truth/board").status_code == 200
    assert "known are board" in control.get("/truth/bored").json()["error"]
    assert control.get("/truth/__init__").status_code == 400
    assert control.get("/truth/board?year=2026").status_code == 400


def test_keys_are_shown_masked(control: httpx.Client, build: SimpleNamespace) -> None:
    text = control.get("/keys").text
    assert build.secret not in text
    assert build.secret[-4:] in text


def test_objects_are_put_read_and_removed(control: httpx.Client, client: stripe.StripeClient, build: SimpleNamespace) -> None:
    body = build.made("CUSTOMER", id="cus_fixture", created=build.start, email="fix@example.com")
    control.post("/objects", json={"kind": "customer", "body": body, "event": "customer.created"})
    assert client.v1.customers.retrieve("cus_fixture").email == "fix@example.com"
    assert client.v1.events.list({"type": "customer.created"}).data[0].data.object["id"] == "cus_fixture"
    assert control.get("/objects/customer/cus_fixture").json() == body
    control.delete("/objects/customer/cus_fixture", params={"event": "customer.deleted"})
    assert client.v1.customers.retrieve("cus_fixture").deleted
    assert "unknown kind" in control.post("/objects", json={"kind": "colour", "body": {"id": "x"}}).json()["error"]


def test_health_counts_the_objects(control: httpx.Client) -> None:
    health = control.get("/health").json()
    assert health["ok"]
    assert health["objects"]["invoice"] == 2
