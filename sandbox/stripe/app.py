"""The Stripe REST API v1 over HTTP."""

from __future__ import annotations

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

from sandbox.limits import Limits
from sandbox.stripe import API_VERSION
from sandbox.stripe.account import Account
from sandbox.stripe.auth import Key, Keys
from sandbox.stripe.collection import Body
from sandbox.stripe.errors import StripeError, no_such_url, rate_limited
from sandbox.stripe.forms import decode
from sandbox.stripe.idempotency import Idempotency
from sandbox.stripe.reading import Call, Reader, readers
from sandbox.stripe.usage import event_summaries
from sandbox.stripe.writing import WRITERS, Writer

Handler = Callable[[Request], Awaitable[Response]]


class StripeApi:
    """The endpoints over one simulated account."""

    def __init__(
        self,
        account: Account,
        keys: Keys,
        limits: Limits,
        is_hidden: Callable[[str], bool] = lambda id: False,
        currency: str = "usd",
    ) -> None:
        self._account = account
        self._keys = keys
        self._limits = limits
        self._is_hidden = is_hidden
        self._currency = currency
        self._idempotency = Idempotency()
        self._requests = count(1)

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [Route(reader.path, self._read(reader), methods=["GET"]) for reader in readers(event_summaries)]
        routes += [Route(writer.path, self._write(writer), methods=[writer.method]) for writer in WRITERS]
        return Starlette(routes=routes, exception_handlers={HTTPException: self._unrouted, Exception: self._failed})

    def _read(self, reader: Reader) -> Handler:
        async def handle(request: Request) -> Response:
            def answer(key: Key) -> Response:
                self._keys.authorize(key, reader.permission)
                return self._respond(reader.answer(self._call(request, decode(request.url.query))))

            return self._guarded(request, f"GET {reader.path}", answer)

        return handle

    def _write(self, writer: Writer) -> Handler:
        async def handle(request: Request) -> Response:
            form = (await request.body()).decode()

            def answer(key: Key) -> Response:
                self._keys.authorize(key, writer.permission)
                call = self._call(request, decode(form or request.url.query))
                token = request.headers.get("idempotency-key") if writer.method == "POST" else None
                if token is None:
                    return self._respond(writer.answer(call))
                body, is_replay = self._idempotency.once(
                    (key.secret, token), (request.url.path, form), lambda: writer.answer(call)
                )
                return self._respond(body, {"Idempotent-Replayed": "true"} if is_replay else {})

            return self._guarded(request, f"{writer.method} {writer.path}", answer)

        return handle

    def _call(self, request: Request, params: dict[str, Any]) -> Call:
        return Call(self._account, params, request.path_params, self._is_hidden, self._currency)

    def _guarded(self, request: Request, endpoint: str, answer: Callable[[Key], Response]) -> Response:
        try:
            key = self._keys.authenticate(request.headers.get("authorization"))
            _check_version(request)
            reason = self._limits.admit(endpoint)
            if reason is not None:
                raise rate_limited(reason)
            self._account.catch_up()
            return answer(key)
        except StripeError as error:
            return self._refuse(error)

    async def _unrouted(self, request: Request, error: Exception) -> Response:
        def answer(key: Key) -> Response:
            raise no_such_url(request.method, request.url.path)

        return self._guarded(request, "unknown", answer)

    async def _failed(self, request: Request, error: Exception) -> Response:
        return self._refuse(StripeError("An unknown error occurred.", status=500, type="api_error"))

    def _respond(self, body: Body, headers: dict[str, str] | None = None) -> Response:
        return self._json(body, 200, self._request_id(), headers or {})

    def _refuse(self, error: StripeError) -> Response:
        request_id = self._request_id()
        return self._json(error.body(request_id), error.status, request_id, error.headers)

    def _json(self, body: Body, status: int, request_id: str, headers: dict[str, str]) -> Response:
        always = {
            "Request-Id": request_id,
            "Stripe-Version": API_VERSION,
            "Date": formatdate(self._account.now(), usegmt=True),
            "Cache-Control": "no-cache, no-store",
        }
        text = msgspec.json.format(msgspec.json.encode(body), indent=2)
        return Response(text, status, always | headers, "application/json")

    def _request_id(self) -> str:
        return "req_" + hashlib.sha256(str(next(self._requests)).encode()).hexdigest()[:14]


def _check_version(request: Request) -> None:
    version = request.headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise StripeError(f"Invalid Stripe API version: {version}. The sandbox implements {API_VERSION} only.")
