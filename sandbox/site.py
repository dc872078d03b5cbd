"""The whole sandbox: the simulated company with every local server around it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from starlette.types import ASGIApp

from sandbox.control import Control
from sandbox.faults import Faults
from sandbox.inbox.app import Inbox
from sandbox.injection import Injection
from sandbox.limits import Limits
from sandbox.mail.mailbox import Mailbox
from sandbox.mail.sink import Sink
from sandbox.request_log import RequestLog
from sandbox.server import Listeners, forget_endpoints, serving, until_stopped, write_clock, write_endpoints
from sandbox.simulation import Simulation, happen
from sandbox.slack.app import SlackApi
from sandbox.slack.workspace import Workspace
from sandbox.stripe.auth import Keys, secret_for
from sandbox.vendor import Surroundings

_FIRST = ("stripe", "ecb", "control", "slack", "inbox", "smtp")
"""Servers by their ports; the systems that are no part of every world follow."""


class Company(Simulation, Protocol):
    """The simulated company as the servers see it."""

    @property
    def clock_offset(self) -> int:
        """Seconds that the sandbox's clock is ahead of the wall clock."""


@dataclass(frozen=True)
class Options:
    """How the servers run."""

    folder: Path
    seed: int = 7
    limits: str = "test"
    host: str = "127.0.0.1"
    port_base: int = 0


class Site:
    """All servers over one company."""

    def __init__(self, company: Company, options: Options, faults: Faults | None = None) -> None:
        self.company = company
        self.options = options
        self.faults = faults or Faults(company.systems.values())
        self.log = RequestLog()
        self.mailbox = Mailbox(options.folder / "mail")
        self.workspace = Workspace(options.folder / "slack")
        self.sink = Sink(self.mailbox, company.now)
        self._slack_token = secret_for("xoxb-", options.seed)
        self._webhook = "/services/T0SANDBOX/B0CYNOSURE/" + secret_for("", options.seed)

    @property
    def keys(self) -> Keys:
        """The keys of the Stripe account."""
        keys: Keys = self.company.systems["stripe"].keys
        return keys

    @property
    def limits(self) -> Limits:
        """The rate limits of the Stripe account."""
        rates: Limits = self.company.systems["stripe"].rates
        return rates

    def apps(self) -> dict[str, ASGIApp]:
        """The HTTP applications by name."""
        company = self.company
        slack = SlackApi(self.workspace, self._slack_token, self._webhook, company.now, self.options.limits != "off")
        control = Control(company, self.faults, self.log, self._tell_clock, self.sink, self.workspace)
        systems = {name: system.app(self._surroundings(name)) for name, system in company.systems.items()}
        return {
            **{name: self._injected(name, app) for name, app in (systems | {"slack": slack.app()}).items()},
            "control": control.app(),
            "inbox": Inbox(self.mailbox, self.workspace, company.now).app(),
        }

    def _surroundings(self, vendor: str) -> Surroundings:
        company = self.company
        write = partial(company.write, vendor=vendor)
        return Surroundings(company.now, company.catch_up, write, self.faults.seen_by(vendor), self.options.limits)

    def _injected(self, vendor: str, app: ASGIApp) -> Injection:
        put = partial(happen, self.company, vendor)
        return Injection(app, vendor, self.faults, self.log, self.company.now, time.time, put)

    def _tell_clock(self) -> None:
        write_clock(self.options.folder / "clock", lambda: self.company.clock_offset)

    def endpoints(self, listeners: Listeners) -> dict[str, Any]:
        """Where everything listens, the keys that are let in, and with which settings each system's connector reads it."""
        systems = self.company.systems
        connections = {name: system.connection(listeners.url(name)) for name, system in systems.items()}
        stripe: Any = systems["stripe"]
        return {
            **{name: listeners.url(name) for name in systems},
            "control": listeners.url("control"),
            "slack": listeners.url("slack") + "/api/",
            "slack_webhook": listeners.url("slack") + self._webhook,
            "slack_channels": sorted(self.workspace.channels().values()),
            "inbox": listeners.url("inbox"),
            "smtp": listeners.address("smtp"),
            "keys": {"stripe": stripe.secret, "stripe_restricted": stripe.restricted, "slack": self._slack_token},
            "connections": connections,
        }

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[dict[str, Any]]:
        """Every server listening until the block ends; gives the endpoints, and tells them in the state folder."""
        listeners = Listeners(self.options.host, self.options.port_base)
        for name in dict.fromkeys((*_FIRST, *self.company.systems)):
            listeners.open(name)
        mail = await self.sink.listen(listeners.sockets["smtp"])
        path = self.options.folder / "endpoints.json"
        apps = self.apps()
        # what a connection says about limits depends on how the application runs
        endpoints = self.endpoints(listeners)
        try:
            async with serving(apps, listeners):
                self._tell_clock()
                write_endpoints(path, endpoints)
                yield endpoints
        finally:
            forget_endpoints(path)
            mail.close()

    async def run(self, say: Callable[[str], None]) -> None:
        """Listen until the process is asked to end."""
        async with self.listening() as endpoints:
            say(f"listening: inbox {endpoints['inbox']}, endpoints in {self.options.folder / 'endpoints.json'}")
            await until_stopped()
