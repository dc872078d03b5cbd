"""A small HubSpot account with a story told by hand, its real server on a thread, and the real connector against it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from simulated import DAY, HOUR, MINUTE, START, UNPACED, Waits, landed_lines

from connectors.hubspot import Hubspot, HubspotSettings
from cynosure.extract import Connector, Retrying, StreamResult, extract_source
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.warehouse import Warehouse
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.hubspot.vendor import VENDOR
from sandbox.injection import Injection
from sandbox.request_log import RequestLog
from sandbox.server import Listeners, serving
from sandbox.story import events
from sandbox.story.people import Campaign, Deal, Employee, Organization, Person
from sandbox.vendor import Setting, Surroundings

BEGIN = START - 90 * DAY
STREAMS = tuple(stream.name for stream in Hubspot.streams)
#: longer than the look back and the end lag together
SETTLED = 20 * MINUTE
T = TypeVar("T")


def story(people: int = 6) -> list[events.Event]:
    """A quarter of a small company's sales and marketing."""
    rep = Employee("rep", "Rita", "Rep", "rita@us.example", "rep", "Sales", "boss", "UTC")
    boss = Employee("boss", "Bo", "Boss", "bo@us.example", "manager", "Sales", None, "UTC")
    leaver = Employee("leaver", "Lee", "Left", "lee@us.example", "rep", "Sales", "boss", "UTC")
    spring = Campaign("spring", "Spring", "email", BEGIN + DAY, BEGIN + 30 * DAY, 500_000, "USD", "boss")
    always = Campaign("always", "Always on", "search", BEGIN, None, 100_000, "EUR", "boss")
    told: list[events.Event] = [
        *(events.StaffJoined(BEGIN, who) for who in (boss, rep, leaver)),
        events.CampaignPlanned(BEGIN + HOUR, spring),
        events.CampaignPlanned(BEGIN + HOUR, always),
        events.CampaignSpent(BEGIN + 2 * DAY, "spring", "Ads", 123_450),
    ]
    for n in range(people):
        told += _sale(n, BEGIN + (n + 3) * DAY, "leaver" if n == 1 else "rep")
    told += [
        events.Mailing(START - 20 * DAY, "mail1", "spring", "Hello", tuple(f"p{n}" for n in range(people))),
        events.MailingCounted(START - 19 * DAY, "mail1", people, 3, 1, 0, 0),
        events.MailingCounted(START - 18 * DAY, "mail1", people, 4, 2, 0, 1),
        events.StaffLeft(START - 15 * DAY, "leaver"),
        events.Duplicated(START - 12 * DAY, "hubspot", "p0", "p0copy", "Pat Nought", "p0@other.example"),
        events.Removed(START - 10 * DAY, "hubspot", "person", f"p{people - 1}", "archive"),
    ]
    return sorted(told, key=lambda event: event.at)


