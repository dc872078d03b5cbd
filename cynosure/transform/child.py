"""`python -m cynosure.transform.child PARENT ARGUMENTS`: dbt, in a process that ends when the one that started it ends.

The starter holds the writer's turn; were it killed and dbt went on, two writers could meet. dbt takes seconds to import,
so the tie is made before that, and whoever was orphaned even earlier notices it by its new parent.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Runs dbt with the given arguments, unless the process of that id is not the parent any more."""
    parent = int(sys.argv.pop(1))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit("the process that started this build has ended")
    from dbt.cli.main import cli

    cli()


if __name__ == "__main__":
    main()
