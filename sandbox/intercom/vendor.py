"""The simulated Intercom workspace, as the sandbox knows its vendors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from starlette.types import ASGIApp

from sandbox.intercom import rendering
from sandbox.intercom.allowance import Allowance
from sandbox.intercom.app import IntercomApi
from sandbox.intercom.catalogue import furnish
from sandbox.intercom.companies import is_visible
from sandbox.intercom.contacts import companies_row
from sandbox.intercom.conversations import handling_row
from sandbox.intercom.credentials import Credentials
from sandbox.intercom.distortions import DISTORTIONS, Distortion
from sandbox.intercom.hearing import NAME, Hearing
from sandbox.intercom.operations import Operations
from sandbox.intercom.presets import PRESETS
from sandbox.intercom.routes import SCOPES, scope_of
from sandbox.intercom.scroll import Scroll
from sandbox.intercom.workspace import Workspace
from sandbox.story.events import Event
from sandbox.vendor import Setting, Surroundings

VERSION = 16


class Intercom:
    """One workspace at Intercom."""

    name: ClassVar[str] = NAME
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = PRESETS
    distortions: ClassVar[Mapping[str, Distortion]] = DISTORTIONS

    def __init__(self, setting: Setting) -> None:
        self.workspace = Workspace(setting.seed, setting.timezone, setting.begin, setting.currency)
        furnish(self.workspace)
        self.operations = Operations(self.workspace)
        self.credentials = Credentials(setting.seed)
        self.scroll = Scroll()
        self.allowance = Allowance()
        self._hearing = Hearing(self.operations)

    def hear(self, event: Event) -> None:
        """Takes note of what matters here."""
        self._hearing.hear(event)

    def write(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        """Carries out an operation; IntercomError if it is refused."""
        return self.operations.run(operation, arguments, at)

    def app(self, surroundings: Surroundings) -> ASGIApp:
        """The REST API."""
        self.allowance.enforced = surroundings.limits != "off"
        return IntercomApi(self.operations, self.credentials, self.allowance, self.scroll, surroundings).app()

    def connection(self, base_url: str) -> dict[str, str]:
        """Settings of the connector."""
        return {"access_token": self.credentials.token, "base_url": base_url}

    def streams(self) -> dict[str, dict[str, Any]]:
        """What exists and what is gone, by the workspace's own books."""
        return {stream: self.workspace.existence.report(stream) for streams in SCOPES.values() for stream in streams}

    def objects(self, stream: str) -> dict[str, Any]:
        """Every row of a stream as the API shows it now."""
        self.operations.conversations.settle()
        space = self.workspace
        shown: dict[str, Callable[[], dict[str, Any]]] = {
            "contacts": lambda: {c["id"]: rendering.contact(space, c, merges=True) for c in space.contacts},
            "contact_companies": lambda: {
                companies_row(c["id"]): rendering.whole_companies(space, c["id"]) for c in space.contacts
            },
            "companies": lambda: {c["id"]: c for c in space.companies if is_visible(c)},
            "conversations": lambda: {
                c["id"]: rendering.conversation(space, c, VERSION, whole=True) for c in space.conversations
            },
            "handling_events": lambda: {
                handling_row(c["id"]): rendering.handling_events(space, c["id"]) for c in space.conversations
            },
            "tickets": lambda: {t["id"]: rendering.ticket(space, t) for t in space.tickets},
            "activity_logs": lambda: {entry["id"]: entry for entry in space.activity_logs},
            "data_attributes": lambda: {str(a["id"]): rendering.data_attribute(a) for a in space.lists["data_attributes"]},
        }
        return shown[stream]() if stream in shown else {str(e["id"]): e for e in space.lists[stream]}

    def limits(self) -> dict[str, Any]:
        """What the rate limits counted."""
        return self.allowance.report()

    def reset_limits(self) -> None:
        """Forgets what was counted."""
        self.allowance.reset()

    def revoke(self, what: str) -> None:
        """The token (`key`), or the permission that a stream needs."""
        if what == "key":
            self.credentials.revoke()
        else:
            self.credentials.withdraw(scope_of(what))


VENDOR = Intercom
