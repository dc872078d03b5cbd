"""Commands for people who change the project: docs, new."""

from __future__ import annotations

from typing import Annotated

import typer

from cynosure import cli
from cynosure.reference import bring_up_to_date, generated, generated_folders, stale
from cynosure.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(docs)


def docs(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit code 1 if something is out of date.")] = False,
) -> None:
    """Write docs/reference and the schemas of config/ from what they describe."""
    settings = load_settings()
    files = generated(settings, context.find_root().command, (cli.__doc__ or "").partition("\n\n")[2])
    found = stale(files, generated_folders(settings))
    if not check:
        bring_up_to_date(files, found)
    for paths, done, due in ((found.written, "wrote", "out of date"), (found.removed, "removed", "left over")):
        for path in paths:
            typer.echo(f"{due if check else done}: {path.relative_to(settings.project)}")
    if not found:
        typer.echo(f"all {len(files)} generated files are up to date")
    elif check:
        typer.echo("run `cynosure docs` to bring them up to date")
        raise typer.Exit(1)
