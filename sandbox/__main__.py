"""`python -m sandbox serve`: builds or resumes the simulated company and runs its local servers."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from sandbox.discovery import system_names, vendor_class, vendor_names
from sandbox.ecb.system import EcbSystem
from sandbox.faults import FaultError, Faults
from sandbox.limits import RATES
from sandbox.server import LOOPBACK, NotLoopbackError, check_loopback
from sandbox.site import Options, Site
from sandbox.stripe.system import StripeSystem
from sandbox.world import World


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit code is 0 when it ended as asked."""
    options = _parser().parse_args(arguments)
    try:
        check_loopback(options.host)
        faults = Faults([StripeSystem, EcbSystem, *(vendor_class(name) for name in vendor_names())])
        if options.scenario:
            faults.load(options.scenario)
    except (NotLoopbackError, FaultError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    options.state.mkdir(parents=True, exist_ok=True)
    world = _world(options)
    limits = "off" if options.no_limits else options.limits
    settings = Options(options.state, world.origin.seed, limits, options.host, options.port_base)
    asyncio.run(Site(world, settings, faults).run(_say))
    return 0


def _world(options: argparse.Namespace) -> World:
    started = time.monotonic()
    if World.exists(options.state):
        _say(f"resuming the company in {options.state}")
        world = World.load(options.state, progress=_Progress())
    else:
        _say(f"simulating {options.customers} customers over {options.months} months (seed {options.seed})")
        world = World.create(
            options.state,
            seed=options.seed,
            customers=options.customers,
            months=options.months,
            start=int(options.start.timestamp()),
            timezone=options.timezone,
            currency=options.currency.upper(),
            systems=options.systems,
            story=options.story,
            progress=_Progress(),
        )
    counts = ", ".join(f"{world.store.count(kind)} {kind}s" for kind in ("customer", "subscription", "invoice"))
    _say(f"ready after {time.monotonic() - started:.1f} s: {counts}; systems: {', '.join(world.systems)}")
    return world


class _Progress:
    """Tells every few seconds how much of the history has been simulated."""

    _SECONDS = 5.0

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, share: float) -> None:
        if time.monotonic() - self._told >= self._SECONDS:
            self._told = time.monotonic()
            _say(f"{share:.0%} of the history")


def _say(text: str) -> None:
    print(f"sandbox: {text}", file=sys.stderr, flush=True)


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO time such as 2026-01-31T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _systems(text: str) -> tuple[str, ...]:
    if text == "all":
        return system_names()
    wanted = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in wanted:
        if name not in system_names():
            raise argparse.ArgumentTypeError(f"no system called {name!r}; known are {', '.join(system_names())}, or all")
    return wanted


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A simulated subscription company and local servers that speak each vendor's protocol.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    serve = commands.add_parser(
        "serve",
        help="build or resume the company and serve it until stopped",
        description="Builds the company, or resumes the one in the state folder, and serves its systems "
        f"({', '.join(system_names())}), mail, Slack, the inbox and the control API on loopback ports. "
        "STATE/endpoints.json tells where, as soon as all listen; "
        "STATE/clock holds the seconds that the sandbox's clock is ahead of the wall clock.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    serve.add_argument("--state", type=Path, required=True, metavar="DIR", help="folder that holds everything")
    company = serve.add_argument_group("company (used when the state folder is new)")
    company.add_argument("--seed", type=int, default=7, help="the same seed gives the same company and keys")
    company.add_argument("--customers", type=int, default=300, help="about how many customers")
    company.add_argument("--months", type=int, default=24, help="months of history before the start")
    company.add_argument("--start", type=_instant, default=datetime.now(UTC), metavar="ISO", help="sandbox time at the start")
    company.add_argument("--systems", type=_systems, default="all", help="which systems it uses: names with commas, or all")
    company.add_argument(
        "--story", type=float, default=1.0, help="how much happens around it: leads, deals, tickets, conversations"
    )
    company.add_argument("--timezone", default="UTC", help="the company's time zone")
    company.add_argument("--currency", default="USD", help="the company's reporting currency")
    servers = serve.add_argument_group("servers")
    servers.add_argument("--host", default=LOOPBACK, help="loopback address to listen on")
    servers.add_argument("--port-base", type=int, default=0, help="first port; 0 takes free ones")
    servers.add_argument("--limits", choices=sorted(RATES), default="test", help="rate limits of which mode")
    servers.add_argument("--no-limits", action="store_true", help="the same as --limits off")
    servers.add_argument("--scenario", type=Path, metavar="YAML", help="file of faults to begin with")
    return parser


if __name__ == "__main__":
    sys.exit(main())
