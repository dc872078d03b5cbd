"""A small portal for each fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hubspot_account import hubspot_account
from hubspot_bench import Bench

from connectors.hubspot import feed, objects, sdk, transport


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Small pages, so that a fault finds a page to strike, and a reader without patience."""
    monkeypatch.setattr(objects, "LIST_PAGE", 3)
    monkeypatch.setattr(feed, "SEARCH_PAGE", 3)
    monkeypatch.setattr(transport, "LONGEST_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(sdk, "READ_SECONDS", 0.6)
    with hubspot_account() as account:
        yield Bench(account, tmp_path / "landing")
