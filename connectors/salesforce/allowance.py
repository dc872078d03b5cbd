"""The org's daily allowance of API requests, which the connector shares with everybody else.

Every answer says `Sforce-Limit-Info: api-usage=18/15000`: used in the last 24 hours, and allowed
(https://developer.salesforce.com/docs: API request limits and allocations).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping

from cynosure.extract import Deferred

# house: a run may use a quarter of the day's requests, and does not start when everybody together has used four fifths
OWN_SHARE = 0.25
START_BELOW = 0.80
# never take the last requests of other apps, even if several runs are at work
STOP_AT = 0.95
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


class Allowance:
    """What this run has used, and what all have; raises Deferred when it is time to stop."""

    def __init__(self, share: float) -> None:
        self._share = min(share, OWN_SHARE)
        self._lock = threading.Lock()
        self.own = self.used = self.total = 0
        self._refused = False

    def note(self, headers: Mapping[str, str]) -> None:
        """Counts an answer; the first one decides whether the run may start."""
        found = _USAGE.search(headers.get("sforce-limit-info", ""))
        with self._lock:
            first = self.own == 0
            self.own += 1
            if found:
                self.used, self.total = int(found[1]), int(found[2])
                self._refused |= first and self.used - 1 > START_BELOW * self.total
        if first:
            self.check()

    def check(self) -> None:
        """Before each request: whether there is still something left for it."""
        if not self.total:
            return
        state = f"{self.used:,} of the org's {self.total:,} daily API requests are used"
        if self._refused:
            raise Deferred(f"{state}, more than {START_BELOW:.0%}: this run leaves the rest to others; the next one tries again")
        if self.own >= self._share * self.total:
            raise Deferred(f"this run has used {self._share:.0%} of the org's daily API requests; the next one goes on from here")
        if self.used >= STOP_AT * self.total:
            raise Deferred(f"{state}: the last ones are left to others; the next run goes on from here")
