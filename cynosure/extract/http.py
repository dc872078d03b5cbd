"""Plain HTTP for sources without a maintained SDK, and the rule where a key may be sent."""

from __future__ import annotations

import ipaddress
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


def vendor_time(headers: httpx.Headers | dict[str, str], fallback: float) -> float:
    """The vendor's clock (Date header) in epoch seconds; lags are measured on it, so a skewed local clock loses nothing."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return fallback


def retry_after(headers: httpx.Headers | dict[str, str]) -> float | None:
    """Seconds the vendor asks to wait; absurd values are capped at 15 minutes, unreadable ones ignored."""
    try:
        return min(max(float(headers["retry-after"]), 0.0), 900.0)
    except (KeyError, ValueError):
        return None


class HttpSource:
    """An httpx client that spaces, retries and classifies; redirects to other hosts are not followed."""

    def __init__(self, base_url: str, *, limiter: RateLimiter, retrying: Retrying, timeout: float = 60.0, **client: Any) -> None:
        self._client = httpx.Client(base_url=safe_base_url(base_url), timeout=timeout, follow_redirects=False, **client)
        self._limiter = limiter
        self._retrying = retrying

    def get(self, path: str, params: dict[str, str] | None = None) -> httpx.Response:
        """A complete successful answer; raises an ExtractError otherwise."""
        return self._retrying.call(lambda: self._once(path, params))

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _once(self, path: str, params: dict[str, str] | None) -> httpx.Response:
        self._limiter.acquire()
        try:
            response = self._client.get(path, params=params)
        except httpx.TransportError as error:
            raise RetryLater(f"{path}: {type(error).__name__}: {error}") from None
        if response.status_code == 429 or response.status_code >= 500:
            raise RetryLater(f"{path}: HTTP {response.status_code}", retry_after(response.headers))
        if response.status_code in (401, 403):
            raise AccessDenied(f"{path}: HTTP {response.status_code}: the credentials do not allow this")
        if response.status_code != 200:
            raise Unexpected(f"{path}: HTTP {response.status_code}")
        return response


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
