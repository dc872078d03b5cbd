"""Streams whose changes no event tells: balances, usage and payments of invoices."""

from __future__ import annotations

from pathlib import Path

from simulated import DAY, HOUR, SETTLED, Simulated, differences, landed_lines, landed_objects


def run_ok(company: Simulated, folder: Path, *streams: str) -> None:
    results = company.extract(folder, streams)
    assert {name: r.error for name, r in results.items() if r.outcome != "ok"} == {}


def test_f11_a_customer_balance_transaction_without_any_event_is_found_within_a_day(company: Simulated, tmp_path: Path) -> None:
    stream = "customer_balance_transactions"
    run_ok(company, tmp_path, stream)
    customer = company.all("customer")[0]
    model = company.write("create_customer_balance_transaction", id=customer["id"], params={"amount": "-100", "currency": "usd"})
    run_ok(company, tmp_path, stream)
    assert model["id"] in landed_objects(tmp_path, stream)
    silent = {**model, "id": "cbtxn_silent", "created": company.now, "ending_balance": -200}
    company.put("customer_balance_transaction", silent)
    company.put("customer", {**company.world.store.get("customer", customer["id"]), "balance": -200})
    company.advance(HOUR)
    run_ok(company, tmp_path, stream)
    company.advance(DAY)
    run_ok(company, tmp_path, stream)
    assert "cbtxn_silent" in landed_objects(tmp_path, stream)
    assert differences({stream: landed_objects(tmp_path, stream)}, company.listed(tmp_path / "clean", [stream])) == {}


def test_a_balance_transaction_that_turns_available_is_read_again(company: Simulated, tmp_path: Path) -> None:
    stream = "balance_transactions"
    company.advance(2 * DAY)
    pending = [t["id"] for t in company.listed(tmp_path / "p", [stream])[stream].values() if t["status"] == "pending"]
    for _ in range(30):
        if pending:
            break
        company.advance(DAY)
        pending = [
            t["id"] for t in company.listed(tmp_path / f"p{company.now}", [stream])[stream].values() if t["status"] == "pending"
        ]
    assert pending
    run_ok(company, tmp_path / "landing", stream)
    for _ in range(5):
        company.advance(2 * DAY)
        run_ok(company, tmp_path / "landing", stream)
    found = landed_objects(tmp_path / "landing", stream)
    assert {found[id]["status"] for id in pending} == {"available"}
    assert differences({stream: found}, company.listed(tmp_path / "clean", [stream])) == {}


def test_a_payment_of_an_older_invoice_is_found(company: Simulated, tmp_path: Path) -> None:
    customer = company.all("customer")[0]["id"]
    company.write("create_invoice_item", params={"customer": customer, "amount": "500", "currency": "usd"})
    invoice = company.write(
        "create_invoice",
        params={"customer": customer, "pending_invoice_items_behavior": "include", "auto_advance": "false"},
    )["id"]
    company.write("finalize_invoice", id=invoice, params={})
    run_ok(company, tmp_path, "invoice_payments")
    company.advance(3 * DAY)
    company.write("pay_invoice", id=invoice, params={})
    run_ok(company, tmp_path, "invoice_payments")
    found = landed_objects(tmp_path, "invoice_payments")
    assert [p["status"] for p in found.values() if p["invoice"] == invoice] == ["paid"]
    clean = company.listed(tmp_path / "clean", ["invoice_payments"])
    assert differences({"invoice_payments": found}, clean) == {}


def test_usage_is_read_per_meter_customer_and_day_and_late_usage_corrects_the_day(
    standing_free: Simulated, tmp_path: Path
) -> None:
    company, stream = standing_free, "meter_event_summaries"
    run_ok(company, tmp_path, stream)
    meter = company.all("meter")[0]
    found = landed_objects(tmp_path, stream)
    assert found
    assert set(found) == set(company.truth()[stream]["ids"])
    customer = next(iter(found)).split("/")[1]
    company.advance(SETTLED)
    event = {"event_name": meter["event_name"], "timestamp": str(company.now - 3 * DAY),
             "payload": {"stripe_customer_id": customer, "value": "1000"}}  # fmt: skip
    company.write("create_meter_event", params=event)
    company.advance(DAY)
    run_ok(company, tmp_path, stream)
    day = (company.now - 4 * DAY - SETTLED) // DAY * DAY
    corrected = landed_objects(tmp_path, stream)[f"{meter['id']}/{customer}/{day}"]["aggregated_value"]
    assert corrected >= 1000
    assert differences({stream: landed_objects(tmp_path, stream)}, company.listed(tmp_path / "clean", [stream])) == {}


def test_usage_is_read_once_a_day(standing_free: Simulated, tmp_path: Path) -> None:
    standing_free.advance(HOUR)
    run_ok(standing_free, tmp_path, "meter_event_summaries")
    standing_free.forget_requests()
    standing_free.advance(HOUR)
    run_ok(standing_free, tmp_path, "meter_event_summaries")
    assert standing_free.requests("/v1/billing/*") == []
    lines = len(landed_lines(tmp_path, "meter_event_summaries"))
    standing_free.advance(DAY)
    run_ok(standing_free, tmp_path, "meter_event_summaries")
    assert len(landed_lines(tmp_path, "meter_event_summaries")) > lines
