"""Extraction from every other source as a share of its documented limits: real connectors against the sandbox.

`python -m benchmarks.sources_pace SOURCE ENDPOINTS SHARE PACE LANDING` lands every stream again and again, from nothing,
until it is killed.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measuring import Table, folder, processor_seconds_of, start
from benchmarks.sandbox_process import Sandbox, sandbox
from cynosure.extract import connector_class, extract_source
from cynosure.landing import LandingLog
from cynosure.stages import connector_settings
from sandbox.demo.folders import read_json

_WARM_UP_SECONDS = 10.0
_SHORTEST_SECONDS = 20.0
# a window of a day is a quota, not a pace
_LONGEST_WINDOW_SECONDS = 600.0


def run(quick: bool) -> Iterator[Table]:
    """One table."""
    size = (10, 2) if quick else (300, 12)
    with sandbox(*size, limits="live", systems="all") as server:
        names = [name for name in server.endpoints["connections"] if name not in ("stripe", "ecb")]
        rows = [
            row
            for name in sorted(names)
            for processes in ((2,) if quick else (1, 2))
            for row in _measured(server, name, processes, quick)
        ]
    header = ("source", "limit", "processes", "requests", "share", "most in a window", "refused", "sandbox CPU", "readers CPU")
    notes = [
        f"share set to 1.0; counted for at least {_SHORTEST_SECONDS:.0f} s and one window, from {_WARM_UP_SECONDS:.0f} s after"
        " the start; the sandbox enforces the documented limits over any window",
        "a source has several limits, and one of them is reached first; most streams never touch those of others",
        "CPU is of one core; where nothing was refused and no limit reached, the machine or the time of an answer was the limit",
        "Salesforce limits a day, and how many requests run at once: there is no pace to keep",
        "budget: at least 0.95 of the limit that applies, and nothing refused",
    ]
    yield Table("Extraction as a share of the allowed rate, other sources (real connectors)", header, rows, notes)


def _measured(server: Sandbox, name: str, processes: int, quick: bool) -> list[tuple[object, ...]]:
    windows = [limit["seconds"] for limit in _limits(server, name).values()]
    counted = [window for window in windows if window <= _LONGEST_WINDOW_SECONDS]
    seconds = 3.0 if quick else max([_SHORTEST_SECONDS, *counted])
    told = server.state / "endpoints.json"
    with folder() as home:
        children = [
            start("benchmarks.sources_pace", name, told, 1.0, home / "pace", home / f"landing{number}")
            for number in range(processes)
        ]
        everybody = [server.process, *(psutil.Process(child.pid) for child in children)]
        try:
            time.sleep(3.0 if quick else _WARM_UP_SECONDS)
            server.forget()
            begun, before = time.monotonic(), [processor_seconds_of(process) for process in everybody]
            time.sleep(seconds)
            found = _limits(server, name)
            passed, after = time.monotonic() - begun, [processor_seconds_of(process) for process in everybody]
        finally:
            for child in children:
                child.kill()
                child.wait()
    cpu, *readers = [(b - a) / passed for a, b in zip(before, after, strict=True)]
    return [
        _row(name, limit, processes, counts, passed, f"{cpu:.0%}", f"{sum(readers):.0%}")
        for limit, counts in found.items()
        if counts["seconds"] <= _LONGEST_WINDOW_SECONDS
    ]


def _limits(server: Sandbox, name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = server.ask("/limits")["systems"][name]
    return {limit: counts for limit, counts in found.items() if isinstance(counts, Mapping) and counts.get("allowed")}


def _row(
    name: str, limit: str, processes: int, counts: Mapping[str, Any], passed: float, cpu: str, readers: str
) -> tuple[object, ...]:
    allowed = counts["allowed"] * max(passed / counts["seconds"], 1.0)
    return (
        name, f"{limit}: {counts['allowed']:g} in {counts['seconds']:g} s", processes, f"{counts['requests']} of {allowed:.0f}",
        f"{counts['requests'] / allowed:.2f}", f"{counts['peak']} of {counts['allowed']:g}", counts["violations"], cpu, readers,
    )  # fmt: skip


def main(name: str, told: Path, share: float, pace: Path, landing: Path) -> None:
    """Extracts until it is killed; no stream waits for another to begin anew."""
    endpoints = read_json(told)
    assert endpoints is not None
    kind = connector_class(name)
    connector = kind(connector_settings(kind, name, endpoints["connections"][name]), share=share, state=pace)

    def again_and_again(stream: str) -> None:
        for number in itertools.count():
            (result,) = extract_source(name, connector, LandingLog(f"file://{landing}/{number}"), streams=[stream])
            if result.outcome == "failed":
                print(result.error, file=sys.stderr, flush=True)
                return

    streams = [stream.name for stream in connector.streams]
    with ThreadPoolExecutor(len(streams)) as pool:
        list(pool.map(again_and_again, streams))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5]))
