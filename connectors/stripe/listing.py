"""A complete listing: disjoint ranges of `created` read in parallel, resumable after every page.

Lists run from newest to oldest, so after each page the rest of a range is [its lower end, the oldest `created` seen];
what remains of all ranges is the cursor. Ties of one second are read again rather than missed.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from connectors.stripe.catalogue import Resource
from connectors.stripe.transport import Params, StripeApi, identity
from cynosure.extract import Cursor

# ranges short enough that a busy account keeps all readers working, long enough that empty ones are few
WINDOW_SECONDS = 91 * 86_400
READERS = 4

Range = list[int | None]
#: (number of the range, objects, vendor's time, what remains of the range), or what stopped a reader
Arrival = tuple[int, list[msgspec.Raw], float, Range | None] | BaseException


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Objects of one page, the vendor's time, and the ranges that are still to be read after it."""

    objects: list[msgspec.Raw]
    seen: float
    todo: list[Range]


def ranges(first: float | None, now: float) -> list[Range]:
    """Ranges [from, to] of `created` that together cover all time; both outer ends are open."""
    edges: list[int] = []
    edge = int(now) - WINDOW_SECONDS
    while first is not None and edge > first and len(edges) < 60:
        edges.append(edge)
        edge -= WINDOW_SECONDS
    uppers: list[int | None] = [None, *(e - 1 for e in edges)]
    lowers: list[int | None] = [*edges, None]
    return [[low, high] for low, high in zip(lowers, uppers, strict=True)]


def list_params(resource: Resource, window: Range | None = None) -> Params:
    """The query that lists a resource, within a range of `created` if given."""
    params: Params = dict(resource.params)
    if resource.expand:
        params["expand"] = [f"data.{path}" for path in resource.expand]
    # a list without the filter begins anew: reading again is safe
    limits = window if window and resource.dated else (None, None)
    bounds = {name: bound for name, bound in zip(("gte", "lte"), limits, strict=True) if bound is not None}
    if bounds:
        params["created"] = bounds
    return params


def read_ranges(api: StripeApi, resource: Resource, todo: list[Range]) -> Iterator[ListedPage]:
    """Every page of all ranges, as they arrive; the ranges still to do shrink with each."""
    remaining: dict[int, Range] = dict(enumerate(todo))
    waiting: queue.Queue[int] = queue.Queue()
    for number in remaining:
        waiting.put(number)
    arrived: queue.Queue[Arrival] = queue.Queue(maxsize=2 * READERS)
    stopped = threading.Event()
    readers = [
        threading.Thread(target=_read, args=(api, resource, dict(remaining), waiting, arrived, stopped), daemon=True)
        for _ in range(min(READERS, len(todo)))
    ]
    for reader in readers:
        reader.start()
    try:
        while remaining:
            item = arrived.get()
            if isinstance(item, BaseException):
                raise item
            number, objects, seen, rest = item
            if rest is None:
                del remaining[number]
            else:
                remaining[number] = rest
            yield ListedPage(objects, seen, list(remaining.values()))
    finally:
        stopped.set()
        while any(reader.is_alive() for reader in readers):
            _drain(arrived)
            for reader in readers:
                reader.join(0.05)


def remaining_todo(cursor: Cursor) -> list[Range]:
    """The ranges that an interrupted listing left."""
    return [[low, high] for low, high in cursor["todo"]]


def _read(
    api: StripeApi,
    resource: Resource,
    todo: dict[int, Range],
    waiting: queue.Queue[int],
    arrived: queue.Queue[Arrival],
    stopped: threading.Event,
) -> None:
    try:
        while not stopped.is_set():
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            low, high = todo[number]
            for objects, seen, more in api.pages(resource.path, list_params(resource, todo[number])):
                # an object that hides its instant does not narrow the range: reading again is safe, skipping is not
                rest: Range | None = [low, identity(objects[-1]).begun or high] if more else None
                arrived.put((number, objects, seen, rest))
                if stopped.is_set():
                    return
    except BaseException as error:
        arrived.put(error)


def _drain(items: queue.Queue[Arrival]) -> None:
    while True:
        try:
            items.get_nowait()
        except queue.Empty:
            return
