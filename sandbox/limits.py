"""Rate limits in real time: so many requests in any one second, for the account and for each endpoint."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_SECONDS = 1.0
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Rates:
    """Requests per second: of the whole account and of one endpoint; None for no limit."""

    account: int | None
    endpoint: int | None


RATES = {"test": Rates(25, 25), "live": Rates(100, 25), "off": Rates(None, None)}
"""Stripe's documented rates by mode (docs.stripe.com/rate-limits)."""


@dataclass
class Window:
    """Requests of the last second: those admitted, and the most that ever arrived in one second."""

    admitted: deque[float] = field(default_factory=deque)
    arrived: deque[float] = field(default_factory=deque)
    total: int = 0
    peak: int = 0
    violations: int = 0

    def arrive(self, at: float) -> None:
        """Count an arrival."""
        _forget(self.arrived, at)
        _forget(self.admitted, at)
        self.arrived.append(at)
        self.total += 1
        self.peak = max(self.peak, len(self.arrived))


class Limits:
    """Decides which requests come through, and keeps count of what arrived."""

    def __init__(self, rates: Rates, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.rates = rates
        self._monotonic = monotonic
        self._account = Window()
        self._endpoints: dict[str, Window] = defaultdict(Window)

    def admit(self, endpoint: str) -> str | None:
        """None when the request may pass, otherwise the reason it may not."""
        now = self._monotonic()
        window = self._endpoints[endpoint]
        self._account.arrive(now)
        window.arrive(now)
        reason = self._exceeded(window)
        if reason is None:
            self._account.admitted.append(now)
            window.admitted.append(now)
        else:
            self._account.violations += 1
            window.violations += 1
        return reason

    def _exceeded(self, window: Window) -> str | None:
        if self.rates.account is not None and len(self._account.admitted) >= self.rates.account:
            return "global-rate"
        if self.rates.endpoint is not None and len(window.admitted) >= self.rates.endpoint:
            return "endpoint-rate"
        return None

    def reset(self) -> None:
        """Forget everything counted so far."""
        self._account = Window()
        self._endpoints.clear()

    def report(self) -> dict[str, object]:
        """Totals, peaks per second and refusals, for the account and for each endpoint."""
        return {
            "limits": {"account": self.rates.account, "endpoint": self.rates.endpoint},
            "account": _summary(self._account),
            "endpoints": {name: _summary(window) for name, window in sorted(self._endpoints.items())},
        }


def _forget(times: deque[float], now: float) -> None:
    while times and times[0] <= now - WINDOW_SECONDS + _ROUNDING:
        times.popleft()


def _summary(window: Window) -> dict[str, int]:
    return {"requests": window.total, "peak_per_second": window.peak, "violations": window.violations}
