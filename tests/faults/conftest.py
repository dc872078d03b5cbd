"""One company for all faults of a file; every test lands into a folder of its own and compares with a clean reading."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from naive import NaiveStripe
from simulated import Simulated, differences, landed_objects, simulated

from connectors.stripe import transport
from cynosure.extract import StreamResult

CORE = ("customers", "subscriptions", "invoices")
NAIVE_TIMEOUT = 0.3


@dataclass
class Bench:
    """A company, clean readings of it by instant and streams, and a folder for this test."""

    company: Simulated
    folder: Path
    clean: dict[tuple[int, tuple[str, ...]], dict[str, Any]]

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    def run(self, streams: tuple[str, ...] = CORE, **connector: Any) -> dict[str, StreamResult]:
        """A run of the real connector."""
        return self.company.extract(self.landing, streams, **connector)

    def naive_run(self) -> dict[str, StreamResult]:
        """A run of the naive connector."""
        reader = NaiveStripe(self.company.endpoints["stripe"], self.company.key, NAIVE_TIMEOUT)
        return self.company.extract(self.landing, connector=reader)

    def wrong(self, streams: tuple[str, ...] = CORE) -> dict[str, Any]:
        """What the landed state and a clean reading disagree on."""
        state = (self.company.now, streams)
        if state not in self.clean:
            self.clean[state] = self.company.listed(self.folder / "clean", streams)
        return differences({stream: landed_objects(self.landing, stream) for stream in streams}, self.clean[state])


@pytest.fixture(scope="module")
def _company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Simulated, dict[Any, Any]]]:
    with simulated(tmp_path_factory.mktemp("sandbox"), customers=8, months=3) as company:
        yield company, {}


@pytest.fixture
def bench(_company: tuple[Simulated, dict[Any, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Small pages, so that a fault finds a page to strike."""
    company, clean = _company
    monkeypatch.setattr(transport, "PAGE_SIZE", 5)
    company.waits.seconds.clear()
    return Bench(company, tmp_path, clean)
