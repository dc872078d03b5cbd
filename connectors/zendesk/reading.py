"""What a run reads of an export: what is new, once a day the last day again, and now and then everything.

The cursor of an export holds: where it goes on (`cursor` or `start_time`), the vendor's clock at the last answer (`at`),
when the last day was read again (`looked_back`) and everything was listed (`listed`), and while a complete listing is under
way, where that goes on (`listing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.zendesk.catalogue import (
    EARLIEST,
    LOOKBACK_EVERY,
    MEMORY_SECONDS,
    RELIST_EVERY,
    TICKETS,
    UNSETTLED_SECONDS,
    Export,
)
from connectors.zendesk.exports import ExportPage, Position, export_pages
from connectors.zendesk.rows import records, ticket_records
from connectors.zendesk.transport import Refused, ZendeskApi
from cynosure.extract import Cursor, Page, Record

# a cursor that lies ahead of the vendor's clock by more than this is of another account, or of a clock that was set back
_AHEAD_SECONDS = 300
_FROM_THE_START: Position = {"start_time": EARLIEST}
_PLACES = ("cursor", "start_time")
_UNDER_WAY = ("listing", "begun")


def read_export(api: ZendeskApi, export: Export, cursor: Cursor | None) -> Iterator[Page]:
    """Everything after the cursor; without one, everything."""
    return _Run(api, export, dict(cursor or {})).pages()


class _Run:
    """One run over one export; `state` is the cursor as it stands after the pages so far."""

    def __init__(self, api: ZendeskApi, export: Export, state: dict[str, Any]) -> None:
        self._api = api
        self._export = export
        self.state = state

    def pages(self) -> Iterator[Page]:
        """The pages of the run; the last one carries the cursor for the next."""
        if "at" in self.state:
            before = self.state["at"]
            try:
                yield from self._new(before)
                yield from self._looked_back()
            except _Lost as lost:
                self.state = {}
                yield Page([], lost.seen, notice=f"{self._export.stream.name}: {lost}: reading everything again")
        if "at" not in self.state or "listing" in self.state or self._is_due():
            yield from self._everything()
        yield Page([], self.state["at"], dict(self.state), as_of=self.state["at"] - UNSETTLED_SECONDS)

    def _new(self, before: float) -> Iterator[Page]:
        """What is new since the vendor's time `before`; raises _Lost if everything must be read again."""
        position = {name: self.state[name] for name in _PLACES if name in self.state}
        try:
            for found in export_pages(self._api, self._export, position):
                if before > found.seen + _AHEAD_SECONDS:
                    raise _Lost("the last run lies in the future of Zendesk's clock", found.seen)
                self.state |= {**found.position, "at": found.seen}
                yield self._page(found)
        except Refused as refusal:
            if "cursor" not in position:
                raise
            raise _Lost("Zendesk does not accept the last run's cursor any more", refusal.seen) from None
        if self._export.relisted and self.state["at"] - before > MEMORY_SECONDS:
            raise _Lost(f"last read {int(self.state['at'] - before) // 86_400} days ago", self.state["at"])

    def _looked_back(self) -> Iterator[Page]:
        """Once a day, what was written in the last day (or longer) once more."""
        now = self.state["at"]
        if now - self.state.get("looked_back", 0) >= LOOKBACK_EVERY:
            for found in export_pages(self._api, self._export, {"start_time": int(now) - self._export.lookback}):
                yield self._page(found)
            self.state["looked_back"] = now

    def _everything(self) -> Iterator[Page]:
        """A complete listing, or the rest of one."""
        begins = "listing" not in self.state
        try:
            yield from self._listed(begins)
        except Refused:
            if begins:
                raise
            self.state = {name: value for name, value in self.state.items() if name not in _UNDER_WAY}
            yield from self._listed(begins=True)

    def _listed(self, begins: bool) -> Iterator[Page]:
        brackets = self._export.relisted
        for found in export_pages(self._api, self._export, self.state.get("listing", _FROM_THE_START)):
            begun = self.state.get("begun", found.seen)
            if found.ends:
                kept = {name: self.state[name] for name in ("buried", "buried_pages") if name in self.state}
                self.state = {**kept, **found.position, "at": found.seen, "looked_back": found.seen, "listed": begun}
            else:
                self.state |= {"listing": found.position, "begun": begun}
            yield self._page(found, begins=begins and brackets, ends=found.ends and brackets)
            begins = False

    def _page(self, found: ExportPage, *, begins: bool = False, ends: bool = False) -> Page:
        made, notice = _records(self._api, self._export, found)
        return Page(made, found.seen, dict(self.state), begins=begins, ends=ends, notice=notice)

    def _is_due(self) -> bool:
        return self._export.relisted and self.state["at"] - self.state.get("listed", 0) >= RELIST_EVERY


class _Lost(Exception):
    """What was read so far cannot be continued; `seen` is the vendor's clock."""

    def __init__(self, reason: str, seen: float) -> None:
        super().__init__(reason)
        self.seen = seen


def walk_export(api: ZendeskApi, export: Export, after: Cursor | None) -> Iterator[Page]:
    """Everything that exists now, without tombstones, in an order that can be resumed."""
    for found in export_pages(api, export, dict(after) if after else _FROM_THE_START):
        made, notice = _records(api, export, found)
        there = [record for record in made if not record.deleted]
        yield Page(there, found.seen, None if found.ends else found.position, ends=found.ends, notice=notice)


def _records(api: ZendeskApi, export: Export, found: ExportPage) -> tuple[list[Record], str]:
    if export is TICKETS:
        return ticket_records(api, found.rows, found.metric_sets)
    return records(export.stream.name, found.rows), ""
