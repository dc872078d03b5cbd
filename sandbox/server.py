"""Runs every local server of the sandbox in one process and tells where they listen."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from sandbox.injection import BreakableProtocol

LOOPBACK = "127.0.0.1"


class NotLoopbackError(ValueError):
    """A host that other machines could reach."""


@dataclass
class Listeners:
    """Sockets that already listen, by the name of their server."""

    host: str = LOOPBACK
    port_base: int = 0
    sockets: dict[str, socket.socket] = field(default_factory=dict)

    def open(self, name: str) -> tuple[str, int]:
        """Listen for a server; the ports follow the port base in order, or are free ones when it is 0."""
        port = self.port_base + len(self.sockets) if self.port_base else 0
        listener = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # inherited by every connection: without it each answer waits 40 ms for the client's acknowledgement
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((check_loopback(self.host), port))
        listener.listen(256)
        listener.setblocking(False)
        self.sockets[name] = listener
        host, bound = listener.getsockname()[:2]
        return str(host), int(bound)

    def url(self, name: str) -> str:
        """The base URL of a server."""
        return f"http://{self.address(name)}"

    def address(self, name: str) -> str:
        """Host and port of a server."""
        host, port = self.sockets[name].getsockname()[:2]
        return f"{host}:{port}"


def check_loopback(host: str) -> str:
    """The host, if only this machine can reach it; NotLoopbackError otherwise."""
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not is_loopback:
        raise NotLoopbackError(f"the sandbox listens on loopback only, not on {host}: use {LOOPBACK}")
    return host


class QuietServer(uvicorn.Server):
    """A uvicorn server that leaves signals to the process that runs several of them."""

    @contextmanager
    def capture_signals(self) -> Any:
        """Capture none."""
        yield


def http_server(app: ASGIApp) -> QuietServer:
    """A server whose answers carry the sandbox's date and whose connections faults can break."""
    return QuietServer(
        uvicorn.Config(
            app,
            http=BreakableProtocol,
            lifespan="off",
            log_level="warning",
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )


@asynccontextmanager
async def serving(apps: dict[str, ASGIApp], listeners: Listeners) -> AsyncIterator[None]:
    """All HTTP applications listening, until the block ends."""
    servers = {name: http_server(app) for name, app in apps.items()}
    tasks = [asyncio.create_task(server.serve(sockets=[listeners.sockets[name]])) for name, server in servers.items()]
    try:
        while not all(server.started for server in servers.values()):
            failed = next((task for task in tasks if task.done()), None)
            if failed is not None:
                failed.result()
                raise RuntimeError("a local server ended before it listened")
            await asyncio.sleep(0.005)
        yield
    finally:
        for server in servers.values():
            server.should_exit = True
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_stopped() -> None:
    """Returns when the process is asked to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new text, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def write_endpoints(path: Path, endpoints: dict[str, Any]) -> None:
    """Tell where everything listens."""
    write_atomically(path, json.dumps({**endpoints, "pid": os.getpid()}, indent=2) + "\n")


def forget_endpoints(path: Path) -> None:
    """Nothing listens any more, unless a newer process has told of itself in the meantime."""
    with suppress(FileNotFoundError, ValueError):
        if json.loads(path.read_text(encoding="utf-8"))["pid"] == os.getpid():
            path.unlink()


def write_clock(path: Path, offset: Callable[[], int]) -> None:
    """Tell by how many seconds the sandbox's clock is ahead of the wall clock."""
    write_atomically(path, f"{offset()}\n")
