"""Any simulated account with its real server on a thread, and the real connector of its name against it.

The clock stands still unless a test advances it, so the same test sees the same account every time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from landed_state import disagreement, objects_landed
from reader import Reader, Waits
from simulated import MINUTE
from warehouse_state import current_objects, tombstones

from cynosure.extract import StreamResult, connector_class
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.warehouse import Warehouse
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.injection import Injection
from sandbox.on_thread import Apps, Served, served
from sandbox.request_log import RequestLog
from sandbox.story.events import Event
from sandbox.vendor import Surroundings

T = TypeVar("T")


class VendorAccount(Reader):
    """One account, its server, and what a test does to them."""

    #: seconds after which a run sees a change: longer than the end lag of the connector
    settled: ClassVar[int] = 2 * MINUTE
    #: seconds that the retries of one request may wait together
    patience: ClassVar[float] = 600.0

    def __init__(self, vendor: Any, start: int, told: Iterable[Event] = (), limits: str = "off") -> None:
        self.vendor = vendor
        self.name: str = vendor.name
        self.kind: Any = connector_class(self.name)
        self.clock = Clock.starting_at(start, lambda: 0.0)
        self.waits = Waits()
        self.faults = Faults([vendor])
        self.log = RequestLog()
        self.within = {"vendor": self.name}
        self._server: Served | None = None
        for event in told:
            vendor.hear(event)
        surroundings = Surroundings(self.clock.now, lambda: None, self._carry_out, self.faults.seen_by(self.name), limits)
        self.app = Injection(
            vendor.app(surroundings), self.name, self.faults, self.log, self.clock.now,
            put=lambda fixture: self._carry_out(fixture["operation"], fixture.get("arguments", {})),
        )  # fmt: skip

    @contextmanager
    def served(self) -> Iterator[Self]:
        """The account on a free loopback port until the block ends."""
        with served(Apps({self.name: self.app})) as self._server:
            yield self

    @property
    def url(self) -> str:
        """The base URL of the server."""
        assert self._server is not None
        return str(self._server.endpoints[self.name])

    @property
    def connection(self) -> dict[str, Any]:
        """Settings that may read everything."""
        return dict(self.vendor.connection(self.url))

    def on_server(self, action: Callable[[], T]) -> T:
        """Runs in the thread of the server, so that no request sees half of a change."""
        assert self._server is not None
        return self._server.do(action)

    # the account

    @property
    def now(self) -> int:
        """Sandbox time."""
        return self.clock.now()

    def advance(self, seconds: int | None = None) -> None:
        """Lets time pass: as much as a change takes to settle, unless told."""
        self.on_server(lambda: self.clock.advance(self.settled if seconds is None else seconds))

    def tell(self, *told: Event) -> None:
        """Lets the story go on."""
        self.on_server(lambda: [self.vendor.hear(event) for event in told])

    def write(self, operation: str, settle: int | None = None, **arguments: Any) -> Any:
        """An operation on the account now; afterwards time passes, as by `advance`."""
        body = self.on_server(lambda: deepcopy(self._carry_out(operation, arguments)))
        self.advance(settle)
        return body

    def truth(self) -> dict[str, dict[str, Any]]:
        """Per stream, the ids that exist and those that are gone, by the account's own notes."""
        return self.on_server(self.vendor.streams)

    def objects(self, stream: str) -> dict[str, Any]:
        """id -> body of what a warehouse must hold."""
        return self.on_server(lambda: json.loads(json.dumps(self.vendor.objects(stream))))

    def _carry_out(self, operation: str, arguments: dict[str, Any]) -> Any:
        return self.vendor.write(operation, arguments, self.now)

    # the platform

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of the connector's streams."""
        return tuple(stream.name for stream in self.kind.streams)

    def run(self, landing: Path, streams: Iterable[str] | None = None, **more: Any) -> dict[str, StreamResult]:
        """One run that must go well."""
        results = self.extract(landing, streams, **more)
        assert {name: r.error for name, r in results.items() if r.outcome != "ok"} == {}
        return results

    def load(self, warehouse: Warehouse, landing: Path, streams: Iterable[str] | None = None) -> dict[str, Any]:
        """Loads what is pending."""
        declared = [(self.name, stream) for stream in streams or self.streams]
        return load_landing(warehouse, LandingLog(f"file://{landing}"), declared, datetime.fromtimestamp(self.now, UTC))


def differences(account: VendorAccount, landing: Path, streams: Iterable[str] | None = None) -> dict[str, Any]:
    """What the landed state and the account disagree on, by stream: ids missing, extra, and bodies changed."""
    truth, report = account.truth(), {}
    for stream in account.streams if streams is None else streams:
        wanted = account.objects(stream)
        assert set(truth[stream]["ids"]) == wanted.keys(), f"the sandbox contradicts itself about {stream}"
        found = disagreement(objects_landed(landing, stream, source=account.name), wanted)
        if found:
            report[stream] = found
    return report


def warehouse_differences(account: VendorAccount, warehouse: Warehouse, streams: Iterable[str] | None = None) -> dict[str, Any]:
    """What warehouse and account disagree on, by stream: ids missing, extra, buried alive, and bodies changed."""
    truth, report = account.truth(), {}
    with warehouse.writing() as session:
        for stream in account.streams if streams is None else streams:
            wanted = account.objects(stream)
            assert set(truth[stream]["ids"]) == wanted.keys(), f"the sandbox contradicts itself about {stream}"
            wrong = disagreement(current_objects(session, stream, source=account.name), wanted)
            graves = tombstones(session, stream, source=account.name).keys()
            alive = sorted(graves - set(truth[stream]["deleted"]))
            if wrong or alive:
                report[stream] = wrong | ({"buried alive": alive} if alive else {})
    return report
