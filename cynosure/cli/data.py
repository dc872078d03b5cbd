"""Commands of the data path: check-connection, extract, load, transform, check, replay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from cynosure.cli.findings import print_findings
from cynosure.cli.output import Json, console_err, print_json, print_table, progress_bars
from cynosure.extract import StreamResult
from cynosure.load import LoadResult
from cynosure.settings import load_settings
from cynosure.stages import Stages

SourceName = Annotated[str | None, typer.Argument(help="A source of config/sources.yaml; all of them if left out.")]
StreamNames = Annotated[list[str] | None, typer.Option("--stream", "-s", help="Only this stream (repeatable).")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (check_connection, extract, load, transform, check, replay):
        app.command()(command)


def check_connection(source: SourceName = None, as_json: Json = False) -> None:
    """Prove that credentials work, stream by stream, and say what is missing."""
    stages = Stages(load_settings())
    names = [source] if source else list(stages.streams)
    found = {name: stages.check_connection(name) for name in names}
    if as_json:
        print_json(found)
    else:
        rows = [(name, a.stream, "ok" if a.allowed else a.reason) for name, accesses in found.items() for a in accesses]
        print_table("", ("source", "stream", "access"), rows)
    if not all(access.allowed for accesses in found.values() for access in accesses):
        raise typer.Exit(3)


def extract(source: SourceName = None, stream: StreamNames = None, as_json: Json = False) -> None:
    """Land what the sources have that is not landed yet. Safe to repeat, and to kill."""
    stages = Stages(load_settings())
    names = [source] if source else list(stages.streams)
    results: dict[str, list[StreamResult]] = {}
    with progress_bars(as_json) as bars:
        for name in names:
            results[name] = stages.extract(name, stream, progress=_stream_bars(bars, name))
    if as_json:
        print_json(results)
    else:
        _print_extracted(results)
    outcomes = {result.outcome for found in results.values() for result in found}
    if outcomes - {"ok"}:
        raise typer.Exit(3 if "failed" in outcomes else 5)


def load(as_json: Json = False) -> None:
    """Apply everything landed to the warehouse, each batch in one transaction. Safe to repeat, and to kill."""
    stages = Stages(load_settings())
    with progress_bars(as_json) as bars:
        _print_loaded(stages.load(_load_bar(bars)), as_json)


def replay(
    target: Annotated[str, typer.Argument(help="URL of an empty warehouse: duckdb:///path or postgresql://...")],
    as_json: Json = False,
) -> None:
    """Rebuild raw history from the landing log in another warehouse, without asking any source."""
    stages = Stages(load_settings())
    with progress_bars(as_json) as bars:
        _print_loaded(stages.replay(target, _load_bar(bars)), as_json)


def transform(
    select: Annotated[str | None, typer.Option(help="A dbt selector, e.g. +mrr_daily; everything if left out.")] = None,
    full_refresh: Annotated[bool, typer.Option(help="Rebuild incremental models from nothing.")] = False,
    if_needed: Annotated[bool, typer.Option(help="Build only what follows from what has changed since the last build.")] = False,
    as_json: Json = False,
) -> None:
    """Build and test all models with dbt, then show readers the new state."""
    stages = Stages(load_settings())
    need = stages.what_to_build() if if_needed and not select else None
    if need is not None and not need:
        typer.echo("nothing to build: no rows have arrived since the last build")
        return
    with progress_bars(as_json) as bars:
        task = bars.add_task("starting dbt", total=None, note="")
        result = stages.transform(
            lambda done, of, node, status: bars.update(task, description="building", completed=done, total=of, note=node),
            need=need,
            select=[select] if select else [],
            anew=full_refresh,
        )
        bars.update(task, description="built", note="")
    if as_json:
        print_json({"run_id": result.run_id, "nodes": result.nodes})
    else:
        for node in (*result.failed, *result.warned):
            console_err.print(f"{node.status}: {node.node}: {node.message}", markup=False, highlight=False)
        failed, warned, skipped = (len(found) for found in (result.failed, result.warned, result.skipped))
        typer.echo(f"{len(result.nodes)} models and tests, {failed} failed, {warned} warned, {skipped} skipped")
    if result.failed:
        raise typer.Exit(1)


def check(
    as_json: Json = False, all_checks: Annotated[bool, typer.Option("--all", help="Show passed checks as well.")] = False
) -> None:
    """Is the data fresh, right and complete? Stores the findings; exit code 4 if something must hold figures back."""
    print_findings(Stages(load_settings()).check(), as_json, all_checks)


def _stream_bars(bars: Progress, source: str) -> Callable[[str, int], None]:
    tasks: dict[str, TaskID] = {}

    def progress(stream: str, rows: int) -> None:
        if stream not in tasks:
            tasks[stream] = bars.add_task(f"{source}.{stream}", total=None, note="")
        bars.update(tasks[stream], note=f"{rows:,} rows")

    return progress


def _load_bar(bars: Progress) -> Callable[[str, LoadResult], None]:
    task = bars.add_task("loading", total=None, note="")
    total = 0

    def progress(stream: str, result: LoadResult) -> None:
        nonlocal total
        total += result.rows
        bars.update(task, note=f"{stream} ({total:,} rows in all)")

    return progress


def _print_extracted(results: dict[str, list[StreamResult]]) -> None:
    rows = [
        (f"{name}.{r.stream}", f"{r.rows:,}", f"{r.deleted:,}", f"{r.seconds:.1f} s", r.outcome)
        for name, found in results.items()
        for r in found
    ]
    print_table("", ("stream", "rows", "deleted", "time", "outcome"), rows, right=(1, 2, 3))
    for result in (r for found in results.values() for r in found):
        for notice in result.notices:
            console_err.print(f"note: {notice}", style="yellow", markup=False, highlight=False)
        if result.error:
            console_err.print(f"{result.outcome}: {result.error}", style="red", markup=False, highlight=False, soft_wrap=True)


def _print_loaded(results: dict[str, list[LoadResult]], as_json: bool) -> None:
    if as_json:
        print_json(results)
        return
    rows = [
        (
            name,
            len(batches),
            *(f"{sum(getattr(b, field) for b in batches):,}" for field in ("rows", "new", "changed", "unchanged", "deleted")),
        )
        for name, batches in results.items()
        if batches
    ]
    print_table("", ("stream", "batches", "rows", "new", "changed", "unchanged", "deleted"), rows, right=range(1, 7))
    if not rows:
        typer.echo("nothing new to load")
