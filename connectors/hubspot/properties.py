"""The account's catalogue of properties: what to ask of each type of record, and which properties are computed."""

from __future__ import annotations

import threading

import msgspec

from connectors.hubspot.catalogue import BY_NAME, MERGED
from connectors.hubspot.objects import Asked
from connectors.hubspot.paging import envelope
from connectors.hubspot.transport import HubspotApi
from cynosure.extract import AccessDenied, Answer


class _Property(msgspec.Struct):
    name: str
    calculated: bool = False
    archived: bool = False


class PropertyCatalogue:
    """Read once a run and type, however many streams ask."""

    def __init__(self, api: HubspotApi) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._known: dict[str, list[_Property]] = {}

    def bodies(self, kind: str, scope: str) -> Asked:
        """Everything that the account defines for a type, and what is always asked for."""
        always = BY_NAME[kind].always if kind in BY_NAME else ()
        names = {property.name for property in self._of(kind, scope)} | set(always) | set(MERGED[:1])
        return Asked(kind, scope, tuple(sorted(names)))

    def histories(self, kind: str) -> Asked:
        """The tracked properties of a type; computed ones would show the present as their date at every read."""
        described = BY_NAME[kind]
        computed = {property.name for property in self._of(kind, described.scope) if property.calculated}
        tracked = tuple(name for name in described.tracked if name not in computed)
        return Asked(kind, described.scope, MERGED, tracked)

    def answer(self, kind: str, scope: str, *, archived: bool) -> Answer:
        """The catalogue of a type as HubSpot sends it."""
        return self._api.call(
            lambda client: client.crm.properties.core_api.get_all, kind, scope=scope, **({"archived": True} if archived else {})
        )

    def _of(self, kind: str, scope: str) -> list[_Property]:
        with self._lock:
            if kind not in self._known:
                self._known[kind] = self._read(kind, scope)
            return self._known[kind]

    def _read(self, kind: str, scope: str) -> list[_Property]:
        try:
            raws = envelope(self.answer(kind, scope, archived=False)).results
        except AccessDenied:
            if kind not in BY_NAME:
                raise
            return []
        return [property for raw in raws if not (property := msgspec.json.decode(raw, type=_Property)).archived]
