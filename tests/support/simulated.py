"""The simulated company with its real servers on a thread, and the engine's stages against it.

The clock stands still unless a test advances it, so the same test sees the same company every time.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from landed import lines_of

from connectors.ecb import Ecb, EcbSettings
from connectors.stripe import Stripe
from cynosure.extract import Connector, Retrying, StreamResult, connector_class, extract_source
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.warehouse import Session, Warehouse
from sandbox.discovery import BUILT_IN
from sandbox.site import Options, Site
from sandbox.world import World

START = 1_767_225_600  # 2026-01-01T00:00:00Z
MINUTE, HOUR, DAY = 60, 3_600, 86_400
# the newest minute is left for the next run, so a test that changes something lets a little more pass
SETTLED = 5 * MINUTE
STREAMS = tuple(stream.name for stream in Stripe.streams)
# fast enough that nothing waits for the pace, where a test is not about the pace
UNPACED = 1_000.0

T = TypeVar("T")


@dataclass
class Waits:
    """Stands in for sleeping between retries and remembers how long each wait would have been."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Simulated:
    """One company, its servers and what a test does to them."""

    def __init__(self, world: World, site: Site, endpoints: dict[str, Any], loop: asyncio.AbstractEventLoop) -> None:
        self.world = world
        self.site = site
        self.endpoints = endpoints
        self.key: str = endpoints["keys"]["stripe_restricted"]
        self.waits = Waits()
        self._loop = loop

    def connector(self, name: str = "stripe", **more: Any) -> Any:
        """The real connector of a system, unpaced, with credentials that may read everything and retries that do not sleep."""
        kind = connector_class(name)
        given = {**self.endpoints["connections"][name], **({"api_key": more.pop("key")} if "key" in more else {})}
        options = {"share": UNPACED, "retrying": self.retrying(), **more}
        return kind(kind.settings_model(**given), **options)

    def ecb(self, **settings: Any) -> Ecb:
        """The real ECB connector."""
        return Ecb(EcbSettings(base_url=self.endpoints["ecb"], **settings), share=1.0, retrying=self.retrying())

    def retrying(self, attempts: int = 4, total: float = 60.0) -> Retrying:
        """A short policy whose waits are only noted."""
        return Retrying(attempts=attempts, total=total, first=0.01, sleep=self.waits)

    def extract(
        self, landing: Path, streams: Iterable[str] | None = None, connector: Connector | None = None, **more: Any
    ) -> dict[str, StreamResult]:
        """One run into a landing folder; results by stream."""
        reader = connector or self.connector(**more)
        try:
            return {r.stream: r for r in extract_source(reader.name, reader, LandingLog(f"file://{landing}"), streams=streams)}
        finally:
            reader.close()

    def load(self, warehouse: Warehouse, landing: Path, streams: Iterable[str] = STREAMS) -> dict[str, Any]:
        """Loads what is pending; results of the batches by stream."""
        declared = [("stripe", stream) for stream in streams]
        loaded = load_landing(warehouse, LandingLog(f"file://{landing}"), declared, datetime.fromtimestamp(self.now, UTC))
        return {name.partition(".")[2]: results for name, results in loaded.items()}

    @property
    def now(self) -> int:
        """Sandbox time."""
        return self.world.now()

    def advance(self, seconds: int) -> None:
        """Lets simulated time pass."""
        self._on_server(lambda: self.world.advance(seconds))

    def settle(self) -> None:
        """Lets so much time pass that nothing happened in the newest minute, which a run leaves for the next."""
        self.advance(SETTLED)
        while self.all("event")[0]["created"] >= self.now - 2 * MINUTE:
            self.advance(MINUTE)

    def write(self, operation: str, settle: int = SETTLED, **arguments: Any) -> dict[str, Any]:
        """A write of Stripe's API by its operation; `settle` seconds pass afterwards."""
        body = self._on_server(lambda: self.world.write(operation, arguments))
        if settle:
            self.advance(settle)
        return body

    def put(self, kind: str, body: dict[str, Any], event: str | None = None, at: int | None = None) -> None:
        """Puts an object as it is, with or without the event that tells of it."""
        self._on_server(lambda: self.world.store.put(kind, body, at=at or self.now, event=event))

    def remove(self, kind: str, id: str, event: str | None = None) -> None:
        """Deletes an object, with or without the event that tells of it."""
        self._on_server(lambda: self.world.store.remove(kind, id, at=self.now, event=event))

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Objects of a kind, newest first."""
        return self._on_server(lambda: self.world.store.all(kind))

    def truth(self) -> dict[str, dict[str, Any]]:
        """Per stream, the ids that exist and those that were deleted, by the simulation's own books."""
        return self._on_server(self.world.truth.streams)

    def books(self, system: str) -> dict[str, dict[str, Any]]:
        """Per stream of a system: ids, deleted ids, and the bodies by id where the system tells them."""
        return self._on_server(lambda: _books(self.world.systems[system]))

    @contextmanager
    def fault(
        self, do: dict[str, Any], times: int | None = 1, *, must_strike: bool = True, **match: Any
    ) -> Iterator[Callable[[], int]]:
        """A fault in force during the block; gives how often it has struck, and asserts at the end that it did."""
        rule = self._on_server(lambda: self.site.faults.add({"match": match, "do": do, "times": times}))
        try:
            yield lambda: rule.struck
        finally:
            self._on_server(self.site.faults.clear)
        assert rule.struck or rule.do.hide or not must_strike, f"the fault {do} never struck"

    def requests(self, path: str = "*") -> list[dict[str, Any]]:
        """What was asked since the last `forget_requests`, oldest first."""
        return self._on_server(lambda: self.site.log.select(path=path, limit=100_000))

    def forget_requests(self) -> None:
        """Starts counting requests anew."""
        self._on_server(self.site.log.clear)

    def listed(self, folder: Path, streams: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
        """Per stream, id -> body of everything that a complete first reading gives now: the clean state to compare with."""
        failed = {name: r.error for name, r in self.extract(folder, streams).items() if r.outcome != "ok"}
        assert not failed, failed
        return {name: landed_objects(folder, name) for name in streams or STREAMS}

    def _on_server(self, action: Callable[[], T]) -> T:
        """Runs in the thread of the servers, so that no request sees half of a change."""

        async def act() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result(120)


def _books(system: Any) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = system.streams()
    if system.name == "stripe":  # whose bodies depend on what a reader asks to be expanded
        return told
    return {stream: {**rows, "bodies": system.objects(stream)} for stream, rows in told.items()}


@contextmanager
def simulated(
    folder: Path,
    *,
    customers: int = 25,
    months: int = 8,
    start: int = START,
    seed: int = 7,
    limits: str = "off",
    systems: Iterable[str] = BUILT_IN,
) -> Iterator[Simulated]:
    """The company with these systems, served on free loopback ports until the block ends."""
    world = World.create(None, seed=seed, customers=customers, months=months, start=start, systems=systems, wall=lambda: 0.0)
    site = Site(world, Options(folder, seed, limits))
    begun: list[Any] = []
    ready = threading.Event()

    async def serve() -> None:
        async with site.listening() as endpoints:
            stop = asyncio.Event()
            begun.extend((endpoints, asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(60), "the sandbox did not start"
    endpoints, loop, stop = begun
    try:
        yield Simulated(world, site, endpoints, loop)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def landed_lines(landing: Path, stream: str, source: str = "stripe") -> list[dict[str, Any]]:
    """Every line landed of a stream, in order."""
    log = LandingLog(f"file://{landing}").stream(source, stream)
    lines = []
    for manifest in log.since(0):
        with log.local_parts(manifest) as parts:
            for part in parts:
                lines += [{**line, "batch": manifest.batch} for line in lines_of(part.path)]
    return lines


def landed_objects(landing: Path, stream: str) -> dict[str, Any]:
    """id -> body of the newest line of each object that is not deleted."""
    newest = {line["id"]: line for line in landed_lines(landing, stream)}
    return {id: line["payload"] for id, line in newest.items() if not line["deleted"]}


def comparable(body: Any) -> Any:
    """The body without the redemption counters inside copies of coupons: they change without any event of the copy's owner."""
    if isinstance(body, list):
        return [comparable(entry) for entry in body]
    if not isinstance(body, dict):
        return body
    hidden = ("times_redeemed", "valid") if body.get("object") == "coupon" else ()
    return {name: comparable(value) for name, value in body.items() if name not in hidden}


def differences(found: dict[str, dict[str, Any]], expected: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What two states disagree on, by stream: ids missing, extra and changed. Events are compared by what is missing only."""
    report: dict[str, Any] = {}
    for stream, wanted in expected.items():
        have = found.get(stream, {})
        missing, extra = sorted(wanted.keys() - have.keys()), sorted(have.keys() - wanted.keys())
        changed = sorted(id for id in wanted.keys() & have.keys() if comparable(have[id]) != comparable(wanted[id]))
        if stream == "events":  # old ones vanish from the API, not from the warehouse
            extra = []
        if missing or extra or changed:
            report[stream] = {"missing": missing, "extra": extra, "changed": changed}
    return report


def current_objects(session: Session, stream: str) -> dict[str, Any]:
    """id -> body of the current rows of a stream in the warehouse."""
    rows = session.rows(f"select id, payload from raw.stripe__{stream} where valid_to is null and not is_deleted")
    return {id: json.loads(payload) for id, payload in rows}


def buried(session: Session, stream: str) -> set[str]:
    """Ids whose current version is a tombstone."""
    rows = session.rows(f"select id from raw.stripe__{stream} where valid_to is null and is_deleted")
    return {row[0] for row in rows}


def versions(session: Session, stream: str) -> int:
    """How many versions raw history holds of a stream."""
    return int((session.row(f"select count(*) from raw.stripe__{stream}") or (0,))[0])
