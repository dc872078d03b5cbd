"""How much may be asked: the account's rolling limit, the limit of searches, and a share of the day's allowance.

Numbers: https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
"""

from __future__ import annotations

import fcntl
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cynosure.extract import Deferred

Tier = Literal["free", "starter", "professional", "enterprise"]

WINDOW_SECONDS = 10.0
#: requests per ten seconds, and per day, of a private app by the account's tier
PER_WINDOW: dict[Tier, int] = {"free": 100, "starter": 100, "professional": 190, "enterprise": 190}
PER_DAY: dict[Tier, int] = {"free": 250_000, "starter": 250_000, "professional": 650_000, "enterprise": 1_000_000}
#: with the API limit increase
PACK_PER_WINDOW, PACK_PER_DAY = 250, 1_000_000
#: an OAuth app has a limit of its own per account
OAUTH_PER_WINDOW = 110
SEARCHES_PER_SECOND = 5
# other apps of the account live on the same allowance
DAILY_SHARE = 0.2
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests in ten seconds, searches in a second and requests in a day."""

    window: float
    searches: float
    day: int

    @classmethod
    def of(cls, tier: Tier, packs: int, *, oauth: bool, share: float) -> Limits:
        """A share of what HubSpot documents for the account."""
        window = OAUTH_PER_WINDOW if oauth else PACK_PER_WINDOW if packs else PER_WINDOW[tier]
        return cls(window * share, SEARCHES_PER_SECOND * share, int((PER_DAY[tier] + packs * PACK_PER_DAY) * DAILY_SHARE))


class DailyBudget:
    """Counts the day's requests of every process that uses the same account; `day` is the vendor's."""

    def __init__(self, allowance: int, state: Path | None = None) -> None:
        self._allowance = allowance
        self._lock = threading.Lock()
        self._day, self._count = -1, 0
        self._descriptor: int | None = None
        if state is not None:
            state.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(state, os.O_RDWR | os.O_CREAT, 0o600)

    def spend(self, now: float) -> None:
        """Counts one request; raises Deferred when the share of the day is used up.

        At `now` 0 the vendor's day is not known yet: the request that will tell it is counted and let through.
        """
        with self._lock:
            if self._descriptor is not None:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                self._count_one(int(now) // DAY)
            finally:
                if self._descriptor is not None:
                    fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Closes the shared file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _count_one(self, day: int) -> None:
        if self._descriptor is not None:
            self._day, self._count = _parsed(os.pread(self._descriptor, 64, 0))
        if day > max(self._day, 0):
            self._day, self._count = day, self._count if self._day <= 0 else 0
        if self._count >= self._allowance and day:
            raise Deferred(
                f"{self._count} requests made today, this platform's share of the daily allowance: the next day goes on from here"
            )
        self._count += 1
        if self._descriptor is not None:
            os.pwrite(self._descriptor, f"{self._day} {self._count}".ljust(64).encode(), 0)


def _parsed(text: bytes) -> tuple[int, int]:
    try:
        day, count = text.split()
        return int(day), int(count)
    except ValueError:
        return -1, 0
