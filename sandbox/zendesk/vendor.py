"""Zendesk as a simulated vendor."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from starlette.types import ASGIApp

from sandbox.story.events import Event
from sandbox.vendor import Setting, Surroundings
from sandbox.zendesk import distortions
from sandbox.zendesk.account import STREAMS, Account
from sandbox.zendesk.app import Credentials, ZendeskApi
from sandbox.zendesk.hearing import Listener
from sandbox.zendesk.limiting import Limiting
from sandbox.zendesk.operations import Operations

PLAN = {"test": "enterprise_plus", "live": "professional", "off": "enterprise_plus"}
UNLIMITED = {"requests_per_minute": "6000", "export_requests_per_minute": "3000"}
"""The pace of a connector where no limit is enforced."""


class Zendesk:
    """One help desk: what the story told it, what was written through its API, and what is true of it."""

    name: ClassVar[str] = "zendesk"
    presets = distortions.PRESETS
    distortions = distortions.DISTORTIONS

    def __init__(self, setting: Setting) -> None:
        self.account = Account(setting.seed, setting.begin, setting.timezone)
        self._listener = Listener(self.account)
        self._operations = Operations(self.account)
        secret = hashlib.sha256(f"zendesk {setting.seed}".encode()).hexdigest()
        self.credentials = Credentials("sync@northwind.example", secret[:40], secret[24:])
        self.limiting = Limiting(PLAN["off"], enforced=False)
        self._mode = "off"
        self._surroundings: Surroundings | None = None

    def hear(self, event: Event) -> None:
        """Takes note of something that happened."""
        self._listener.hear(event)

    def write(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        """Carries out a write by the name of its operation; refusals raise ZendeskError."""
        return self._operations.write(operation, arguments, at)

    def app(self, surroundings: Surroundings) -> ASGIApp:
        """The HTTP application."""
        self._surroundings, self._mode = surroundings, surroundings.limits
        self.limiting = Limiting(PLAN[self._mode], enforced=self._mode != "off")
        return ZendeskApi(self.account, self.credentials, self.limiting, surroundings).app()

    def connection(self, base_url: str) -> dict[str, str]:
        """Settings of the connector."""
        paced = UNLIMITED if self._mode == "off" else {}
        credentials = {"email": self.credentials.email, "api_token": self.credentials.api_token}
        return {"base_url": base_url, **credentials, "plan": PLAN[self._mode], **paced}

    def id_of(self, kind: str, key: str) -> int:
        """The id of what the story calls by a key: kind is person, organization, staff, group or ticket."""
        return self._listener.ids[kind, key]

    def streams(self) -> dict[str, dict[str, Any]]:
        """Per stream what exists and what was deleted, by the account's own books."""
        self._catch_up()
        books = self.account.store.books
        return {
            name: {
                "count": len(books.existing[name]),
                "ids": sorted(books.existing[name]),
                "deleted": sorted(books.deleted[name]),
            }
            for name in STREAMS
        }

    def objects(self, stream: str) -> dict[str, Any]:
        """Every existing row of a stream by id, as the API shows it now."""
        self._catch_up()
        return self.account.objects(stream)

    def limits(self) -> dict[str, Any]:
        """What the rate limits counted."""
        return {name: limit.report() for name, limit in self.limiting.limits.items()}

    def reset_limits(self) -> None:
        """Forgets what was counted so far."""
        self.limiting.reset()

    def revoke(self, what: str) -> None:
        """Takes back the key, or the permission for one stream."""
        if what == "key":
            self.credentials.revoked = True
        else:
            self.credentials.forbidden.add(what)

    def _catch_up(self) -> None:
        if self._surroundings is not None:
            self._surroundings.catch_up()
            self.account.advance(self._surroundings.now())


VENDOR = Zendesk
