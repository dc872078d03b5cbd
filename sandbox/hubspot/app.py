"""The HubSpot APIs over HTTP: CRM v3 and its dated forms, associations v4, marketing v3, forms v1 and OAuth v1."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.hubspot.auth import Tokens
from sandbox.hubspot.books import Books
from sandbox.hubspot.call import Call, Endpoint
from sandbox.hubspot.errors import HubspotError, correlation, invalid, limited, missing
from sandbox.hubspot.pace import Pace
from sandbox.hubspot.routes import ENDPOINTS
from sandbox.vendor import Surroundings

URL_CHARACTERS = 16_000
_PAGE = "<html><body><h1>404 Not Found</h1></body></html>"
Handler = Callable[[Request], Awaitable[Response]]


@dataclass
class HubspotApi:
    """The endpoints over one account."""

    books: Books
    tokens: Tokens
    pace: Pace
    around: Surroundings

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [Route(endpoint.path, self._handler(endpoint), methods=[endpoint.method]) for endpoint in ENDPOINTS]
        routes.append(Route("/oauth/v1/token", self._renew, methods=["POST"]))
        return Starlette(routes=routes, exception_handlers={HTTPException: self._unrouted})

    def _handler(self, endpoint: Endpoint) -> Handler:
        async def handle(request: Request) -> Response:
            text = await request.body()
            return self._guarded(request, endpoint, text)

        return handle

    def _guarded(self, request: Request, endpoint: Endpoint, text: bytes) -> Response:
        number = next(self._numbers)
        try:
            now = self.around.now()
            if len(str(request.url)) > URL_CHARACTERS:
                return self._text(414, "<html><body>URI too long</body></html>", number)
            self.tokens.let_in(request.headers.get("authorization"), now)
            policy = self.pace.admit(now, search=endpoint.is_search, enforced=self.around.limits != "off")
            if policy is not None:
                raise limited(policy, number)
            self.around.catch_up()
            call = Call(self.books, request.path_params, request.query_params, _decoded(text), self.around.now(), self.around)
            self.tokens.require(endpoint.scope(call) if callable(endpoint.scope) else endpoint.scope)
            status, body = endpoint.answer(call)
            return self._json(status, body, number, {} if endpoint.is_search else self.pace.headers())
        except HubspotError as error:
            return self._json(error.status, error.body(number), number, error.headers)
        except (KeyError, TypeError, ValueError) as error:
            refused = invalid(f"Invalid input: {error}")
            return self._json(refused.status, refused.body(number), number, {})

    async def _renew(self, request: Request) -> Response:
        number = next(self._numbers)
        form = dict(parse_qsl((await request.body()).decode()))
        try:
            return self._json(200, self.tokens.renew(form, self.around.now()), number, {})
        except HubspotError as error:
            return self._json(error.status, error.body(number), number, {})

    async def _unrouted(self, request: Request, error: Exception) -> Response:
        """An unknown path gets a page, not JSON."""
        number = next(self._numbers)
        if request.url.path.startswith("/crm/"):
            return self._text(404, _PAGE, number)
        refused = missing(f"no such path {request.url.path}")
        return self._json(404, refused.body(number), number, {})

    def _json(self, status: int, body: Any, number: int, headers: dict[str, str]) -> Response:
        content = b"" if body is None else msgspec.json.encode(body)
        return Response(content, status, self._always(number) | headers, "application/json;charset=utf-8")

    def _text(self, status: int, body: str, number: int) -> Response:
        return Response(body, status, self._always(number), "text/html")

    def _always(self, number: int) -> dict[str, str]:
        date = formatdate(self.around.now(), usegmt=True)
        return {"Date": date, "X-HubSpot-Correlation-Id": correlation(number)}


def _decoded(text: bytes) -> Any:
    if not text:
        return {}
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise invalid(f"Invalid input JSON: {error}") from None
