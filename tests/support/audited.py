"""A source that a test fills by hand, the warehouse it is loaded into, and the audit between them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from cynosure.check import Auditor, Finding, StreamAudit, audit_findings
from cynosure.check.lineage import Lineage
from cynosure.extract import Access, Connector, ConnectorSettings, Cursor, Page, Record, Stream, Totals, extract_source
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.warehouse import Warehouse

T0 = 1_767_225_600.0
THINGS = Stream("things", "What the test puts in.", cursor="changed", computed=("score", "owner.mood"))
PAGE = 5


@dataclass
class Shelf:
    """What the source holds: id -> body and when it says that it changed; `told` are the ids that a later read brings."""

    clock: float = T0
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: dict[str, float | None] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    totals: Totals | None = None
    requests: int = 0
    #: raised instead of the answer to request number so and so
    broken: dict[int, Exception] = field(default_factory=dict)
    refuses_fetch: Exception | None = None
    can_fetch: bool = True
    with_bodies: bool = True
    ends: bool = True

    def put(self, *ids: str, told: bool = True, changed: float | None = -1.0, **body: Any) -> None:
        """Creates or changes objects; not `told` means that no read will notice."""
        for id in ids:
            self.bodies[id] = {"id": id, **body}
            self.changed[id] = self.clock if changed == -1.0 else changed
            if told:
                self.told.add(id)

    def remove(self, *ids: str, told: bool = False) -> None:
        """Deletes objects."""
        for id in ids:
            del self.bodies[id]
            if told:
                self.told.add(id)

    def ask(self) -> None:
        """Counts a request, and breaks it if the test says so."""
        self.requests += 1
        if error := self.broken.pop(self.requests, None):
            raise error


class Things(Connector):
    """Reads the shelf."""

    name: ClassVar[str] = "shelf"
    title: ClassVar[str] = "Shelf"
    api_version: ClassVar[str] = "1"
    settings_model: ClassVar[type[ConnectorSettings]] = ConnectorSettings
    streams: tuple[Stream, ...] = (THINGS,)

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(ConnectorSettings())
        self.shelf = shelf

    def check(self) -> list[Access]:
        return []

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        shelf = self.shelf
        records = [self._record(id) for id in sorted(shelf.told)]
        shelf.told.clear()
        yield Page(records, shelf.clock, {"at": shelf.clock}, as_of=shelf.clock)

    def walk(self, stream: Stream, after: Cursor | None) -> Iterator[Page]:
        ids = sorted(id for id in self.shelf.bodies if after is None or id > after["id"])
        for start in range(0, max(len(ids), 1), PAGE):
            self.shelf.ask()
            page = ids[start : start + PAGE]
            last = start + PAGE >= len(ids)
            records = [self._record(id, whole=self.shelf.with_bodies) for id in page]
            yield Page(records, self.shelf.clock, None if last else {"id": page[-1]}, ends=last and self.shelf.ends)

    def totals(self, stream: Stream) -> Totals | None:
        return self.shelf.totals

    def fetch(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page] | None:
        if self.shelf.refuses_fetch:
            raise self.shelf.refuses_fetch
        return iter([Page([self._record(id) for id in ids], self.shelf.clock)]) if self.shelf.can_fetch else None

    def _record(self, id: str, *, whole: bool = True) -> Record:
        if id not in self.shelf.bodies:
            return Record(id, None, None, deleted=True)
        return Record(id, json.dumps(self.shelf.bodies[id]).encode() if whole else None, self.shelf.changed[id])


class Audited:
    """A shelf, its landing log and its warehouse; time moves only when the test says so."""

    def __init__(self, folder: Path, warehouse: Warehouse) -> None:
        self.shelf = Shelf()
        self.warehouse = warehouse
        self.landing = LandingLog(f"file://{folder}/landing")
        self.connector = Things(self.shelf)

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.shelf.clock, UTC)

    def pass_time(self, **span: float) -> None:
        """Moves the clock."""
        self.shelf.clock += timedelta(**span).total_seconds()

    def ingest(self) -> None:
        """An ordinary run: extract and load, a minute later."""
        self.pass_time(minutes=1)
        results = extract_source("shelf", self.connector, self.landing)
        assert {result.outcome for result in results} == {"ok"}, results
        load_landing(self.warehouse, self.landing, [("shelf", "things")], self.now)

    def audit(self, **more: Any) -> StreamAudit:
        """One run of the audit, a minute later."""
        self.pass_time(minutes=1)
        (done,) = Auditor(self.warehouse, self.landing, "shelf", self.connector, self.now, **more).run([THINGS])
        return done

    def settle(self, **more: Any) -> StreamAudit:
        """A whole audit whose differences can be decided: walk, ordinary run, comparison."""
        self.audit(full=True, **more)
        self.ingest()
        return self.audit(full=True, **more)

    def findings(self, later: float = 0.0) -> dict[str, Finding]:
        """What is known now, by the part of the audit."""
        with self.warehouse.writing() as session:
            found = audit_findings(session, {"shelf": [THINGS]}, Lineage({}), self.now + timedelta(seconds=later))
        return {finding.check_id.rpartition(":")[2]: finding for finding in found}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the warehouse."""
        with self.warehouse.writing() as session:
            return session.rows(sql)

    def current(self) -> dict[str, Any]:
        """id -> body of the living rows."""
        rows = self.rows("select id, cast(payload as text) from raw.shelf__things where valid_to is null and not is_deleted")
        return {id: json.loads(body) for id, body in rows}
