"""`python -m sandbox serve` as a process: endpoints, clock, resuming, and a clean end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from sandbox.server import NotLoopbackError, check_loopback

ROOT = Path(__file__).parents[3]


class Process:
    """The command, started on a state folder."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = [sys.executable, "-m", "sandbox", "serve", "--state", str(folder), *options]
        self._process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        self._path = folder / "endpoints.json"
        self.endpoints = self._wait()

    def _wait(self) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._path.exists():
                found = json.loads(self._path.read_text())
                if found["pid"] == self._process.pid:
                    return dict(found)
            time.sleep(0.05)
        raise AssertionError(f"never listened: {self.end(signal.SIGKILL)}")

    def end(self, how: int) -> tuple[int, str]:
        """Stop the process; gives its exit code and what it said."""
        if self._process.poll() is None:
            os.kill(self._process.pid, how)
        said = self._process.communicate(timeout=20)[1]
        return self._process.returncode, said

    @property
    def stripe(self) -> stripe.StripeClient:
        secret = self.endpoints["keys"]["stripe"]
        return stripe.StripeClient(secret, base_addresses={"api": self.endpoints["stripe"]}, max_network_retries=0)


SMALL = ("--customers", "8", "--months", "2", "--start", "2026-03-01T00:00:00Z", "--no-limits")


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Process]]:
    """A small company, served."""
    folder = tmp_path_factory.mktemp("state")
    process = Process(folder, *SMALL)
    yield folder, process
    process.end(signal.SIGKILL)


def test_everything_that_is_listed_answers(first_run: tuple[Path, Process]) -> None:
    _, process = first_run
    at = process.endpoints
    assert process.stripe.v1.customers.list({"limit": 1}).data
    assert httpx.get(at["control"] + "/health").json()["ok"]
    assert "Cynosure" in httpx.get(at["inbox"], follow_redirects=True).text
    rates = httpx.get(at["ecb"] + "/service/data/EXR/D.USD.EUR.SP00.A?format=csvdata&startPeriod=2026-02-23")
    assert rates.text.startswith("KEY,FREQ,CURRENCY")
    assert httpx.post(at["slack"] + "auth.test", headers={"Authorization": f"Bearer {at['keys']['slack']}"}).json()["ok"]
    assert httpx.post(at["slack_webhook"], json={"text": "hello"}).text == "ok"
    assert set(at) >= {"stripe", "ecb", "control", "smtp", "slack", "inbox", "pid", "keys"}


def test_the_clock_file_tells_how_far_ahead_the_sandbox_is(first_run: tuple[Path, Process]) -> None:
    folder, process = first_run
    before = int((folder / "clock").read_text())
    moved = httpx.post(process.endpoints["control"] + "/advance", json={"by": "1d"}, timeout=30).json()
    assert int((folder / "clock").read_text()) == before + 86_400
    assert abs(moved["now"] - (time.time() + before + 86_400)) < 5


def test_a_second_run_resumes_the_same_company_after_a_clean_end(tmp_path: Path) -> None:
    first = Process(tmp_path, *SMALL, "--seed", "3")
    made = first.stripe.v1.customers.create({"email": "stays@example.com"})
    httpx.post(first.endpoints["control"] + "/advance", json={"by": "2d"}, timeout=30)
    first_ids = [row.id for row in first.stripe.v1.customers.list({"limit": 100}).auto_paging_iter()]
    code, said = first.end(signal.SIGTERM)
    assert code == 0, said
    assert "simulating 8 customers over 2 months (seed 3)" in said
    assert not (tmp_path / "endpoints.json").exists()

    second = Process(tmp_path, "--seed", "3", "--no-limits")
    second_ids = [row.id for row in second.stripe.v1.customers.list({"limit": 100}).auto_paging_iter()]
    assert second.stripe.v1.customers.retrieve(made.id).email == "stays@example.com"
    assert second_ids == first_ids
    assert second.endpoints["keys"] == first.endpoints["keys"]
    assert "resuming" in second.end(signal.SIGINT)[1]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.com", "::"])
def test_nothing_but_loopback_is_listened_on(host: str, tmp_path: Path) -> None:
    with pytest.raises(NotLoopbackError, match="loopback only"):
        check_loopback(host)


def test_the_command_refuses_another_host_before_it_does_anything(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    command = [sys.executable, "-m", "sandbox", "serve", "--state", str(folder), "--host", "0.0.0.0"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, "loopback only" in ended.stderr, folder.exists()) == (2, True, False)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_is_fine(host: str) -> None:
    assert check_loopback(host) == host


def test_help_names_every_option() -> None:
    command = [sys.executable, "-m", "sandbox", "serve", "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stdout
    for option in (
        "--state",
        "--seed",
        "--customers",
        "--months",
        "--start",
        "--timezone",
        "--systems",
        "--story",
        "--currency",
        "--port-base",
        "--no-limits",
    ):
        assert option in text
