"""Rate limits in real time, each over its own window (https://developer.zendesk.com/api-reference/introduction/rate-limits/)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MINUTE = 60.0
_ROUNDING = 1e-9

PLANS = {"team": (200, 10), "professional": (400, 10), "enterprise": (700, 10), "enterprise_plus": (2500, 30)}
"""Requests a minute of the account and of incremental exports, by plan."""
DELETED_TICKETS = 10


@dataclass
class Limit:
    """So many requests in any window; `allowed` None lets everything through and still counts."""

    allowed: int | None
    seconds: float = MINUTE
    requests: int = 0
    peak: int = 0
    violations: int = 0
    admitted: deque[float] = field(default_factory=deque)
    arrived: deque[float] = field(default_factory=deque)

    def arrive(self, at: float) -> bool:
        """Counts a request; whether it may pass."""
        for times in (self.admitted, self.arrived):
            while times and times[0] <= at - self.seconds + _ROUNDING:
                times.popleft()
        self.arrived.append(at)
        self.requests += 1
        self.peak = max(self.peak, len(self.arrived))
        return self.allowed is None or len(self.admitted) < self.allowed

    @property
    def left(self) -> int:
        """How many more may pass now."""
        return max((self.allowed or 0) - len(self.admitted), 0)

    def wait(self, at: float) -> int:
        """Whole seconds until the next may pass."""
        return max(1, int(self.admitted[0] + self.seconds - at + 1)) if self.admitted else 1

    def report(self) -> dict[str, Any]:
        """What was counted."""
        return {
            "allowed": self.allowed, "seconds": self.seconds, "requests": self.requests, "peak": self.peak,
            "violations": self.violations,
        }  # fmt: skip


class Limiting:
    """The limits of one account: `account`, `exports` and `deleted_tickets`."""

    def __init__(self, plan: str, enforced: bool, monotonic: Callable[[], float] = time.monotonic) -> None:
        account, exports = PLANS[plan]
        numbers = {"account": account, "exports": exports, "deleted_tickets": DELETED_TICKETS}
        self.limits = {name: Limit(number if enforced else None) for name, number in numbers.items()}
        self.shown = account
        self._monotonic = monotonic

    def admit(self, *names: str) -> tuple[int, int] | None:
        """None if a request may pass that counts for these limits, else (seconds to wait, the limit)."""
        at = self._monotonic()
        refusing = [limit for limit in (self.limits[name] for name in names) if not limit.arrive(at)]
        for limit in (self.limits[name] for name in names):
            if refusing:
                limit.violations += limit in refusing
            else:
                limit.admitted.append(at)
        return (max(limit.wait(at) for limit in refusing), refusing[0].allowed or 0) if refusing else None

    def headers(self) -> dict[str, str]:
        """The rate headers of every answer."""
        account = self.limits["account"]
        left = str(account.left if account.allowed is not None else self.shown)
        return {
            "x-rate-limit": str(self.shown), "x-rate-limit-remaining": left,
            "ratelimit-limit": str(self.shown), "ratelimit-remaining": left, "ratelimit-reset": "60",
        }  # fmt: skip

    def set(self, seconds: float, **allowed: int | None) -> None:
        """Other numbers, over another window; counting starts anew."""
        for name, limit in self.limits.items():
            self.limits[name] = Limit(allowed.get(name, limit.allowed), seconds)

    def reset(self) -> None:
        """Forgets what was counted."""
        self.limits = {name: Limit(limit.allowed, limit.seconds) for name, limit in self.limits.items()}
