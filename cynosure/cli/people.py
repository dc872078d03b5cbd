"""Commands for what people read: kpis, report, alert, deliver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cynosure import alert as alerting
from cynosure import deliver as delivery
from cynosure import report as reporting
from cynosure.cli.board import board_json, print_board
from cynosure.cli.output import Json, console, print_json, print_table
from cynosure.report.board import Wanted, read_board
from cynosure.settings import ConfigError, Settings, load_settings
from cynosure.settings.suggest import meant
from cynosure.transform.kpis import last_complete_day
from cynosure.transform.periods import GRAINS, Grain
from cynosure.transform.planned import read_planned

report_app = typer.Typer(help="Reports: what is due, what it would say, sending it.", no_args_is_help=True, rich_markup_mode=None)
alert_app = typer.Typer(help="Alerts: evaluate the rules, try a route, acknowledge.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(kpis)
    app.command()(deliver)
    app.add_typer(report_app, name="report")
    app.add_typer(alert_app, name="alert")


def kpis(
    names: Annotated[list[str] | None, typer.Argument(help="KPIs by name; the whole board if left out.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="Only the KPIs of an area, e.g. revenue (repeatable).")] = None,
    grain: Annotated[str, typer.Option(help=f"Periods: {', '.join(GRAINS)}.")] = "month",
    periods: Annotated[int, typer.Option(min=1, max=400, help="How many periods, ending with the running one.")] = 3,
    dimension: Annotated[str, typer.Option(help="Break down by a dimension, e.g. plan or segment.")] = "all",
    member: Annotated[list[str] | None, typer.Option(help="Only a member of the dimension (repeatable).")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="What the company's days up to this one tell: a day, or an instant (ISO 8601) and the days over by then."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the board: KPIs by period and area, against their targets.

    Values that a late source or a failed check makes doubtful are marked, with the reason.
    """
    settings = load_settings()
    _refuse_planned(settings, names or ())
    wanted = Wanted(
        names or (), area or (), _grain(grain), periods, dimension, member or (), _day(as_of, settings.company.timezone)
    )  # fmt: skip
    found = read_board(settings, wanted, settings.now())
    print_json(board_json(found)) if as_json else print_board(found)


def deliver(
    show: Annotated[bool, typer.Option("--list", help="Show the ledger instead of sending.")] = False,
    retry: Annotated[bool, typer.Option(help="Give messages that could not be delivered a fresh start first.")] = False,
    as_json: Json = False,
) -> None:
    """Send what waits in the outbox; a recipient who failed is tried again, the others are not troubled."""
    settings = load_settings()
    store = delivery.open_store(settings.control)
    if retry:
        delivery.retry(store, settings.now())
    if show:
        found = delivery.entries(store)
        if as_json:
            print_json(found)
        else:
            rows = [(f"{e.created_at:%m-%d %H:%M}", e.channel, e.recipient, e.state, e.subject, e.last_error) for e in found]
            print_table("", ("created", "channel", "recipient", "state", "subject", "last error"), rows)
        return
    done = delivery.deliver_pending(settings, settings.now())
    counts = {state: len(keys) for state, keys in done.outcomes.items()}
    print_json(counts) if as_json else typer.echo(
        ", ".join(f"{n} {state}" for state, n in counts.items()) or "nothing is waiting"
    )
    if counts.get("dead") or counts.get("retry"):
        raise typer.Exit(5 if not counts.get("dead") else 1)


@report_app.command("send")
def report_send(
    name: Annotated[
        str | None, typer.Argument(help="A report of config/reports.yaml; every report that is due if left out.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Also with unverified data, or again as a correction if figures changed.")] = False,
    as_json: Json = False,
) -> None:
    """Publish a report: keep its figures, fill the outbox, send. A period is published once per group."""
    settings = load_settings()
    now = settings.now()
    done = reporting.send(settings, name, now, force) if name else reporting.send_due(settings, now)
    delivery.deliver_pending(settings, now)
    if as_json:
        print_json(done)
    else:
        for item in done:
            reason = f": {item.reason}" if item.reason else ""
            console.print(f"{item.report} for {item.group}, {item.day}: {item.outcome}{reason}", markup=False, soft_wrap=True)
        if not done:
            typer.echo("nothing is due")
    if any(item.outcome == "failed" for item in done):
        raise typer.Exit(1)


