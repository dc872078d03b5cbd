"""Puts the commands together and turns errors into sentences and exit codes."""

from __future__ import annotations

import sys

import typer

from cynosure import __version__
from cynosure.cli import audit, data, definitions, explain, people, published, reference, sandbox, state
from cynosure.cli.output import console_err
from cynosure.extract import AccessDenied, Deferred, ExtractError, Misconfigured
from cynosure.landing import LandingError
from cynosure.load import LoadError
from cynosure.settings import ConfigError
from cynosure.transform import TransformError
from cynosure.warehouse import WarehouseError, WarehouseLocked

app = typer.Typer(
    name="cynosure",
    help="Metrics of a subscription company: extract, load, transform, check, report. Airflow runs the same stages.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# first match decides
EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (ConfigError, 2), (Misconfigured, 2), (Deferred, 5), (WarehouseLocked, 5), (AccessDenied, 3), (ExtractError, 3),
    (WarehouseError, 1), (LandingError, 1), (LoadError, 1), (TransformError, 1), (OSError, 1),
)  # fmt: skip


def _version(value: bool) -> None:
    if value:
        typer.echo(f"cynosure {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version and exit."),
) -> None:
    pass


for group in (data, audit, people, published, explain, definitions, state, reference):
    group.register(app)
app.add_typer(sandbox.app, name="sandbox")


def main() -> None:
    """Runs the command line."""
    try:
        app()
    except tuple(kind for kind, _ in EXIT_CODES) as error:
        console_err.print(f"cynosure: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(next(code for kind, code in EXIT_CODES if isinstance(error, kind)))
    except KeyboardInterrupt:
        console_err.print("cynosure: stopped; running the same command again goes on from here", markup=False)
        sys.exit(130)
