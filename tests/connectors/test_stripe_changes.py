"""Later runs: what changed is found through events and fetched again, what is gone is buried, what is unchanged costs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from simulated import (
    DAY,
    HOUR,
    SETTLED,
    STREAMS,
    Simulated,
    current_objects,
    differences,
    landed_lines,
    landed_objects,
    simulated,
    tombstones,
    versions,
)

from cynosure.warehouse import open_warehouse


def landed(folder: Path) -> dict[str, dict[str, Any]]:
    return {stream: landed_objects(folder, stream) for stream in STREAMS}


def run_ok(company: Simulated, folder: Path, streams: list[str] | None = None) -> dict[str, int]:
    """A run without failures; the rows it landed by stream."""
    results = company.extract(folder, streams)
    assert {name: r.error for name, r in results.items() if r.outcome != "ok"} == {}
    return {name: r.rows for name, r in results.items() if r.rows}


def test_after_runs_between_advances_the_warehouse_equals_the_source(tmp_path: Path) -> None:
    with simulated(tmp_path / "sandbox", customers=30, months=6, seed=3) as company:
        warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
        for step in (0, HOUR, DAY, 6 * DAY, 17 * DAY, 2 * DAY):
            company.advance(step)
            company.settle()
            run_ok(company, tmp_path / "landing")
        company.load(warehouse, tmp_path / "landing")
        truth = company.truth()
        with warehouse.writing() as session:
            found = {stream: current_objects(session, stream) for stream in STREAMS}
            assert differences(found, company.listed(tmp_path / "clean")) == {}
            truth.pop("events", None)  # the API forgets old ones, the warehouse keeps them
            for stream, true in truth.items():
                assert sorted(found[stream]) == true["ids"], stream
                assert not tombstones(session, stream).keys() - set(true["deleted"]), stream


def test_a_run_with_nothing_new_costs_a_handful_of_requests_and_writes_no_version(company: Simulated, tmp_path: Path) -> None:
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    run_ok(company, tmp_path / "landing")
    company.load(warehouse, tmp_path / "landing")
    with warehouse.writing() as session:
        before = {stream: versions(session, stream) for stream in STREAMS}
    company.forget_requests()
    run_ok(company, tmp_path / "landing")
    assert len(company.requests()) <= 6
    company.load(warehouse, tmp_path / "landing")
    with warehouse.writing() as session:
        assert {stream: versions(session, stream) for stream in STREAMS} == before


def test_only_what_changed_is_fetched_again(company: Simulated, tmp_path: Path) -> None:
    run_ok(company, tmp_path)
    company.advance(HOUR)
    customer = company.all("customer")[0]["id"]
    company.write("update_customer", id=customer, params={"name": "Renamed"})
    company.forget_requests()
    run_ok(company, tmp_path, ["customers", "subscriptions", "products", "coupons"])
    fetched = [r["path"] for r in company.requests() if r["path"] != "/v1/events"]
    changed = {e["data"]["object"]["id"] for e in company.all("event") if e["created"] > company.now - 2 * HOUR}
    assert f"/v1/customers/{customer}" in fetched
    assert {path.rsplit("/", 1)[-1] for path in fetched} <= changed
    assert len(fetched) == len(set(fetched))


def test_f01_an_update_long_after_creation_arrives_through_its_event(company: Simulated, tmp_path: Path) -> None:
    run_ok(company, tmp_path)
    active = next(s for s in company.all("subscription") if s["status"] == "active")
    company.advance(HOUR)
    company.write("cancel_subscription", id=active["id"], params={})
    run_ok(company, tmp_path)
    newest = landed_objects(tmp_path, "subscriptions")[active["id"]]
    assert (newest["status"], newest["created"]) == ("canceled", active["created"])


DELETIONS = {
    "customers": ("create_customer", {"name": "Short-lived"}, "delete_customer"),
    "products": ("create_product", {"name": "Short-lived"}, "delete_product"),
    "coupons": ("create_coupon", {"percent_off": "10", "duration": "once"}, "delete_coupon"),
    "invoice_items": ("create_invoice_item", {"amount": "500", "currency": "usd"}, "delete_invoice_item"),
    "invoices": ("create_invoice", {"auto_advance": "false"}, "delete_invoice"),
}


@pytest.mark.parametrize("stream", DELETIONS)
def test_a_deleted_object_becomes_a_tombstone_with_its_last_body(company: Simulated, tmp_path: Path, stream: str) -> None:
    create, params, delete = DELETIONS[stream]
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    if stream.startswith("invoice"):
        params = {**params, "customer": company.all("customer")[0]["id"]}
    made = company.write(create, params=params)
    run_ok(company, tmp_path / "landing", [stream])
    company.advance(HOUR)
    gone = company.write(delete, id=made["id"], params={})
    assert gone["deleted"]
    run_ok(company, tmp_path / "landing", [stream])
    company.load(warehouse, tmp_path / "landing", [stream])
    with warehouse.writing() as session:
        assert made["id"] in tombstones(session, stream)
        table = f"raw.stripe__{stream}"
        rows = session.rows(
            f"select payload, is_deleted, source_updated_at from {table} where id = $1 order by batch_id", made["id"]
        )
    assert [row[1] for row in rows] == [False, True]
    assert rows[0][0] == rows[1][0]
    assert rows[1][2].timestamp() == company.now - SETTLED


def test_created_and_deleted_between_two_runs_leaves_only_a_tombstone(company: Simulated, tmp_path: Path) -> None:
    run_ok(company, tmp_path, ["customers"])
    made = company.write("create_customer", params={"name": "Short-lived"})
    company.write("delete_customer", id=made["id"], params={})
    run_ok(company, tmp_path, ["customers"])
    assert [line.get("deleted") for line in landed_lines(tmp_path, "customers") if line["id"] == made["id"]] == [True]


def test_f02_state_older_than_the_events_lists_everything_again_says_so_and_buries_the_vanished(
    company: Simulated, tmp_path: Path
) -> None:
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    doomed = company.write("create_customer", params={"name": "Goes unseen"})["id"]
    run_ok(company, tmp_path / "landing")
    company.load(warehouse, tmp_path / "landing")
    company.write("delete_customer", id=doomed, params={})
    company.advance(35 * DAY)
    company.settle()
    results = company.extract(tmp_path / "landing")
    assert "customers: last read 35 days ago, events are kept 30 days: listing everything again" in results["customers"].notices
    assert all(r.notices for name, r in results.items() if name != "balance_transactions")
    company.load(warehouse, tmp_path / "landing")
    with warehouse.writing() as session:
        found = {stream: current_objects(session, stream) for stream in STREAMS}
        assert doomed in tombstones(session, "customers")
    assert differences(found, company.listed(tmp_path / "clean")) == {}


def test_a_new_listing_that_is_interrupted_buries_nothing(company: Simulated, tmp_path: Path) -> None:
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    run_ok(company, tmp_path / "landing", ["customers"])
    company.advance(35 * DAY)
    with company.fault({"preset": "unavailable"}, times=None, path="/v1/customers", nth=2):
        assert company.extract(tmp_path / "landing", ["customers"])["customers"].outcome == "deferred"
    company.load(warehouse, tmp_path / "landing", ["customers"])
    with warehouse.writing() as session:
        assert tombstones(session, "customers") == {}
    run_ok(company, tmp_path / "landing", ["customers"])
    company.load(warehouse, tmp_path / "landing", ["customers"])
    with warehouse.writing() as session:
        found = {"customers": current_objects(session, "customers")}
    assert differences(found, company.listed(tmp_path / "clean", ["customers"])) == {}


def test_f03_events_in_an_older_version_change_nothing_about_the_rows(company: Simulated, tmp_path: Path) -> None:
    run_ok(company, tmp_path)
    company.advance(9 * DAY)
    company.settle()
    with company.fault({"json": {"older_version": "2024-06-20"}}, times=None, path="/v1/events"):
        run_ok(company, tmp_path)
    clean = company.listed(tmp_path / "clean", [s for s in STREAMS if s != "events"])
    assert differences(landed(tmp_path), clean) == {}


def test_f04_an_object_that_is_gone_when_fetched_again_is_buried_at_the_time_of_its_event(
    company: Simulated, tmp_path: Path
) -> None:
    run_ok(company, tmp_path)
    company.advance(HOUR)
    customer = company.all("customer")[0]["id"]
    company.write("update_customer", id=customer, params={"name": "Renamed"})
    with company.fault({"preset": "missing"}, path=f"/v1/customers/{customer}"):
        run_ok(company, tmp_path)
    line = [line for line in landed_lines(tmp_path, "customers") if line["id"] == customer][-1]
    assert (line["deleted"], line["changed"]) == (True, company.now - SETTLED)


def test_an_invoice_item_that_joins_an_invoice_is_fetched_again_although_no_event_tells(
    company: Simulated, tmp_path: Path
) -> None:
    customer = company.all("customer")[0]["id"]
    params = {"customer": customer, "amount": "500", "currency": "usd"}
    item = company.write("create_invoice_item", settle=HOUR, params=params)
    run_ok(company, tmp_path)
    company.advance(HOUR)
    joins = {"customer": customer, "pending_invoice_items_behavior": "include", "auto_advance": "false"}
    invoice = company.write("create_invoice", params=joins)
    run_ok(company, tmp_path)
    assert landed_objects(tmp_path, "invoice_items")[item["id"]]["invoice"] == invoice["id"]


def test_more_items_than_an_event_shows_join_an_invoice(company: Simulated, tmp_path: Path) -> None:
    customer = company.all("customer")[0]["id"]
    params = {"customer": customer, "amount": "500", "currency": "usd"}
    items = [company.write("create_invoice_item", settle=0, params=params)["id"] for _ in range(25)]
    company.advance(HOUR)
    run_ok(company, tmp_path)
    company.advance(HOUR)
    joins = {"customer": customer, "pending_invoice_items_behavior": "include", "auto_advance": "false"}
    invoice = company.write("create_invoice", params=joins)["id"]
    run_ok(company, tmp_path)
    found = landed_objects(tmp_path, "invoice_items")
    assert {found[item]["invoice"] for item in items} == {invoice}
    assert differences({"invoice_items": found}, company.listed(tmp_path / "clean", ["invoice_items"])) == {}


def test_many_new_objects_are_listed_rather_than_fetched_one_by_one(company: Simulated, tmp_path: Path) -> None:
    run_ok(company, tmp_path, ["customers"])
    for number in range(30):
        company.write("create_customer", settle=0, params={"name": f"New {number}"})
    company.advance(SETTLED)
    company.forget_requests()
    run_ok(company, tmp_path, ["customers"])
    assert len(company.requests()) <= 8
    assert differences({"customers": landed_objects(tmp_path, "customers")}, company.listed(tmp_path / "c", ["customers"])) == {}


def test_what_happens_in_the_newest_minute_is_left_for_the_next_run_and_not_lost(company: Simulated, tmp_path: Path) -> None:
    run_ok(company, tmp_path, ["customers"])
    customer = company.all("customer")[0]["id"]
    company.write("update_customer", settle=0, id=customer, params={"name": "Just now"})
    run_ok(company, tmp_path, ["customers"])
    company.advance(SETTLED)
    run_ok(company, tmp_path, ["customers"])
    assert landed_objects(tmp_path, "customers")[customer]["name"] == "Just now"
