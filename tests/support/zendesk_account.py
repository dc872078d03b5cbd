"""A Zendesk account that hears a small hand-told story, served on loopback, and the real connector against it.

The clock stands still unless a test advances it.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from simulated import Waits
from simulated import landed_lines as lines_of_stream

from connectors.zendesk import Zendesk, ZendeskSettings
from cynosure.extract import Connector, Retrying, StreamResult, extract_source
from cynosure.landing import LandingLog
from sandbox.faults import Faults
from sandbox.injection import Injection
from sandbox.request_log import RequestLog
from sandbox.server import Listeners, serving
from sandbox.story import events as story
from sandbox.story.people import Employee, Organization, Person
from sandbox.vendor import Setting, Surroundings
from sandbox.zendesk.vendor import Zendesk as Vendor

START = 1_790_000_000
MINUTE, HOUR, DAY = 60, 3_600, 86_400
SETTLED = 2 * MINUTE
STREAMS = tuple(stream.name for stream in Zendesk.streams)

T = TypeVar("T")


def told_story(tickets: int = 12, start: int = START) -> list[story.Event]:
    """Two months of a small help desk: two agents, three organizations, five persons, and so many tickets."""
    begin = start - 60 * DAY
    agents = [
        Employee("a1", "Ada", "Agent", "ada@northwind.example", "agent", "Support", None, "Europe/London"),
        Employee("a2", "Abe", "Agent", "abe@northwind.example", "agent", "Billing", None, "Europe/London"),
    ]
    organizations = [
        Organization("o1", "Alpha Ltd", "alpha.example", "GB", "retail", 40, "gbp", linked_in=frozenset({"zendesk"})),
        Organization("o2", "Beta GmbH", "beta.example", "DE", "media", 12, "eur", names={"zendesk": "BETA"}),
        Organization("o3", "Gamma", "gamma.example", "US", "media", 9, "usd", unknown_to=frozenset({"zendesk"})),
    ]
    persons = [
        Person(f"p{n}", f"o{1 + n % 3}", f"Pia{n}", "Person", f"p{n}@mail.example", "CTO", "+1", "GB", "Europe/London")
        for n in range(5)
    ]
    told: list[story.Event] = [story.StaffJoined(begin, agent) for agent in agents]
    told += [story.OrganizationMet(begin, o) for o in organizations] + [story.PersonMet(begin, p) for p in persons]
    told += [story.CustomerBegan(begin + DAY, f"o{n}", f"p{n - 1}", f"cus_{n}Ab", "Team") for n in (1, 2, 3)]
    for n in range(tickets):
        told += _ticket(n, begin + 2 * DAY + n * 4 * DAY + n * 977)
    return sorted((event for event in told if event.at <= start), key=lambda event: event.at)


def _ticket(n: int, at: int) -> list[story.Event]:
    key, agent = f"t{n}", f"a{1 + n % 2}"
    told: list[story.Event] = [
        story.TicketOpened(at, key, f"p{n % 5}", f"o{1 + n % 3}", f"Question {n}", f"How {n}?", ("low", "normal", "high", "urgent")[n % 4],
                           "email" if n % 2 else "form", ("enterprise",) if n % 3 == 0 else ("team", "howto")),
        story.TicketAssigned(at + 600, key, "Support" if n % 2 else "Billing", agent),
        story.TicketReplied(at + 2 * HOUR, key, agent, "Like this.", True),
    ]  # fmt: skip
    if n % 2 == 0:
        told += [
            story.TicketTurned(at + 2 * HOUR, key, "pending"),
            story.TicketReplied(at + 5 * HOUR, key, f"p{n % 5}", "Thanks.", True),
            story.TicketTurned(at + 5 * HOUR, key, "open"),
            story.TicketReplied(at + 6 * HOUR, key, agent, "internal", False),
        ]
    if n % 3 != 2:
        told.append(story.TicketTurned(at + DAY, key, "solved"))
    if n % 3 == 0:
        told.append(story.TicketRated(at + DAY + HOUR, key, "good" if n % 2 else "bad", "so so"))
    if n % 4 == 0:
        told.append(story.TicketTurned(at + 5 * DAY, key, "closed"))
    return told


class HelpDesk:
    """One account, its server, and what a test does to them."""

    def __init__(self, vendor: Vendor, limits: str, events: Iterable[story.Event]) -> None:
        self.vendor = vendor
        self.now = START
        self.waits = Waits()
        self.log = RequestLog()
        self.faults = Faults([vendor])
        self.url = ""
        self.loop: asyncio.AbstractEventLoop | None = None
        for event in events:
            vendor.hear(event)
        surroundings = Surroundings(
            lambda: self.now,
            lambda: None,
            lambda name, given: vendor.write(name, given, self.now),
            self.faults.seen_by("zendesk"),
            limits,
        )
        self.app = Injection(
            vendor.app(surroundings), "zendesk", self.faults, self.log, lambda: self.now,
            put=lambda fixture: vendor.write(fixture["operation"], fixture.get("arguments", {}), self.now),
        )  # fmt: skip

    def connector(self, **more: Any) -> Zendesk:
        """The real connector with retries that do not sleep; setting names among `more` replace the account's own."""
        settings: dict[str, Any] = dict(self.vendor.connection(self.url))
        settings |= {name: more.pop(name) for name in list(more) if name in ZendeskSettings.model_fields}
        options = {"share": 1.0, "retrying": self.retrying(), **more}
        return Zendesk(ZendeskSettings(**settings), **options)

    def retrying(self, attempts: int = 4, total: float = 600.0) -> Retrying:
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

    def run(self, landing: Path, streams: Iterable[str] | None = None, **more: Any) -> dict[str, StreamResult]:
        """One run that must go well."""
        results = self.extract(landing, streams, **more)
        assert {r.outcome for r in results.values()} == {"ok"}, [r.error for r in results.values() if r.error]
        return results

    def tell(self, *events: story.Event) -> None:
        """Lets the story go on."""
        self.on_server(lambda: [self.vendor.hear(event) for event in events])

    def write(self, operation: str, settle: int = SETTLED, **arguments: Any) -> Any:
        """A write now; `settle` seconds pass afterwards."""
        result = self.on_server(lambda: self.vendor.write(operation, arguments, self.now))
        self.advance(settle)
        return result

    def advance(self, seconds: int) -> None:
        """Lets time pass."""

        def act() -> None:
            self.now += seconds
            self.vendor.account.advance(self.now)

        self.on_server(act)

    def truth(self) -> dict[str, dict[str, Any]]:
        """Per stream what exists and what was deleted."""
        return self.on_server(self.vendor.streams)

    def objects(self, stream: str) -> dict[str, Any]:
        """What the warehouse must hold of a stream."""
        return self.on_server(lambda: json.loads(json.dumps(self.vendor.objects(stream))))

    @contextmanager
    def fault(
        self, do: dict[str, Any], times: int | None = 1, *, must_strike: bool = True, **match: Any
    ) -> Iterator[Callable[[], int]]:
        """A fault in force during the block; gives how often it has struck, and asserts at the end that it did."""
        rule = self.on_server(lambda: self.faults.add({"match": {"vendor": "zendesk", **match}, "do": do, "times": times}))
        try:
            yield lambda: rule.struck
        finally:
            self.on_server(self.faults.clear)
        assert rule.struck or rule.do.hide or not must_strike, f"the fault {do} never struck"

    def requests(self, path: str = "*") -> list[dict[str, Any]]:
        """What was asked since the last `forget_requests`, oldest first."""
        return self.on_server(lambda: self.log.select(path=path, limit=100_000))

    def forget_requests(self) -> None:
        """Starts counting requests anew."""
        self.on_server(self.log.clear)

    def on_server(self, action: Callable[[], T]) -> T:
        """Runs in the thread of the server, so that no request sees half of a change."""

        async def act() -> T:
            return action()

        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(act(), self.loop).result(120)


