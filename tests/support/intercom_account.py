"""An Intercom workspace that hears a small hand-told story, served on loopback, and the real connector against it.

The clock stands still unless a test advances it, or a retry waits: then as much time passes as was waited.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from landed import lines_of

from connectors.intercom import Intercom, IntercomSettings
from cynosure.extract import Connector, Retrying, StreamResult, extract_source
from cynosure.landing import LandingLog
from sandbox.faults import Faults
from sandbox.injection import Injection
from sandbox.intercom.vendor import Intercom as Vendor
from sandbox.request_log import RequestLog
from sandbox.server import Listeners, serving
from sandbox.story import events as story
from sandbox.story.people import Employee, Organization, Person
from sandbox.vendor import Setting, Surroundings

START = 1_790_000_000
MINUTE, HOUR, DAY = 60, 3_600, 86_400
SETTLED = 2 * MINUTE
ZONE = "Pacific/Auckland"
STREAMS = tuple(stream.name for stream in Intercom.streams)

T = TypeVar("T")


def told_story(chats: int = 12, start: int = START) -> list[story.Event]:
    """Two months of a small workspace: three teammates, four organizations, eight persons, and so many chats."""
    begin = start - 60 * DAY
    staff = [
        Employee("a1", "Ada", "Agent", "ada@northwind.example", "agent", "Support", None, "Europe/London"),
        Employee("a2", "Abe", "Agent", "abe@northwind.example", "agent", "Billing", None, "Europe/London"),
        Employee("a3", "Ann", "Rep", "ann@northwind.example", "rep", "Sales", None, "Europe/London"),
    ]
    organizations = [
        Organization("o0", "Alpha Ltd", "alpha.example", "GB", "retail", 40, "gbp", linked_in=frozenset({"intercom"})),
        Organization("o1", "Beta GmbH", "beta.example", "DE", "media", 12, "eur", names={"intercom": "BETA"}),
        Organization("o2", "Gamma", "gamma.example", "US", "media", 9, "usd", unknown_to=frozenset({"intercom"})),
        Organization("o3", "Delta", "delta.example", "US", "media", 9, "usd"),
    ]
    persons = [
        Person(f"p{n}", f"o{n % 4}", f"Pia{n}", "Person", f"p{n}@mail.example", "CTO", "+1", "GB", "Europe/London")
        for n in range(8)
    ]
    told: list[story.Event] = [story.StaffJoined(begin, employee) for employee in staff]
    told += [story.OrganizationMet(begin, o) for o in organizations] + [story.PersonMet(begin, p) for p in persons]
    told += [story.LeadCaptured(begin + HOUR, f"p{n}", "organic", None, None, "a3" if n else None) for n in range(6)]
    told += [story.CustomerBegan(begin + DAY * (n + 1), f"o{n}", f"p{n}", f"cus_{n}Ab", "Team") for n in range(3)]
    for n in range(chats):
        told += _chat(n, begin + 4 * DAY + n * 4 * DAY + n * 977)
    told += [
        story.TicketOpened(begin + 9 * DAY, "t1", "p0", "o0", "All is down", "Help!", "urgent", "email", ()),
        story.TicketTurned(begin + 9 * DAY + HOUR, "t1", "open"),
        story.TicketOpened(begin + 12 * DAY, "t2", "p1", "o1", "A question", "How?", "low", "email", ()),
        story.TicketPrioritized(begin + 13 * DAY, "t2", "urgent"),
        story.TicketTurned(begin + 14 * DAY, "t2", "solved"),
        story.Duplicated(begin + 20 * DAY, "intercom", "p0", "p0-copy", "P. Person", "pia@home.example"),
        story.Merged(begin + 21 * DAY, "intercom", "p0", "p0-copy"),
        story.Duplicated(begin + 22 * DAY, "intercom", "p1", "p1-copy", "Pia", "pia1@home.example"),
        story.Duplicated(begin + 23 * DAY, "intercom", "o1", "o1-copy", "Beta", "beta.example"),
    ]
    return sorted((event for event in told if event.at <= start), key=lambda event: event.at)


def _chat(n: int, at: int) -> list[story.Event]:
    key, agent, team, person = f"c{n}", f"a{1 + n % 2}", "Billing" if n % 2 else "Support", f"p{n % 8}"
    told: list[story.Event] = [
        story.ChatStarted(at, key, person, f"o{n % 4}", f"How {n}?", "email" if n % 3 else "messenger"),
        story.ChatAssigned(at + 600, key, team, agent),
        story.ChatReplied(at + 2 * HOUR, key, agent, "Like this.", True),
        story.ChatReplied(at + 2 * HOUR + 60, key, agent, "He seems cross.", False),
    ]
    if n % 2 == 0:
        told += [
            story.ChatTurned(at + 3 * HOUR, key, "snoozed", agent),
            story.ChatReplied(at + 20 * HOUR, key, person, "Thanks, but no.", True),
            story.ChatReplied(at + 21 * HOUR, key, agent, "Then like that.", True),
        ]
    if n % 3 != 2:
        told.append(story.ChatTurned(at + DAY, key, "closed", agent))
    if n % 3 == 0:
        told.append(story.ChatRated(at + DAY + HOUR, key, 1 + n % 5, "so so" if n % 2 else ""))
    return told


class InterComms:
    """One workspace, its server, and what a test does to them."""

    def __init__(self, vendor: Vendor, limits: str, events: Iterable[story.Event]) -> None:
        self.vendor = vendor
        self.now = START
        self.waited: list[float] = []
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
            self.faults.seen_by("intercom"),
            limits,
        )
        self.app = Injection(
            vendor.app(surroundings), "intercom", self.faults, self.log, lambda: self.now,
            put=lambda fixture: vendor.write(fixture["operation"], fixture.get("arguments", {}), self.now),
        )  # fmt: skip

    def connector(self, **more: Any) -> Intercom:
        """The real connector, unpaced; setting names among `more` replace the workspace's own."""
        settings: dict[str, Any] = dict(self.vendor.connection(self.url))
        settings |= {name: more.pop(name) for name in list(more) if name in IntercomSettings.model_fields}
        options = {"share": 1_000.0, "retrying": self.retrying(), **more}
        return Intercom(IntercomSettings(**settings), **options)

    def retrying(self, attempts: int = 4, total: float = 600.0) -> Retrying:
        """A policy under which time passes in the sandbox only."""
        return Retrying(attempts=attempts, total=total, first=0.01, sleep=self._wait)

    def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        if seconds >= 1:
            self.advance(round(seconds))

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
        """An operation now; `settle` seconds pass afterwards."""
        result = self.on_server(lambda: json.loads(json.dumps(self.vendor.write(operation, arguments, self.now))))
        self.advance(settle)
        return result

    def advance(self, seconds: int) -> None:
        """Lets time pass."""

        def act() -> None:
            self.now += seconds

        self.on_server(act)

    def truth(self) -> dict[str, dict[str, Any]]:
        """Per stream what exists and what was deleted."""
        return self.on_server(self.vendor.streams)

    def objects(self, stream: str) -> dict[str, Any]:
        """What the warehouse must hold of a stream."""
        return self.on_server(lambda: json.loads(json.dumps(self.vendor.objects(stream))))

    def first(self, stream: str, **values: Any) -> dict[str, Any]:
        """The first object of a stream that has these values."""
        return next(o for o in self.objects(stream).values() if all(o.get(name) == value for name, value in values.items()))

    @contextmanager
    def fault(
        self, do: dict[str, Any], times: int | None = 1, *, must_strike: bool = True, **match: Any
    ) -> Iterator[Callable[[], int]]:
        """A fault in force during the block; gives how often it has struck, and asserts at the end that it did."""
        rule = self.on_server(lambda: self.faults.add({"match": {"vendor": "intercom", **match}, "do": do, "times": times}))
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
def workspace(
    *, chats: int = 12, limits: str = "off", zone: str = ZONE, events: Iterable[story.Event] | None = None, per_minute: int = 0
) -> Iterator[InterComms]:
    """A workspace served on a free loopback port until the block ends."""
    vendor = Vendor(Setting(7, START - 90 * DAY, START, zone, "usd"))
    if per_minute:
        vendor.allowance.app_per_minute = per_minute
        vendor.allowance.reset()
    space = InterComms(vendor, limits, told_story(chats) if events is None else events)
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        listeners = Listeners()
        listeners.open("intercom")
        async with serving({"intercom": space.app}, listeners):
            space.url, space.loop = listeners.url("intercom"), asyncio.get_running_loop()
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(60), "the sandbox did not start"
    try:
        yield space
    finally:
        assert space.loop is not None
        space.loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def landed_lines(landing: Path, stream: str) -> list[dict[str, Any]]:
    """Every line landed of a stream, in order."""
    log = LandingLog(f"file://{landing}").stream("intercom", stream)
    lines = []
    for manifest in log.since(0):
        with log.local_parts(manifest) as parts:
            for part in parts:
                lines += [{**line, "batch": manifest.batch} for line in lines_of(part.path)]
    return lines


