"""A simulated company with its servers: one of its own for tests that change it, a shared one for tests that only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from salesforce_account import salesforce_account
from salesforce_followed import Followed
from simulated import Simulated, simulated


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Simulated]:
    """A small company that the test may change."""
    with simulated(tmp_path / "sandbox", customers=8, months=4) as found:
        yield found


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """A company that nobody changes."""
    with simulated(tmp_path_factory.mktemp("sandbox"), customers=25, months=8) as found:
        yield found


@pytest.fixture
def standing_free(tmp_path: Path) -> Iterator[Simulated]:
    """A company large enough for metered customers, which the test may change."""
    with simulated(tmp_path / "sandbox", customers=25, months=4) as found:
        yield found


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Followed]:
    """An empty org, and the warehouse that follows it."""
    with salesforce_account() as account:
        yield Followed(account, tmp_path)
