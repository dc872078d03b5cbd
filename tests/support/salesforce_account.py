"""A Salesforce org with a real server on a thread, and the engine's stages against it. The clock moves when a test says so."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

from landed import lines_of

from connectors.salesforce import Salesforce, SalesforceSettings
from cynosure.extract import Connector, Retrying, StreamResult, extract_source
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.warehouse import Session, Warehouse
from sandbox.faults import Faults
from sandbox.injection import Injection
from sandbox.request_log import RequestLog
from sandbox.salesforce.vendor import SalesforceOrg
from sandbox.server import Listeners, serving
from sandbox.story import events
from sandbox.story.people import Campaign, Deal, Employee, Organization, Person
from sandbox.vendor import Setting, Surroundings

START = 1_767_225_600  # 2026-01-01T00:00:00Z
BEGIN = START - 300 * 86_400
MINUTE, HOUR, DAY = 60, 3_600, 86_400
STREAMS = tuple(stream.name for stream in Salesforce.streams)
#: the newest five minutes are left for the next run
SETTLED = 10 * MINUTE

T = TypeVar("T")


@dataclass
class Waits:
    """Stands in for sleeping and remembers how long each wait would have been."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Account:
    """One org, its server, and what a test does to them."""

    def __init__(self, vendor: SalesforceOrg, faults: Faults, log: RequestLog, clock: list[int], url: str, loop: Any) -> None:
        self.vendor = vendor
        self.faults = faults
        self.url = url
        self.waits = Waits()
        self._log = log
        self._clock = clock
        self._loop = loop

    # the org

    @property
    def now(self) -> int:
        """Sandbox time."""
        return self._clock[0]

    def advance(self, seconds: int) -> None:
        """Lets time pass."""
        self.on_server(lambda: self._clock.__setitem__(0, self.now + seconds))

    def write(self, operation: str, settle: int = SETTLED, **arguments: Any) -> Any:
        """An operation of the org; `settle` seconds pass afterwards."""
        result = self.on_server(lambda: self.vendor.write(operation, arguments, self.now))
        self.advance(settle)
        return result

    def create(self, kind: str, settle: int = 0, **values: Any) -> str:
        """The id of a new record."""
        return str(self.write("create", settle, object=kind, values=values)["Id"])

    def hear(self, *events: Any) -> None:
        """The org listens to the story."""
        for event in events:
            self.on_server(lambda event=event: self.vendor.hear(event))

    def truth(self) -> dict[str, dict[str, Any]]:
        """Ids that exist and those that are gone, by stream."""
        return self.on_server(self.vendor.streams)

    def objects(self, stream: str) -> dict[str, Any]:
        """What a warehouse must hold."""
        return self.on_server(lambda: self.vendor.objects(stream))

    @contextmanager
    def fault(self, do: dict[str, Any], times: int | None = 1, **match: Any) -> Iterator[Callable[[], int]]:
        """A fault in force during the block; asserts at the end that it struck."""
        text = {"match": {"vendor": "salesforce", **match}, "do": do, "times": times}
        rule = self.on_server(lambda: self.faults.add(text))
        try:
            yield lambda: rule.struck
        finally:
            self.on_server(self.faults.clear)
        assert rule.struck or rule.do.hide, f"the fault {do} never struck"

    def requests(self, path: str = "*") -> list[dict[str, Any]]:
        """What was asked since the last `forget_requests`."""
        return self.on_server(lambda: self._log.select(path=path, limit=100_000))

    def forget_requests(self) -> None:
        """Starts counting requests anew."""
        self.on_server(self._log.clear)

    def queries(self) -> list[str]:
        """The SOQL that was asked for by address."""
        texts = [parse_qs(request["query"]).get("q", [""])[0] for request in self.requests("*/query*")]
        return [unquote(text) for text in texts if text]

    # the platform

    def retrying(self, attempts: int = 4, total: float = 60.0) -> Retrying:
        """A short policy whose waits are only noted."""
        return Retrying(attempts=attempts, total=total, first=0.01, sleep=self.waits)

    def connector(self, settings: dict[str, Any] | None = None, **more: Any) -> Salesforce:
        """The real connector."""
        values = {**self.vendor.connection(self.url), **(settings or {})}
        return Salesforce(
            SalesforceSettings(**{name: value for name, value in values.items() if value is not None}),
            **{"retrying": self.retrying(), **more},
        )

    def run(
        self, folder: Path, streams: Iterable[str] | None = None, connector: Connector | None = None, **more: Any
    ) -> dict[str, StreamResult]:
        """One run into the landing log of a folder; results by stream."""
        reader = connector or self.connector(**more)
        landing = LandingLog(f"file://{folder}/landing")
        try:
            return {r.stream: r for r in extract_source("salesforce", reader, landing, streams=streams)}
        finally:
            reader.close()

    def run_ok(self, folder: Path, streams: Iterable[str] | None = None, **more: Any) -> dict[str, StreamResult]:
        """A run in which nothing fails."""
        results = self.run(folder, streams, **more)
        assert {name: r.error for name, r in results.items() if r.outcome != "ok"} == {}
        return results

    def load(self, warehouse: Warehouse, folder: Path, streams: Iterable[str] = STREAMS) -> dict[str, Any]:
        """Loads what is pending."""
        declared = [("salesforce", stream) for stream in streams]
        return load_landing(warehouse, LandingLog(f"file://{folder}/landing"), declared, datetime.fromtimestamp(self.now, UTC))

    def on_server(self, action: Callable[[], T]) -> T:
        """Runs in the thread of the server, so that no request sees half of a change."""

        async def act() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result(120)


