"""The first load of a large company, source by source: memory, rows, and how much of the time the vendors' limits explain.

Every extraction is killed (SIGKILL) several times and started again; at the end the ids in the warehouse are compared with
what exists. `python -m benchmarks.first_load STEP SOURCE ENDPOINTS HOME SHARE` extracts or loads one source in a process of its
own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measuring import Table, finished, folder, in_child, peak_memory, start
from benchmarks.sandbox_process import LIVE_KEY, Sandbox, sandbox
from cynosure.extract import connector_class, extract_source
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.stages import connector_settings
from cynosure.warehouse import open_warehouse
from sandbox.demo import streams
from sandbox.demo.folders import read_json

# customers and months
_LARGE, _TINY = (15_000, 36), (20, 3)
_DAY = 86_400
_TOLD_SECONDS = 3_600.0
# the default of config/sources.yaml
_SHARE = 0.8
_UNPACED = 1_000.0
# leads, deals and tickets per customer, of what a small company has: Stripe alone holds a million rows, and of Zendesk's exports
# ten pages a minute are allowed, which decides how long all of it takes
_STORY = 0.005
_KILLED_AFTER = (20.0, 60.0, 120.0)
_HEADER = ("source", "rows", "landed MB", "kills", "requests", "seconds", "the limits' seconds", "explained", "refused",
           "peak MiB", "load s", "load MiB", "missing", "extra", "deleted wrong")  # fmt: skip


def run(quick: bool) -> Iterator[Table]:
    """One table."""
    with large_company(quick, limits="off" if quick else "live") as server, folder() as home:
        resident = server.process.memory_info().rss / 2**20
        control, share = server.endpoints["control"], _UNPACED if quick else _SHARE
        before = streams.told(control)
        streams.settle(control)
        rows = []
        for name in server.endpoints["connections"]:
            rows.append(_measured(server, name, home, share, before))
            # takes hours: what is known is told at once
            print(" | ".join(map(str, rows[-1])), file=sys.stderr, flush=True)
        yield Table("First load of a large company", _HEADER, rows, _notes(quick, resident))


@contextmanager
def large_company(quick: bool, limits: str) -> Iterator[Sandbox]:
    """The company in all systems; a tiny one for a quick run."""
    customers, months = _TINY if quick else _LARGE
    with sandbox(customers, months, limits=limits, systems="all", story=_STORY, patience=_TOLD_SECONDS) as server:
        yield server


def size(quick: bool) -> str:
    """How large the company is, in words."""
    customers, months = _TINY if quick else _LARGE
    return f"{customers:,} customers, {months} months"


def read_without_pace(server: Sandbox, home: Path) -> None:
    """Lands every source as fast as the machine can."""
    streams.settle(server.endpoints["control"])
    for name in server.endpoints["connections"]:
        in_child("benchmarks.first_load", "extract", name, server.state / "endpoints.json", home, _UNPACED)


def _notes(quick: bool, resident: float) -> list[str]:
    return [
        f"{size(quick)}; the sandbox took {resident:.0f} MiB; share {_SHARE}, the default",
        "the limits' seconds: what the requests take at that share of the limit that is reached first; the rest is the time of"
        " answers and of this machine",
        f"kills: SIGKILL after {', '.join(f'{seconds:.0f}' for seconds in _KILLED_AFTER)} seconds of a run; seconds and requests"
        " of all runs together",
        "missing, extra, deleted wrong: ids in the warehouse against what exists at the source",
        "peak: resident memory of the process, which includes about 80 MiB of libraries",
    ]


def _measured(server: Sandbox, name: str, home: Path, share: float, before: streams.Told) -> tuple[object, ...]:
    server.forget()
    told = _extracted(name, server.state / "endpoints.json", home, share)
    told_limits = server.ask("/limits")["systems"][name].values()
    found = [each for each in told_limits if isinstance(each, dict) and each.get("allowed")]
    # what is allowed in a day is no pace
    paces = [limit for limit in found if limit["seconds"] < _DAY]
    limits = max((limit["requests"] * limit["seconds"] / limit["allowed"] / share for limit in paces), default=0.0)
    requests = max((limit["requests"] for limit in found), default=0)
    loaded = in_child("benchmarks.first_load", "load", name, server.state / "endpoints.json", home, share)
    compared = streams.compare(before, streams.told(server.endpoints["control"]), {name: name}, home / "warehouse.duckdb")
    landed = sum(file.stat().st_size for file in home.glob(f"landing/{name}/**/*.zst")) / 1e6
    return (
        name, f"{loaded['rows']:,}", f"{landed:.1f}", told["kills"], f"{requests:,}" if found else "", f"{told['seconds']:.0f}",
        *((f"{limits:.0f}", f"{limits / told['seconds']:.2f}") if limits else ("", "")),
        sum(limit["violations"] for limit in found), f"{told['peak']:.0f}", f"{loaded['seconds']:.1f}", f"{loaded['peak']:.0f}",
        *(sum(len(getattr(stream, kind)) for stream in compared) for kind in ("missing", "extra", "buried")),
    )  # fmt: skip


def _extracted(name: str, endpoints: Path, home: Path, share: float) -> dict[str, float]:
    """One source to its end, in as many runs as the kills make it; seconds and peak memory (MiB) of all of them."""
    kills, seconds, peak = 0, 0.0, 0.0
    for patience in (*_KILLED_AFTER, None):
        began = time.perf_counter()
        child = start("benchmarks.first_load", "extract", name, endpoints, home, share)
        while patience is not None and time.perf_counter() - began < patience and child.poll() is None:
            time.sleep(0.2)
        if patience is None or child.poll() is not None:
            told: dict[str, float] = finished(child)
            seconds += time.perf_counter() - began
            return {"seconds": seconds, "peak": max(peak, told["peak"]), "kills": kills}
        peak = max(peak, peak_memory(child.pid))
        child.kill()
        child.communicate()
        seconds, kills = seconds + time.perf_counter() - began, kills + 1
    raise AssertionError


def _extract(name: str, connection: dict[str, Any], home: Path, share: float) -> dict[str, float]:
    kind = connector_class(name)
    given = {**connection, "api_key": LIVE_KEY} if name == "stripe" else connection
    connector = kind(connector_settings(kind, name, given), share=share, state=home / "pace")
    started = time.perf_counter()
    results = extract_source(name, connector, LandingLog(f"file://{home}/landing"))
    if failed := [result.error for result in results if result.outcome == "failed"]:
        raise SystemExit("\n".join(failed))
    return {"rows": sum(result.rows for result in results), "seconds": time.perf_counter() - started}


def _load(name: str, home: Path) -> dict[str, float]:
    landing, started = LandingLog(f"file://{home}/landing"), time.perf_counter()
    declared = [(source, stream) for source, stream in landing.streams() if source == name]
    loaded = load_landing(open_warehouse(f"duckdb://{home}/warehouse.duckdb"), landing, declared, datetime.now(UTC))
    return {"rows": sum(r.rows for results in loaded.values() for r in results), "seconds": time.perf_counter() - started}


def main(step: str, name: str, told: Path, home: Path, share: float) -> None:
    """One step of one source; prints what it took as JSON."""
    endpoints = read_json(told)
    assert endpoints is not None
    found = _extract(name, endpoints["connections"][name], home, share) if step == "extract" else _load(name, home)
    print(json.dumps({**found, "peak": peak_memory()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), float(sys.argv[5]))
