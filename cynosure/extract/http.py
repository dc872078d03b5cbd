"""Plain HTTP for sources without a maintained SDK, and the rule where a key may be sent."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from cynosure.extract.errors import AccessDenied, Misconfigured, RetryLater, Unexpected
from cynosure.extract.rate import RateLimiter
from cynosure.extract.retry import Retrying


def safe_base_url(url: str) -> str:
    """The URL without a trailing slash; raises Misconfigured unless it is https or on this machine.

    A base URL decides who receives the credentials, so an edit of the configuration must not be able to send them
    anywhere in clear text.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.query or parts.fragment:
        raise Misconfigured(
            f"base URL {parts.scheme or '?'}://{host or '?'} is not usable: write https://host or http://127.0.0.1:port"
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise Misconfigured(
            f"base URL http://{host} would send credentials in clear text: use https, or a loopback address for tests"
        )
    return url.rstrip("/")


def vendor_time(headers: Mapping[str, str], fallback: float) -> float:
    """The vendor's clock (Date header) in epoch seconds; lags are measured on it, so a skewed local clock loses nothing."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return fallback


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the vendor asks to wait; absurd values are capped at 15 minutes, unreadable ones ignored."""
    try:
        return min(max(float(headers["retry-after"]), 0.0), 900.0)
    except (KeyError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer of status 2xx: its bytes, its headers (lower case), and the vendor's clock at that moment."""

    body: bytes
    headers: Mapping[str, str]
    seen: float
    status: int = 200


#: Says what a refusal means; None leaves it to the common rules
Classify = Callable[[httpx.Response], Exception | None]


class HttpSource:
    """An httpx client that spaces, retries and classifies; redirects are not followed, so a key cannot leave its host.

    `classify` knows the vendor's own refusals. Headers with the key belong into `client` (`headers=...`), so that they are
    sent to this host only and never stand in a URL.
    """

    def __init__(
        self,
        base_url: str,
        *,
        limiter: RateLimiter,
        retrying: Retrying,
        timeout: float = 60.0,
        classify: Classify = lambda response: None,
        **client: Any,
    ) -> None:
        limits = httpx.Timeout(timeout, connect=10.0)
        self._client = httpx.Client(base_url=safe_base_url(base_url), timeout=limits, follow_redirects=False, **client)
        self._limiter = limiter
        self._retrying = retrying
        self._classify = classify
        self._seen = 0.0

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, limiters: Sequence[RateLimiter] = ()) -> Answer:
        """A complete successful answer; raises an ExtractError otherwise. `limiters` apply besides the account's own."""
        return self._retrying.call(lambda: self._once("GET", path, limiters, params=params))

    def post(self, path: str, body: Any, *, limiters: Sequence[RateLimiter] = ()) -> Answer:
        """The same for a request that reads by POST, such as a search; `body` is sent as JSON."""
        return self._retrying.call(lambda: self._once("POST", path, limiters, json=body))

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _once(self, method: str, path: str, limiters: Sequence[RateLimiter], **request: Any) -> Answer:
        with ExitStack() as permits:
            for limiter in (*limiters, self._limiter):
                permits.enter_context(limiter.permit())
            try:
                response = self._client.request(method, path, **request)
            except httpx.TransportError as error:
                raise RetryLater(f"{path}: {type(error).__name__}: {error}") from None
        if refusal := self._classify(response) or _refusal(path, response):
            raise refusal
        headers = {name.lower(): value for name, value in response.headers.items()}
        self._seen = vendor_time(headers, self._seen)
        if not self._seen:
            # HTTP requires the header (RFC 9110, 6.6.1); without it no change could be placed in time
            raise RetryLater(f"{path}: the answer has no readable Date header")
        return Answer(response.content, headers, self._seen, response.status_code)


def _refusal(path: str, response: httpx.Response) -> Exception | None:
    """What any vendor means by a status."""
    status = response.status_code
    if status == 429 or status >= 500:
        return RetryLater(f"{path}: HTTP {status}", retry_after(response.headers))
    if status in (401, 403):
        return AccessDenied(f"{path}: HTTP {status}: the credentials do not allow this")
    if not 200 <= status < 300:
        return Unexpected(f"{path}: HTTP {status}")
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