@report_app.command("preview")
def report_preview(
    name: Annotated[str, typer.Argument(help="A report of config/reports.yaml.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.")] = Path(),
    form: Annotated[str, typer.Option("--format", help="html, text or slack.")] = "html",
    group: Annotated[str, typer.Option(help="Recipient group; the first of the report if left out.")] = "",
) -> None:
    """Write a report as it would go out now; nothing is recorded and nobody is written to."""
    settings = load_settings()
    rendered = reporting.preview(settings, name, settings.now(), form, group)
    suffix = {"html": "html", "text": "txt", "slack": "json"}.get(form, form)
    output.mkdir(parents=True, exist_ok=True)
    body = rendered.body
    for image in rendered.images:
        (output / f"{image.name}.png").write_bytes(image.png)
        body = body.replace(f"cid:{image.name}", f"{image.name}.png")
    (output / f"{name}.{suffix}").write_text(body, encoding="utf-8")
    typer.echo(str(output / f"{name}.{suffix}"))


@alert_app.command("evaluate")
def alert_evaluate(as_json: Json = False) -> None:
    """Look at every rule, move incidents on, and send what is to be told."""
    settings = load_settings()
    done = alerting.evaluate(settings, settings.now())
    delivery.deliver_pending(settings, settings.now())
    if as_json:
        print_json(done)
    else:
        for label, names in (
            ("fired", done.fired),
            ("resolved", done.resolved),
            ("still firing", done.firing),
            ("failed", done.failed),
        ):
            typer.echo(f"{label}: {', '.join(names) or 'none'}")
        for rule, reason in done.held_back:
            console.print(f"held back: {rule}: {reason}", markup=False, soft_wrap=True)
    if done.failed:
        raise typer.Exit(1)


@alert_app.command("route")
def alert_route(labels: Annotated[list[str], typer.Argument(help="Labels such as severity=critical area=revenue.")]) -> None:
    """Show who would hear of an alert with these labels."""
    pairs = dict(label.partition("=")[::2] for label in labels)
    for route in alerting.test_route(load_settings(), pairs):
        typer.echo(f"{', '.join(route.receivers)}  (repeats every {route.repeat_interval})")


@alert_app.command("ack")
def alert_ack(
    incident: Annotated[str, typer.Argument(help="The incident's id, as the message says it.")],
    by: Annotated[str, typer.Option(help="Who takes care.")],
) -> None:
    """Acknowledge a critical alert: the escalation stops."""
    settings = load_settings()
    if not alerting.acknowledge(settings, incident, by, settings.now()):
        typer.echo("not firing, or acknowledged before")
        raise typer.Exit(1)
    typer.echo(f"{by} takes care of {incident}")


def _grain(text: str) -> Grain:
    for grain in GRAINS:
        if text == grain:
            return grain
    raise ConfigError(f"--grain {text!r} is not known{meant(text, GRAINS)}; allowed: {', '.join(GRAINS)}")


def _day(text: str | None, timezone: str) -> date | None:
    """A day as it is written; of an instant the last day that was over by then."""
    try:
        if not text or len(text) <= len("2026-01-01"):
            return date.fromisoformat(text) if text else None
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"--as-of {text!r} is neither a day nor an instant; write 2026-01-31 or 2026-01-31T09:00:00+00:00"
        ) from None
    return last_complete_day(timezone, instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(timezone)))


def _refuse_planned(settings: Settings, names: Sequence[str]) -> None:
    planned = read_planned(settings.sql)
    for name in names:
        if kpi := planned.by_name.get(name):
            raise ConfigError(f"{name} is defined but cannot be computed yet: it needs {planned.lacking(kpi)}. {kpi.definition}")
