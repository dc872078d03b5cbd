"""The sandbox's clock: starts at a chosen instant, runs along real time and can be moved forward."""

from __future__ import annotations

from collections.abc import Callable


class Clock:
    """Sandbox time in epoch seconds: wall time plus an offset that only ever grows."""

    def __init__(self, wall: Callable[[], float], offset: int = 0) -> None:
        self._wall = wall
        self.offset = offset

    @classmethod
    def starting_at(cls, start: int, wall: Callable[[], float]) -> Clock:
        """A clock that shows `start` now."""
        return cls(wall, start - int(wall()))

    def now(self) -> int:
        """The sandbox's current instant, in epoch seconds."""
        return int(self._wall()) + self.offset

    def advance(self, seconds: int) -> int:
        """Jump forward and return the new instant; ValueError if asked to go back."""
        if seconds < 0:
            raise ValueError("the sandbox's clock cannot go back")
        self.offset += seconds
        return self.now()
