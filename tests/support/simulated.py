"""The simulated company with its real servers on a thread, and the engine's stages against it.

The clock stands still unless a test advances it, so the same test sees the same company every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import warehouse_state
from landed_state import lines_landed, objects_landed
from reader import UNPACED, Reader, Waits

from connectors.ecb import Ecb, EcbSettings
from connectors.stripe import Stripe
from cynosure.extract import connector_class
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.warehouse import Warehouse
from sandbox.discovery import BUILT_IN
from sandbox.on_thread import Served, served
from sandbox.site import Options, Site
from sandbox.world import World

START = 1_767_225_600  # 2026-01-01T00:00:00Z
MINUTE, HOUR, DAY = 60, 3_600, 86_400
# the newest minute is left for the next run, so a test that changes something lets a little more pass
SETTLED = 5 * MINUTE
STREAMS = tuple(stream.name for stream in Stripe.streams)

landed_lines = partial(lines_landed, source="stripe")
landed_objects = partial(objects_landed, source="stripe")
current_objects = partial(warehouse_state.current_objects, source="stripe")
tombstones = partial(warehouse_state.tombstones, source="stripe")
versions = partial(warehouse_state.versions, source="stripe")


class Simulated(Reader):
    """One company, its servers and what a test does to them; what is not told otherwise is about Stripe."""

    def __init__(self, world: World, site: Site, server: Served) -> None:
        self.world = world
        self.site = site
        self.endpoints = server.endpoints
        self.on_server = server.do
        self.faults, self.log = site.faults, site.log
        self.key: str = server.endpoints["keys"]["stripe_restricted"]
        self.waits = Waits()

    def connector(self, name: str = "stripe", **more: Any) -> Any:
        """The real connector of a system, unpaced, with credentials that may read everything and retries that do not sleep."""
        kind = connector_class(name)
        given = {**self.endpoints["connections"][name], **({"api_key": more.pop("key")} if "key" in more else {})}
        options = {"share": UNPACED, "retrying": self.retrying(), **more}
        return kind(kind.settings_model(**given), **options)

    def ecb(self, **settings: Any) -> Ecb:
        """The real ECB connector."""
        return Ecb(EcbSettings(base_url=self.endpoints["ecb"], **settings), share=1.0, retrying=self.retrying())

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
        self.on_server(lambda: self.world.advance(seconds))

    def settle(self) -> None:
        """Lets so much time pass that nothing happened in the newest minute, which a run leaves for the next."""
        self.advance(SETTLED)
        while self.all("event")[0]["created"] >= self.now - 2 * MINUTE:
            self.advance(MINUTE)

    def write(self, operation: str, settle: int = SETTLED, **arguments: Any) -> dict[str, Any]:
        """A write of Stripe's API by its operation; `settle` seconds pass afterwards."""
        body = self.on_server(lambda: self.world.write(operation, arguments))
        if settle:
            self.advance(settle)
        return body

    def put(self, kind: str, body: dict[str, Any], event: str | None = None, at: int | None = None) -> None:
        """Puts an object as it is, with or without the event that tells of it."""
        self.on_server(lambda: self.world.store.put(kind, body, at=at or self.now, event=event))

    def remove(self, kind: str, id: str, event: str | None = None) -> None:
        """Deletes an object, with or without the event that tells of it."""
        self.on_server(lambda: self.world.store.remove(kind, id, at=self.now, event=event))

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Objects of a kind, newest first."""
        return self.on_server(lambda: self.world.store.all(kind))

    def truth(self) -> dict[str, dict[str, Any]]:
        """Per stream, the ids that exist and those that were deleted, by the simulation's own books."""
        return self.on_server(self.world.truth.streams)

    def books(self, system: str) -> dict[str, dict[str, Any]]:
        """Per stream of a system: ids, deleted ids, and the bodies by id where the system tells them."""
        return self.on_server(lambda: _books(self.world.systems[system]))

    def listed(self, folder: Path, streams: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
        """Per stream, id -> body of everything that a complete first reading gives now: the clean state to compare with."""
        failed = {name: r.error for name, r in self.extract(folder, streams).items() if r.outcome != "ok"}
        assert not failed, failed
        return {name: landed_objects(folder, name) for name in streams or STREAMS}


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
    story: float = 1.0,
) -> Iterator[Simulated]:
    """The company with these systems, served on free loopback ports until the block ends."""
    world = World.create(
        None, seed=seed, customers=customers, months=months, start=start, systems=systems, story=story, wall=lambda: 0.0
    )
    site = Site(world, Options(folder, seed, limits))
    with served(site) as server:
        yield Simulated(world, site, server)


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