def landed(landing: Path, stream: str) -> dict[str, Any]:
    """id -> body of what a warehouse would hold: newest lines, less tombstones and what a complete listing lacks."""
    log = LandingLog(f"file://{landing}").stream("intercom", stream)
    seen: dict[str, str] = {}
    state: dict[str, Any] = {}
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in landed_lines(landing, stream):
        lines.setdefault(line["batch"], []).append(line)
    for manifest in log.since(0):
        for line in lines.get(manifest.batch, []):
            seen[line["id"]] = manifest.batch
            if line["deleted"]:
                state.pop(line["id"], None)
            else:
                state[line["id"]] = line["payload"]
        if manifest.sweep_from:
            state = {id: body for id, body in state.items() if seen[id] >= manifest.sweep_from}
    return state


def buried(landing: Path, stream: str) -> set[str]:
    """Ids that were landed once and are no more."""
    return {line["id"] for line in landed_lines(landing, stream)} - landed(landing, stream).keys()


def differences(space: InterComms, landing: Path, streams: Iterable[str] = STREAMS) -> dict[str, Any]:
    """What the landed state and the workspace's own truth disagree on, by stream: ids missing, extra, and bodies changed."""
    truth, report = space.truth(), {}
    for stream in streams:
        have, bodies = landed(landing, stream), space.objects(stream)
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
