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

from sandbox.control import Control, Simulation, put_fixture
from sandbox.faults import Faults
from sandbox.inbox.app import Inbox
from sandbox.injection import Injection
from sandbox.limits import RATES, Limits
from sandbox.mail.mailbox import Mailbox
from sandbox.mail.sink import Sink
from sandbox.request_log import RequestLog
from sandbox.server import Listeners, forget_endpoints, serving, until_stopped, write_clock, write_endpoints
from sandbox.slack.app import SlackApi
from sandbox.slack.workspace import Workspace
from sandbox.stripe.account import ACCOUNT_ID, Account
from sandbox.stripe.app import StripeApi
from sandbox.stripe.auth import Keys, secret_for
from sandbox.stripe.distortions import DISTORTIONS, distort
from sandbox.stripe.reading import READ_PERMISSIONS

NAMES = ("stripe", "ecb", "control", "slack", "inbox", "smtp")
"""The servers, in the order of their ports."""


class Company(Simulation, Account, Protocol):
    """The simulated company as the servers see it."""

    @property
    def clock_offset(self) -> int:
        """Seconds that the sandbox's clock is ahead of the wall clock."""


@dataclass(frozen=True)
class Options:
    """How the servers run."""

    folder: Path
    seed: int = 7
    currency: str = "usd"
    limits: str = "test"
    host: str = "127.0.0.1"
    port_base: int = 0


class Site:
    """All servers over one company."""

    def __init__(self, company: Company, ecb: ASGIApp, options: Options, faults: Faults | None = None) -> None:
        self.company = company
        self.options = options
        self.limits = Limits(RATES[options.limits])
        self.faults = faults or Faults(DISTORTIONS)
        self.log = RequestLog()
        self.mailbox = Mailbox(options.folder / "mail")
        self.workspace = Workspace(options.folder / "slack")
        self.sink = Sink(self.mailbox, company.now)
        self.keys = Keys(ACCOUNT_ID)
        self._secrets = {
            "stripe": secret_for("sk_test_", options.seed),
            "stripe_restricted": secret_for("rk_test_", options.seed),
            "slack": secret_for("xoxb-", options.seed),
        }
        self.keys.add(self._secrets["stripe"])
        self.keys.add(self._secrets["stripe_restricted"], set(READ_PERMISSIONS))
        self._webhook = "/services/T0SANDBOX/B0CYNOSURE/" + secret_for("", options.seed)
        self._ecb = ecb

    def apps(self) -> dict[str, ASGIApp]:
        """The HTTP applications by name."""
        company = self.company
        stripe = StripeApi(company, self.keys, self.limits, self._is_hidden, self.options.currency)
        slack = SlackApi(self.workspace, self._secrets["slack"], self._webhook, company.now, self.options.limits != "off")
        control = Control(company, self.keys, self.limits, self.faults, self.log, self._tell_clock, self.sink, self.workspace)
        return {
            "stripe": self._injected("stripe", stripe.app()),
            "ecb": self._injected("ecb", self._ecb),
            "slack": self._injected("slack", slack.app()),
            "control": control.app(),
            "inbox": Inbox(self.mailbox, self.workspace, company.now).app(),
        }

    def _injected(self, vendor: str, app: ASGIApp) -> Injection:
        put = partial(put_fixture, self.company)
        return Injection(app, vendor, self.faults, self.log, self.company.now, time.time, distort, put)

    def _is_hidden(self, id: str) -> bool:
        return self.faults.hides(id, self.company.now())

    def _tell_clock(self) -> None:
        write_clock(self.options.folder / "clock", lambda: self.company.clock_offset)

    def endpoints(self, listeners: Listeners) -> dict[str, Any]:
        """Where everything listens, and the keys that are let in."""
        return {
            "stripe": listeners.url("stripe"),
            "ecb": listeners.url("ecb"),
            "control": listeners.url("control"),
            "slack": listeners.url("slack") + "/api/",
            "slack_webhook": listeners.url("slack") + self._webhook,
            "slack_channels": sorted(self.workspace.channels().values()),
            "inbox": listeners.url("inbox"),
            "smtp": listeners.address("smtp"),
            "keys": self._secrets,
        }

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[dict[str, Any]]:
        """Every server listening until the block ends; gives the endpoints, and tells them in the state folder."""
        listeners = Listeners(self.options.host, self.options.port_base)
        for name in NAMES:
            listeners.open(name)
        mail = await self.sink.listen(listeners.sockets["smtp"])
        path = self.options.folder / "endpoints.json"
        endpoints = self.endpoints(listeners)
        try:
            async with serving(self.apps(), listeners):
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
