"""`python tests/kill/storm.py [--kills 1000] [--engine duckdb|postgres]`: kills loads by the thousand, and sums up.

Loads of a warehouse are killed at random instants until one gets through; then everything is compared with an
undisturbed load.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.extend((str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "support")))

import psycopg
from forking import forks
from landed import STREAM, land
from test_load_kills import everything

LATER, SOONER = 1.05, 0.8


def main() -> None:
    """Prints what was killed and what was found."""
    options = _parser().parse_args()
    began, chance, compared = time.monotonic(), random.Random(options.seed), 0
    with (
        tempfile.TemporaryDirectory(prefix="storm-") as home,
        forks() as children,
        _warehouses(options.engine, Path(home)) as new,
    ):
        job: dict[str, Any] = {"landing": f"file://{_landed(Path(home) / 'landing')}", "streams": [STREAM]}
        clean = new()
        started = time.monotonic()
        assert children.run("load", warehouse=clean, **job)
        longest = time.monotonic() - started
        expected = everything(clean)
        while children.killed < options.kills:
            url, before = new(), children.killed
            while not children.run("load", warehouse=url, kill_after=chance.uniform(0.005, longest), **job):
                longest *= LATER
            # about four of five are killed, however fast the machine is just now
            longest *= SOONER
            if everything(url) != expected:
                raise SystemExit(f"after {children.killed - before} kills the warehouse differs: {url}")
            compared += 1
            print(f"\r{children.killed} kills, {compared} warehouses compared", end="", file=sys.stderr, flush=True)
    print(
        f"{options.engine}: {children.killed} loads were killed at random instants; {compared} warehouses were compared with an"
        f" undisturbed one after the load that got through, and none differed; {time.monotonic() - began:.0f} s"
    )


def _landed(folder: Path) -> Path:
    """A listing, changes, tombstones, a file of many rows, and a second listing that buries what vanished."""
    land(folder, 1, [(f"in_{n:04}", {"id": n, "v": 1}) for n in range(2_000)], listing_from=1, ends=True)
    land(folder, 2, [(f"in_{n:04}", {"id": n, "v": 2}) for n in range(0, 2_000, 3)])
    land(folder, 3, [("in_0000", None), ("in_0001", {"id": 1, "v": 3}), ("in_0001", {"id": 1, "v": 4}), ("in_9999", None)])
    land(folder, 4, [(f"in_{n:04}", {"id": n, "v": 5}) for n in range(1_000)], listing_from=4)
    land(folder, 5, [(f"in_{n:04}", {"id": n, "v": 5}) for n in range(1_000, 1_900)], listing_from=4, ends=True)
    return folder


@contextmanager
def _warehouses(engine: str, home: Path) -> Iterator[Callable[[], str]]:
    """Makes URLs of empty warehouses; only the newest is kept."""
    made = 0
    if engine == "duckdb":

        def in_file() -> str:
            nonlocal made
            for old in home.glob("w*/*"):
                old.unlink()
            made += 1
            return f"duckdb://{home}/w{made}/w.duckdb"

        yield in_file
        return
    from benchmarks.postgres import server

    with server() as running, psycopg.connect(running.url("postgres"), autocommit=True) as connection:

        def in_server() -> str:
            nonlocal made
            connection.execute(f"drop database if exists w{made} with (force)".encode())
            made += 1
            connection.execute(f"create database w{made} strategy = wal_log".encode())
            return running.url(f"w{made}")

        yield in_server


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--engine", choices=["duckdb", "postgres"], default="duckdb")
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    main()