@contextmanager
def help_desk(*, tickets: int = 12, limits: str = "off", events: Iterable[story.Event] | None = None) -> Iterator[HelpDesk]:
    """An account served on a free loopback port until the block ends."""
    vendor = Vendor(Setting(7, START - 90 * DAY, START, "Europe/London", "usd"))
    desk = HelpDesk(vendor, limits, told_story(tickets) if events is None else events)
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        listeners = Listeners()
        listeners.open("zendesk")
        async with serving({"zendesk": desk.app}, listeners):
            desk.url, desk.loop = listeners.url("zendesk"), asyncio.get_running_loop()
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(60), "the sandbox did not start"
    try:
        yield desk
    finally:
        assert desk.loop is not None
        desk.loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def landed_lines(landing: Path, stream: str) -> list[dict[str, Any]]:
    """Every line landed of a stream, in order."""
    return lines_of_stream(landing, stream, "zendesk")


def landed(landing: Path, stream: str) -> dict[str, Any]:
    """id -> body of what a warehouse would hold: newest lines, less tombstones and what a complete listing lacks."""
    log = LandingLog(f"file://{landing}").stream("zendesk", stream)
    seen: dict[str, str] = {}
    state: dict[str, Any] = {}
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in landed_lines(landing, stream):
        lines.setdefault(line["batch"], []).append(line)
    for manifest in log.since(0):
        for line in lines.get(manifest.batch, []):
            seen[line["id"]] = manifest.batch
            if line.get("deleted"):
                state.pop(line["id"], None)
            else:
                state[line["id"]] = line["payload"]
        if manifest.sweep_from:
            state = {id: body for id, body in state.items() if seen[id] >= manifest.sweep_from}
    return state


def differences(desk: HelpDesk, landing: Path, streams: Iterable[str] = STREAMS) -> dict[str, Any]:
    """What the landed state and the account's own truth disagree on, by stream: ids missing, extra, and bodies changed."""
    truth, report = desk.truth(), {}
    for stream in streams:
        have, bodies = landed(landing, stream), desk.objects(stream)
        wanted = set(truth[stream]["ids"])
        assert wanted == bodies.keys(), f"the sandbox contradicts itself about {stream}"
        found = {
            "missing": sorted(wanted - have.keys()),
            "extra": sorted(have.keys() - wanted),
            "changed": sorted(id for id in wanted & have.keys() if have[id] != bodies[id]),
        }
        if any(found.values()):
            report[stream] = found
    return report
