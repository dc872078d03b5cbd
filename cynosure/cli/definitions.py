"""`cynosure definitions`: MRR and customer churn as others define them, and why they differ from the house's."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import typer

from cynosure.cli.output import Json, console, print_json, print_table
from cynosure.document import Figure
from cynosure.explain.bridge import MEASURES, Bridge, Comparison, compare_definitions
from cynosure.settings import load_settings
from cynosure.warehouse import open_warehouse

_COLUMNS = ("definition", "MRR", "customers", "at start", "lost", "churn")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(definitions)


def definitions(
    period: Annotated[str | None, typer.Option(help="A month, e.g. 2026-06; the newest if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Compare MRR and customer churn under the house's, Stripe's, ChartMogul's and ProfitWell's definition, cause by cause."""
    settings = load_settings()
    with open_warehouse(settings.warehouse).reading() as session:
        found = compare_definitions(session, period)
    if as_json:
        print_json(_document(found, settings.company.currency))
        return
    as_of = f", data as of {found.data_as_of:%Y-%m-%d %H:%M} UTC" if found.data_as_of else ""
    console.print(f"MRR at the end of {found.last_day} and customers lost since the month began{as_of}\n", highlight=False)
    rows = [row for bridge in found.bridges for row in _rows(bridge, settings.company.currency)]
    print_table("", _COLUMNS, rows, right=range(1, 6))


def _rows(bridge: Bridge, currency: str) -> list[tuple[str, ...]]:
    """The definition under what leads to it from the house; causes that change nothing are left out."""
    changed = {cause: amounts for cause, amounts in bridge.causes.items() if any(amounts.values())}
    causes = [(f"  {cause.replace('_', ' ')}", *_cells(amounts, currency, signed=True), "") for cause, amounts in changed.items()]
    churn = Figure("", bridge.churn_rate, "percent").text
    gap = [("",) * len(_COLUMNS)] if bridge.causes else []
    return [*gap, *causes, (bridge.definition, *_cells(bridge.result, currency), churn)]


def _cells(amounts: Any, currency: str, *, signed: bool = False) -> list[str]:
    figures = [Figure("", amounts["mrr"], "currency", currency, signed)]
    figures += [Figure("", amounts[measure], "count", None, signed) for measure in MEASURES[1:]]
    return ["" if signed and not figure.value else figure.text for figure in figures]


def _document(found: Comparison, currency: str) -> dict[str, Any]:
    return {
        "month": found.month,
        "last_day": found.last_day,
        "data_as_of": found.data_as_of,
        "currency": currency,
        "definitions": {
            bridge.definition: {"house": bridge.house, "causes": bridge.causes, **_result(bridge)} for bridge in found.bridges
        },
    }


def _result(bridge: Bridge) -> dict[str, dict[str, Decimal] | Decimal | None]:
    return {"result": bridge.result, "churn_rate": bridge.churn_rate}
