"""The `requests` session under the SDK: bytes are kept as they came, nothing waits for ever, tests stay on this machine.

`simple-salesforce` 1.12 builds every address with https and has no timeout, logs in again without a bound for some calls,
and fails with KeyError on an unusual 401 (measured on 1.12.10). So errors are told apart here, before the SDK sees them.
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from connectors.salesforce.refusals import refusal
from cynosure.extract import RetryLater

CONNECT_SECONDS = 10.0
# a query may run two minutes before the org ends it by itself (https://developer.salesforce.com/docs: SOQL limits)
READ_SECONDS = 150.0
GRANT_PATH = "/services/oauth2/token"


class Loopback(HTTPAdapter):
    """Sends what was meant for https to a server on this machine; the request itself stays as it was."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._to = urlsplit(base_url)

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        """As usual, with a copy of the request that has another scheme and host."""
        parts = urlsplit(str(request.url))
        copy = request.copy()
        copy.url = urlunsplit((self._to.scheme, self._to.netloc, parts.path, parts.query, ""))
        response = super().send(copy, *args, **more)
        response.request = request
        return response


class VerbatimSession(requests.Session):
    """Keeps the last good answer for its owner; the SDK gets an empty object, as it would parse the body for nothing."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.body = b""
        self.answered: dict[str, str] = {}
        if base_url.startswith("http://"):
            self.trust_env = False
            self.mount("https://", Loopback(base_url))

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        """One request with a time limit and without redirects; raises what a refusal means, except at the login."""
        path = urlsplit(str(request.url)).path
        more["timeout"] = more.get("timeout") or (CONNECT_SECONDS, READ_SECONDS)
        more["allow_redirects"] = False
        try:
            response = super().send(request, **more)
            body = response.content
        except requests.RequestException as error:
            raise RetryLater(f"{path}: {type(error).__name__}: Salesforce cannot be reached or broke off") from None
        self.answered = {name.lower(): value for name, value in response.headers.items()}
        if path == GRANT_PATH and response.status_code < 429:
            return response
        if not 200 <= response.status_code < 300:
            raise refusal(path, response.status_code, self.answered, body)
        self.body = body
        return _empty(response)


def _empty(response: requests.Response) -> requests.Response:
    bare = requests.Response()
    bare.status_code = 200
    bare.url, bare.request, bare.headers = response.url, response.request, response.headers.copy()
    bare.headers.pop("content-encoding", None)
    # or the SDK would have the encoding of two bytes guessed, for every request, by tables of 20 MB
    bare.encoding = "utf-8"
    bare.raw = io.BytesIO(b"{}")
    return bare
