"""What the simulation still has to do, in time order."""

from __future__ import annotations

import heapq
from collections.abc import Callable

Handler = Callable[[str, int], None]
"""Does a job, given its key and the instant it was due."""


class Agenda:
    """Jobs by due instant (epoch seconds); jobs of one instant run in the order they were entered."""

    def __init__(self) -> None:
        self._jobs: list[tuple[int, int, str, str]] = []
        self._handlers: dict[str, Handler] = {}
        self._entered = 0

    def handle(self, job: str, handler: Handler) -> None:
        """Name the function that does a kind of job."""
        self._handlers[job] = handler

    def enter(self, when: int, job: str, key: str) -> None:
        """Add a job for an instant; an instant in the past is due at once."""
        self._entered += 1
        heapq.heappush(self._jobs, (when, self._entered, job, key))

    def next_due(self) -> int | None:
        """The instant of the first job, or None when there is none."""
        return self._jobs[0][0] if self._jobs else None

    def run_until(self, instant: int) -> int:
        """Do every job due up to and including the instant; returns how many were done."""
        done = 0
        while self._jobs and self._jobs[0][0] <= instant:
            when, _, job, key = heapq.heappop(self._jobs)
            self._handlers[job](key, when)
            done += 1
        return done
