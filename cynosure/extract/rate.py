"""One rate limit shared by every thread and process of this machine that uses the same account.

A limit of N requests in any W seconds is kept as N permits. A permit that was used comes back W seconds after the
*answer* arrived. The vendor counted that request before it answered, and counts the next one after it was sent, so the
two are at least W seconds apart on the vendor's clock whatever the network does: the limit cannot be exceeded. It costs
the time that an answer takes, N / (W + answer time), instead of room left for jitter.

The permits live in a small file under a lock; each holds the instant (monotonic clock) from which it is free.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# a permit whose holder was killed comes back after this: longer than any request may take
_LOST_SECONDS = 180.0
# after a reboot the monotonic clock starts again: an instant far ahead is a leftover
_LEFTOVER_SECONDS = 3_600.0


class RateLimiter:
    """At most `requests` in any `seconds`; `penalize` holds everybody back."""

    def __init__(self, requests: float, seconds: float = 1.0, state: Path | None = None) -> None:
        # a rate below one request a window means a longer window
        self._window = seconds if requests >= 1 else seconds / requests
        self._count = max(int(requests + 1e-9), 1)
        self._lock = threading.Lock()
        self._free = array("d", [0.0] * (self._count + 1))  # the last one: nobody goes before this
        self._descriptor: int | None = None
        if state is not None:
            state.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(state, os.O_RDWR | os.O_CREAT, 0o600)

    @contextmanager
    def permit(self) -> Iterator[None]:
        """Waits for a free permit, and gives it back when the block (one request and its answer) ends."""
        number = self._take()
        try:
            yield
        finally:
            with self._locked():
                self._free[number] = time.monotonic() + self._window
                self._write()

    def penalize(self, seconds: float) -> None:
        """No permit for the next `seconds`, for anybody: the vendor asked for a pause."""
        with self._locked():
            self._free[-1] = max(self._free[-1], time.monotonic() + seconds)
            self._write()

    def close(self) -> None:
        """Closes the shared state file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self) -> int:
        while True:
            with self._locked():
                now = time.monotonic()
                number = min(range(self._count), key=self._free.__getitem__)
                wait = max(self._free[number], self._free[-1]) - now
                if wait <= 0:
                    self._free[number] = now + self._window + _LOST_SECONDS
                    self._write()
                    return number
            time.sleep(min(wait, 1.0))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            if self._descriptor is None:
                yield
                return
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                self._read()
                yield
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _read(self) -> None:
        assert self._descriptor is not None
        data = os.pread(self._descriptor, 8 * len(self._free), 0)
        if len(data) == 8 * len(self._free):
            self._free = array("d", data)
            latest = time.monotonic() + _LEFTOVER_SECONDS
            for number, instant in enumerate(self._free):
                if instant > latest:
                    self._free[number] = 0.0

    def _write(self) -> None:
        if self._descriptor is not None:
            os.pwrite(self._descriptor, self._free.tobytes(), 0)
