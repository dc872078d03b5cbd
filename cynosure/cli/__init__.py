"""The command line: every stage without Airflow.

Exit codes: 0 all well, 1 a stage failed, 2 wrong usage or configuration, 3 a source refused or could not be read,
4 data checks failed, 5 something is busy or deferred and will work later.
"""

from __future__ import annotations

from cynosure.cli.main import app, main

__all__ = ["app", "main"]
