"""A small help desk for each fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from zendesk_account import zendesk_account
from zendesk_bench import Bench

from connectors.zendesk import exports, listing, transport


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Small pages, so that a fault finds a page to strike."""
    monkeypatch.setattr(exports, "EXPORT_PAGE", 5)
    monkeypatch.setattr(listing, "LIST_PAGE", 2)
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 0.6)
    with zendesk_account() as desk:
        yield Bench(desk, tmp_path)
