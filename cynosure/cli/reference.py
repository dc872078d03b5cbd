"""Commands for people who change the project: docs, new."""

from __future__ import annotations

from os.path import relpath
from typing import Annotated

import typer

from cynosure import cli
from cynosure.reference import bring_up_to_date, generated, generated_folders, stale
from cynosure.reference.publish import write
from cynosure.reference.scaffolds import Scaffold, new_alert, new_connector, new_kpi, new_report
from cynosure.settings import Settings, load_settings

new_app = typer.Typer(help="Beginnings of what people add, ready to run.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="Lower-case letters, digits and single underscores.")]
Area = Annotated[str, typer.Option(help="The folder of sql/models/kpis that it belongs to.")]
KpiName = Annotated[str, typer.Option(help="The KPI that it is about.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(docs)
    app.add_typer(new_app, name="new")


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
            typer.echo(f"{due if check else done}: {relpath(path, settings.project)}")
    if not found:
        typer.echo(f"all {len(files)} generated files are up to date")
    elif check:
        typer.echo("run `cynosure docs` to bring them up to date")
        raise typer.Exit(1)


@new_app.command("connector")
def connector(name: Name) -> None:
    """Begin a connector: the module with one stream over HTTP, its test, and its raw table for dbt."""
    settings = load_settings()
    _write(settings, new_connector(settings, name))


@new_app.command("kpi")
def kpi(name: Name, area: Area = "revenue") -> None:
    """Begin a KPI: its query and its entry in sql/models/kpis/<area>/_<area>.yml."""
    settings = load_settings()
    _write(settings, new_kpi(settings, name, area))


@new_app.command("alert")
def alert(name: Name, kpi: KpiName = "mrr") -> None:
    """Begin an alert: an entry at the end of config/alerts.yaml."""
    settings = load_settings()
    _write(settings, new_alert(settings, name, kpi))


@new_app.command("report")
def report(name: Name, kpi: KpiName = "mrr") -> None:
    """Begin a report: an entry at the end of config/reports.yaml, to the operators until you say otherwise."""
    settings = load_settings()
    _write(settings, new_report(settings, name, kpi))


def _write(settings: Settings, scaffold: Scaffold) -> None:
    for path, text in scaffold.files.items():
        done = "added to" if path.exists() else "wrote"
        write(path, text)
        typer.echo(f"{done}: {relpath(path, settings.project)}")
    typer.echo("\nNext:")
    for number, step in enumerate(scaffold.next_steps, 1):
        typer.echo(f"{number}. {step}")
