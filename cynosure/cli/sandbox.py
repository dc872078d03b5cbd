"""`cynosure sandbox`: drives a running sandbox through its control address; the engine itself does not know it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from cynosure.cli.output import Json, print_json
from cynosure.settings import ConfigError, load_settings

app = typer.Typer(help="The simulated company: its clock, its truth, its faults.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def advance(
    by: Annotated[str, typer.Argument(help="How far to move the sandbox's clock: 90m, 6h, 7d, 2w.")], as_json: Json = False
) -> None:
    """Let simulated time pass: customers come, change plans, pay, fail to pay and leave."""
    answer = _control("POST", "/advance", {"by": by})
    print_json(answer) if as_json else typer.echo(f"sandbox time is now {answer.get('now', answer)}")


@app.command()
def clock() -> None:
    """Show the sandbox's time."""
    print_json(_control("GET", "/clock"))


@app.command()
def truth(name: Annotated[str, typer.Argument(help="streams, board, mrr_daily, movements, payments")]) -> None:
    """Print what is true in the simulated company, computed by the sandbox on its own."""
    print_json(_control("GET", f"/truth/{name}"))


@app.command()
def requests(since: Annotated[str | None, typer.Option(help="Only requests after this sequence number.")] = None) -> None:
    """Show what was asked of the sandbox."""
    print_json(_control("GET", "/requests" + (f"?since={since}" if since else "")))


def endpoints(home: Path) -> dict[str, Any]:
    """Addresses of the running sandbox; raises ConfigError if there is none."""
    file = home / "sandbox" / "endpoints.json"
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigError(
            f"{file}: no sandbox is running here; start one with `make demo` or `python -m sandbox serve`"
        ) from None
    return found


def _control(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    address = endpoints(load_settings().home)["control"]
    try:
        response = httpx.request(method, address + path, json=body, timeout=600)
    except httpx.TransportError as error:
        raise ConfigError(f"the sandbox at {address} does not answer ({error}); start it again") from None
    if response.is_error:
        raise ConfigError(f"the sandbox refused {path}: {response.text.strip()[:500]}")
    return response.json()
