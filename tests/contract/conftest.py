"""Every discovered connector against its simulated vendor: one standing account per connector, and fresh ones to change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contracted import Account, contracted, small_pages

from cynosure.extract import connector_names
from sandbox.discovery import system_names

SIMULATED = [name for name in connector_names() if name in system_names()]


@pytest.fixture(scope="module", params=SIMULATED)
def account(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account that nobody changes, read in small pages."""
    name = str(request.param)
    with small_pages(f"connectors.{name}"), contracted(tmp_path_factory.mktemp(name), name) as made:
        yield made


@pytest.fixture(params=SIMULATED)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    """An account that the test may change."""
    name = str(request.param)
    with contracted(tmp_path / "sandbox", name) as made:
        yield made


@pytest.fixture(scope="module")
def once(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what is read once."""
    return tmp_path_factory.mktemp(f"once-{account.name}")
