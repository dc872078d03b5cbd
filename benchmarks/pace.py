"""Extraction as a share of the allowed rate: the real Stripe connector against the sandbox, whose limits are on.

`python -m benchmarks.pace URL SHARE PACE LANDING` lands each stream again and again, from nothing, until it is killed.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
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
_OK = 200


@dataclass(frozen=True)
class _Case:
    """Limits that the sandbox enforces, as a part of the live ones; the share of them to use; by how many processes.

    `delay` is how many seconds every answer takes beyond what the sandbox needs.
    """

    scale: float
    share: float
    processes: int
    delay: float = 0.0


_QUICK = (_Case(0.2, 0.8, 1), _Case(0.2, 0.8, 2))
_CASES = (
    *(
        _Case(scale, share, processes)
        for scale, share in ((1.0, 1.0), (1.0, 0.8), (0.2, 1.0), (0.2, 0.8))
        for processes in (1, 2)
    ),
    _Case(1.0, 1.0, 1, delay=0.1),
    _Case(1.0, 1.0, 1, delay=0.3),
)


def run(quick: bool) -> Iterator[Table]:
    """One table."""
    seconds = 3.0 if quick else 10.0
    with sandbox(*((20, 6) if quick else (800, 24)), limits="live") as server:
        rows = [_measured(server, case, seconds) for case in (_QUICK if quick else _CASES)]
    header = ("limits", "share set", "processes", "answers + ms", "account req/s", "share", "busiest list req/s", "share",
              "most in 1 s", "refused", "sandbox CPU", "readers CPU")  # fmt: skip
    live = f"{ACCOUNT_PER_SECOND['live']:.0f} requests/s for the account, {ENDPOINT_PER_SECOND:.0f} for one endpoint"
    notes = [
        f"limits 1.0 are those of live mode ({live}), enforced by the sandbox over any one second; 0.2 is a fifth of them",
        f"{seconds:.0f} s each, counted from {_WARM_UP_SECONDS:.0f} s after the start; two processes read one account at once",
        "CPU is of one core; where nothing was refused and the limit not reached, the machine was what limited the rate",
        "a permit comes back one second after the answer, so that nothing can be refused whatever the network does; it"
        " costs the time that answers take: at most 1 / (1 s + answer) of the limit, and whole permits only (0.95 of 5 is 4)",
        "budget: at least 0.95 of the limit, and nothing refused",
    ]
    yield Table("Extraction as a share of the allowed rate (Stripe, real connector)", header, rows, notes)


def _measured(server: Sandbox, case: _Case, seconds: float) -> tuple[object, ...]:
    allowed, allowed_here = ACCOUNT_PER_SECOND["live"] * case.scale, ENDPOINT_PER_SECOND * case.scale
    with folder() as state:
        server.forget()
        server.tell("/limits", {"account": int(allowed), "endpoint": int(allowed_here)})
        server.slow_down(case.delay)
        children = [
            start(
                "benchmarks.pace", server.endpoints["stripe"], case.share * case.scale, state / "pace", state / f"landing{number}"
            )
            for number in range(case.processes)
        ]
        everybody = [server.process, *(psutil.Process(child.pid) for child in children)]
        try:
            time.sleep(_WARM_UP_SECONDS)
            begun, before = time.time(), [processor_seconds_of(process) for process in everybody]
            time.sleep(seconds)
            ended, after = time.time(), [processor_seconds_of(process) for process in everybody]
        finally:
            for child in children:
                child.kill()
                child.wait()
    passed = ended - begun
    entries = server.ask("/requests?vendor=stripe&limit=200000")["requests"]
    answered = Counter(e["path"] for e in entries if begun <= e["wall_time"] < ended and e["status"] == _OK)
    counted = server.ask("/limits")["account"]
    reached, busiest = answered.total() / passed, max(answered.values(), default=0) / passed
    cpu, *readers = [(b - a) / passed for a, b in zip(before, after, strict=True)]
    return (
        case.scale, case.share, case.processes, f"{1_000 * case.delay:.0f}",
        f"{reached:.1f} of {allowed:.0f}", f"{reached / allowed:.2f}",
        f"{busiest:.1f} of {allowed_here:g}", f"{busiest / allowed_here:.2f}",
        counted["peak_per_second"], counted["violations"], f"{cpu:.0%}", f"{sum(readers):.0%}",
    )  # fmt: skip


def main(url: str, share: float, pace: Path, landing: Path) -> None:
    """Extracts until it is killed; no stream waits for another to begin anew."""
    connector = Stripe(StripeSettings(api_key=SecretStr(LIVE_KEY), base_url=url), share=share, state=pace)

    def again_and_again(stream: str) -> None:
        for number in itertools.count():
            (result,) = extract_source("stripe", connector, LandingLog(f"file://{landing}/{number}"), streams=[stream])
            if result.outcome == "failed":
                raise SystemExit(result.error)

    with ThreadPoolExecutor(len(STREAMS)) as pool:
        list(pool.map(again_and_again, STREAMS))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