def _sale(n: int, at: int, owner: str) -> list[events.Event]:
    linked = frozenset({"hubspot"}) if n % 2 == 0 else frozenset[str]()
    company = Organization(f"o{n}", f"Org {n}", f"org{n}.example", "DE", "Software", 50 + n, "EUR", linked_in=linked)
    person = Person(f"p{n}", f"o{n}", f"Pat{n}", "Person", f"p{n}@org{n}.example", "Buyer", "+49 1", "DE", "UTC")
    deal = Deal(
        f"d{n}", f"o{n}", f"p{n}", owner, f"Deal {n}", "new", "team", 5, 120_050 + n, "EUR", "organic", "spring", at + 60 * DAY
    )
    return [
        events.OrganizationMet(at, company),
        events.PersonMet(at + MINUTE, person),
        events.LeadCaptured(at + 2 * MINUTE, f"p{n}", "organic", "spring", "Demo request" if n % 2 else None, owner),
        events.LifecycleReached(at + HOUR, f"p{n}", "lead"),
        events.LifecycleReached(at + DAY, f"p{n}", "opportunity"),
        events.DealOpened(at + DAY, deal),
        events.ActivityDone(at + DAY + HOUR, f"call{n}", "call", owner, f"p{n}", f"o{n}", f"d{n}", 15, "Intro"),
        events.ActivityDone(at + 2 * DAY, f"note{n}", "note", owner, f"p{n}", f"o{n}", None, 0, "Wants a demo"),
        events.ActivityDone(at + 2 * DAY, f"task{n}", "task", owner, f"p{n}", None, f"d{n}", 0, "Send offer", done=False),
        events.ActivityDone(at + 3 * DAY, f"task{n}", "task", owner, f"p{n}", None, f"d{n}", 0, "Send offer"),
        events.ActivityDone(at + 3 * DAY, f"meeting{n}", "meeting", owner, f"p{n}", f"o{n}", f"d{n}", 30, "Demo"),
        events.ActivityDone(at + 3 * DAY, f"email{n}", "email", owner, f"p{n}", f"o{n}", f"d{n}", 0, "Offer"),
        events.DealMoved(at + 4 * DAY, f"d{n}", "proposal"),
        *([events.DealWon(at + 9 * DAY, f"d{n}", "fit"), events.CustomerBegan(at + 9 * DAY, f"o{n}", f"p{n}", f"cus_{n}", "team")]
          if n % 2 == 0 else [events.DealLost(at + 9 * DAY, f"d{n}", "price")]),
        events.TicketOpened(at + 10 * DAY, f"t{n}", f"p{n}", f"o{n}", "It broke", "Help", "normal", "email", ()),
        *([events.TicketPrioritized(at + 11 * DAY, f"t{n}", "urgent"), events.TicketTurned(at + 12 * DAY, f"t{n}", "solved")]
          if n < 3 else []),
    ]  # fmt: skip


