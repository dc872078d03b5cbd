"""Lands objects that an audit has fetched again: a batch beside the cursor, so that a replay of the log keeps it."""

from __future__ import annotations

from cynosure.extract.contract import Connector, Record
from cynosure.extract.errors import Misconfigured
from cynosure.landing import Manifest, StreamLog

#: mode of a repairing batch: in `ops.loads` it says of each version, tombstones too, that an audit found it
MODE = "repair"


class RepairBatch:
    """The next batch of a stream, begun before its objects are fetched.

    A run that lands something meanwhile takes the number: then `commit` raises BatchTaken, nothing of the repair is
    kept, and no older body can follow a newer one.
    """

    def __init__(self, connector: Connector, log: StreamLog) -> None:
        head = log.head()
        if head is None:
            raise Misconfigured(f"{log.source}.{log.name}: nothing was ever landed; run `cynosure extract {log.source}` first")
        self._head = head
        self._connector = connector
        self._log = log
        self._writer = log.begin(int(head.batch) + 1)
        self._seen: list[float] = []
        self._is_committed = False

    @property
    def rows(self) -> int:
        """Objects put into the batch so far."""
        return self._writer.rows

    def add(self, record: Record, seen: float) -> None:
        """Puts an object, or the tombstone of one that is gone, as fetched at `seen`."""
        self._writer.add([record], seen=seen)
        self._seen.append(seen)

    def commit(self) -> Manifest | None:
        """Makes the batch exist, with the cursor where it was; None if there is nothing to repair."""
        if not self.rows:
            return None
        head = self._head
        manifest = Manifest(
            source=head.source,
            stream=head.stream,
            batch=self._writer.batch,
            mode=MODE,
            cursor_before=head.cursor_after,
            cursor_after=head.cursor_after,
            parts=self._writer.close(),
            rows=self._writer.rows,
            deleted=self._writer.deleted,
            api_version=self._connector.api_version,
            connector_version=self._connector.version,
            started_at=min(self._seen),
            finished_at=max(self._seen),
            as_of=head.as_of,
            # a complete listing that is under way goes on after this batch
            listing_from=head.listing_from if head.sweep_from is None else None,
            nul_replaced=self._writer.nul_replaced,
        )
        self._log.commit(manifest)
        self._is_committed = True
        return manifest

    def discard(self) -> None:
        """Removes what was written and not committed."""
        if not self._is_committed:
            self._writer.discard()
