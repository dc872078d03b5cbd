"""What changed since the last run, told by events: which objects to fetch again, and when each changed.

Payloads of events are rendered in the account's own API version at the time of the event, whatever this connector
pins, so they only say *what* to re-fetch (https://docs.stripe.com/api/events). Events live 30 days.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from connectors.stripe.transport import StripeApi

EVENTS_PATH = "/v1/events"
# https://docs.stripe.com/api/events: "going back up to 30 days"; one day of margin
RETENTION_SECONDS = 29 * 86_400
# events may appear a little after the change, and late in the same second (tap-stripe allows 600 s)
OVERLAP_SECONDS = 600
# the newest minute is left for the next run: objects committed in it may still be missing from lists
END_LAG_SECONDS = 60


_NULL = msgspec.Raw(b"null")


class _Object(msgspec.Struct):
    """What is needed of any object in an event; references may be ids or, in older API versions, whole objects."""

    object: str = ""
    id: str | None = None
    created: int = 0
    customer: msgspec.Raw = _NULL
    subscription: msgspec.Raw = _NULL
    invoice: msgspec.Raw = _NULL
    lines: msgspec.Raw = _NULL


class _ItemDetails(msgspec.Struct):
    invoice_item: str | None = None


class _LineParent(msgspec.Struct):
    """Prorations name their item below the subscription's, all others below the invoice item's details."""

    invoice_item_details: _ItemDetails | None = None
    subscription_item_details: _ItemDetails | None = None


class _Line(msgspec.Struct):
    """A line of an invoice, in the present shape and in that of API versions before 2025-03-31."""

    parent: _LineParent | None = None
    invoice_item: str | None = None

    def item(self) -> str | None:
        """The invoice item that the line shows, if any."""
        details = self.parent and (self.parent.invoice_item_details or self.parent.subscription_item_details)
        return details.invoice_item if details else self.invoice_item


class _Lines(msgspec.Struct):
    data: list[_Line]
    has_more: bool


class _Data(msgspec.Struct):
    object: msgspec.Raw


class _Event(msgspec.Struct):
    id: str
    type: str
    created: int
    data: _Data


@dataclass(slots=True)
class Changes:
    """Objects that changed in a window: per kind, id -> time of the latest event; and what was created in it."""

    since: int
    until: int
    changed: dict[str, dict[str, int]] = field(default_factory=dict)
    created: dict[str, set[str]] = field(default_factory=dict)
    #: customers whose own balance may have moved: no event tells it
    touched_customers: set[str] = field(default_factory=set)
    #: id -> `created` of invoices that changed, because payments of an invoice have hardly any events
    invoices: dict[str, int] = field(default_factory=dict)
    #: invoices whose event does not show all lines, so that their items have to be listed
    long_invoices: set[str] = field(default_factory=set)

    def note(self, event: _Event) -> None:
        """Adds what one event tells."""
        thing = msgspec.json.decode(event.data.object, type=_Object)
        if thing.object == "discount":
            self._mark("subscription", _reference(thing.subscription), event.created)
            self._mark("customer", _reference(thing.customer), event.created)
            return
        self._mark(thing.object, thing.id, event.created)
        if thing.id and event.type.endswith(".created"):
            self.created.setdefault(thing.object, set()).add(thing.id)
        if thing.object in ("customer", "invoice", "credit_note"):
            customer = thing.id if thing.object == "customer" else _reference(thing.customer)
            if customer:
                self.touched_customers.add(customer)
        if thing.object == "invoice" and thing.id:
            self.invoices[thing.id] = thing.created
            self._note_items(thing.id, thing.lines, event.created)

    def _note_items(self, invoice: str, lines: msgspec.Raw, at: int) -> None:
        """An item that joins an invoice changes without an event of its own."""
        try:
            shown = msgspec.json.decode(lines, type=_Lines)
        except msgspec.ValidationError:
            self.long_invoices.add(invoice)
            return
        if shown.has_more:
            self.long_invoices.add(invoice)
        for line in shown.data:
            self._mark("invoiceitem", line.item(), at)

    def _mark(self, kind: str, id: str | None, at: int) -> None:
        if id:
            times = self.changed.setdefault(kind, {})
            times[id] = max(at, times.get(id, 0))


class ChangeFeed:
    """The events of this run, read once however many streams ask."""

    def __init__(self, api: StripeApi) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._windows: dict[int, Changes] = {}
        self._until: int | None = None

    def until(self) -> int:
        """The end of this run's window on the vendor's clock, the same for every stream."""
        with self._lock:
            if self._until is None:
                self._until = int(self._api.now()) - END_LAG_SECONDS
            return self._until

    def changes(self, since: int, until: int) -> Changes:
        """What changed in [since - overlap, until]."""
        with self._lock:
            if since not in self._windows:
                found = Changes(since, until)
                for objects, _ in event_pages(self._api, since - OVERLAP_SECONDS, until):
                    for raw in objects:
                        found.note(msgspec.json.decode(raw, type=_Event))
                self._windows[since] = found
            return self._windows[since]


def event_pages(api: StripeApi, since: int | None, until: int) -> Iterator[tuple[list[msgspec.Raw], float]]:
    """Pages of events created in [since, until], newest first."""
    created = {"lte": until} if since is None else {"gte": since, "lte": until}
    for objects, seen, _ in api.pages(EVENTS_PATH, {"created": created}):
        yield objects, seen


def _reference(value: msgspec.Raw) -> str | None:
    try:
        return msgspec.json.decode(value, type=str)
    except msgspec.ValidationError:
        return None
