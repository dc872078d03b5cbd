"""Bounded retries: transient failures are tried again, within a count and a total time, obeying the vendor's wait."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from cynosure.extract.errors import Deferred, RetryLater

T = TypeVar("T")


@dataclass(frozen=True)
class Retrying:
    """Policy: at most `attempts` tries and `total` seconds of waiting; each wait doubles from `first` up to `longest`."""

    attempts: int = 8
    total: float = 300.0
    first: float = 0.5
    longest: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep)

    def call(self, action: Callable[[], T]) -> T:
        """The result of `action`; raises Deferred when the bounds are reached."""
        waited = 0.0
        for attempt in range(1, self.attempts + 1):
            try:
                return action()
            except RetryLater as error:
                wait = self._wait(attempt, error.retry_after)
                if attempt == self.attempts or waited + wait > self.total:
                    raise Deferred(f"{error} (gave up after {attempt} tries; the next run goes on from here)") from error
                waited += wait
                self.sleep(wait)
        raise AssertionError("unreachable")

    def _wait(self, attempt: int, asked: float | None) -> float:
        if asked is not None:
            return max(asked, 0.0)
        return float(min(self.first * 2 ** (attempt - 1), self.longest) * random.uniform(0.5, 1.0))
