"""Local servers on a thread of this process, for tests and measurements that hold what they serve in their hands."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from starlette.types import ASGIApp

from sandbox.server import Listeners, serving

T = TypeVar("T")

_STARTS_SECONDS, _ACTS_SECONDS, _ENDS_SECONDS = 60.0, 300.0, 10.0


class Listening(Protocol):
    """What can be served: a whole site, or `Apps`."""

    def listening(self) -> AbstractAsyncContextManager[dict[str, Any]]:
        """Listens until the block ends; gives the endpoints by name."""


@dataclass(frozen=True)
class Apps:
    """Bare applications by name, each on a free loopback port."""

    apps: dict[str, ASGIApp]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[dict[str, Any]]:
        """Listens until the block ends; gives the base URLs by name."""
        listeners = Listeners()
        for name in self.apps:
            listeners.open(name)
        async with serving(self.apps, listeners):
            yield {name: listeners.url(name) for name in self.apps}


@dataclass(frozen=True)
class Served:
    """What listens: where, and how to change it without a request seeing half of the change."""

    endpoints: dict[str, Any]
    loop: asyncio.AbstractEventLoop

    def do(self, action: Callable[[], T]) -> T:
        """Runs in the thread of the servers, between two requests."""

        async def act() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self.loop).result(_ACTS_SECONDS)


@contextmanager
def served(site: Listening) -> Iterator[Served]:
    """The site listening on loopback until the block ends."""
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
    if not ready.wait(_STARTS_SECONDS):
        raise RuntimeError("the local servers did not start")
    endpoints, loop, stop = begun
    try:
        yield Served(endpoints, loop)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(_ENDS_SECONDS)
