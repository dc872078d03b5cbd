"""`cynosure audit`: what the sources hold against what the warehouse holds."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from cynosure.check import AuditResult, StreamAudit
from cynosure.cli.findings import print_findings
from cynosure.cli.output import Json, console_err, print_json, print_table, progress_bars
from cynosure.settings import load_settings
from cynosure.stages import AuditProgress, Stages

_PHASES = {"walking": "under way", "comparing": "comparing", "complete": "complete", "impossible": "not possible"}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(audit)


def audit(
    source: Annotated[str | None, typer.Argument(help="A source of config/sources.yaml; all of them if left out.")] = None,
    stream: Annotated[list[str] | None, typer.Option("--stream", "-s", help="Only this stream (repeatable).")] = None,
    budget: Annotated[int | None, typer.Option(min=1, help="Pages to ask each source for at most.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Walk everything to its end now, instead of a slice.")] = False,
    repair: Annotated[
        bool | None, typer.Option("--repair/--no-repair", help="Put right what is found; by default as sources.yaml says.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare what the sources hold with the warehouse, object by object. Safe to repeat, and to kill."""
    stages = Stages(load_settings())
    with progress_bars(as_json) as bars:
        result = stages.audit(
            [source] if source else None, streams=stream, budget=budget, full=full, repair=repair, progress=_bars(bars)
        )
    if as_json:
        print_json({"data_as_of": result.data_as_of, "streams": result.streams, "findings": result.findings})
    else:
        _print(result)
    if result.stopping:
        raise typer.Exit(4)
    if result.errors:
        raise typer.Exit(3)


def _bars(bars: Progress) -> AuditProgress:
    tasks: dict[tuple[str, str], TaskID] = {}

    def progress(source: str, stream: str, pages: int) -> None:
        if (source, stream) not in tasks:
            tasks[source, stream] = bars.add_task(f"{source}.{stream}", total=None, note="")
        bars.update(tasks[source, stream], note=f"{pages:,} pages")

    return progress


def _print(result: AuditResult) -> None:
    columns = (
        "stream",
        "walk",
        "pages now",
        "at the source",
        "in the warehouse",
        "missing",
        "extra",
        "different",
        "in flight",
        "repaired",
    )
    print_table("", columns, [_row(audit) for audit in result.streams], right=range(2, 10))
    for error in result.errors:
        console_err.print(f"failed: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    if not result.streams:
        typer.echo("nothing was loaded yet, so there is nothing to compare")
    print_findings(result, as_json=False, show_passed=False)


def _row(audit: StreamAudit) -> tuple[str, ...]:
    walk = audit.walk
    compared = walk.phase in ("comparing", "complete")
    sides = (f"{walk.there:,}", f"{walk.here:,}") if compared else ("", "")
    drift = (f"{audit.missing:,}", f"{audit.extra:,}", f"{audit.different:,}") if compared else ("", "", "")
    waiting = f"{walk.in_flight + walk.undecided:,}" if compared else ""
    name = f"{audit.source}.{audit.stream}"
    return name, _PHASES[walk.phase], f"{audit.pages:,}", *sides, *drift, waiting, f"{audit.repaired:,}"
