"""The requests of a day that an org allows: a run leaves most of them to others."""

from __future__ import annotations

from pathlib import Path

import pytest
from salesforce_account import (
    landed,
    salesforce_account,
)
from simulated import DAY, HOUR

from connectors.salesforce import queries, reading


def test_a_run_does_not_start_when_four_fifths_of_the_days_requests_are_used(tmp_path: Path) -> None:
    with salesforce_account(limits="test") as account:
        account.create("Account", Name="A", settle=HOUR)
        account.write("use_requests", count=12_100)
        results = account.extract(tmp_path)
        assert {result.outcome for result in results.values()} == {"deferred"}
        assert "12,101 of the org's 15,000 daily API requests are used, more than 80%" in results["accounts"].error
        assert len(account.requests()) == 2
        assert not list(tmp_path.rglob("manifest.json"))
        account.advance(DAY + HOUR)
        account.run(tmp_path)


def test_a_run_stops_at_a_quarter_of_the_days_requests_and_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 200)
    monkeypatch.setattr(reading, "BULK_FROM", 10_000)
    with salesforce_account(limits="test") as account:
        account.vendor.usage.allowed = 60
        values = {"LastName": "L", "Status": "Open"}
        account.write("create_many", settle=HOUR, object="Lead", count=5_000, numbered="Company", values=values)
        results = account.extract(tmp_path, ["leads"])
        assert results["leads"].outcome == "deferred"
        assert "this run has used 25% of the org's daily API requests" in results["leads"].error
        assert account.vendor.limits()["daily_api_requests"]["requests"] == 15
        for _ in range(3):
            account.advance(DAY + HOUR)
            results = account.extract(tmp_path, ["leads"])
        assert results["leads"].outcome == "ok"
        assert sorted(landed(tmp_path, "leads")) == account.truth()["leads"]["ids"]
