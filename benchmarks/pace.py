"""Extraction as a share of the allowed rate: the real Stripe connector against the sandbox, whose limits are on.

`python -m benchmarks.pace URL SHARE PACE LANDING` extracts again and again, from nothing, until it is killed.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from benchmarks.measuring import Table, folder, processor_seconds_of, start
from benchmarks.sandbox_process import LIVE_KEY, Sandbox, sandbox
from connectors.stripe import Stripe, StripeSettings
from connectors.stripe.transport import ACCOUNT_PER_SECOND, ENDPOINT_PER_SECOND
from cynosure.extract import extract_source
from cynosure.landing import LandingLog

# the plain lists with the most pages, as many as are read at once: requests are what takes the time
STREAMS = ("invoices", "charges", "payment_intents", "balance_transactions")
# the first seconds belong to imports and connections
_WARM_UP_SECONDS = 5.0


def run(quick: bool) -> Iterator[Table]:
    """One table: live rates at several shares, one process and two."""
    seconds, shares = (3.0, (0.2,)) if quick else (8.0, (1.0, 0.4, 0.2))
    size = (20, 6) if quick else (800, 24)
    with sandbox(*size, limits="live") as server:
        rows = [_measured(server, share, processes, seconds) for share in shares for processes in (1, 2)]
    header = ("share set", "processes", "account req/s", "reached", "busiest list req/s", "reached", "most in 1 s", "refused",
              "sandbox CPU")  # fmt: skip
    notes = [
        f"live mode allows {ACCOUNT_PER_SECOND['live']:.0f} requests/s for the account and {ENDPOINT_PER_SECOND:.0f} for one"
        f" endpoint, times the share set; {seconds:.0f} s each, counted from {_WARM_UP_SECONDS:.0f} s after the start",
        "where the sandbox's own process is near 100 % of a core, it and not the connector is what limits the rate",
        "budget: at least 0.95 of what is allowed, and nothing refused",
    ]
    yield Table("Extraction as a share of the allowed rate (Stripe, real connector)", header, rows, notes)


def _measured(server: Sandbox, share: float, processes: int, seconds: float) -> tuple[object, ...]:
    with folder() as state:
        server.forget()
        children = [
            start("benchmarks.pace", server.endpoints["stripe"], share, state / "pace", state / f"landing{number}")
            for number in range(processes)
        ]
        try:
            time.sleep(_WARM_UP_SECONDS)
            begun, cpu = time.time(), processor_seconds_of(server.process)
            time.sleep(seconds)
            ended, cpu = time.time(), processor_seconds_of(server.process) - cpu
        finally:
            for child in children:
                child.kill()
                child.wait()
    entries = server.ask("/requests?vendor=stripe&limit=200000")["requests"]
    paths = Counter(entry["path"] for entry in entries if begun <= entry["wall_time"] < ended)
    counted = server.ask("/limits")["account"]
    reached, busiest = paths.total() / (ended - begun), max(paths.values()) / (ended - begun)
    allowed, allowed_here = ACCOUNT_PER_SECOND["live"] * share, ENDPOINT_PER_SECOND * share
    return (
        share, processes, f"{reached:.1f} of {allowed:.0f}", f"{reached / allowed:.2f}", f"{busiest:.1f} of {allowed_here:g}",
        f"{busiest / allowed_here:.2f}", counted["peak_per_second"], counted["violations"], f"{cpu / (ended - begun):.0%}",
    )  # fmt: skip


def main(url: str, share: float, pace: Path, landing: Path) -> None:
    """Extracts until it is killed."""
    for number in itertools.count():
        connector = Stripe(StripeSettings(api_key=SecretStr(LIVE_KEY), base_url=url), share=share, state=pace)
        results = extract_source("stripe", connector, LandingLog(f"file://{landing}/{number}"), streams=STREAMS)
        connector.close()
        failed = [result.error for result in results if result.outcome == "failed"]
        if failed:
            raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
