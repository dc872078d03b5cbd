"""Raw objects behind a figure: where each came from, and whether it still is what was read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec

from cynosure.explain.statement import statement
from cynosure.landing import LandingLog
from cynosure.load import raw_table
from cynosure.warehouse import Session

_AT_ONCE = 2_000


@dataclass(frozen=True)
class RawObject:
    """One version of an object in raw history; `intact` says whether it has the hash with which it was landed, if one is kept."""

    source: str
    stream: str
    id: str
    batch: str
    extracted_at: datetime
    intact: bool | None
    body: Any = field(repr=False)

    @property
    def key(self) -> str:
        """Its name in an explanation."""
        return f"{self.source}.{self.stream}/{self.id}"


@dataclass(frozen=True)
class Batch:
    """How a batch came in: API version, and the files of the landing log that hold it.

    `landing_agrees` says whether the log still has the batch that was loaded; None where there is no log to ask.
    """

    mode: str
    api_version: str
    extracted_at: datetime
    landing: tuple[str, ...] = ()
    landing_agrees: bool | None = None


class RawHistory:
    """Reads raw objects by id and remembers those that were read."""

    def __init__(self, session: Session, landing: LandingLog | None) -> None:
        self._session = session
        self._landing = landing
        self.read: dict[str, RawObject] = {}
        self.batch = cache(self._batch)

    def current(self, source: str, stream: str, ids: Collection[str]) -> dict[str, RawObject]:
        """The newest version of each object, by id; what is not there is left out."""
        return self._fetch("raw_current", source, stream, ids)

    def versions(self, source: str, stream: str, names: Collection[str]) -> dict[str, RawObject]:
        """Single versions, by `id@second`."""
        return self._fetch("raw_versions", source, stream, names)

    def _fetch(self, query: str, source: str, stream: str, ids: Collection[str]) -> dict[str, RawObject]:
        sql = statement(query).format(table=raw_table(source, stream))
        found: dict[str, RawObject] = {}
        for some in _chunks(sorted(ids)):
            for id, payload, digest, extracted_at, batch in self._session.rows(sql, some):
                text = str(payload).encode()
                intact = sha256(text).hexdigest().startswith(digest) if digest else None
                found[id] = RawObject(source, stream, id, batch, extracted_at, intact, msgspec.json.decode(text))
        self.read.update({object.key: object for object in found.values()})
        return found

    def _batch(self, source: str, stream: str, name: str) -> Batch | None:
        """How a batch came in; None if the warehouse has no record of its load."""
        query = (
            "select mode, api_version, extracted_at, manifest_sha256 from ops.loads"
            " where source = $1 and stream = $2 and batch_id = $3"
        )
        row = self._session.row(query, source, stream, name)
        if row is None:
            return None
        mode, api_version, extracted_at, digest = row
        manifest = self._manifest(source, stream, name)
        if manifest is None:
            return Batch(mode, api_version, extracted_at)
        log, found = manifest
        files = tuple(f"{log}/{found.batch}/{part.name}" for part in found.parts)
        return Batch(mode, api_version, extracted_at, files, found.sha256() == digest)

    def _manifest(self, source: str, stream: str, name: str) -> tuple[str, Any] | None:
        if self._landing is None or not name.isdigit():
            return None
        log = self._landing.stream(source, stream)
        found = next(log.since(int(name) - 1), None)
        return None if found is None else (log.path, found)


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
