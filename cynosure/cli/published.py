"""`cynosure published`: what was said in reports and alerts, and why it would be said differently now."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cynosure.cli.output import Json, print_json, print_table
from cynosure.register.changed import PublishedFigure, published
from cynosure.settings import load_settings
from cynosure.transform.kpis import Kpi, read_kpis


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("published")(list_published)


def list_published(
    changed: Annotated[bool, typer.Option("--changed", help="Only figures that are others now.")] = False,
    as_json: Json = False,
) -> None:
    """List the figures that reports and alerts have published, and attribute what has changed since to its causes."""
    settings = load_settings()
    found = [figure for figure in published(settings) if figure.is_changed or not changed]
    if as_json:
        print_json([_document(figure) for figure in found])
        return
    kpis, currency = read_kpis(settings.sql), settings.company.currency
    rows = [
        (
            f["day"], f"{f['kind']} {f['name']} ({f['audience']})", f"{f['kpi']} {f['measure']}", f["shown"],
            figure.shown_now if figure.is_changed else "the same", _causes(figure, kpis.get(f["kpi"]), currency),
        )
        for figure in found for f in (figure.entry,)
    ]  # fmt: skip
    if rows:
        print_table("", ("day", "said in", "figure", "published", "now", "because of"), rows, right=(3, 4))
    else:
        typer.echo("no published figure has changed" if changed else "nothing has been published yet")


def _causes(figure: PublishedFigure, kpi: Kpi | None, currency: str) -> str:
    if kpi is None:
        return ""
    return ", ".join(
        f"{cause} {kpi.difference(cause, amount, amount * 0, currency).text}" for cause, amount in figure.causes.items()
    )


def _document(figure: PublishedFigure) -> dict[str, Any]:
    return {
        **figure.entry, "now": figure.now, "shown_now": figure.shown_now, "changed": figure.is_changed,
        "difference": figure.difference, "causes": figure.causes,
    }  # fmt: skip
