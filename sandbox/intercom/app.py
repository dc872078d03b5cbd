"""The REST API of the workspace: token, version, rate limit and permission first, then the endpoint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from itertools import count
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.intercom.allowance import Allowance
from sandbox.intercom.credentials import Credentials
from sandbox.intercom.errors import IntercomError, invalid, missing
from sandbox.intercom.operations import Operations
from sandbox.intercom.reading import Call, Reader
from sandbox.intercom.rendering import contact, conversation, ticket
from sandbox.intercom.routes import WRITE_ROUTES, ReadRoute, WriteRoute, read_routes
from sandbox.intercom.scroll import Scroll
from sandbox.intercom.versions import APP_DEFAULT, minor, require
from sandbox.vendor import Surroundings

Handler = Callable[[Request], Awaitable[Response]]


class IntercomApi:
    """The endpoints over one workspace."""

    def __init__(
        self, operations: Operations, credentials: Credentials, allowance: Allowance, scroll: Scroll, around: Surroundings
    ) -> None:
        self._operations = operations
        self._credentials = credentials
        self._allowance = allowance
        self._around = around
        self._requests = count(1)
        self._reader = Reader(operations, lambda id: around.faults.hides(id, around.now()), scroll)

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [Route(route.path, self._read(route), methods=[route.method]) for route in read_routes(self._reader)]
        routes += [Route(route.path, self._write(route), methods=[route.method]) for route in WRITE_ROUTES]
        return Starlette(routes=routes, exception_handlers={HTTPException: self._unrouted, Exception: self._failed})

    def _read(self, route: ReadRoute) -> Handler:
        def answer(request: Request, body: Any, version: int) -> Any:
            self._credentials.permit(route.scope)
            require(version, route.since)
            base = str(request.base_url).rstrip("/")
            call = Call(request.path_params, request.query_params, body, version, self._around.now(), base)
            return route.answer(call)

        return self._handler(answer)

    def _write(self, route: WriteRoute) -> Handler:
        def answer(request: Request, body: Any, version: int) -> Any:
            given = {**(body or {}), **dict(route.constants)}
            given |= {argument: request.path_params[name] for name, argument in route.names}
            if "retain_metrics" in request.query_params:
                given["retain_metrics"] = request.query_params["retain_metrics"] != "false"
            return self._shown(self._around.write(route.operation, given), version)

        return self._handler(answer)

    def _handler(self, answer: Callable[[Request, Any, int], Any]) -> Handler:
        async def handle(request: Request) -> Response:
            text = await request.body()
            return self._guarded(request, lambda version: answer(request, _parsed(text), version))

        return handle

    def _guarded(self, request: Request, answer: Callable[[int], Any]) -> Response:
        headers: dict[str, str] = {}
        asked = request.headers.get("intercom-version")
        try:
            self._credentials.authenticate(request.headers.get("authorization"))
            self._around.catch_up()
            headers = self._allowance.admit(self._around.now())
            version = minor(asked)
            return self._respond(answer(version), 200, {**headers, "Intercom-Version": asked or APP_DEFAULT})
        except IntercomError as refusal:
            return self._respond(refusal.body(self._request_id()), refusal.status, {**headers, **refusal.headers})

    def _shown(self, body: Any, version: int) -> Any:
        """What a write answers with: the record as a read would show it."""
        space = self._operations.space
        kind = body.get("type") if isinstance(body, dict) else None
        if kind == "contact" and body.get("role"):
            return contact(space, body, merges=False)
        if kind == "conversation" and body["id"] in space.parts:
            self._operations.conversations.settle([body["id"]])
            return conversation(space, body, version, whole=True)
        return ticket(space, body) if kind == "ticket" else body

    async def _unrouted(self, request: Request, error: Exception) -> Response:
        def nothing(version: int) -> Any:
            raise missing("resource")

        return self._guarded(request, nothing)

    async def _failed(self, request: Request, error: Exception) -> Response:
        refusal = IntercomError(500, "server_error", "Internal Server Error")
        return self._respond(refusal.body(self._request_id()), 500, {})

    def _respond(self, body: Any, status: int, headers: dict[str, str]) -> Response:
        always = {"Date": formatdate(self._around.now(), usegmt=True), "X-Request-Id": self._request_id()}
        return Response(msgspec.json.encode(body), status, {**always, **headers}, "application/json")

    def _request_id(self) -> str:
        return hashlib.sha256(f"request {next(self._requests)}".encode()).hexdigest()[:20]


def _parsed(text: bytes) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise invalid("the body is not JSON", "bad_request") from None
