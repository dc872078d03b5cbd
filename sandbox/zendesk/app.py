"""The Zendesk REST API v2 over HTTP."""

from __future__ import annotations

import base64
import binascii
import hashlib
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
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.vendor import Surroundings
from sandbox.zendesk.account import Account
from sandbox.zendesk.errors import ZendeskError, bad_request, forbidden, limited, no_route, unauthenticated
from sandbox.zendesk.exports import EXPORTS
from sandbox.zendesk.limiting import Limiting
from sandbox.zendesk.reading import READERS, Call, Reader
from sandbox.zendesk.writing import WRITERS, Writer

Handler = Callable[[Request], Awaitable[Response]]


class Credentials:
    """What is let in: an API token with the address of its user, or an OAuth token; and what they may not read."""

    def __init__(self, email: str, api_token: str, oauth_token: str) -> None:
        self.email, self.api_token, self.oauth_token = email, api_token, oauth_token
        self.revoked = False
        self.forbidden: set[str] = set()

    def check(self, header: str | None, stream: str) -> None:
        """Raises the 401 or 403 that Zendesk answers."""
        if self.revoked or not self._is_known(header):
            raise unauthenticated()
        if stream in self.forbidden:
            raise forbidden()

    def _is_known(self, header: str | None) -> bool:
        kind, _, secret = (header or "").partition(" ")
        if kind.lower() == "bearer":
            return secret == self.oauth_token
        try:
            given = base64.b64decode(secret, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        return kind.lower() == "basic" and given == f"{self.email}/token:{self.api_token}"


class ZendeskApi:
    """The endpoints over one account."""

    def __init__(self, account: Account, credentials: Credentials, limiting: Limiting, surroundings: Surroundings) -> None:
        self._account = account
        self._credentials = credentials
        self._limiting = limiting
        self._surroundings = surroundings
        self._requests = count(1)

    def app(self) -> ASGIApp:
        """The ASGI application; every path works with and without `.json`."""
        routes = [Route(reader.path, self._read(reader), methods=["GET"]) for reader in (*EXPORTS, *READERS)]
        routes += [Route(writer.path, self._write(writer), methods=[writer.method]) for writer in WRITERS]
        inner = Starlette(routes=routes, exception_handlers={HTTPException: self._unrouted})

        async def plain(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"].endswith(".json"):
                scope = {**scope, "path": scope["path"].removesuffix(".json")}
            await inner(scope, receive, send)

        return plain

    def _read(self, reader: Reader) -> Handler:
        async def handle(request: Request) -> Response:
            def answer() -> Response:
                now = self._surroundings.now()
                call = Call(
                    self._account, request.url.path, dict(request.query_params), request.path_params, now,
                    lambda id: self._surroundings.faults.hides(id, now),
                )  # fmt: skip
                return self._json(reader.answer(call), 200, _index_header(reader))

            return self._guarded(request, reader.stream, reader.limits, answer)

        return handle

    def _write(self, writer: Writer) -> Handler:
        async def handle(request: Request) -> Response:
            text = await request.body()

            def answer() -> Response:
                arguments = writer.arguments(request.path_params.get("id"), _decoded(text))
                result = self._surroundings.write(writer.operation, arguments)
                if writer.wrapped is None:
                    return Response(None, 204, self._headers())
                return self._json({writer.wrapped: result}, writer.status)

            return self._guarded(request, "", (), answer)

        return handle

    def _guarded(self, request: Request, stream: str, limits: tuple[str, ...], answer: Callable[[], Response]) -> Response:
        try:
            refused = self._limiting.admit("account", *limits)
            if refused:
                raise limited(*refused)
            self._credentials.check(request.headers.get("authorization"), stream)
            self._surroundings.catch_up()
            self._account.advance(self._surroundings.now())
            return answer()
        except ZendeskError as error:
            if isinstance(error.body, str):
                return Response(error.body, error.status, self._headers() | error.headers, "text/plain")
            return self._json(error.body, error.status, error.headers)

    async def _unrouted(self, request: Request, error: Exception) -> Response:
        def answer() -> Response:
            raise no_route()

        return self._guarded(request, "", (), answer)

    def _json(self, body: Any, status: int, headers: dict[str, str] | None = None) -> Response:
        return Response(msgspec.json.encode(body), status, self._headers() | (headers or {}), "application/json; charset=utf-8")

    def _headers(self) -> dict[str, str]:
        return {
            "date": formatdate(self._surroundings.now(), usegmt=True),
            "x-request-id": hashlib.sha256(str(next(self._requests)).encode()).hexdigest()[:24],
            "cache-control": "max-age=0, private, must-revalidate",
            **self._limiting.headers(),
        }


def _index_header(reader: Reader) -> dict[str, str]:
    if reader.path.endswith("/tickets"):
        return {"zendesk-ratelimit-tickets-index": "total=100; remaining=99; resets=60"}
    return {}


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text or b"{}")
    except msgspec.DecodeError:
        raise bad_request("UnprocessableEntity", "The request body is not JSON") from None
