"""One rate limit shared by every thread and process of this machine that uses the same account.

A limit of N requests in any W seconds is kept as N permits. A permit that was used comes back W seconds after the
*answer* arrived. The vendor counted that request before it answered, and counts the next one after it was sent, so the
two are at least W seconds apart on the vendor's clock whatever the network does: the limit cannot be exceeded. It costs
the time that an answer takes, N / (W + answer time), instead of room left for jitter.

Permits come back in the order in which they become free again, so they wait in a ring and a request costs the same
whatever N is. The ring lies in a small file under a lock, mapped into memory. A process may be killed between any two
stores: at worst a permit is lost until its lease ends.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path

# a permit whose holder was killed comes back after this: longer than any request may take
_LEASE_SECONDS = 180.0
_AT_ONCE = 64
# the file: its format, how many permits it keeps, where the ring begins, before when nobody goes, then leases, then the ring
_FORMAT, _PERMITS, _HEAD, _PAUSE = range(4)
_LEASES = slice(4, 4 + _AT_ONCE)
_RING = 4 + _AT_ONCE
_THIS_FORMAT = 2.0
_LONGEST_SLEEP_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 3_600.0


class RateLimiter:
    """At most `requests` in any `seconds`, and 64 at once; `penalize` holds everybody back."""

    def __init__(self, requests: float, seconds: float = 1.0, state: Path | None = None) -> None:
        # a rate below one request a window means a longer window
        self._window = seconds if requests >= 1 else seconds / requests
        self._count = max(int(requests + 1e-9), 1)
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        size = 8 * (_RING + self._count)
        if state is not None:
            state.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(state, os.O_RDWR | os.O_CREAT, 0o600)
            if os.fstat(self._descriptor).st_size < size:
                # only ever longer: another process may have it mapped
                os.ftruncate(self._descriptor, size)
        self._memory = mmap(-1 if self._descriptor is None else self._descriptor, size)
        self._cells = memoryview(self._memory).cast("d")

    @contextmanager
    def permit(self) -> Iterator[None]:
        """Waits for a free permit, and gives it back when the block (one request and its answer) ends."""
        lease, until = self._take()
        try:
            yield
        finally:
            self._give_back(lease, until)

    def penalize(self, seconds: float) -> None:
        """No permit for the next `seconds`, for anybody: the vendor asked for a pause."""
        with self._locked():
            self._cells[_PAUSE] = max(self._cells[_PAUSE], time.monotonic() + min(seconds, _LONGEST_PAUSE_SECONDS))

    def close(self) -> None:
        """Closes the shared state file."""
        self._cells.release()
        self._memory.close()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self) -> tuple[int, float]:
        """The number and the end of the lease under which a permit was taken."""
        while True:
            with self._locked():
                now = time.monotonic()
                self._reclaim(now)
                free_at = self._next_free(now)
                if free_at <= now:
                    lease = self._cells[_LEASES].tolist().index(0)
                    until = now + _LEASE_SECONDS
                    self._cells[_LEASES][lease] = until
                    self._cells[_HEAD] = (self._cells[_HEAD] + 1) % self._count
                    return lease, until
            time.sleep(min(free_at - now, _LONGEST_SLEEP_SECONDS))

    def _next_free(self, now: float) -> float:
        """From when on a request may go; while all permits are out, none can be free within a window."""
        out = self._out()
        if out >= min(self._count, _AT_ONCE):
            return now + (self._window if out >= self._count else _LONGEST_SLEEP_SECONDS / 100)
        instant = self._cells[_RING + int(self._cells[_HEAD])]
        # after a reboot the monotonic clock starts again: an instant too far ahead is a leftover
        limits = ((instant, self._window), (self._cells[_PAUSE], _LONGEST_PAUSE_SECONDS))
        return max(at if at <= now + longest else 0.0 for at, longest in limits)

    def _give_back(self, lease: int, until: float) -> None:
        with self._locked():
            if self._cells[_LEASES][lease] == until:
                self._append(time.monotonic() + self._window)
                self._cells[_LEASES][lease] = 0.0

    def _reclaim(self, now: float) -> None:
        """Permits whose holder was killed, or belonged to a machine before its reboot, are free."""
        for lease, until in enumerate(self._cells[_LEASES].tolist()):
            if until and not now <= until <= now + _LEASE_SECONDS:
                self._append(now)
                self._cells[_LEASES][lease] = 0.0

    def _append(self, instant: float) -> None:
        end = (int(self._cells[_HEAD]) + self._count - self._out()) % self._count
        self._cells[_RING + end] = instant

    def _out(self) -> int:
        return _AT_ONCE - self._cells[_LEASES].tolist().count(0)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            if self._descriptor is not None:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                if (self._cells[_FORMAT], self._cells[_PERMITS]) != (_THIS_FORMAT, float(self._count)):
                    self._begin()
                yield
            finally:
                if self._descriptor is not None:
                    fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _begin(self) -> None:
        """A new file, or one of another limit: what was counted there is waited for."""
        known = self._cells[_FORMAT] != 0.0
        self._cells[_FORMAT] = 0.0
        for cell in range(_PERMITS, len(self._cells)) if known else ():
            self._cells[cell] = 0.0
        self._cells[_PAUSE] = time.monotonic() + self._window if known else 0.0
        self._cells[_PERMITS] = float(self._count)
        self._cells[_FORMAT] = _THIS_FORMAT
