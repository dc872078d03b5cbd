"""Two processes that share an account never exceed its limit together, and leave little of it unused."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulated import Simulated, simulated

from connectors.stripe import Stripe
from cynosure.extract import Stream

SECONDS = 4.0


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Simulated]:
    """The limits of a test account: 25 requests a second."""
    with simulated(tmp_path / "sandbox", customers=6, months=2, limits="test") as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.8, 1.0])
def test_two_connectors_share_one_limit_and_use_it(limited: Simulated, tmp_path: Path, share: float) -> None:
    assert limited.site.limits.report()["limits"] == {"account": 25, "endpoint": 25}
    connectors = [limited.connector(share=share, state=tmp_path) for _ in range(2)]
    declared = {stream.name: stream for stream in connectors[0].streams}
    jobs = [(connector, declared[name]) for connector in connectors for name in ("products", "coupons", "charges")]
    for connector, stream in jobs:
        list(connector.fetch(stream, ["unknown"]) or ())
    # making a connection takes time of its own
    time.sleep(1.1)
    limited.site.limits.reset()
    end = time.monotonic() + SECONDS

    def read(connector: Stripe, stream: Stream) -> None:
        while time.monotonic() < end:
            list(connector.fetch(stream, ["unknown"]) or ())

    readers = [threading.Thread(target=read, args=job) for job in jobs]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    counted = limited.site.limits.report()["account"]
    assert isinstance(counted, dict)
    assert counted["violations"] == 0
    assert counted["peak_per_second"] <= 25
    assert counted["requests"] >= 0.9 * 25 * share * SECONDS


def test_processes_with_other_keys_do_not_wait_for_each_other(limited: Simulated, tmp_path: Path) -> None:
    connectors = [limited.connector(key=key, state=tmp_path) for key in ("rk_test_one", "rk_test_two")]
    assert len(list(tmp_path.glob("stripe-*"))) == 2
    assert not any("rk_test" in str(path) for path in tmp_path.rglob("*"))
    for connector in connectors:
        connector.close()
