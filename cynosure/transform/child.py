"""`python -m cynosure.transform.child ARGUMENTS`: dbt, in a process that ends when the one that started it ends.

The starter holds the writer's turn; were it killed and dbt went on, two writers could meet.
"""

from __future__ import annotations

import ctypes
import signal
import sys

from dbt.cli.main import cli

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Runs dbt with the given arguments."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    cli()


if __name__ == "__main__":
    main()
