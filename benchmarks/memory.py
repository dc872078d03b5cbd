"""Peak memory of extraction and loading, which must not grow with the number of rows; and what ends up on disk.

`python -m benchmarks.memory ROWS STEP FOLDER` does one step in a process of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Table, folder, in_child, peak_memory
from benchmarks.pages import land, pages
from benchmarks.pages_to_raw import load
from cynosure.extract.run import CHECKPOINT_ROWS


def run(quick: bool) -> Iterator[Table]:
    """One table."""
    sizes = (100, 1_000) if quick else (10_000, 100_000, 1_000_000)
    rows = [_measured(size) for size in sizes]
    header = ("rows", "batches", "extract MiB", "load MiB", "landed MB", "warehouse MB")
    notes = [
        "peak resident memory of a process each, which includes about 100 MiB of loaded libraries",
        f"extraction commits a batch every {CHECKPOINT_ROWS:,} rows, and loading holds the keys of one at a time; beyond that"
        " DuckDB keeps what it read of the table last, up to its memory limit, which the warehouse sets to 1 GB",
    ]
    yield Table("Memory and disk by number of rows (DuckDB)", header, rows, notes)


def _measured(rows: int) -> tuple[str, ...]:
    with folder() as path:
        landed = in_child("benchmarks.memory", rows, "extract", path)
        loaded = in_child("benchmarks.memory", rows, "load", path)
        disk = sum(file.stat().st_size for file in path.glob("landing/**/*.zst")), (path / "warehouse.duckdb").stat().st_size
    if loaded["new"] != rows:
        raise SystemExit(f"{loaded['new']} rows were loaded instead of {rows}")
    peaks = [f"{step['peak']:.0f}" for step in (landed, loaded)]
    return f"{rows:,}", str(loaded["batches"]), *peaks, *(f"{size / 1e6:.1f}" for size in disk)


def main(rows: int, step: str, path: Path) -> None:
    """One step; prints what it needed as JSON."""
    if step == "extract":
        land(path, pages(rows))
        print(json.dumps({"peak": peak_memory()}))
    else:
        results = load(path)
        new = sum(result.new for result in results)
        print(json.dumps({"peak": peak_memory(), "batches": len(results), "new": new}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
