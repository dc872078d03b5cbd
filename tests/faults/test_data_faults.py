"""Answers that are well-formed and yet a trap: late, tied, repeated, renamed and cut-off data."""

from __future__ import annotations

from typing import Any

import pytest
from simulated import HOUR, MINUTE, SETTLED, landed_lines, landed_objects

from connectors.stripe import listing, transport

RUN_OK = {"ok"}


@pytest.fixture(autouse=True)
def _whole_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PAGE_SIZE", 100)


def both(bench: Any, naive: bool, *streams: str) -> None:
    """A run that must end well, of the real or of the naive connector."""
    results = bench.naive_run() if naive else bench.run(streams or ("customers", "subscriptions", "invoices"))
    assert {r.outcome for r in results.values()} == RUN_OK, [r.error for r in results.values()]


def started(bench: Any, naive: bool) -> None:
    """The state after a first run, far enough back that no overlap hides a loss."""
    both(bench, naive, "customers", "subscriptions", "invoices", "events")
    bench.company.advance(HOUR)


@pytest.mark.parametrize("naive", [False, True])
def test_f01_an_update_of_an_old_object(bench: Any, naive: bool) -> None:
    started(bench, naive)
    customer = bench.company.all("customer")[-1]
    changed = {**bench.company.world.store.get("customer", customer["id"]), "name": "Renamed"}
    # many events may be frozen before the last change: only a re-fetch shows the present
    bench.company.put("customer", changed, event="customer.updated")
    bench.company.put("customer", {**changed, "name": "Renamed again"})
    bench.company.advance(SETTLED)
    both(bench, naive)
    assert bool(bench.wrong(("customers",))) == naive


