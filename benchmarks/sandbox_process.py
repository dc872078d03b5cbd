"""The simulated company in a process of its own, so that it does not take the measured process's time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.measuring import PROJECT, folder

# full access, of a live account: the rates that count are those of live mode
LIVE_KEY = "sk_live_benchmark"
_START_SECONDS = 120.0


@dataclass(frozen=True)
class Sandbox:
    """Where it listens, its process, and its control API."""

    state: Path
    endpoints: dict[str, Any]
    process: psutil.Process

    def ask(self, path: str) -> dict[str, Any]:
        """What the control API answers."""
        found: dict[str, Any] = httpx.get(self.endpoints["control"] + path, timeout=60, trust_env=False).raise_for_status().json()
        return found

    def tell(self, path: str, body: dict[str, Any]) -> None:
        """Has the control API do something."""
        httpx.post(self.endpoints["control"] + path, json=body, timeout=60, trust_env=False).raise_for_status()

    def forget(self) -> None:
        """Starts counting requests anew."""
        httpx.delete(self.endpoints["control"] + "/requests", timeout=60, trust_env=False).raise_for_status()
        self.tell("/limits", {})

    def slow_down(self, seconds: float) -> None:
        """Has every answer of Stripe take so much longer."""
        httpx.delete(self.endpoints["control"] + "/faults", timeout=60, trust_env=False).raise_for_status()
        if seconds:
            self.tell("/faults", {"match": {"vendor": "stripe"}, "do": {"delay": seconds}, "times": None})


@contextmanager
def sandbox(
    customers: int, months: int, limits: str, systems: str = "stripe,ecb", *, story: float = 1.0, patience: float = _START_SECONDS
) -> Iterator[Sandbox]:
    """A running sandbox of those systems with a live Stripe key, ended and removed afterwards."""
    with folder() as state:
        command = [sys.executable, "-m", "sandbox", "serve", "--state", str(state)]
        size = [
            "--customers",
            str(customers),
            "--months",
            str(months),
            "--limits",
            limits,
            "--systems",
            systems,
            "--story",
            str(story),
        ]
        child = subprocess.Popen([*command, *size], cwd=PROJECT, stderr=subprocess.DEVNULL)
        try:
            running = Sandbox(state, _endpoints(state, child, patience), psutil.Process(child.pid))
            running.tell("/keys", {"key": LIVE_KEY})
            yield running
        finally:
            child.terminate()
            child.wait(30)


def _endpoints(state: Path, child: subprocess.Popen[bytes], patience: float) -> dict[str, Any]:
    deadline = time.monotonic() + patience
    while not (state / "endpoints.json").exists():
        if child.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("the sandbox did not start")
        time.sleep(0.1)
    found: dict[str, Any] = json.loads((state / "endpoints.json").read_text(encoding="utf-8"))
    return found
