"""A small org for each fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from salesforce_account import salesforce_account
from salesforce_bench import Bench
from simulated import HOUR

from connectors.salesforce import jobs, queries, reading, verbatim


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(queries, "PAGE_SIZE", 5)
    monkeypatch.setattr(verbatim, "READ_SECONDS", 0.5)
    with salesforce_account() as account:
        for n in range(14):
            account.create("Contact", LastName=f"Contact {n}", Title="x" * 100, Email=f"c{n}@x.example")
        account.create("Account", Name="A", NumberOfEmployees=100, settle=HOUR)
        account.waits.seconds.clear()
        yield Bench(account, tmp_path)


@pytest.fixture
def bulk(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The same org, read by jobs in pages of five."""
    monkeypatch.setattr(reading, "BULK_FROM", 1)
    monkeypatch.setattr(jobs, "PAGE_SIZE", 5)
    return bench