class HubspotAccount:
    """One account, its server, and what a test does to them. The clock stands still unless a test advances it."""

    def __init__(
        self, vendor: Any, clock: Clock, faults: Faults, log: RequestLog, url: str, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.vendor = vendor
        self.clock = clock
        self.url = url
        self.waits = Waits()
        self._faults = faults
        self._log = log
        self._loop = loop

    @property
    def now(self) -> int:
        """Sandbox time."""
        return self.clock.now()

    def connector(self, *, settings: dict[str, Any] | None = None, **more: Any) -> Hubspot:
        """The real connector, unpaced, with retries that do not sleep."""
        chosen = settings or self.vendor.connection(self.url)
        return Hubspot(HubspotSettings(**chosen), **{"share": UNPACED, "retrying": self.retrying(), **more})

    def oauth(self) -> dict[str, Any]:
        """Settings of an OAuth app."""
        tokens = self.vendor.tokens
        return {"client_id": tokens.client_id, "client_secret": tokens.client_secret, "refresh_token": tokens.refresh_token,
                "base_url": self.url}  # fmt: skip

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

    def run(self, landing: Path, *streams: str, **more: Any) -> dict[str, StreamResult]:
        """A run that must end well."""
        results = self.extract(landing, streams or None, **more)
        assert {name: r.error for name, r in results.items() if r.outcome != "ok"} == {}
        return results

    def load(self, warehouse: Warehouse, landing: Path) -> None:
        """Loads what is pending."""
        declared = [("hubspot", stream) for stream in STREAMS]
        load_landing(warehouse, LandingLog(f"file://{landing}"), declared, datetime.fromtimestamp(self.now, UTC))

    def advance(self, seconds: int = SETTLED) -> None:
        """Lets simulated time pass."""
        self.on_server(lambda: self.clock.advance(seconds))

    def tell(self, *told: events.Event) -> None:
        """Something happens."""
        self.on_server(lambda: [self.vendor.hear(event) for event in told])

    def write(self, operation: str, settle: int = SETTLED, **arguments: Any) -> Any:
        """An operation on the account; `settle` seconds pass afterwards."""
        body = self.on_server(lambda: self.vendor.write(operation, arguments, self.now))
        self.advance(settle)
        return body

    def id_of(self, kind: str, key: str) -> str:
        """The id of a record of the story."""
        return str(self.vendor.books.ids[kind, key])

    def truth(self) -> dict[str, dict[str, Any]]:
        """Per stream, the ids that exist and those that are gone, by the account's own notes."""
        found: dict[str, dict[str, Any]] = self.on_server(self.vendor.streams)
        return found

    def objects(self, stream: str) -> dict[str, Any]:
        """id -> body of what must be in the warehouse."""
        found: dict[str, Any] = self.on_server(lambda: json.loads(json.dumps(self.vendor.objects(stream))))
        return found

    def wrong(self, landing: Path, *streams: str) -> dict[str, Any]:
        """What landed rows and the account disagree on, by stream: ids missing, extra and changed."""
        report: dict[str, Any] = {}
        truth = self.truth()
        for stream in streams or STREAMS:
            have, wanted = landed(landing, stream), self.objects(stream)
            missing, extra = sorted(set(truth[stream]["ids"]) - have.keys()), sorted(have.keys() - set(truth[stream]["ids"]))
            assert sorted(wanted) == truth[stream]["ids"], stream
            changed = sorted(id for id in wanted.keys() & have.keys() if have[id] != wanted[id])
            if missing or extra or changed:
                report[stream] = {"missing": missing, "extra": extra, "changed": changed}
        return report

    @contextmanager
    def fault(
        self, do: dict[str, Any], times: int | None = 1, *, must_strike: bool = True, **match: Any
    ) -> Iterator[Callable[[], int]]:
        """A fault in force during the block; gives how often it has struck, and asserts at the end that it did."""
        text = {"match": {"vendor": "hubspot", **match}, "do": do, "times": times}
        rule = self.on_server(lambda: self._faults.add(text))
        try:
            yield lambda: rule.struck
        finally:
            self.on_server(self._faults.clear)
        assert rule.struck or rule.do.hide or not must_strike, f"the fault {do} never struck"

    def requests(self, path: str = "*") -> list[dict[str, Any]]:
        """What was asked since the last `forget_requests`, oldest first."""
        return self.on_server(lambda: self._log.select(path=path, limit=100_000))

    def forget_requests(self) -> None:
        """Starts counting requests anew."""
        self.on_server(self._log.clear)

    def on_server(self, action: Callable[[], T]) -> T:
        """Runs in the thread of the server, so that no request sees half of a change."""

        async def act() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result(60)


def landed(landing: Path, stream: str) -> dict[str, Any]:
    """id -> body of the newest line of each row that is not deleted; a complete listing takes away what it lacks."""
    newest: dict[str, dict[str, Any]] = {}
    log = LandingLog(f"file://{landing}").stream("hubspot", stream)
    lines = landed_lines(landing, stream, "hubspot")
    for manifest in log.since(0):
        for line in lines:
            if line["batch"] == manifest.batch:
                newest[line["id"]] = line
        if manifest.sweep_from:
            newest = {id: line for id, line in newest.items() if line["batch"] >= manifest.sweep_from}
    return {id: line["payload"] for id, line in newest.items() if not line.get("deleted")}


def buried(landing: Path, stream: str) -> set[str]:
    """Ids whose newest line is a tombstone."""
    newest = {line["id"]: line for line in landed_lines(landing, stream, "hubspot")}
    return {id for id, line in newest.items() if line.get("deleted")}


@contextmanager
def hubspot_account(told: list[events.Event] | None = None, *, limits: str = "off", seed: int = 7) -> Iterator[HubspotAccount]:
    """The account served on a free loopback port until the block ends."""
    vendor = VENDOR(Setting(seed, BEGIN, START, "UTC", "USD"))
    for event in story() if told is None else told:
        vendor.hear(event)
    clock = Clock.starting_at(START, lambda: 0.0)
    faults, log = Faults([vendor]), RequestLog()
    around = Surroundings(clock.now, lambda: None, lambda name, given: vendor.write(name, given, clock.now()), faults, limits)

    def put(given: dict[str, Any]) -> None:
        vendor.write(given["operation"], {k: v for k, v in given.items() if k != "operation"}, clock.now())

    app = Injection(vendor.app(around), "hubspot", faults, log, clock.now, lambda: 0.0, put)
    with _served(app) as (url, loop):
        yield HubspotAccount(vendor, clock, faults, log, url, loop)


@contextmanager
def _served(app: Any) -> Iterator[tuple[str, asyncio.AbstractEventLoop]]:
    begun: list[Any] = []
    ready = threading.Event()

    async def serve() -> None:
        listeners = Listeners()
        listeners.open("hubspot")
        async with serving({"hubspot": app}, listeners):
            stop = asyncio.Event()
            begun.extend((listeners.url("hubspot"), asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(30), "the server did not start"
    url, loop, stop = begun
    try:
        yield url, loop
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
