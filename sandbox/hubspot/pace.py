"""Rate limits in real time: the rolling ten seconds, searches a second, and the day of the sandbox's clock.

https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TEN_SECONDS, SEARCHES, DAILY = 190, 5, 650_000
_DAY = 86_400


@dataclass
class Window:
    """So many requests in so many seconds; `None` allows any number."""

    allowed: int | None
    seconds: float
    admitted: deque[float] = field(default_factory=deque)
    arrived: deque[float] = field(default_factory=deque)
    requests: int = 0
    peak: int = 0
    violations: int = 0

    def arrive(self, at: float) -> bool:
        """Counts an arrival; whether it may pass."""
        for times in (self.admitted, self.arrived):
            while times and times[0] <= at - self.seconds:
                times.popleft()
        self.arrived.append(at)
        self.requests += 1
        self.peak = max(self.peak, len(self.arrived))
        if self.allowed is not None and len(self.admitted) >= self.allowed:
            self.violations += 1
            return False
        return True

    def report(self) -> dict[str, Any]:
        """What was counted."""
        return {"allowed": self.allowed, "seconds": self.seconds, "requests": self.requests, "peak": self.peak,
                "violations": self.violations}  # fmt: skip


class Pace:
    """The three limits of an account."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.ten_seconds, self.searches, self.daily = TEN_SECONDS, SEARCHES, DAILY
        self._day = -1
        self.reset()

    def reset(self) -> None:
        """Forgets what was counted."""
        self._rolling = Window(self.ten_seconds, 10.0)
        self._search = Window(self.searches, 1.0)
        self._today = self._daily_violations = 0

    def admit(self, now: int, *, search: bool, enforced: bool) -> str | None:
        """None when a request may pass, otherwise the name of the policy that stops it."""
        at = self._monotonic()
        if now // _DAY != self._day:
            self._day, self._today = now // _DAY, 0
        self._today += 1
        rolling = self._rolling.arrive(at)
        searching = self._search.arrive(at) if search else True
        policy = None if rolling else "TEN_SECONDLY_ROLLING"
        policy = policy if searching else "SECONDLY"
        if self._today > self.daily:
            self._daily_violations += 1
            policy = "DAILY"
        if policy is None or not enforced:
            self._rolling.admitted.append(at)
            if search:
                self._search.admitted.append(at)
            return None
        return policy

    def headers(self) -> dict[str, str]:
        """Rate headers of an answer that is not a search's."""
        return {
            "X-HubSpot-RateLimit-Daily": str(self.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(self.daily - self._today, 0)),
            "X-HubSpot-RateLimit-Max": str(self.ten_seconds),
            "X-HubSpot-RateLimit-Remaining": str(max(self.ten_seconds - len(self._rolling.admitted), 0)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Secondly": str(self.ten_seconds // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(self.ten_seconds // 10),
        }

    def report(self) -> dict[str, Any]:
        """What was counted, per limit."""
        daily = {
            "allowed": self.daily,
            "seconds": _DAY,
            "requests": self._today,
            "peak": self._today,
            "violations": self._daily_violations,
        }
        return {"ten_seconds": self._rolling.report(), "searches": self._search.report(), "daily": daily}
