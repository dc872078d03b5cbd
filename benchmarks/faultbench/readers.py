"""Who is put to the faults: Cynosure with its audit, as it runs in production, apart from Airflow."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from cynosure.check.audit.run import Auditor, StreamAudit
from cynosure.extract import Connector, Retrying, StreamResult, connector_class, extract_source
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.warehouse import open_warehouse

Rows = dict[str, dict[str, Any]]
"""Per stream, id -> body of every current row."""

Same = Callable[[Any, Any], bool]
"""Whether a body that is held is the one that the source shows."""

# fast enough that nothing waits for the pace: these runs are not about it
_UNPACED = 1_000.0


@dataclass(frozen=True)
class Outcome:
    """How a run ended, in the reader's own words: empty where it said that all was well."""

    announced: tuple[str, ...] = ()


class Killed(BaseException):
    """The process is gone: nothing of the reader may clean up or save anything any more."""


class Reader(Protocol):
    """Something that reads a source into a warehouse, again and again."""

    def run(self, now: int, killed_after: int | None = None) -> Outcome:
        """One scheduled run at an instant; `killed_after` so many pages it ends as a killed process does, by Killed."""

    def look(self, now: int) -> Outcome:
        """Whatever the reader does to find out what it has missed, once a day."""

    def rows(self) -> Rows:
        """What it holds now, of every stream that it reads."""

    @staticmethod
    def same(held: Any, shown: Any) -> bool:
        """Whether a body that is held is the one that the source shows."""


class Cynosure:
    """The real connector, landing log, load and audit, on DuckDB."""

    def __init__(self, source: str, connection: Mapping[str, str], folder: Path) -> None:
        self._source = source
        self._connection = connection
        self._landing = LandingLog(f"file://{folder / 'landing'}")
        self._warehouse = open_warehouse(f"duckdb:///{folder / 'warehouse.duckdb'}")
        self.waited: list[float] = []

    def connector(self) -> Connector:
        """A connector as a new process would make it; waits between retries are only noted."""
        kind = connector_class(self._source)
        retrying = Retrying(attempts=4, total=60.0, first=0.01, sleep=self.waited.append)
        return kind(kind.settings_model(**self._connection), share=_UNPACED, retrying=retrying)

    def run(self, now: int, killed_after: int | None = None) -> Outcome:
        """Extract and load."""
        connector = self.connector()
        pages = count(1)

        def progress(stream: str, rows: int) -> None:
            if killed_after is not None and next(pages) >= killed_after:
                raise Killed

        try:
            results = extract_source(self._source, connector, self._landing, progress=progress)
        finally:
            connector.close()
        declared = [(self._source, stream.name) for stream in connector.streams]
        load_landing(self._warehouse, self._landing, declared, datetime.fromtimestamp(now, UTC))
        return Outcome(tuple(sentence for result in results for sentence in _said(result)))

    @staticmethod
    def same(held: Any, shown: Any) -> bool:
        """Everything that the source sends is kept, so nothing may differ."""
        return bool(held == shown)

    def rows(self) -> Rows:
        """Current rows of raw history."""
        found: Rows = {stream.name: {} for stream in connector_class(self._source).streams}
        with self._warehouse.writing() as session:
            tables = session.rows("select table_name from information_schema.tables where table_schema = 'raw'")
            for (table,) in tables:
                rows = session.rows(f'select id, payload from raw."{table}" where valid_to is null and not is_deleted')
                found[table.partition("__")[2]] = {id: json.loads(payload) for id, payload in rows}
        return found

    def look(self, now: int) -> Outcome:
        """A slice of the audit, with repair; what it repairs is loaded by it."""
        connector = self.connector()
        at = datetime.fromtimestamp(now, UTC)
        try:
            auditor = Auditor(self._warehouse, self._landing, self._source, connector, at, repair=True)
            return Outcome(tuple(sentence for audit in auditor.run(connector.streams) for sentence in _found(audit)))
        finally:
            connector.close()


def _found(audit: StreamAudit) -> list[str]:
    counts = {"missing": audit.missing, "extra": audit.extra, "different": audit.different}
    drift = [f"{number} {word}" for word, number in counts.items() if number]
    told = [f"audit of {audit.source}.{audit.stream}: {', '.join(drift)}"] if drift else []
    return [*told, *([audit.error] if audit.error else [])]


def _said(result: StreamResult) -> list[str]:
    return [text for text in (result.error, *(f"{result.stream}: {notice}" for notice in result.notices)) if text]
