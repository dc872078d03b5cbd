"""The first reading of a Stripe account: complete, in whatever pages and windows, and however often it is interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from landed import lines_of
from simulated import DAY, START, STREAMS, Simulated, current_objects, differences, landed_lines, landed_objects

from connectors.stripe import catalogue, listing, transport
from cynosure.extract import run as extract_run
from cynosure.landing import BatchWriter, LandingLog
from cynosure.warehouse import open_warehouse


def landed(folder: Path) -> dict[str, dict[str, Any]]:
    return {stream: landed_objects(folder, stream) for stream in STREAMS}


def test_it_brings_exactly_the_objects_that_exist(standing: Simulated, tmp_path: Path) -> None:
    results = standing.extract(tmp_path)
    assert {r.outcome for r in results.values()} == {"ok"}
    truth = standing.truth()
    assert len(truth) >= 17
    assert {name: sorted(landed_objects(tmp_path, name)) for name in truth} == {n: t["ids"] for n, t in truth.items()}


def test_the_warehouse_holds_the_same_bodies_as_the_api_shows(standing: Simulated, tmp_path: Path) -> None:
    standing.extract(tmp_path / "landing")
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    standing.load(warehouse, tmp_path / "landing")
    with warehouse.writing() as session:
        found = {stream: current_objects(session, stream) for stream in STREAMS}
    assert differences(found, standing.listed(tmp_path / "again")) == {}
    assert found == landed(tmp_path / "landing")


def test_small_pages_and_windows_lose_nothing_at_their_edges(
    standing: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = ["customers", "subscriptions", "invoices", "invoice_items", "charges", "balance_transactions", "coupons"]
    whole = standing.listed(tmp_path / "whole", streams)
    monkeypatch.setattr(transport, "PAGE_SIZE", 7)
    monkeypatch.setattr(listing, "WINDOW_SECONDS", 20 * DAY)
    results = standing.extract(tmp_path / "small", streams)
    assert {r.outcome for r in results.values()} == {"ok"}
    found = {s: landed_objects(tmp_path / "small", s) for s in streams}
    assert differences(found, whole) == {}
    assert all(found.values())


@pytest.mark.parametrize("instant", [START - 91 * DAY - 60, START - 91 * DAY - 61, START - 60])
def test_ties_on_an_edge_of_a_window_are_all_read(
    company: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instant: int
) -> None:
    model = company.all("customer")[0]
    for number in range(11):
        company.put("customer", {**model, "id": f"cus_tie{number:02}", "created": instant})
    monkeypatch.setattr(transport, "PAGE_SIZE", 4)
    company.extract(tmp_path, ["customers"])
    lines = [line["id"] for line in landed_lines(tmp_path, "customers") if line["id"].startswith("cus_tie")]
    assert sorted(lines) == [f"cus_tie{number:02}" for number in range(11)]


RESOURCES = {r.stream.name: r for r in (*catalogue.RESOURCES, catalogue.INVOICE_PAYMENTS, catalogue.BALANCE_TRANSACTIONS)}
SEVERAL_PAGES = ("customers", "invoices", "invoice_items", "balance_transactions", "invoice_payments", "coupons", "products")


@pytest.mark.parametrize("stream", SEVERAL_PAGES)
def test_an_interrupted_listing_goes_on_from_any_page(
    standing: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    whole = standing.listed(tmp_path / "whole", [stream])
    monkeypatch.setattr(transport, "PAGE_SIZE", 8)
    monkeypatch.setattr(extract_run, "CHECKPOINT_ROWS", 1)
    interrupted = 0
    for page in range(2, 40, 5):
        folder = tmp_path / f"{page}"
        with standing.fault(
            {"preset": "unavailable"}, times=None, path=RESOURCES[stream].path, nth=page, must_strike=False
        ) as struck:
            first = standing.extract(folder, [stream])[stream]
        if not struck():
            break
        interrupted += 1
        assert first.outcome == "deferred"
        second = standing.extract(folder, [stream])[stream]
        assert second.outcome == "ok"
        assert differences({stream: landed_objects(folder, stream)}, whole) == {}
        newest = LandingLog(f"file://{folder}").stream("stripe", stream).head()
        assert newest is not None
        assert newest.sweep_from == "00000001"
    assert interrupted >= 1


def test_a_listing_interrupted_twice_reads_only_what_is_left(
    standing: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PAGE_SIZE", 5)
    monkeypatch.setattr(extract_run, "CHECKPOINT_ROWS", 1)
    for _ in range(2):
        with standing.fault({"preset": "unavailable"}, times=None, path="/v1/invoices", nth=6):
            assert standing.extract(tmp_path, ["invoices"])["invoices"].outcome == "deferred"
    standing.forget_requests()
    assert standing.extract(tmp_path, ["invoices"])["invoices"].outcome == "ok"
    pages = len(standing.requests("/v1/invoices"))
    standing.forget_requests()
    whole = standing.listed(tmp_path / "whole", ["invoices"])
    assert pages < len(standing.requests("/v1/invoices"))
    assert differences({"invoices": landed_objects(tmp_path, "invoices")}, whole) == {}


def test_nested_lists_of_more_than_ten_entries_are_completed(company: Simulated, tmp_path: Path) -> None:
    customer = company.all("customer")[0]["id"]
    product = company.all("product")[0]["id"]
    prices = [
        company.write(
            "create_price", settle=0,
            params={"product": product, "currency": "eur", "unit_amount": str(n), "recurring": {"interval": "month"}},
        )["id"]
        for n in range(1, 31)
    ]  # fmt: skip
    sold = company.write(
        "create_subscription", params={"customer": customer, "currency": "eur", "items": [{"price": price} for price in prices]}
    )
    invoice = sold["latest_invoice"]
    company.extract(tmp_path)
    items = landed_objects(tmp_path, "subscriptions")[sold["id"]]["items"]
    lines = landed_objects(tmp_path, "invoices")[invoice if isinstance(invoice, str) else invoice["id"]]["lines"]
    assert (len({item["id"] for item in items["data"]}), items["has_more"]) == (30, False)
    assert (len({line["id"] for line in lines["data"]}), lines["has_more"]) == (30, False)
    assert {item["price"]["id"] for item in items["data"]} == set(prices)


def test_an_object_is_the_same_bytes_by_list_and_by_id(standing: Simulated, tmp_path: Path) -> None:
    standing.extract(tmp_path)
    with_ids = standing.connector()
    for stream in with_ids.streams:
        if stream.name in ("events", "customer_balance_transactions", "meter_event_summaries"):
            continue
        hashes = {line["id"]: line["hash"] for line in landed_lines(tmp_path, stream.name)}
        chosen = sorted(hashes)[:5]
        writer = LandingLog(f"file://{tmp_path}/by_id").stream("stripe", stream.name).begin(1)
        for page in with_ids.fetch(stream, chosen) or ():
            writer.add(page.records, seen=page.seen)
        again = hash_of_lines(writer, tmp_path / "by_id" / "stripe" / stream.name)
        assert again == {id: hashes[id] for id in chosen}, stream.name


def hash_of_lines(writer: BatchWriter, folder: Path) -> dict[str, str]:
    lines = [line for part in writer.close() for line in lines_of(folder / writer.batch / part.name)]
    return {line["id"]: line["hash"] for line in lines}
