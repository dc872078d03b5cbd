"""`cynosure status`: what is landed, loaded, published and found, at a glance."""

from __future__ import annotations

import typer

from cynosure.check import Finding, latest_findings
from cynosure.cli.output import Json, print_json, print_table
from cynosure.settings import load_settings
from cynosure.stages import Stages
from cynosure.warehouse import WarehouseEmpty


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(status)


def status(as_json: Json = False) -> None:
    """Show how far each stream is, and what the last checks found."""
    stages = Stages(load_settings())
    streams: list[dict[str, object]] = []
    for source, names in stages.streams.items():
        for name in names:
            head = stages.landing.stream(source, name).head()
            streams.append({"stream": f"{source}.{name}", "landed_batch": head.batch if head else None})
    loaded, failed = _published(stages)
    for entry in streams:
        entry.update(loaded.get(str(entry["stream"]), {"loaded_batch": None, "as_of": None}))
    if as_json:
        print_json({"streams": streams, "failed_checks": failed})
        return
    rows = [(s["stream"], s["landed_batch"], s["loaded_batch"], s["as_of"]) for s in streams]
    print_table("", ("stream", "landed", "loaded", "complete up to"), rows)
    if failed:
        print_table("failed checks", ("check", "found"), [(f.check_id, f.what) for f in failed])


def _published(stages: Stages) -> tuple[dict[str, dict[str, object]], list[Finding]]:
    try:
        with stages.warehouse.reading() as session:
            rows = session.rows("select source, stream, max(batch_id), max(source_as_of) from ops.loads group by 1, 2")
            failed = [finding for finding in latest_findings(session) if not finding.passed]
    except WarehouseEmpty:
        return {}, []
    return {f"{s}.{t}": {"loaded_batch": batch, "as_of": as_of} for s, t, batch, as_of in rows}, failed
