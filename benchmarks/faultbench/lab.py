"""One vendor's account in a small company, a reader of it, and what a fault does to both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.faultbench.readers import Cynosure, Killed, Outcome, Reader, Rows
from sandbox.on_thread import Served, served
from sandbox.site import Options, Site
from sandbox.story.events import Event
from sandbox.vendor import Vendor
from sandbox.world import World

START = 1_767_225_600  # 2026-01-01T00:00:00Z
MINUTE, HOUR, DAY = 60, 3_600, 86_400
# a change is this old when the next run reads: longer than any end lag, so that what is missing then is missing
SETTLED = 20 * MINUTE

MakeReader = Callable[[str, dict[str, str], Path], Reader]


@dataclass
class Lab:
    """What a fault scenario acts upon. `said` collects everything that the reader announced, with the instant."""

    system: str
    world: World
    site: Site
    server: Served
    reader: Reader
    said: list[tuple[int, str]] = field(default_factory=list)

    @property
    def vendor(self) -> Vendor:
        """The simulated account."""
        return self.world.systems[self.system]

    @property
    def now(self) -> int:
        """Sandbox time."""
        return self.world.now()

    def run(self) -> Outcome:
        """One scheduled run."""
        return self._note(self.reader.run(self.now))

    def kill_after(self, pages: int) -> None:
        """A run whose process ends without a word after so many pages."""
        with suppress(Killed):
            self.reader.run(self.now, killed_after=pages)

    def run_twice_at_once(self) -> None:
        """Two schedulers, or a person and a scheduler, start the same run."""
        with ThreadPoolExecutor(2) as pool:
            for outcome in list(pool.map(lambda _: self.reader.run(self.now), range(2))):
                self._note(outcome)

    def look(self) -> Outcome:
        """One daily look for what was missed."""
        return self._note(self.reader.look(self.now))

    def advance(self, seconds: int) -> None:
        """Lets time pass, without anything new from the story."""
        self.server.do(lambda: self.world.advance(seconds))

    def tell(self, *events: Event) -> None:
        """Lets the vendor take note of something that happens now."""
        self.server.do(lambda: [self.vendor.hear(event) for event in events])

    def write(self, operation: str, **arguments: Any) -> Any:
        """A write of the vendor's API, or of its own interface."""
        return self.server.do(lambda: self.world.write(operation, arguments, self.system))

    def truth(self) -> Rows:
        """What the source holds: ids by its own books, bodies as its server shows them now, or to a reader with no history."""
        found = self.server.do(self._truth)
        unshown = {stream for stream, rows in found.items() if rows and None in rows.values()}
        if unshown:
            with TemporaryDirectory() as folder:
                fresh = Cynosure(self.system, self.server.endpoints["connections"][self.system], Path(folder))
                fresh.run(self.now)
                read = fresh.rows()
            for stream in unshown:
                found[stream] = {id: read[stream].get(id) for id in found[stream]}
        return found

    def _truth(self) -> Rows:
        found: Rows = {}
        for stream, told in self.vendor.streams().items():
            try:
                found[stream] = dict(self.vendor.objects(stream))
            except LookupError:
                found[stream] = dict.fromkeys(told["ids"])
            if sorted(found[stream]) != told["ids"]:
                raise AssertionError(f"{self.system}.{stream}: the sandbox's books and its server disagree")
        return found

    @contextmanager
    def fault(self, do: dict[str, Any], times: int | None = 1, **match: Any) -> Iterator[None]:
        """A fault in force during the block, on requests to this vendor; it must strike."""
        rule = {"match": {"vendor": self.system, **match}, "do": do, "times": times}
        set_rule = self.server.do(lambda: self.site.faults.add(rule))
        try:
            yield
        finally:
            self.server.do(self.site.faults.clear)
        if not set_rule.struck and not set_rule.do.hide:
            raise NeverStruck(f"{rule} never struck: the scenario proves nothing")

    def _note(self, outcome: Outcome) -> Outcome:
        self.said += [(self.now, sentence) for sentence in outcome.announced]
        return outcome


class NeverStruck(Exception):
    """A fault that no request met."""


@contextmanager
def lab(system: str, folder: Path, make_reader: MakeReader, customers: int = 8, months: int = 3) -> Iterator[Lab]:
    """A new account with its reader; the clock stands still unless it is advanced."""
    world = World.create(None, customers=customers, months=months, start=START, systems=(system,), wall=lambda: 0.0)
    site = Site(world, Options(folder, limits="off"))
    with served(site) as server:
        yield Lab(system, world, site, server, make_reader(system, server.endpoints["connections"][system], folder))
