"""Salesforce as a simulated vendor: hears the story, takes writes, serves the API, and knows what is true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from starlette.types import ASGIApp

from sandbox.salesforce.acquaintances import Acquaintances
from sandbox.salesforce.app import SalesforceApp
from sandbox.salesforce.endpoints import Api
from sandbox.salesforce.faulty import DISTORTIONS, PRESETS
from sandbox.salesforce.operations import Operations
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Records
from sandbox.salesforce.selling import Deeds, Selling
from sandbox.salesforce.sessions import DOMAIN, Sessions
from sandbox.salesforce.setup import furnish
from sandbox.salesforce.telling import Acquaintance, listeners
from sandbox.salesforce.usage import Usage
from sandbox.story.events import Event
from sandbox.vendor import Setting, Surroundings


class SalesforceOrg:
    """One org with its connected app."""

    name: ClassVar[str] = "salesforce"
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = PRESETS
    distortions: ClassVar[Mapping[str, Callable[[Any, Any], Any]]] = DISTORTIONS

    def __init__(self, setting: Setting) -> None:
        self.org = Org(setting.seed, setting.currency, setting.timezone)
        self.records = Records(self.org)
        furnished = furnish(self.org, self.records, setting.begin, setting.start)
        self.sessions = Sessions(setting.seed, furnished.user)
        self.usage = Usage()
        self.api = Api(self.org, self.usage, furnished.user)
        known = Acquaintance(self.records, furnished)
        people = Acquaintances(known)
        self._hears = listeners(people, Selling(known, people), Deeds(known, people))
        self._operations = Operations(self.org, self.records, self.sessions, self.usage)

    def hear(self, event: Event) -> None:
        """Takes note of something that happened."""
        self.org.now = max(self.org.now, event.at)
        if hearing := self._hears.get(type(event)):
            hearing(event)

    def write(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        """Carries out an operation; `Refused` if the org does not allow it."""
        return self._operations.carry_out(operation, arguments, at)

    def app(self, surroundings: Surroundings) -> ASGIApp:
        """The HTTP application."""
        return SalesforceApp(self.api, self.sessions, surroundings).app()

    def connection(self, base_url: str) -> dict[str, str]:
        """Settings of the connector: client credentials of the connected app."""
        return {
            "domain": DOMAIN,
            "consumer_key": self.sessions.consumer_key,
            "consumer_secret": self.sessions.consumer_secret,
            "instance_url": base_url,
        }

    def streams(self) -> dict[str, dict[str, Any]]:
        """What exists and what is gone, by stream."""
        return self.org.truth.report(sorted(kind.stream for kind in self.org.kinds.values() if kind.stream))

    def objects(self, stream: str) -> dict[str, Any]:
        """Every existing row of a stream by id, as a warehouse must hold it."""
        return self.org.warehouse_objects(stream)

    def limits(self) -> dict[str, Any]:
        """What was counted against the daily allowance."""
        return self.usage.report()

    def reset_limits(self) -> None:
        """Forgets what was counted so far."""
        self.usage.reset()

    def revoke(self, what: str) -> None:
        """Blocks the connected app (`key`), or takes the permission to read the object of a stream."""
        if what == "key":
            self.sessions.close()
        else:
            self.org.forbidden.add(next(kind.name for kind in self.org.kinds.values() if kind.stream == what))


VENDOR = SalesforceOrg
