"""The file in which processes share a rate survives what happens to files: kills, reboots, other limits, other formats."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from cynosure.extract import RateLimiter, rate

KILLED = (
    "import os, signal, sys; from pathlib import Path; from cynosure.extract import RateLimiter\n"
    "limiter = RateLimiter(2, 0.1, Path(sys.argv[1]))\n"
    "with limiter.permit(): os.kill(os.getpid(), signal.SIGKILL)"
)


def seconds_for(limiter: RateLimiter, permits: int) -> float:
    """How long so many requests without any duration take."""
    started = time.monotonic()
    for _ in range(permits):
        with limiter.permit():
            pass
    return time.monotonic() - started


def test_a_killed_holder_delays_others_by_its_permit_only_and_until_its_lease_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "pace")], check=False)
    limiter = RateLimiter(2, 0.1, tmp_path / "pace")
    assert seconds_for(limiter, 4) >= 0.3
    monkeypatch.setattr(rate, "_LEASE_SECONDS", 0.0)
    time.sleep(0.1)
    assert seconds_for(limiter, 4) < 0.25


def test_instants_of_an_earlier_boot_are_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = time.monotonic() + 1e6
    with monkeypatch.context() as earlier:
        earlier.setattr(rate.time, "monotonic", lambda: ahead)
        limiter = RateLimiter(3, 0.1, tmp_path / "pace")
        with limiter.permit():
            pass
        with pytest.raises(KeyboardInterrupt), limiter.permit():
            limiter.penalize(5)
            raise KeyboardInterrupt
    assert seconds_for(RateLimiter(3, 0.1, tmp_path / "pace"), 3) < 0.1


@pytest.mark.parametrize("other", [7, 300])
def test_a_file_of_another_limit_is_taken_over_after_one_window(tmp_path: Path, other: int) -> None:
    seconds_for(RateLimiter(other, 0.2, tmp_path / "pace"), min(other, 7))
    assert 0.18 <= seconds_for(RateLimiter(50, 0.2, tmp_path / "pace"), 50) < 0.38


def test_a_file_of_another_format_is_taken_over_after_one_window(tmp_path: Path) -> None:
    (tmp_path / "pace").write_bytes(b"\x3f" * 800)
    assert 0.18 <= seconds_for(RateLimiter(50, 0.2, tmp_path / "pace"), 50) < 0.38


def test_a_large_limit_costs_no_more_than_a_small_one(tmp_path: Path) -> None:
    costs = {limit: seconds_for(RateLimiter(limit, 60, tmp_path / str(limit)), 1_000) for limit in (1_000, 1_000_000)}
    assert costs[1_000_000] < 5 * costs[1_000]


def test_a_pause_ends_although_all_permits_were_out(tmp_path: Path) -> None:
    limiter = RateLimiter(1, 0.1, tmp_path / "pace")
    with limiter.permit():
        limiter.penalize(0.2)
    assert 0.15 < seconds_for(limiter, 1) < 0.3
