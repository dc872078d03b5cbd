"""A slice of a walk: pages until the budget is used, kept in the warehouse at checkpoints, so that a kill repeats little."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from cynosure.check.audit.walks import Walk, forget_seen, save_walk, statement
from cynosure.extract import Connector, Cursor, Page, Stream, Unexpected
from cynosure.landing import LandingLog, StreamLog
from cynosure.settings.faultpoint import reach
from cynosure.warehouse import LandedFile, Session, Warehouse

# a killed walk repeats at most this much
CHECKPOINT_ROWS = 50_000
CHECKPOINT_SECONDS = 60.0

#: told the pages of this walk so far
Progress = Callable[[int], None]


def walk_slice(warehouse: Warehouse, connector: Connector, stream: Stream, walk: Walk, budget: int, progress: Progress) -> Walk:
    """Goes on by `budget` pages, or to the end; raises as the connector does, with what was seen until then kept."""
    pages = connector.walk(stream, walk.position)
    if pages is None:
        return replace(walk, phase="impossible")
    try:
        return _read(warehouse, pages, walk, budget, progress)
    except Unexpected:
        if walk.position is None:
            raise
    # the source does not know any more where the walk stood: it begins anew, which costs requests and no truth
    anew = replace(walk, position=None, seen_from=None, seen_to=None)
    with warehouse.writing() as session, session.transaction():
        forget_seen(session, walk.source, walk.stream)
        save_walk(session, anew)
    return _read(warehouse, connector.walk(stream, None) or iter(()), anew, budget, progress)


def _read(warehouse: Warehouse, pages: Iterator[Page], walk: Walk, budget: int, progress: Progress) -> Walk:
    with TemporaryDirectory(prefix="cynosure-walk-") as folder:
        keeper = _Keeper(warehouse, LandingLog(f"file://{folder}").stream(walk.source, walk.stream), walk)
        try:
            for number, page in enumerate(pages, 1):
                keeper.add(page)
                progress(keeper.walk.pages)
                if page.ends or (page.cursor is not None and number >= budget):
                    return keeper.keep()
        except BaseException:
            keeper.salvage()
            raise
        raise Unexpected(f"{walk.stream}: the walk stopped without saying that it was at its end; nothing is concluded from it")


class _Keeper:
    """Collects pages in a file of landed lines, so that hashes are those of raw history and loading is the engine's own."""

    def __init__(self, warehouse: Warehouse, log: StreamLog, walk: Walk) -> None:
        self._warehouse = warehouse
        self._log = log
        self.walk = walk
        self._cursor: Cursor | None = None
        self._batch = 0
        self._open()

    def add(self, page: Page) -> None:
        """Notes a page; keeps what came since the last checkpoint if one is due."""
        self._writer.add([record for record in page.records if not record.deleted], seen=page.seen)
        seen = datetime.fromtimestamp(page.seen, UTC)
        self._cursor = page.cursor
        self.walk = replace(
            self.walk,
            pages=self.walk.pages + 1,
            seen_from=min(self.walk.seen_from or seen, seen),
            seen_to=max(self.walk.seen_to or seen, seen),
            phase="comparing" if page.ends else "walking",
        )
        due = self._writer.rows >= CHECKPOINT_ROWS or time.monotonic() - self._opened >= CHECKPOINT_SECONDS
        if due and page.cursor is not None:
            self.keep()

    def keep(self) -> Walk:
        """Stores what was seen together with where the walk goes on."""
        folder = Path(self._log.path) / self._writer.batch
        files = [LandedFile(folder / part.name, part.longest) for part in self._writer.close()]
        self.walk = replace(self.walk, position=self._cursor, error="")
        with self._warehouse.writing() as session, session.transaction():
            if files:
                session.stage(files, "walked")
                _note(session, self.walk)
            save_walk(session, self.walk)
            reach("audit.before_keep")
        self._open()
        return self.walk

    def salvage(self) -> None:
        """After a failure: keeps what came up to a page from which the walk can go on."""
        if self._cursor is not None:
            self.keep()

    def _open(self) -> None:
        self._batch += 1
        self._writer = self._log.begin(self._batch)
        self._opened = time.monotonic()


def _note(session: Session, walk: Walk) -> None:
    session.execute(
        "delete from ops.audit_seen where source = $1 and stream = $2 and id in (select id from walked)", walk.source, walk.stream
    )
    session.execute(statement("note_seen"), walk.source, walk.stream)
    session.execute("drop table walked")
