"""The sandbox's servers on real ports, in a thread of the test process."""

from __future__ import annotations

import asyncio
import json
import threading
from functools import cache, partial
from pathlib import Path
from typing import Any

from hand_made_account import SECRET, Account, fill
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.control import Control
from sandbox.faults import Faults
from sandbox.fidelity.openapi import OpenApi
from sandbox.fidelity.sdk_types import SdkTypes
from sandbox.fidelity.stripe import published_api, sdk_types
from sandbox.injection import Injection, collect
from sandbox.request_log import RequestLog
from sandbox.server import Listeners, serving
from sandbox.simulation import happen
from sandbox.site import Company, Options, Site
from sandbox.vendor import Surroundings


class Recorder:
    """Keeps every answer of an application, and what is wrong with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.answers: list[tuple[str, str, int, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await collect(self._app, scope, receive)
        self.answers.append((scope["method"], scope["path"], answer.status, answer.body))
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def errors(self) -> list[str]:
        """What the published schema and the SDK's types object to in the answers since the last call."""
        taken, self.answers = dict.fromkeys(self.answers), []
        found = []
        for method, path, status, text in taken:
            body = json.loads(text)
            wrong = published().errors(method, path, status, body)
            wrong += types().errors(body) if status == 200 else []
            found += [f"{method} {path} ({status}) {error}" for error in wrong]
        return found


@cache
def published() -> OpenApi:
    """Stripe's OpenAPI description; reading it takes seconds."""
    return published_api()


@cache
def types() -> SdkTypes:
    """The SDK's resource classes."""
    return sdk_types()


class Running:
    """The servers, on their real ports, with everything that stands behind them."""

    def __init__(self) -> None:
        self.account = Account()
        fill(self.account.store)
        system = self.account.systems["stripe"]
        self.keys, self.limits = system.keys, system.rates
        self.keys.add(SECRET)
        self.faults = Faults([system])
        self.log = RequestLog()
        self.listeners = Listeners()
        account = self.account
        surroundings = Surroundings(account.now, account.catch_up, account.write, self.faults.seen_by("stripe"), "off")
        self.recorder = Recorder(system.app(surroundings))
        self._stop = threading.Event()
        self._up = threading.Event()
        for name in ("stripe", "control"):
            self.listeners.open(name)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._up.wait(10)

    @property
    def stripe(self) -> str:
        return self.listeners.url("stripe")

    @property
    def control(self) -> str:
        return self.listeners.url("control")

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)

    async def _serve(self) -> None:
        account = self.account
        put = partial(happen, account, "stripe")
        stripe = Injection(self.recorder, "stripe", self.faults, self.log, account.now, lambda: 0.0, put)
        control = Control(account, self.faults, self.log)
        async with serving({"stripe": stripe, "control": control.app()}, self.listeners):
            self._up.set()
            while not self._stop.is_set():
                await asyncio.sleep(0.01)


class RecordedSite(Site):
    """A site that keeps what its Stripe API answers."""

    recorder: Recorder

    def apps(self) -> dict[str, ASGIApp]:
        apps = super().apps()
        stripe = apps["stripe"]
        assert isinstance(stripe, Injection)
        stripe.app = self.recorder = Recorder(stripe.app)
        return apps


class RunningSite:
    """The whole site on its real ports, in a thread."""

    def __init__(self, folder: Path, company: Company) -> None:
        self.site = RecordedSite(company, Options(folder, limits="off"))
        self.endpoints: dict[str, Any] = {}
        self._stop, self._up = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._up.wait(10)

    async def _serve(self) -> None:
        async with self.site.listening() as self.endpoints:
            self._up.set()
            while not self._stop.is_set():
                await asyncio.sleep(0.01)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)
