"""The audit of a real connector: what no event tells is found, explained and repaired, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulated import HOUR, Simulated, current_objects, differences, landed_objects, simulated

from cynosure.check import Auditor, StreamAudit
from cynosure.landing import LandingLog
from cynosure.warehouse import Warehouse, open_warehouse

STREAMS = ("customers", "invoices", "customer_balance_transactions", "balance_transactions")


def audited(company: Simulated, warehouse: Warehouse, folder: Path, **more: Any) -> dict[str, StreamAudit]:
    connector = company.connector()
    auditor = Auditor(
        warehouse,
        LandingLog(f"file://{folder}/landing"),
        "stripe",
        connector,
        datetime.fromtimestamp(company.now, UTC),
        full=True,
        **more,
    )
    try:
        return {audit.stream: audit for audit in auditor.run([s for s in connector.streams if s.name in STREAMS])}
    finally:
        connector.close()


def ingest(company: Simulated, warehouse: Warehouse, folder: Path) -> None:
    results = company.extract(folder / "landing", STREAMS)
    assert {result.error for result in results.values()} == {""}
    company.load(warehouse, folder / "landing", STREAMS)


def test_what_no_event_tells_is_found_and_repaired(tmp_path: Path) -> None:
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    with simulated(tmp_path / "sandbox", customers=6, months=3) as company:
        company.settle()
        ingest(company, warehouse, tmp_path)
        company.advance(HOUR)
        silent, lost, *_ = company.all("customer")
        company.put("customer", {**silent, "name": "Renamed in silence"})
        company.remove("customer", lost["id"])
        company.put("customer", {**silent, "id": "cus_never_told"})
        before = {name: audit.error for name, audit in audited(company, warehouse, tmp_path).items()}
        assert set(before.values()) == {""}
        company.advance(HOUR)
        ingest(company, warehouse, tmp_path)
        found = audited(company, warehouse, tmp_path, repair=True)
        customers = found["customers"]
        assert (customers.missing, customers.extra, customers.different, customers.repaired) == (1, 1, 1, 3)
        assert [(a.missing, a.extra, a.different) for name, a in found.items() if name != "customers"] == [(0, 0, 0)] * 3
        company.listed(tmp_path / "clean", STREAMS)
        clean = {name: landed_objects(tmp_path / "clean", name) for name in STREAMS}
        with warehouse.writing() as session:
            assert differences({name: current_objects(session, name) for name in STREAMS}, clean) == {}


def test_a_walk_in_slices_costs_a_request_a_page_and_sees_everything(tmp_path: Path) -> None:
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    with simulated(tmp_path / "sandbox", customers=6, months=3) as company:
        company.settle()
        ingest(company, warehouse, tmp_path)
        company.forget_requests()
        done = audited(company, warehouse, tmp_path)
        asked = len(company.requests())
        pages = sum(audit.pages for audit in done.values())
        assert asked <= pages + 10
        assert {name: (a.walk.there, a.missing, a.extra) for name, a in done.items()} == {
            name: (a.walk.here, 0, 0) for name, a in done.items()
        }
