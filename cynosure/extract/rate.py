"""One rate limit shared by every thread and process of this machine that uses the same account.

Requests are spaced evenly (the generic cell rate algorithm, as in ITU-T I.371): the state is one number, the instant
of the next free slot, kept in a small file under a lock. An evenly spaced stream never exceeds the limit in any
window, which a bucket that allows bursts cannot promise.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import time
from pathlib import Path

_SLOT = struct.Struct("d")


class RateLimiter:
    """At most `per_second` permits a second, handed out in order; `penalize` pushes all further ones back."""

    def __init__(self, per_second: float, state: Path | None = None) -> None:
        self.per_second = per_second
        self._interval = 1.0 / per_second
        self._lock = threading.Lock()
        self._next = 0.0
        self._descriptor: int | None = None
        if state is not None:
            state.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(state, os.O_RDWR | os.O_CREAT, 0o600)

    def acquire(self) -> None:
        """Waits for the next free slot; one that was overslept is given up, or it would meet the one after it."""
        while (wait := self._reserve(self._interval, 0.0)) > 0:
            due = time.monotonic() + wait
            time.sleep(wait)
            if time.monotonic() - due < self._interval:
                return

    def penalize(self, seconds: float) -> None:
        """No permit for the next `seconds`, for anybody: the vendor asked for a pause."""
        self._reserve(0.0, seconds)

    def close(self) -> None:
        """Closes the shared state file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _reserve(self, interval: float, pause: float) -> float:
        """Takes a slot; returns how long to wait for it."""
        with self._lock:
            if self._descriptor is None:
                now = time.monotonic()
                slot = max(self._next, now + pause)
                self._next = slot + interval
                return slot - now
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                return self._reserve_shared(interval, pause)
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _reserve_shared(self, interval: float, pause: float) -> float:
        assert self._descriptor is not None
        data = os.pread(self._descriptor, _SLOT.size, 0)
        stored = _SLOT.unpack(data)[0] if len(data) == _SLOT.size else 0.0
        now = time.monotonic()
        # after a reboot the monotonic clock starts again: a slot far ahead is a leftover
        slot = max(stored if stored < now + 3600 else 0.0, now + pause)
        os.pwrite(self._descriptor, _SLOT.pack(slot + interval), 0)
        return slot - now
