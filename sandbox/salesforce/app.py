"""The org over HTTP: login, versions, and the data API behind sessions and the daily allowance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import formatdate
from urllib.parse import parse_qsl, unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce import API_VERSIONS
from sandbox.salesforce.endpoints import VERSIONS, Api
from sandbox.salesforce.reply import Call, Refusal, Reply
from sandbox.salesforce.sessions import Sessions
from sandbox.vendor import Surroundings

LONGEST_URI = 16_384
"""Bytes of the URI, and of the URI with the headers (Salesforce help 000386264)."""
_DATA = re.compile(r"/services/data/v(?P<version>\d+\.\d)(?P<rest>/.*)?")


def data_call(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Call | None:
    """A call of the data API from its address; None for another address."""
    path, _, query = url.partition("?")
    found = _DATA.fullmatch(unquote(path))
    if not found:
        return None
    return Call(method, found["rest"] or "/", found["version"], dict(parse_qsl(query)), body, headers)


class SalesforceApp:
    """All addresses of the org."""

    def __init__(self, api: Api, sessions: Sessions, surroundings: Surroundings) -> None:
        self._api = api
        self._sessions = sessions
        self._surroundings = surroundings
        api.write = surroundings.write
        api.hidden = lambda id: surroundings.faults.hides(id, surroundings.now())
        licences = sum(user["IsActive"] for user in api.org.table("User").rows.values())
        api.usage.configure(surroundings.limits, licences)

    def app(self) -> Starlette:
        """The ASGI application."""
        methods = ["GET", "POST", "PATCH", "PUT", "DELETE"]
        return Starlette(routes=[Route("/{path:path}", self._handle, methods=methods)])

    async def _handle(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        url = request.url.path + ("?" + request.url.query if request.url.query else "")
        body = await request.body()
        self._surroundings.catch_up()
        self._api.org.now = self._surroundings.now()
        reply = self._too_long(url, headers) or self._reply(request.method, url, body, headers)
        always = {"Date": formatdate(self._surroundings.now(), usegmt=True), "Cache-Control": "no-cache,must-revalidate,no-store"}
        return Response(reply.encoded(), reply.status, always | dict(reply.headers), reply.media)

    def _too_long(self, url: str, headers: Mapping[str, str]) -> Reply | None:
        if len(url) > LONGEST_URI:
            return Reply(414, b"<h1>URI Too Long</h1>", media="text/html")
        if len(url) + sum(len(name) + len(value) + 4 for name, value in headers.items()) > LONGEST_URI:
            return Reply(431, b"<h1>Request Header Fields Too Large</h1>", media="text/html")
        return None

    def _reply(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        now = self._surroundings.now()
        path = url.partition("?")[0]
        if path == "/services/oauth2/token":
            return self._sessions.token(Call(method, path, "", {}, body, headers), now)
        if path.startswith("/services/Soap/u/"):
            return self._sessions.soap(Call(method, path, path.rsplit("/", 1)[-1], {}, body, headers), now)
        if path in ("/services/data", "/services/data/"):
            return Reply(200, VERSIONS)
        call = data_call(method, url, body, headers)
        if call is None or call.version not in API_VERSIONS:
            return Refusal(404, "NOT_FOUND", "The requested resource does not exist").reply()
        return self._guarded(call, now)

    def _guarded(self, call: Call, now: int) -> Reply:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme not in ("Bearer", "OAuth") or not token:
            return Refusal(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE").reply()
        if not self._sessions.is_open(token, now):
            return Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid").reply()
        usage = self._api.usage
        if not usage.admit(now):
            reply = Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").reply()
        else:
            reply = self._api.answer(call)
        info = {"Sforce-Limit-Info": f"api-usage={usage.used(now)}/{usage.allowed}"}
        return Reply(reply.status, reply.body, {**info, **reply.headers}, reply.media)