@pytest.mark.parametrize("naive", [False, True])
def test_a_row_inserted_between_two_pages_is_there_after_the_next_run(
    bench: Any, naive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PAGE_SIZE", 3)
    monkeypatch.setattr(listing, "READERS", 1)
    # created a little before the listing begins, as objects of long transactions are: below the bookmark of a naive walk
    oldest = bench.company.all("customer")[-1]
    born = {**oldest, "id": f"cus_between{naive:d}", "created": bench.company.all("customer")[0]["created"] - 1}
    put = {"kind": "customer", "body": born, "event": "customer.created"}
    with bench.company.fault({"put": put}, path="/v1/customers", nth=2):
        both(bench, naive)
    bench.company.advance(HOUR)
    with_naive_eyes = bench.wrong(("customers",))
    both(bench, naive)
    assert with_naive_eyes
    assert bool(bench.wrong(("customers",))) == naive


@pytest.mark.parametrize("naive", [False, True])
def test_f07_a_late_row_older_than_the_bookmark(bench: Any, naive: bool) -> None:
    started(bench, naive)
    model = bench.company.all("customer")[0]
    late = {**model, "id": f"cus_late{naive:d}", "created": bench.company.now - 2 * HOUR}
    bench.company.put("customer", late, event="customer.created" if not naive else None)
    bench.company.advance(SETTLED)
    both(bench, naive)
    assert bool(bench.wrong(("customers",))) == naive


def test_f07_an_object_that_shows_up_minutes_after_its_event(bench: Any) -> None:
    started(bench, False)
    customer = bench.company.write("create_customer", settle=2 * MINUTE, params={"name": "Shy"})["id"]
    with bench.company.fault({"hide": customer, "until": bench.company.now + 2 * MINUTE}, times=None):
        both(bench, False, "customers")
        assert customer not in landed_objects(bench.landing, "customers")
    bench.company.advance(4 * MINUTE)
    both(bench, False, "customers")
    assert bench.wrong(("customers",)) == {}


def test_an_event_that_is_told_twice_fetches_its_object_once(bench: Any) -> None:
    started(bench, False)
    bench.company.advance(HOUR)
    customer = bench.company.all("customer")[0]["id"]
    bench.company.write("update_customer", id=customer, params={"name": "Twice told"})
    bench.company.forget_requests()
    with bench.company.fault({"json": {"event_twice": True}}, times=None, path="/v1/events"):
        both(bench, False, "customers")
    assert len(bench.company.requests(f"/v1/customers/{customer}")) == 1
    assert bench.wrong(("customers",)) == {}


def test_an_object_shown_twice_on_a_page_is_one_row(bench: Any) -> None:
    with bench.company.fault({"json": {"duplicate": True}}, times=None, path="/v1/customers"):
        both(bench, False, "customers")
    ids = [line["id"] for line in landed_lines(bench.landing, "customers")]
    assert len(ids) > len(set(ids))
    assert bench.wrong(("customers",)) == {}


def test_rows_in_another_order_are_all_read(bench: Any) -> None:
    with bench.company.fault({"json": {"swap": True}}, times=None, path="/v1/customers"):
        both(bench, False, "customers")
    assert bench.wrong(("customers",)) == {}


@pytest.mark.parametrize("naive", [False, True])
def test_f03_events_rendered_in_an_older_version(bench: Any, naive: bool) -> None:
    started(bench, naive)
    active = next(s for s in bench.company.all("subscription") if s["status"] == "active")
    bench.company.write("update_subscription", id=active["id"], params={"metadata": {"touched": f"{naive}"}})
    with bench.company.fault({"json": {"older_version": "2024-06-20"}}, times=None, path="/v1/events"):
        both(bench, naive)
    assert bool(bench.wrong(("subscriptions",))) == naive


def test_an_event_without_an_object_id_is_kept_and_harms_nothing(bench: Any) -> None:
    started(bench, False)
    customer = bench.company.all("customer")[0]["id"]
    bench.company.write("update_customer", id=customer, params={"name": "Before"})
    bench.company.write("update_customer", id=customer, params={"name": "After"})
    with bench.company.fault({"json": {"without_object_id": "invoice.upcoming"}}, times=None, path="/v1/events"):
        both(bench, False, "customers", "invoices", "events")
    assert "invoice.upcoming" in {e["type"] for e in landed_objects(bench.landing, "events").values()}
    assert bench.wrong(("customers", "invoices")) == {}


@pytest.mark.parametrize("naive", [False, True])
def test_f04_an_object_that_is_gone_when_its_event_is_read(bench: Any, naive: bool) -> None:
    started(bench, naive)
    made = bench.company.write("create_customer", params={"name": "Soon gone"})["id"]
    bench.company.remove("customer", made)
    both(bench, naive)
    bench.company.advance(HOUR)
    assert (made in landed_objects(bench.landing, "customers")) == naive
    if not naive:
        assert [line for line in landed_lines(bench.landing, "customers") if line["id"] == made][-1]["deleted"]


@pytest.mark.parametrize("naive", [False, True])
def test_f21_an_invoice_of_120_lines(bench: Any, naive: bool) -> None:
    company = bench.company
    customer = company.all("customer")[0]["id"]
    for number in range(120):
        params = {"customer": customer, "amount": str(number + 1), "currency": "usd"}
        company.write("create_invoice_item", settle=0, params=params)
    started(bench, naive)
    joins = {"customer": customer, "pending_invoice_items_behavior": "include", "auto_advance": "false"}
    invoice = company.write("create_invoice", params=joins)["id"]
    both(bench, naive)
    lines = landed_objects(bench.landing, "invoices")[invoice]["lines"]
    assert (len({line["id"] for line in lines["data"]}) >= 120) != naive
    assert bool(bench.wrong(("invoices",))) == naive


@pytest.mark.parametrize("naive", [False, True])
def test_f06_several_objects_in_the_second_of_the_bookmark(bench: Any, naive: bool) -> None:
    model = bench.company.all("customer")[0]
    second = bench.company.now
    bench.company.put(
        "customer", {**model, "id": f"cus_a{naive:d}", "created": second}, event=None if naive else "customer.created"
    )
    both(bench, naive)
    bench.company.put(
        "customer", {**model, "id": f"cus_b{naive:d}", "created": second}, event=None if naive else "customer.created"
    )
    bench.company.advance(SETTLED)
    both(bench, naive)
    assert bool(bench.wrong(("customers",))) == naive


@pytest.mark.parametrize("skew", [-120, 120])
@pytest.mark.parametrize("phase", ["first run", "second run"])
def test_f46_a_clock_that_is_wrong_by_two_minutes_loses_nothing(bench: Any, skew: int, phase: str) -> None:
    company = bench.company
    wrong = {"clock_skew": skew}
    if phase == "first run":
        with company.fault(wrong, times=None):
            both(bench, False)
    else:
        both(bench, False)
        company.advance(10 * MINUTE)
        with company.fault(wrong, times=None):
            both(bench, False)
    for minute in range(4):
        company.write(
            "update_customer", settle=MINUTE, id=company.all("customer")[minute]["id"], params={"name": f"{skew}{phase}{minute}"}
        )
    company.advance(20 * MINUTE)
    both(bench, False)
    assert bench.wrong() == {}


def test_f46_a_naive_connector_that_trusts_the_clock_misses_what_happens_meanwhile(bench: Any) -> None:
    with bench.company.fault({"clock_skew": 120}, times=None):
        both(bench, True)
    bench.company.write("update_customer", settle=HOUR, id=bench.company.all("customer")[0]["id"], params={"name": "Missed"})
    both(bench, True)
    assert bench.wrong(("customers",))


@pytest.mark.parametrize("naive", [False, True])
def test_f40_a_status_that_nobody_knew_is_kept_as_it_came(bench: Any, naive: bool) -> None:
    new = {"json": {"set": {"status": "hibernating"}}}
    with bench.company.fault(new, times=None, path="/v1/subscriptions"):
        both(bench, naive)
    statuses = {s["status"] for s in landed_objects(bench.landing, "subscriptions").values()}
    assert statuses == (set() if naive else {"hibernating"})


def test_an_answer_whose_objects_are_not_objects_fails_its_stream_by_name(bench: Any) -> None:
    body = {"object": "list", "data": [17], "has_more": False, "url": "/v1/customers"}
    with bench.company.fault({"body": body}, times=None, path="/v1/customers"):
        results = bench.run()
    assert {name: r.outcome for name, r in results.items()} == {"customers": "failed", "subscriptions": "ok", "invoices": "ok"}
    assert results["customers"].error.startswith("stripe.customers: unforeseen ValidationError")
    assert bench.run()["customers"].outcome == "ok"
    assert bench.wrong() == {}
