"""The daily allowance of API requests, counted over the last 24 hours of the org's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HOUR, DAY = 3_600, 86_400
ALLOWED = {"test": 15_000, "live": 100_000, "off": 100_000}
"""Requests a day: a Developer org, an Enterprise org (https://developer.salesforce.com: API request limits and allocations)."""
_PER_LICENCE = 1_000


@dataclass
class Usage:
    """Requests by hour; `other` apps share the allowance."""

    enforced: bool = True
    allowed: int = ALLOWED["live"]
    requests: int = 0
    violations: int = 0
    peak: int = 0
    jobs: int = 0
    _hours: dict[int, int] = field(default_factory=dict)

    def configure(self, mode: str, licences: int) -> None:
        """The allowance of a mode and of a number of user licences."""
        self.enforced = mode != "off"
        self.allowed = ALLOWED[mode] + (_PER_LICENCE * licences if mode == "live" else 0)

    def used(self, now: int) -> int:
        """Requests in the last 24 hours, of everybody."""
        self._hours = {hour: count for hour, count in self._hours.items() if hour > (now - DAY) // HOUR}
        return sum(self._hours.values())

    def add(self, count: int, now: int) -> None:
        """So many requests were made."""
        self._hours[now // HOUR] = self._hours.get(now // HOUR, 0) + count

    def admit(self, now: int) -> bool:
        """Counts a request; False if the allowance is used up."""
        self.requests += 1
        if self.enforced and self.used(now) >= self.allowed:
            self.violations += 1
            return False
        self.add(1, now)
        self.peak = max(self.peak, self.used(now))
        return True

    def report(self) -> dict[str, Any]:
        """What was counted."""
        return {
            "daily_api_requests": {
                "allowed": self.allowed if self.enforced else None, "seconds": DAY, "requests": self.requests,
                "peak": self.peak, "violations": self.violations,
            },
        }  # fmt: skip

    def reset(self) -> None:
        """Forgets what was counted for the report; the allowance stays used."""
        self.requests = self.violations = self.peak = 0
