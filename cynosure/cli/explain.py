"""`cynosure explain`: a figure taken apart, as a tree for people or as a document for programs."""

from __future__ import annotations

from typing import Annotated

import typer

from cynosure.cli.explained import show
from cynosure.cli.output import Json, print_json
from cynosure.explain import as_document
from cynosure.explain import explain as explained
from cynosure.settings import load_settings
from cynosure.warehouse import open_warehouse


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(explain)


def explain(
    kpi: Annotated[str, typer.Argument(help="A KPI by its name, e.g. mrr.")],
    period: Annotated[str, typer.Argument(help="2026, 2026-Q2, 2026-06, 2026-W23 or 2026-06-14.")],
    dimension: Annotated[str, typer.Option(help="A dimension of the KPI, e.g. plan.")] = "all",
    member: Annotated[str, typer.Option(help="A member of the dimension, e.g. Pro.")] = "all",
    everything: Annotated[bool, typer.Option("--all", help="Show every contributor instead of the largest.")] = False,
    as_json: Json = False,
) -> None:
    """Take a figure apart down to the vendors' own objects, and prove that they add up to it.

    Exit code 4 if they do not.
    """
    settings = load_settings()
    with open_warehouse(settings.warehouse).reading() as session:
        found = explained(session, settings, kpi, period, dimension, member)
        if as_json:
            print_json(as_document(found))
        else:
            show(found, everything)
    if not found.is_exact:
        raise typer.Exit(4)
