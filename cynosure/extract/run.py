"""Lands what a connector reads: batches, checkpoints, and failing streams that do not stop the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from cynosure.extract.contract import Connector, Page, Stream
from cynosure.extract.discovery import UnknownName
from cynosure.extract.errors import ExtractError, Unexpected
from cynosure.extract.memory import give_back_large_buffers
from cynosure.landing import BatchTaken, BatchWriter, LandingError, LandingLog, Manifest, StreamLog

# a killed backfill repeats at most this much
CHECKPOINT_ROWS = 125_000
CHECKPOINT_SECONDS = 120.0

Progress = Callable[[str, int], None]


Outcome = Literal["ok", "deferred", "failed"]


@dataclass(frozen=True, slots=True)
class StreamResult:
    """How the read of one stream ended.

    `rows` were landed (of them `deleted` tombstones) in `batches`; `outcome` is "deferred" when the next run simply
    goes on and "failed" when a person must look; `as_of` is the vendor's time up to which everything is in.
    """

    stream: str
    rows: int
    deleted: int
    batches: int
    seconds: float
    outcome: Outcome = "ok"
    error: str = ""
    notices: tuple[str, ...] = ()
    as_of: float | None = None


def extract_source(
    source: str,
    connector: Connector,
    landing: LandingLog,
    *,
    streams: Iterable[str] | None = None,
    progress: Progress = lambda stream, rows: None,
) -> list[StreamResult]:
    """Reads streams of a source into the landing log, several at a time; a failing one is reported by name.

    Raises UnknownName for a stream that the connector does not have.
    """
    selected = _selected(connector, streams)
    give_back_large_buffers()
    # a request for every parent takes longest: begun last, all would wait for it alone
    longest_first = sorted(selected, key=lambda stream: stream.sync != "children")
    with ThreadPoolExecutor(connector.concurrency, thread_name_prefix=source) as pool:
        results = list(pool.map(lambda stream: _extract_stream(source, connector, stream, landing, progress), longest_first))
    return [next(result for result in results if result.stream == stream.name) for stream in selected]


def _selected(connector: Connector, names: Iterable[str] | None) -> list[Stream]:
    known = {stream.name: stream for stream in connector.streams}
    if names is None:
        return list(known.values())
    wanted = list(names)
    for name in wanted:
        if name not in known:
            raise UnknownName("stream", name, sorted(known))
    return [known[name] for name in wanted]


def _extract_stream(source: str, connector: Connector, stream: Stream, landing: LandingLog, progress: Progress) -> StreamResult:
    started = time.monotonic()
    lander = None
    outcome: Outcome = "ok"
    error = ""
    try:
        lander = _Lander(connector, landing.stream(source, stream.name))
        for page in connector.read(stream, lander.cursor):
            lander.add(page)
            progress(stream.name, lander.rows)
        lander.finish()
    except Exception as failure:  # whatever one stream runs into, the others go on and this one is named
        outcome = "failed" if getattr(failure, "final", True) else "deferred"
        error = f"{source}.{stream.name}: {_salvaged(lander, failure)}"
    return StreamResult(
        stream=stream.name,
        rows=lander.landed if lander else 0,
        deleted=lander.deleted if lander else 0,
        batches=lander.batches if lander else 0,
        seconds=time.monotonic() - started,
        outcome=outcome,
        error=error,
        notices=tuple(lander.notices) if lander else (),
        as_of=lander.as_of if lander else None,
    )


def _salvaged(lander: _Lander | None, failure: Exception) -> str:
    """Keeps what was read up to the last checkpoint; the sentence for people."""
    known = isinstance(failure, ExtractError | LandingError | OSError)
    text = str(failure) if known else f"unforeseen {type(failure).__name__}: {failure}; please report it"
    if lander is not None:
        try:
            lander.salvage()
        except (LandingError, OSError) as second:
            return f"{text}; and what was read could not be kept: {second}"
    return text


class _Lander:
    """Turns pages into batches: commits at checkpoints that are due, at the end, and what is safe after a failure."""

    def __init__(self, connector: Connector, log: StreamLog) -> None:
        head = log.head()
        self._connector = connector
        self._log = log
        self.cursor = head.cursor_after if head else None
        self.as_of = head.as_of if head else None
        self._number = int(head.batch) if head else 0
        self._listing_from = head.listing_from if head and head.sweep_from is None else None
        self.rows = self.landed = self.deleted = self.batches = 0
        self.notices: list[str] = []
        self._started_at: float | None = None
        self._safe: Page | None = None
        self._open()

    def add(self, page: Page) -> None:
        """Writes the page's records; commits if a checkpoint is due."""
        if page.begins:
            self._listing_from = self._writer.batch
        self._writer.add(page.records, seen=page.seen)
        self.rows += len(page.records)
        self._started_at = self._started_at or page.seen
        self._ended = page.cursor is not None
        if page.notice:
            self.notices.append(page.notice)
        if page.cursor is not None:
            self._safe = page
            if page.ends or self._due():
                self._commit(page)

    def finish(self) -> None:
        """Commits the rest; raises Unexpected if the connector did not say where it stopped."""
        if not self._ended:
            raise Unexpected("the connector stopped without a cursor; what it read since the last one is not kept")
        self.salvage()

    def salvage(self) -> None:
        """Commits with the last safe cursor, if that moves anything; rows beyond it will simply be read again."""
        page = self._safe
        if page and (self._writer.rows or page.cursor != self.cursor or (page.as_of or self.as_of) != self.as_of):
            self._commit(page)
        self._writer.discard()

    def _due(self) -> bool:
        return self._writer.rows >= CHECKPOINT_ROWS or time.monotonic() - self._opened >= CHECKPOINT_SECONDS

    def _open(self) -> None:
        self._writer: BatchWriter = self._log.begin(self._number + 1)
        self._opened = time.monotonic()
        self._started_at = None
        self._safe = None
        self._ended = True

    def _commit(self, page: Page) -> None:
        writer, self._safe = self._writer, None
        manifest = Manifest(
            source=self._log.source,
            stream=self._log.name,
            batch=writer.batch,
            mode="listing" if self._listing_from else "changes",
            cursor_before=self.cursor,
            cursor_after=page.cursor,
            parts=writer.close(),
            rows=writer.rows,
            deleted=writer.deleted,
            api_version=self._connector.api_version,
            connector_version=self._connector.version,
            started_at=self._started_at or page.seen,
            finished_at=page.seen,
            as_of=page.as_of if page.as_of is not None else self.as_of,
            listing_from=self._listing_from,
            sweep_from=self._listing_from if page.ends else None,
            nul_replaced=writer.nul_replaced,
        )
        try:
            self._log.commit(manifest)
        except BatchTaken:
            writer.discard()
            raise
        self.landed += writer.rows
        self.deleted += writer.deleted
        self.batches += 1
        self.as_of = manifest.as_of
        self.cursor = page.cursor
        self._number += 1
        if page.ends:
            self._listing_from = None
        self._open()
