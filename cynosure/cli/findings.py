"""How findings are shown, and what they mean for the exit code."""

from __future__ import annotations

import typer

from cynosure.check import CheckResult
from cynosure.cli.output import console, print_json


def print_findings(result: CheckResult, as_json: bool, show_passed: bool) -> None:
    """One line per finding, or JSON; exit code 4 if one holds figures back."""
    if as_json:
        print_json({"data_as_of": result.data_as_of, "findings": result.findings})
    else:
        for finding in result.findings if show_passed else result.failed:
            mark, style = ("passed", "green") if finding.passed else (finding.severity.value.ljust(6), "red")
            console.print(f"[{style}]{mark}[/] ", end="")
            held = "" if finding.passed or not finding.affected_kpis else f" Concerns {len(finding.affected_kpis)} KPIs."
            expected = "" if finding.passed else f"; expected: {finding.expected}."
            console.print(f"{finding.what}{expected}{held}", markup=False, highlight=False, soft_wrap=True)
        counts = f"{len(result.failed)} failed, {len(result.stopping)} of them hold figures back"
        typer.echo(f"{len(result.findings)} checks, {counts}")
    if result.stopping:
        raise typer.Exit(4)
