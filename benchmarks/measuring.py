"""How things are measured: interleaved repetitions after a warm-up, medians with their spread, memory of a child process."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Sample:
    """Seconds of several repetitions of one thing."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure to quote."""
        return statistics.median(self.seconds)

    def spread(self) -> str:
        """min / median / max in seconds."""
        return f"{min(self.seconds):.2f} / {self.median:.2f} / {max(self.seconds):.2f} s"


def interleaved(contenders: Mapping[str, Callable[[], float]], repetitions: int) -> dict[str, Sample]:
    """Runs every contender in turn, the first round unmeasured; each returns the seconds that count."""
    rounds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(repetitions + 1):
        for name, run in contenders.items():
            seconds = run()
            if number:
                rounds[name].append(seconds)
    return {name: Sample(tuple(seconds)) for name, seconds in rounds.items()}


def ratios(slow: Sample, fast: Sample) -> str:
    """How many times faster, pair by pair: min / median / max."""
    pairs = [a / b for a, b in zip(slow.seconds, fast.seconds, strict=True)]
    return f"{min(pairs):.1f} / {statistics.median(pairs):.1f} / {max(pairs):.1f}"


def timed(action: Callable[[], Any]) -> float:
    """Seconds that an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def in_child(module: str, arguments: Sequence[object]) -> dict[str, Any]:
    """Runs `python -m module arguments`; what it printed as JSON, and its peak memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)], check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_memory() -> float:
    """Peak resident memory of this process in MiB (Linux counts kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def print_rows(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table of plain text."""
    table = [list(map(str, header)), *[list(map(str, row)) for row in rows]]
    widths = [max(len(row[i]) for row in table) for i in range(len(header))]
    print(f"\n{title}")
    for number, row in enumerate(table):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
