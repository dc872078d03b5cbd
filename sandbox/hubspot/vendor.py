"""HubSpot as the sandbox knows it: hears the story, keeps the account, serves its APIs, and says what is true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from starlette.types import ASGIApp

from sandbox.hubspot.app import HubspotApi
from sandbox.hubspot.auth import Tokens
from sandbox.hubspot.books import Books
from sandbox.hubspot.errors import missing
from sandbox.hubspot.kinds import BY_NAME, CUSTOM_ID, CUSTOM_NAME, KINDS
from sandbox.hubspot.listening import Listener
from sandbox.hubspot.operations import OPERATIONS
from sandbox.hubspot.pace import Pace
from sandbox.hubspot.presets import DISTORTIONS, PRESETS
from sandbox.hubspot.reading import Reader
from sandbox.hubspot.showing import shown_catalogues, shown_marketing
from sandbox.story.events import Event
from sandbox.vendor import Setting, Surroundings

_STREAMS = (
    *(kind.name for kind in KINDS[:-1]), "custom_objects", "property_history", "associations", "owners", "pipelines",
    "properties",
    "schemas", "lists", "list_memberships", "forms", "form_submissions", "marketing_emails", "marketing_email_statistics",
    "campaigns", "campaign_budgets", "campaign_revenue",
)  # fmt: skip


class Hubspot:
    """One simulated HubSpot account."""

    name: ClassVar[str] = "hubspot"
    presets = PRESETS
    distortions = DISTORTIONS

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.books = Books(setting.begin)
        self.tokens = Tokens(setting.seed)
        self.pace = Pace()
        self._listener = Listener(self.books)
        self._now = setting.begin

    def hear(self, event: Event) -> None:
        """Takes note of something that happened."""
        self._now = max(self._now, event.at)
        self._listener.hear(event)

    def write(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        """Carries out an operation; refusals raise HubspotError."""
        self._now = max(self._now, at)
        if operation not in OPERATIONS:
            raise missing(f"unknown operation {operation}; known are {', '.join(sorted(OPERATIONS))}")
        return OPERATIONS[operation](self.books, arguments, at)

    def app(self, surroundings: Surroundings) -> ASGIApp:
        """The HTTP application."""
        return HubspotApi(self.books, self.tokens, self.pace, surroundings).app()

    def connection(self, base_url: str) -> dict[str, str]:
        """Settings of the connector: the token of a private app."""
        return {"access_token": self.tokens.private, "base_url": base_url}

    def streams(self) -> dict[str, dict[str, Any]]:
        """Per stream, the ids that exist and those that are gone."""
        nothing: dict[str, Any] = {"count": 0, "ids": [], "deleted": []}
        noted = self.books.existence.streams()
        return {stream: noted.get(stream, dict(nothing)) for stream in _STREAMS}

    def objects(self, stream: str) -> dict[str, Any]:
        """Every existing row of a stream, as the API shows it now."""
        if stream in BY_NAME:
            return dict(self._records(stream, str))
        if stream == "custom_objects":
            return dict(self._records(CUSTOM_NAME, lambda id: f"{CUSTOM_ID}/{id}"))
        return dict(self._of_catalogue(stream))

    def limits(self) -> dict[str, Any]:
        """What the rate limits counted."""
        return self.pace.report()

    def reset_limits(self) -> None:
        """Forgets what was counted so far."""
        self.pace.reset()

    def revoke(self, what: str) -> None:
        """Takes the key, or the scope of a stream."""
        self.tokens.revoke(what)

    def _records(self, name: str, key: Any) -> Iterator[tuple[str, Any]]:
        kind, reader = BY_NAME[name], Reader(self.books.portal, self._now)
        names = list(self.books.portal.properties[kind.name])
        for item in self.books.portal.shelves[kind.name].living():
            yield key(item.id), reader.body(kind, item, names)

    def _of_catalogue(self, stream: str) -> Iterator[tuple[str, Any]]:
        if stream == "property_history":
            return self._histories()
        if stream == "associations":
            return self._associations()
        return iter({**shown_catalogues(self.books), **shown_marketing(self.books)}[stream]().items())

    def _histories(self) -> Iterator[tuple[str, Any]]:
        reader = Reader(self.books.portal, self._now)
        for kind in KINDS:
            for item in self.books.portal.shelves[kind.name].living() if kind.tracked else ():
                merged = ("hs_merged_object_ids", "hs_calculated_merged_vids")
                yield f"{kind.name}/{item.id}", reader.body(kind, item, merged, kind.tracked)

    def _associations(self) -> Iterator[tuple[str, Any]]:
        reader = Reader(self.books.portal, self._now)
        for kind in KINDS:
            for item in self.books.portal.shelves[kind.name].living() if kind.pairs else ():
                for other in kind.pairs:
                    yield f"{kind.name}/{item.id}/{other}", reader.all_associated(kind, BY_NAME[other], item.id)


VENDOR = Hubspot
