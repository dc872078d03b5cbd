"""A deployment of its own for each test, pointed at a company that nobody changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from command import Ended, call
from copied_config import copy_config
from simulated import Simulated, simulated

from cynosure.extract import Retrying, contract

PROJECT = Path(__file__).parents[2]


@dataclass
class Deployment:
    """Folders and environment of one installation, and the commands on it."""

    home: Path
    company: Simulated
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **env: str) -> Ended:
        """A command, with these variables in addition."""
        return call(*arguments, env={**self.env, **env})

    @property
    def config(self) -> Path:
        """The configuration, a copy that the test may break."""
        return Path(self.env["CYNOSURE_CONFIG"])


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    with simulated(tmp_path_factory.mktemp("sandbox"), customers=6, months=2) as found:
        yield found


@pytest.fixture
def deployment(company: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """Retries are short, because a test does not wait for minutes."""
    monkeypatch.setattr(contract, "Retrying", partial(Retrying, attempts=2, first=0.01))
    copy_config(tmp_path / "config")
    return Deployment(
        tmp_path / "home",
        company,
        {
            "CYNOSURE_PROJECT": str(PROJECT),
            "CYNOSURE_HOME": str(tmp_path / "home"),
            "CYNOSURE_CONFIG": str(tmp_path / "config"),
            "CYNOSURE_STRIPE_API_KEY": company.key,
            "CYNOSURE_STRIPE_BASE_URL": company.endpoints["stripe"],
            "CYNOSURE_ECB_BASE_URL": company.endpoints["ecb"],
        },
    )
