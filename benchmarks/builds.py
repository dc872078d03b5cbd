"""Builds of a large company on each warehouse: of everything, and of what an hour has changed.

Its sources are read without pace: how long a first load takes is another section. `python -m benchmarks.builds STEP URL HOME
ENDPOINTS` does one step in a process of its own.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.first_load import large_company, read_without_pace, size
from benchmarks.installation import built, extracted, installation
from benchmarks.measuring import Table, folder, in_child, memory_watched, peak_memory, processor_seconds_of
from benchmarks.postgres import server as postgres_server
from benchmarks.sandbox_process import Sandbox
from cynosure.stages import Stages
from sandbox.demo.folders import read_json

_HEADER = ("", "wall s", "processor s", "models and tests", "peak MiB", "server's MiB")


def run(quick: bool) -> Iterator[Table]:
    """One table, a warehouse after the other: everything from nothing, an hour of changes, everything on a new day.

    The quick variant leaves dbt out.
    """
    with large_company(quick, limits="off") as server, folder() as home:
        read_without_pace(server, home)
        yield _timed(server, home, quick=quick)


def _timed(server: Sandbox, home: Path, *, quick: bool) -> Table:
    with postgres_server() as postgres, postgres.database() as database:
        warehouses = {"DuckDB": f"duckdb://{home}/warehouse.duckdb", "PostgreSQL": database}
        rows = []

        def step(name: str, *steps: str) -> None:
            for engine, url in warehouses.items():
                for each in steps:
                    before = processor_seconds_of(postgres.process)
                    with memory_watched(postgres.process) as seen:
                        told = in_child("benchmarks.builds", each, url, home, server.state / "endpoints.json")
                served = ""
                if engine == "PostgreSQL":
                    told["cpu"] += processor_seconds_of(postgres.process) - before
                    served = f"{max(seen, default=0.0):,.0f}"
                rows.append((f"{engine}: {name}", *(f"{told[key]:,.0f}" for key in ("wall", "cpu", "nodes", "peak")), served))

        def extract() -> None:
            in_child("benchmarks.builds", "extract", warehouses["DuckDB"], home, server.state / "endpoints.json")

        step("everything from nothing", "load", *([] if quick else ["everything"]))
        server.tell("/advance", {"by": "1h"})
        extract()
        step("an hour later: load", "load")
        if not quick:
            step("an hour later: what has changed", "needed")
            step("everything once more", "everything")
    return Table(
        "Builds of a large company", _HEADER, rows,
        [
            f"{size(quick)}, in five systems",
            "models and tests: how many dbt has built; rows for a load",
            "everything once more: of staging only what has changed is read again, as on a new day",
            "processor seconds include those of PostgreSQL's own processes; the peak is resident memory of the largest process of"
            " ours, beside what PostgreSQL's processes had together at most",
        ],
    )  # fmt: skip


def _load(stages: Stages) -> int:
    return sum(result.rows for results in stages.load().values() for result in results)


def _everything(stages: Stages) -> int:
    return _built(stages, needed=False)


def _needed(stages: Stages) -> int:
    return _built(stages, needed=True)


def _built(stages: Stages, *, needed: bool) -> int:
    result = built(stages, stages.what_to_build() if needed else None)
    slowest = sorted(result.nodes, key=lambda node: -node.seconds)[:25]
    print("\n".join(f"{node.seconds:8.1f} s  {node.node}" for node in slowest), file=sys.stderr)
    return len(result.nodes)


_STEPS: dict[str, Callable[[Stages], int]] = {"extract": extracted, "load": _load, "everything": _everything, "needed": _needed}


def main(step: str, url: str, home: Path, endpoints: Path) -> None:
    """One step on one warehouse; prints what it took as JSON."""
    found: Any = read_json(endpoints)
    elsewhere = {"CYNOSURE_LANDING": f"file://{home}/landing", "CYNOSURE_WAREHOUSE": url}
    stages = installation(home / url.partition(":")[0], found, endpoints.parent / "clock", **elsewhere)
    began = time.perf_counter()
    nodes = _STEPS[step](stages)
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        json.dumps(
            {
                "wall": time.perf_counter() - began,
                "cpu": sum(each.ru_utime + each.ru_stime for each in usage),
                "nodes": nodes,
                "peak": max(peak_memory(), usage[1].ru_maxrss / 1024),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