@contextmanager
def salesforce_account(*, currency: str = "USD", limits: str = "off", start: int = START) -> Iterator[Account]:
    """An empty org served on a free loopback port until the block ends."""
    vendor = SalesforceOrg(Setting(7, BEGIN, start, "UTC", currency))
    clock = [start]
    faults, log = Faults([SalesforceOrg]), RequestLog()

    def put(fixture: dict[str, Any]) -> None:
        vendor.write(fixture["operation"], fixture["arguments"], clock[0])

    surroundings = Surroundings(
        now=lambda: clock[0], catch_up=lambda: None, faults=faults, limits=limits,
        write=lambda operation, arguments: vendor.write(operation, arguments, clock[0]),
    )  # fmt: skip
    app = Injection(vendor.app(surroundings), "salesforce", faults, log, lambda: clock[0], put=put)
    listeners = Listeners()
    listeners.open("salesforce")
    begun: list[Any] = []
    ready = threading.Event()

    async def serve() -> None:
        async with serving({"salesforce": app}, listeners):
            stop = asyncio.Event()
            begun.extend((asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(60), "the server did not start"
    loop, stop = begun
    try:
        yield Account(vendor, faults, log, clock, listeners.url("salesforce"), loop)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def landed_lines(folder: Path, stream: str) -> list[dict[str, Any]]:
    """Every line landed of a stream, in order."""
    log = LandingLog(f"file://{folder}/landing").stream("salesforce", stream)
    lines = []
    for manifest in log.since(0):
        with log.local_parts(manifest) as parts:
            for part in parts:
                lines += [{**line, "batch": manifest.batch} for line in lines_of(part.path)]
    return lines


def landed(folder: Path, stream: str) -> dict[str, Any]:
    """id -> body of the newest line of each record that is not deleted."""
    newest = {line["id"]: line for line in landed_lines(folder, stream)}
    return {id: line["payload"] for id, line in newest.items() if not line["deleted"]}


def current(session: Session, stream: str) -> dict[str, Any]:
    """id -> body of the current rows in the warehouse."""
    rows = session.rows(f"select id, payload from raw.salesforce__{stream} where valid_to is null and not is_deleted")
    return {id: json.loads(payload) for id, payload in rows}


def buried(session: Session, stream: str) -> dict[str, Any]:
    """id -> last body of records whose current version is a tombstone."""
    rows = session.rows(f"select id, payload from raw.salesforce__{stream} where valid_to is null and is_deleted")
    return {id: json.loads(payload or "null") for id, payload in rows}


def versions(session: Session, stream: str) -> int:
    """How many versions raw history holds of a stream."""
    return int((session.row(f"select count(*) from raw.salesforce__{stream}") or (0,))[0])


def disagreements(account: Account, warehouse: Warehouse, streams: Iterable[str] = STREAMS) -> dict[str, Any]:
    """What warehouse and org disagree on: ids, bodies, and what should or should not be buried."""
    report: dict[str, Any] = {}
    truth = account.truth()
    with warehouse.writing() as session:
        for stream in streams:
            have, graves, wanted = current(session, stream), set(buried(session, stream)), account.objects(stream)
            wrong = {
                "missing": sorted(set(truth[stream]["ids"]) - have.keys()),
                "extra": sorted(have.keys() - set(truth[stream]["ids"])),
                "changed": sorted(id for id in wanted.keys() & have.keys() if wanted[id] != have[id]),
                "buried alive": sorted(graves - set(truth[stream]["deleted"])),
            }
            if any(wrong.values()):
                report[stream] = {what: ids for what, ids in wrong.items() if ids}
    return report


def a_year_of_sales() -> list[Any]:
    """A small story: people, campaigns, deals won, lost and open, slips, activities and an escalated case."""
    t = BEGIN + 30 * DAY
    acme = Organization("o1", "Globex", "globex.example", "DE", "Manufacturing", 300, "EUR", linked_in=frozenset({"salesforce"}))
    solo = Organization("o2", "Initech", "initech.example", "US", "Software", 20, "USD", names={"salesforce": "Initech Inc"})
    shy = Organization("o3", "Hooli", "hooli.example", "US", "Software", 90, "USD", unknown_to=frozenset({"salesforce"}))
    people = [
        Person("p1", "o1", "Ada", "Lang", "ada@globex.example", "CTO", "+49 1", "DE", "Europe/Berlin"),
        Person("p2", "o2", "Bob", "Ruiz", "bob@initech.example", "CEO", "+1 2", "US", "America/New_York"),
        Person("p3", None, "Cy", "Oz", "cy@mail.example", "Student", "", "FR", "Europe/Paris"),
        Person("p4", "o3", "Di", "Po", "di@hooli.example", "CFO", "", "US", "UTC", unknown_to=frozenset({"salesforce"})),
    ]
    rep = Employee("e1", "Rae", "Sel", "rae@acme.example", "rep", "West", None, "UTC")
    boss = Employee("e2", "Max", "Man", "max@acme.example", "manager", "West", None, "UTC")
    fair = Campaign("c1", "Fair", "event", t, None, 500_000, "USD", "e2")
    deal = Deal("d1", "o1", "p1", "e1", "Globex x10", "new", "business", 10, 1_200_000, "EUR", "event", "c1", t + 40 * DAY)
    small = Deal("d2", "o2", "p2", "e1", "Initech", "new", "team", 1, 90_000, "USD", "organic", None, t + 60 * DAY)
    lost = Deal("d3", "o2", "p2", "e1", "Initech more", "expansion", "scale", 5, 100, "JPY", "organic", None, t + 90 * DAY)
    told: list[Any] = [
        events.StaffJoined(t, boss), events.StaffJoined(t, rep), events.QuotaSet(t, "e1", "2025-01-01", 9_000_000, "USD"),
        events.CampaignPlanned(t, fair), *(events.OrganizationMet(t, o) for o in (acme, solo, shy)),
        *(events.PersonMet(t, p) for p in people),
        events.LeadCaptured(t + HOUR, "p1", "event", "c1", None, "e1"), events.CampaignTouched(t + HOUR, "p1", "c1"),
        events.LeadCaptured(t + HOUR, "p2", "organic", None, "f1", None), events.LeadCaptured(t + HOUR, "p3", "social", None, None, None),
        events.LeadCaptured(t + HOUR, "p4", "social", None, None, None), events.CampaignTouched(t + HOUR, "p3", "c1"),
        events.LifecycleReached(t + DAY, "p1", "marketingqualifiedlead"), events.LeadDisqualified(t + 2 * DAY, "p3", "student"),
        events.DealOpened(t + 3 * DAY, deal), events.DealMoved(t + 5 * DAY, "d1", "proposal"), events.CampaignSpent(t, "c1", "booth", 123_456),
        events.ActivityDone(t + 6 * DAY, "a1", "call", "e1", "p1", "o1", "d1", 12, "Talked about price"),
        events.ActivityDone(t + 6 * DAY, "a2", "meeting", "e1", "p1", "o1", "d1", 45, "Showed it"),
        events.ActivityDone(t + 7 * DAY, "a3", "task", "e1", "p1", "o1", "d1", 0, "Send offer", done=False),
        events.DealRevised(t + 8 * DAY, replace(deal, amount=1_500_000, close=t + 70 * DAY, owner="e2")),
        events.DealWon(t + 50 * DAY, "d1", "fit"), events.CustomerBegan(t + 51 * DAY, "o1", "p1", "cus_1", "business"),
        events.DealOpened(t + 51 * DAY, small), events.DealOpened(t + 52 * DAY, lost), events.DealLost(t + 80 * DAY, "d3", "price"),
        events.ActivityDone(t + 81 * DAY, "a3", "task", "e1", "p1", "o1", "d1", 0, "Send offer"),
        events.Duplicated(t + 82 * DAY, "salesforce", "p3", "x1", "Cyrus Oz", "cy2@mail.example"),
        events.Duplicated(t + 82 * DAY, "salesforce", "o2", "x2", "Initec", "info@initech.example"),
        events.Merged(t + 83 * DAY, "salesforce", "o2", "x2"), events.Duplicated(t + 84 * DAY, "salesforce", "o1", "x3", "Globx", "i@g.example"),
        events.TicketOpened(t + 90 * DAY, "t1", "p1", "o1", "Broken", "It fails", "normal", "email", ()),
        events.TicketPrioritized(t + 91 * DAY, "t1", "urgent"), events.TicketTurned(t + 92 * DAY, "t1", "solved"),
        events.Removed(t + 93 * DAY, "salesforce", "activity", "a2", "archive"), events.Restored(t + 94 * DAY, "salesforce", "activity", "a2"),
        events.StaffLeft(t + 95 * DAY, "e1"), events.CustomerEnded(t + 200 * DAY, "o1"),
    ]  # fmt: skip
    return sorted(told, key=lambda event: event.at)
