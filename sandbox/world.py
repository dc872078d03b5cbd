"""The simulated world: a clock, a company, every system that it uses, and what is true of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.agenda import Agenda
from sandbox.clock import Clock
from sandbox.company.catalogue import Catalogue
from sandbox.company.company import FREE_DAYS, Company
from sandbox.company.subscriber import DAY, Desk
from sandbox.company.told import Untold
from sandbox.discovery import BUILT_IN, system_names, vendor_class
from sandbox.ecb.rates import ReferenceRates
from sandbox.ecb.system import EcbSystem
from sandbox.journal import Journal
from sandbox.story.events import Event
from sandbox.story.storyteller import Storyteller
from sandbox.stripe.billing import Billing
from sandbox.stripe.billing.calendar import add_months
from sandbox.stripe.events import EVENT_RETENTION
from sandbox.stripe.resources import EVENT_DAYS
from sandbox.stripe.store import Store
from sandbox.stripe.system import StripeSystem
from sandbox.truth.facts import Facts
from sandbox.truth.ground import Truth
from sandbox.truth.rates import Rates
from sandbox.vendor import Setting, Vendor

JOURNAL = "journal.ndjson"

Progress = Callable[[float], None]
"""Told of the share of the history that has been simulated."""

_STEPS = 100

_RATES_BEFORE = 3 * 366
"""Days of exchange rates before the start, at least."""


@dataclass(frozen=True)
class Origin:
    """What the world was made from; the same origin and the same writes give the same world."""

    seed: int
    customers: int
    months: int
    start: int
    timezone: str
    currency: str
    systems: tuple[str, ...] = BUILT_IN
    """What is simulated beside the company: the fewer, the faster."""
    story: float = 1.0
    """How much happens around the company: leads, deals, tickets and conversations."""

    def __post_init__(self) -> None:
        """Name the systems in one order, and those of which there is no world without."""
        wanted = {*BUILT_IN, *self.systems}
        for name in wanted - set(BUILT_IN):
            vendor_class(name)
        object.__setattr__(self, "systems", tuple(name for name in system_names() if name in wanted))


class World:
    """Everything that exists, brought up to the clock's now by `catch_up`."""

    def __init__(
        self, origin: Origin, clock: Clock, journal: Journal | None = None, progress: Progress = lambda share: None
    ) -> None:
        self.origin = origin
        self.clock = clock
        self._journal = journal
        self.store, self.facts, self._agenda = Store(), Facts(), Agenda()
        self.store.events_from = origin.start - EVENT_RETENTION
        self.billing = Billing(self.store, self._agenda, self.facts, seed=origin.seed)
        self._reached = begin = add_months(origin.start, -origin.months)
        first = datetime.fromtimestamp(min(begin - 7 * DAY, origin.start - _RATES_BEFORE * DAY), UTC)
        self.rates = ReferenceRates(origin.seed, first.date(), self.now)
        rates = Rates(self.rates.published, origin.currency)
        self.truth = Truth(self.facts, rates, origin.timezone, lambda: self._reached, self._readable_events)
        self.systems: dict[str, Vendor] = self._systems(begin)
        self._listeners = [self.systems[name] for name in origin.systems if name not in BUILT_IN]
        self.storyteller = self._storyteller(begin) if self._listeners else None
        free_from = origin.start - FREE_DAYS * DAY
        desk = Desk(self.billing, self._agenda, Catalogue(), free_from, origin.timezone, told=self.storyteller or Untold())
        self.company = Company(desk, seed=origin.seed, customers=origin.customers, begin=begin, start=origin.start)
        if self.storyteller:
            self.storyteller.begin()
        self.company.begin()
        for step in range(1, _STEPS + 1):
            self._run(begin + (origin.start - begin) * step // _STEPS)
            progress(step / _STEPS)

    def _systems(self, begin: int) -> dict[str, Vendor]:
        """Every system of the origin, the built-in ones first."""
        origin = self.origin
        setting = Setting(origin.seed, begin, origin.start, origin.timezone, origin.currency)
        billed = StripeSystem(self, self._bill, self.truth.streams, origin.seed, origin.currency.lower())
        built_in: dict[str, Vendor] = {"stripe": billed, "ecb": EcbSystem(self.rates, self.now)}
        return built_in | {name: vendor_class(name)(setting) for name in origin.systems if name not in BUILT_IN}

    def _bill(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        return self.billing.write(operation, arguments, at=at)

    def _tell(self, event: Event) -> None:
        """Let every vendor take note of something that happened."""
        for vendor in self._listeners:
            vendor.hear(event)

    def _storyteller(self, begin: int) -> Storyteller:
        of = self.origin
        return Storyteller(self._agenda, of.seed, begin, of.start, of.timezone, of.currency, of.customers, self._tell, of.story)

    @classmethod
    def create(
        cls,
        folder: Path | None,
        *,
        seed: int = 7,
        customers: int = 300,
        months: int = 24,
        start: int | None = None,
        timezone: str = "UTC",
        currency: str = "USD",
        systems: Iterable[str] = BUILT_IN,
        story: float = 1.0,
        wall: Callable[[], float] = time.time,
        progress: Progress = lambda share: None,
    ) -> World:
        """A new world whose clock shows `start` (default: now); without a folder nothing is remembered."""
        begun = int(wall())
        start = begun if start is None else start
        origin = Origin(seed, customers, months, start, timezone, currency.upper(), tuple(systems), story)
        world = cls(origin, Clock(wall, start - begun), Journal(folder / JOURNAL) if folder else None, progress)
        if world._journal is not None:
            world._journal.begin({"origin": asdict(origin), "offset": start - begun})
        return world

    @classmethod
    def exists(cls, folder: Path) -> bool:
        """Whether the folder holds a world."""
        return Journal(folder / JOURNAL).exists()

    @classmethod
    def load(cls, folder: Path, wall: Callable[[], float] = time.time, progress: Progress = lambda share: None) -> World:
        """The world of a folder as it was left, with the time that has passed since."""
        journal = Journal(folder / JOURNAL)
        journal.repair()
        head, *entries = journal.entries()
        world = cls(Origin(**head["origin"]), Clock(wall, head["offset"]), journal, progress)
        for entry in entries:
            if "advance" in entry:
                world.clock.advance(entry["advance"])
            else:
                world._run(entry["at"])
                # what was refused then is refused again
                with suppress(Exception):
                    world.systems[entry.get("vendor", "stripe")].write(entry["write"], entry["arguments"], entry["at"])
        world.catch_up()
        return world

    @property
    def clock_offset(self) -> int:
        """Seconds that the sandbox's clock is ahead of the wall clock."""
        return self.clock.offset

    def now(self) -> int:
        """The sandbox's time in epoch seconds."""
        return self.clock.now()

    def advance(self, seconds: int) -> int:
        """Move the clock forward, let everything happen on the way and return the new instant."""
        self.clock.advance(seconds)
        self._record({"advance": seconds})
        self.catch_up()
        return self.now()

    def catch_up(self) -> None:
        """Let everything happen that is due by the clock's now."""
        self._run(self.now())

    def write(self, operation: str, arguments: dict[str, Any], vendor: str = "stripe") -> Any:
        """Carry out a write of a system's API and return what it answers with; the system's own error if it is refused."""
        self.catch_up()
        self._record({"write": operation, "arguments": arguments, "at": self._reached, "vendor": vendor})
        return self.systems[vendor].write(operation, arguments, self._reached)

    def _readable_events(self) -> list[str]:
        since = (self._reached - EVENT_DAYS * DAY, "")
        return [event["id"] for event in self.store.collection("event").newest_first(after=since)]

    def _run(self, instant: int) -> None:
        if instant > self._reached:
            self._reached = instant
            self._agenda.run_until(instant)

    def _record(self, entry: dict[str, Any]) -> None:
        if self._journal is not None:
            self._journal.append(entry)
