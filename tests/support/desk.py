"""A small vendor for the connector that `cynosure new connector` writes: numbered pages of items behind a key."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any, ClassVar

from contracted import Account
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cynosure.extract import Connector
from sandbox.faults import Faults
from sandbox.injection import Injection
from sandbox.request_log import RequestLog
from sandbox.server import Listeners, serving

HOSTILE = "\u0000 \u202e'; drop table items; -- \U0001f600 \n\t\""
_PAGE_ITEMS = 3


def _rows(body: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    return {**body, "data": [change(row) for row in body["data"]]} if "data" in body else body


class Desk:
    """Ten items; the key is a bearer token."""

    name = "desk"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "rate_limit": {"status": 429, "body": {"error": "slow down"}},
        "rate_limit_wait": {"status": 429, "headers": {"Retry-After": "1"}, "body": {"error": "slow down"}},
        "quota": {"status": 429, "headers": {"Retry-After": "3600"}, "body": {"error": "used up"}},
        "server_error": {"status": 500, "body": {"error": "broken"}},
        "unavailable": {"status": 503, "body": {"error": "busy"}},
        "unauthorized": {"status": 401, "body": {"error": "unknown key"}},
        "expired_token": {"status": 401, "body": {"error": "expired"}},
        "forbidden": {"status": 403, "body": {"error": "not allowed"}},
        "missing": {"status": 404, "body": {"error": "not found"}},
    }
    distortions: ClassVar[dict[str, Callable[[Any, Any], Any]]] = {
        "empty_page": lambda body, argument: {**body, "data": [], "has_more": True},
        "repeat_cursor": lambda body, argument: {**body, "has_more": True},
        "drop_end": lambda body, argument: {name: value for name, value in body.items() if name != "has_more"},
        "duplicate": lambda body, argument: {**body, "data": [*body["data"], *body["data"][:1]]},
        "swap": lambda body, argument: {**body, "data": body["data"][::-1]},
        "add_field": lambda body, name: _rows(body, lambda row: {**row, name: {"new": [1]}}),
        "drop_field": lambda body, name: _rows(body, lambda row: {k: v for k, v in row.items() if k != name}),
        "change_type": lambda body, name: _rows(body, lambda row: {**row, name: str(row.get(name))}),
        "big_number": lambda body, name: _rows(body, lambda row: {**row, name: 9_007_199_254_740_993}),
        "hostile_text": lambda body, name: _rows(body, lambda row: {**row, name: HOSTILE}),
    }

    def __init__(self) -> None:
        self.key = "desk-key-4f1c9b7a"
        self.items = {f"item_{number:02d}": {"id": f"item_{number:02d}", "size": number} for number in range(10)}
        self.now = 1_767_225_600
        self.refuses: set[str] = set()

    def app(self) -> Starlette:
        """The HTTP application."""
        return Starlette(routes=[Route("/items", self._items), Route("/items/{id}", self._item)])

    def connection(self, base_url: str) -> dict[str, str]:
        return {"api_key": self.key, "base_url": base_url}

    def streams(self) -> dict[str, dict[str, Any]]:
        return {"items": {"count": len(self.items), "ids": sorted(self.items), "deleted": []}}

    def objects(self, stream: str) -> dict[str, Any]:
        return dict(self.items)

    def revoke(self, what: str) -> None:
        self.refuses.add(what)

    def _answer(self, request: Request, body: Any, status: int = 200) -> Response:
        headers = {"date": formatdate(self.now, usegmt=True)}
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return JSONResponse({"error": "unknown key"}, 401, headers)
        if self.refuses:
            return JSONResponse({"error": "the key lacks items:read"}, 403, headers)
        return JSONResponse(body, status, headers)

    def _items(self, request: Request) -> Response:
        start = (int(request.query_params.get("page", 1)) - 1) * _PAGE_ITEMS
        rows = list(self.items.values())
        return self._answer(request, {"data": rows[start : start + _PAGE_ITEMS], "has_more": start + _PAGE_ITEMS < len(rows)})

    def _item(self, request: Request) -> Response:
        found = self.items.get(request.path_params["id"])
        return self._answer(request, found or {"error": "not found"}, 200 if found else 404)


@contextmanager
def desk_account(kind: type[Connector]) -> Iterator[Account]:
    """The desk on a free port, read by a connector whose name is `desk`."""
    desk, log, listeners = Desk(), RequestLog(), Listeners()
    faults = Faults([desk])
    listeners.open("desk")
    up, stop = threading.Event(), threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        app = Injection(desk.app(), "desk", faults, log, lambda: desk.now)
        async with serving({"desk": app}, listeners):
            loops.append(asyncio.get_running_loop())
            up.set()
            while not stop.is_set():
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert up.wait(10)

    def act(action: Callable[[], Any]) -> Any:
        async def on_loop() -> Any:
            return action()

        return asyncio.run_coroutine_threadsafe(on_loop(), loops[0]).result(30)

    def advance(seconds: int) -> None:
        desk.now += seconds

    try:
        yield Account("desk", kind, desk, faults, log, listeners.url("desk"), act, advance)
    finally:
        stop.set()
        thread.join(10)
