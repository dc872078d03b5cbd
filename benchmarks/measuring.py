"""How things are measured: interleaved repetitions after a warm-up, wall and processor seconds, medians with their spread.

Processor seconds count every thread, child process and server involved; on a machine that other work shares they say
more than wall seconds do.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import psutil

PROJECT = Path(__file__).parents[1]
Clock = Literal["wall", "cpu"]
_CONNECTION_ENDS_SECONDS = 0.3


@dataclass(frozen=True)
class Cost:
    """Seconds that something took: on the wall, and of processors."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Sample:
    """What several repetitions of one thing took."""

    costs: tuple[Cost, ...]

    def seconds(self, clock: Clock) -> list[float]:
        """Seconds of each repetition."""
        return [getattr(cost, clock) for cost in self.costs]

    def median(self, clock: Clock) -> float:
        """The figure to quote."""
        return statistics.median(self.seconds(clock))

    def spread(self, clock: Clock) -> str:
        """min / median / max in seconds."""
        return _spread(self.seconds(clock), 2)

    def over(self, other: Sample, clock: Clock) -> str:
        """How many times as long as the other, pair by pair: min / median / max."""
        return _spread([a / b for a, b in zip(self.seconds(clock), other.seconds(clock), strict=True)], 2)


@dataclass(frozen=True)
class Table:
    """Something measured, ready to print."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    notes: Sequence[str] = field(default=())

    def markdown(self) -> str:
        """An aligned Markdown table: readable in a terminal, too."""
        lines = [list(map(str, row)) for row in (self.header, *self.rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]
        lines.insert(1, ["-" * width for width in widths])
        body = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines]
        notes = ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n".join([f"### {self.title}", "", *body, *notes, ""])


def interleaved(contenders: Mapping[str, Callable[[], Cost]], repetitions: int) -> dict[str, Sample]:
    """Runs every contender in turn, the first round unmeasured; each returns the cost that counts."""
    rounds: dict[str, list[Cost]] = {name: [] for name in contenders}
    for number in range(repetitions + 1):
        for name, run in contenders.items():
            cost = run()
            if number:
                rounds[name].append(cost)
    return {name: Sample(tuple(costs)) for name, costs in rounds.items()}


def measured(action: Callable[[], Any], server: psutil.Process | None = None) -> Cost:
    """What an action takes, including what it makes a server do."""
    wall, cpu = time.perf_counter(), processor_seconds(server)
    action()
    wall = time.perf_counter() - wall
    if server is not None:
        # the seconds of a connection's own process count once it has ended
        time.sleep(_CONNECTION_ENDS_SECONDS)
    return Cost(wall, processor_seconds(server) - cpu)


def processor_seconds(server: psutil.Process | None = None) -> float:
    """Processor seconds so far of this process, its ended children, and a server with its processes."""
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in own) + (processor_seconds_of(server) if server else 0.0)


def processor_seconds_of(process: psutil.Process) -> float:
    """Processor seconds so far of another process and its children, running and ended."""
    times = process.cpu_times()
    total: float = times.user + times.system + times.children_user + times.children_system
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            running = child.cpu_times()
            total += running.user + running.system
    return total


def in_child(module: str, *arguments: object) -> Any:
    """Runs `python -m module arguments`; the JSON that it printed last."""
    return finished(start(module, *arguments))


def start(module: str, *arguments: object) -> subprocess.Popen[str]:
    """Starts `python -m module arguments`."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT)


def finished(child: subprocess.Popen[str]) -> Any:
    """Waits for a child; the JSON that it printed last. SystemExit if it failed."""
    output, _ = child.communicate()
    if child.returncode:
        raise SystemExit(f"{' '.join(map(str, child.args))} ended with code {child.returncode}")
    return json.loads(output.splitlines()[-1])


def peak_memory(pid: int | str = "self") -> float:
    """Peak resident memory of this process, or of another one that is running, in MiB."""
    # getrusage would give the peak of the process that started this one, where that is higher (Linux, getrusage(2))
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (peak,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peak) / 1024


@contextmanager
def memory_watched(process: psutil.Process) -> Iterator[list[float]]:
    """The memory of a process and its children together, in MiB, several times a second; what they share counts once."""
    seen: list[float] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.25):
            total = 0.0
            for each in (process, *process.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    total += each.memory_full_info().pss / 2**20
            seen.append(total)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield seen
    ended.set()
    watcher.join()


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder that is gone afterwards."""
    with TemporaryDirectory(prefix="bench-") as path:
        yield Path(path)


def _spread(values: Sequence[float], digits: int) -> str:
    return " / ".join(f"{value:.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
