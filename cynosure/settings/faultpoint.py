"""Named boundaries at which a test can kill the process, to prove that a rerun repairs everything.

Set ``CYNOSURE_KILL_AT=load.before_commit:2`` and the second time the process reaches that boundary it receives
SIGKILL, exactly as from the kernel's out-of-memory killer. Without the variable `reach` does nothing.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

_hits: Counter[str] = Counter()


def reach(name: str) -> None:
    """Dies here if the environment says so."""
    wanted = os.environ.get("CYNOSURE_KILL_AT")
    if not wanted:
        return
    point, _, nth = wanted.partition(":")
    if point != name:
        return
    _hits[name] += 1
    if _hits[name] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
