"""Rate limits are kept by all processes together; retries are bounded and obey the vendor."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cynosure.extract import Deferred, Misconfigured, RateLimiter, Retrying, RetryLater, safe_base_url
from cynosure.extract.http import retry_after, vendor_time


def windows(times: list[float], seconds: float) -> int:
    """The most instants in any window of so many seconds."""
    return max(sum(1 for t in times if start <= t < start + seconds) for start in times)


def test_permits_never_exceed_the_limit_in_any_window() -> None:
    limiter = RateLimiter(20, 0.1)
    times = []
    for _ in range(90):
        with limiter.permit():
            times.append(time.monotonic())
    assert windows(times, 0.1) == 20
    assert times[-1] - times[0] < 0.1 * 4 + 0.15


def test_a_slow_network_cannot_bunch_requests_beyond_the_limit() -> None:
    """Requests arrive late by up to 50 ms; the vendor still sees no more than the limit in any window."""
    limiter = RateLimiter(10, 0.1)
    arrived: list[float] = []

    def ask(seed: int) -> None:
        delays = random.Random(seed)
        for _ in range(12):
            with limiter.permit():
                time.sleep(delays.choice((0.0, 0.0, 0.05)))
                arrived.append(time.monotonic())

    readers = [threading.Thread(target=ask, args=(seed,)) for seed in range(6)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(arrived) == 72
    assert windows(sorted(arrived), 0.1) <= 10


def test_processes_share_one_limit(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from cynosure.extract import RateLimiter\n"
        "l = RateLimiter(50, 0.5, Path(sys.argv[1]))\n"
        "for _ in range(50):\n with l.permit(): print(time.monotonic())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "pace")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    times = sorted(float(line) for process in both for line in process.communicate()[0].split())
    assert len(times) == 100
    assert windows(times, 0.5) <= 50


def test_a_penalty_holds_everybody_back() -> None:
    limiter = RateLimiter(1000)
    limiter.penalize(0.2)
    started = time.monotonic()
    with limiter.permit():
        assert time.monotonic() - started > 0.19


def test_a_rate_below_one_request_a_window_is_a_longer_window() -> None:
    limiter = RateLimiter(0.5, 0.1)
    started = time.monotonic()
    for _ in range(2):
        with limiter.permit():
            pass
    assert time.monotonic() - started >= 0.2


def failing(times: int, error: RetryLater):
    calls = []

    def action() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "done"

    return action, calls


def test_a_transient_failure_is_repeated_until_it_works() -> None:
    waits: list[float] = []
    action, calls = failing(3, RetryLater("busy"))
    assert Retrying(sleep=waits.append).call(action) == "done"
    assert len(calls) == 4
    assert all(0.25 * 2**i <= wait <= 0.5 * 2**i for i, wait in enumerate(waits))


def test_the_vendors_wait_is_obeyed() -> None:
    waits: list[float] = []
    action, _ = failing(2, RetryLater("busy", retry_after=7.0))
    Retrying(sleep=waits.append).call(action)
    assert waits == [7.0, 7.0]


@pytest.mark.parametrize(
    "policy", [Retrying(attempts=3, sleep=lambda s: None), Retrying(total=1.0, first=0.9, sleep=lambda s: None)]
)
def test_endless_failures_end_as_deferred(policy: Retrying) -> None:
    action, calls = failing(10**6, RetryLater("busy"))
    with pytest.raises(Deferred, match="the next run goes on from here"):
        policy.call(action)
    assert len(calls) <= 3


def test_a_wait_longer_than_the_budget_is_not_waited_for() -> None:
    action, calls = failing(1, RetryLater("quota", retry_after=100_000.0))
    with pytest.raises(Deferred):
        Retrying(sleep=lambda s: pytest.fail("slept")).call(action)
    assert len(calls) == 1


@pytest.mark.parametrize(
    "url", ["https://api.stripe.com", "http://127.0.0.1:8080/", "http://localhost:1", "http://[::1]:9", "https://x.example/v1"]
)
def test_a_base_url_may_be_https_or_this_machine(url: str) -> None:
    assert safe_base_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["http://api.stripe.com", "http://127.0.0.1.evil.example", "http://10.0.0.1", "ftp://x", "", "api.stripe.com", "https://user:pw@x", "https://x/?k=v",
     "http://0.0.0.0", "http://169.254.169.254", "file:///etc/passwd"],
)  # fmt: skip
def test_any_other_base_url_is_refused_because_it_would_receive_the_key(url: str) -> None:
    with pytest.raises(Misconfigured):
        safe_base_url(url)


@pytest.mark.parametrize(
    ("header", "seconds"), [("3", 3.0), ("0", 0.0), ("-5", 0.0), ("999999", 900.0), ("soon", None), (None, None)]
)
def test_retry_after_is_read_with_sense(header: str | None, seconds: float | None) -> None:
    assert retry_after({"retry-after": header} if header is not None else {}) == seconds


def test_the_vendors_clock_is_the_date_header() -> None:
    assert vendor_time({"date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 5.0) == 1_767_225_600.0
    assert vendor_time({"date": "nonsense"}, 5.0) == 5.0
