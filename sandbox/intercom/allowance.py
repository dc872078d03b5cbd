"""Rate limits by windows of ten seconds (developers.intercom.com/docs/references/rest-api/errors/rate-limiting).

10,000 requests a minute for an app and 25,000 for all apps of a workspace, counted ten seconds at a time. This is the
only place that looks at real time.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.intercom.errors import IntercomError

WINDOW_SECONDS = 10
APP_PER_MINUTE = 10_000
WORKSPACE_PER_MINUTE = 25_000


@dataclass
class _Counter:
    """One limit: what it admits in a window, and what came."""

    allowed: int
    window: int = -1
    used: int = 0
    requests: int = 0
    peak: int = 0
    violations: int = 0
    arrived: deque[float] = field(default_factory=deque)

    def arrive(self, at: float) -> bool:
        """Counts a request; whether it is within the limit."""
        self.requests += 1
        self.arrived.append(at)
        while self.arrived[0] <= at - WINDOW_SECONDS:
            self.arrived.popleft()
        self.peak = max(self.peak, len(self.arrived))
        window = int(at // WINDOW_SECONDS)
        if window != self.window:
            self.window, self.used = window, 0
        if self.used >= self.allowed:
            self.violations += 1
            return False
        self.used += 1
        return True

    def report(self) -> dict[str, int]:
        """What was counted; the peak is of any ten seconds, not only of whole windows."""
        counted = {"requests": self.requests, "peak": self.peak, "violations": self.violations}
        return {"allowed": self.allowed, "seconds": WINDOW_SECONDS, **counted}


class Allowance:
    """The limits of an app and of its workspace."""

    def __init__(
        self, app_per_minute: int = APP_PER_MINUTE, enforced: bool = True, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.app_per_minute = app_per_minute
        self.enforced = enforced
        self._monotonic = monotonic
        self.reset()

    def reset(self) -> None:
        """Forgets what was counted."""
        self._app = _Counter(self.app_per_minute * WINDOW_SECONDS // 60)
        self._workspace = _Counter(WORKSPACE_PER_MINUTE * WINDOW_SECONDS // 60)

    def admit(self, now: int) -> dict[str, str]:
        """The headers of an admitted request; IntercomError for one too many. `now` is the sandbox's time."""
        if not self.enforced:
            self._app.requests += 1
            return {}
        at = self._monotonic()
        within = [self._app.arrive(at), self._workspace.arrive(at)]
        left = WINDOW_SECONDS - at % WINDOW_SECONDS
        headers = {
            "X-RateLimit-Limit": str(self._app.allowed),
            "X-RateLimit-Remaining": str(max(0, self._app.allowed - self._app.used)),
            "X-RateLimit-Reset": str(now + max(1, -int(-left // 1))),
        }
        if not all(within):
            message = f"Exceeded rate limit of {self._app.allowed} in 10_seconds"
            raise IntercomError(429, "rate_limit_exceeded", message, headers)
        return headers

    def report(self) -> dict[str, dict[str, int]]:
        """What was counted, by limit."""
        return {"app": self._app.report(), "workspace": self._workspace.report()}
