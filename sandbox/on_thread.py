"""The servers of a site on a thread of this process, for tests and measurements that hold the company in their hands."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.site import Site

T = TypeVar("T")

_STARTS_SECONDS, _ACTS_SECONDS, _ENDS_SECONDS = 60.0, 300.0, 10.0


@dataclass(frozen=True)
class Served:
    """A site that listens: where, and how to change it without a request seeing half of the change."""

    endpoints: dict[str, Any]
    loop: asyncio.AbstractEventLoop

    def do(self, action: Callable[[], T]) -> T:
        """Runs in the thread of the servers, between two requests."""

        async def act() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self.loop).result(_ACTS_SECONDS)


@contextmanager
def served(site: Site) -> Iterator[Served]:
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
