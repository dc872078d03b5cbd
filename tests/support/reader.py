"""What a test does to any account at a simulated vendor: reads it, disturbs it, and looks at what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from cynosure.extract import Connector, Retrying, StreamResult, extract_source
from cynosure.landing import LandingLog

# fast enough that nothing waits for the pace, where a test is not about the pace
UNPACED = 1_000.0


@dataclass
class Waits:
    """Stands in for sleeping between retries and remembers how long each wait would have been."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Reader:
    """The engine's side of an account; whoever has one says how it is reached."""

    kind: Any
    faults: Any
    log: Any
    waits: Waits
    #: runs in the thread of the servers, so that no request sees half of a change
    on_server: Callable[[Callable[[], Any]], Any]
    #: settings that may read everything
    connection: Any
    #: what a fault strikes, beside what the test says
    within: Mapping[str, str] = MappingProxyType({})
    #: seconds that the retries of one request may wait together
    patience: ClassVar[float] = 60.0

    def connector(self, **more: Any) -> Any:
        """The real connector, unpaced, with retries that do not sleep; settings among `more` replace the account's own."""
        known = self.kind.settings_model.model_fields
        settings = {**self.connection, **{name: more.pop(name) for name in list(more) if name in known}}
        given = {name: value for name, value in settings.items() if value is not None}
        return self.kind(self.kind.settings_model(**given), **{"share": UNPACED, "retrying": self.retrying(), **more})

    def retrying(self, attempts: int = 4, total: float | None = None) -> Retrying:
        """A short policy whose waits are only noted."""
        return Retrying(attempts=attempts, total=self.patience if total is None else total, first=0.01, sleep=self.wait)

    def wait(self, seconds: float) -> None:
        """What a retry does instead of sleeping."""
        self.waits(seconds)

    def extract(
        self, landing: Path, streams: Iterable[str] | None = None, connector: Connector | None = None, **more: Any
    ) -> dict[str, StreamResult]:
        """One run into a landing folder with any outcome; results by stream."""
        reader = connector or self.connector(**more)
        try:
            return {r.stream: r for r in extract_source(reader.name, reader, LandingLog(f"file://{landing}"), streams=streams)}
        finally:
            reader.close()

    @contextmanager
    def fault(
        self, do: dict[str, Any], times: int | None = 1, *, must_strike: bool = True, **match: Any
    ) -> Iterator[Callable[[], int]]:
        """A fault in force during the block; gives how often it has struck, and asserts at the end that it did."""
        rule = self.on_server(lambda: self.faults.add({"match": {**self.within, **match}, "do": do, "times": times}))
        try:
            yield lambda: rule.struck
        finally:
            self.on_server(self.faults.clear)
        assert rule.struck or rule.do.hide or not must_strike, f"the fault {do} never struck"

    def requests(self, path: str = "*") -> list[dict[str, Any]]:
        """What was asked since the last `forget_requests`, oldest first."""
        found: list[dict[str, Any]] = self.on_server(lambda: self.log.select(path=path, limit=100_000))
        return found

    def forget_requests(self) -> None:
        """Starts counting requests anew."""
        self.on_server(self.log.clear)
