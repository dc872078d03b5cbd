"""Runs the command line in this process, with an environment of its own, and gives what it printed and its exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from cynosure.cli import main


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything it printed, in one line each, without the folding of tables."""
        return self.out + self.err


def call(*arguments: str, env: Mapping[str, str]) -> Ended:
    """The end of `cynosure ARGUMENTS`; an exception that reaches the user as a traceback is raised."""
    out, err = io.StringIO(), io.StringIO()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CYNOSURE_")}
    with (
        patch.dict(os.environ, {**kept, **env, "COLUMNS": "200"}, clear=True),
        patch.object(sys, "argv", ["cynosure", *arguments]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return Ended(code, out.getvalue(), err.getvalue())
