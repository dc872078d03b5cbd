"""Background processes that outlive the program that started them, and are ended by their identity, never by a bare number.

A process is its id together with the instant it was created: an id that the system gave to somebody else is left alone.
Whatever was started also carries a mark in its environment, so that a start that was killed before it could take notes
leaves nothing behind for good.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from sandbox.demo.folders import read_json, write_private

MARK = "CYNOSURE_DEMO_OF"
_GRACE_SECONDS = 20.0
_KILL_SECONDS = 10.0
# the clock ticks in which creation times are kept
_SAME_INSTANT = 0.05


@dataclass(frozen=True)
class Started:
    """A process that was started, with the instant of its creation."""

    name: str
    pid: int
    created: float

    def running(self) -> psutil.Process | None:
        """The process, if it is still the same one and alive."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.created) < _SAME_INSTANT
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


class Processes:
    """The processes of one demo, with a note of each in a file."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._notes = home / "demo" / "processes.json"

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Started:
        """Starts a process in a session of its own, so that a key pressed in the terminal does not reach it."""
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                env={**environment, MARK: str(self._home)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
                cwd=self._home,
            )
        started = Started(name, child.pid, psutil.Process(child.pid).create_time())
        self._write([*(p for p in self.noted() if p.name != name), started])
        return started

    def noted(self) -> list[Started]:
        """Everything there is a note of, running or not."""
        found = read_json(self._notes) or {}
        return [Started(**entry) for entry in found.get("processes", [])]

    def running(self) -> dict[str, Started]:
        """What runs, by name."""
        return {started.name: started for started in self.noted() if started.running()}

    def end(self, names: Iterable[str] | None = None) -> list[str]:
        """Ends these processes (default: all) with everything they started; names of those that would not end."""
        wanted = None if names is None else set(names)
        roots = [s for s in self.noted() if wanted is None or s.name in wanted]
        heads = [process for process in (s.running() for s in roots) if process]
        family = {p.pid: p for head in heads for p in [head, *_descendants(head)]}
        if wanted is None:
            family |= {p.pid: p for p in self._marked()}
        left = _end(heads, list(family.values()))
        gone = {s.name for s in roots} - {s.name for s in roots if s.running()}
        self._write([s for s in self.noted() if s.name not in gone])
        return [f"{p.pid}" for p in left]

    def _marked(self) -> list[psutil.Process]:
        """Processes of this user that carry the mark of this demo, noted or not."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid != os.getpid() and process.environ().get(MARK) == str(self._home):
                    found.append(process)
        return found

    def _write(self, processes: Sequence[Started]) -> None:
        write_private(self._notes, json.dumps({"processes": [asdict(p) for p in processes]}, indent=2) + "\n")


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children(recursive=True)
    except psutil.Error:
        return []
    return found


def _end(heads: Sequence[psutil.Process], family: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Asks the heads to end, then kills whoever of the family is left; returns those that are still there."""
    orphans = [p for p in family if p not in heads and p.ppid() == 1] if heads else list(family)
    for process in [*heads, *orphans]:
        _signal(process, signal.SIGTERM)
    left = _wait(family, _GRACE_SECONDS)
    for process in left:
        _signal(process, signal.SIGKILL)
    return _wait(left, _KILL_SECONDS)


def _signal(process: psutil.Process, number: int) -> None:
    # psutil compares the creation time before it sends anything
    with contextlib.suppress(psutil.Error):
        process.send_signal(number)


def _wait(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    deadline = time.monotonic() + seconds
    left = list(processes)
    while left and time.monotonic() < deadline:
        left = [p for p in left if _alive(p)]
        if left:
            time.sleep(0.1)
    return left


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
