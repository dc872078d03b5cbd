"""One help desk over HTTP: paced by all limits at once, and every refusal told as a sentence."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec

from connectors.zendesk.settings import Limits, ZendeskSettings, address, authorization
from cynosure.extract import (
    AccessDenied,
    Answer,
    Deferred,
    HttpSource,
    Misconfigured,
    RateLimiter,
    Retrying,
    RetryLater,
    Unexpected,
)  # fmt: skip
from cynosure.extract.http import vendor_time

# pages of 1,000 rows with sideloads are slow
TIMEOUT_SECONDS = 120.0
MINUTE = 60.0
# a refusal that does not say how long: limits count by the minute
PAUSE_SECONDS = 60.0
# a longer wait is left to the next run
LONGEST_WAIT_SECONDS = 120.0
# https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-deleted-tickets
DELETED_TICKETS_PER_MINUTE, DEEP_DELETED_TICKETS_PER_MINUTE = 10, 5

ME = "/api/v2/users/me.json"
_INCREMENTAL, _DELETED = "/api/v2/incremental/", "/api/v2/deleted_tickets"


class KeyRefused(AccessDenied):
    """The credentials themselves are wrong, expired or revoked: no stream can be read."""


class Gone(Unexpected):
    """The record does not exist any more; `seen` is the vendor's clock at the answer."""

    def __init__(self, path: str, seen: float) -> None:
        super().__init__(f"{path}: Zendesk says that this does not exist (HTTP 404)")
        self.seen = seen


class Refused(Unexpected):
    """HTTP 400 or 422: the request itself, such as its cursor, is not accepted; `seen` is the vendor's clock."""

    def __init__(self, message: str, seen: float) -> None:
        super().__init__(message)
        self.seen = seen


class ZendeskApi:
    """GET requests against one account, paced for all threads and processes that share it."""

    def __init__(self, settings: ZendeskSettings, *, share: float, state: Path | None, retrying: Retrying) -> None:
        url = address(settings)
        limits = Limits.of(settings, share)
        # limits belong to the account, whoever asks; its name must not appear in a file name
        folder = state and state / f"zendesk-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
        self._account = RateLimiter(limits.account, MINUTE, folder and folder / "account")
        self._exports = RateLimiter(limits.exports, MINUTE, folder and folder / "exports")
        self._deleted = RateLimiter(DELETED_TICKETS_PER_MINUTE * share, MINUTE, folder and folder / "deleted_tickets")
        self._deep = RateLimiter(DEEP_DELETED_TICKETS_PER_MINUTE * share, MINUTE, folder and folder / "deep_deleted_tickets")
        self._retrying = retrying
        self._lock = threading.Lock()
        self._seen: float | None = None
        self._http = HttpSource(
            url, limiter=self._account, retrying=retrying, timeout=TIMEOUT_SECONDS, classify=self._classify,
            headers={"Authorization": authorization(settings), "Accept": "application/json"},
        )  # fmt: skip

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, deep: bool = False) -> Answer:
        """A whole JSON answer; raises an ExtractError otherwise. `deep` is a page beyond the first hundred."""
        limiters: tuple[RateLimiter, ...] = ()
        if path.startswith(_INCREMENTAL):
            limiters = (self._exports,)
        elif path.startswith(_DELETED):
            limiters = (self._deleted, self._deep) if deep else (self._deleted,)
        answer = self._http.get(path, params, limiters=limiters)
        with self._lock:
            self._seen = answer.seen
        return answer

    def fields(
        self, path: str, params: Mapping[str, Any] | None = None, *, deep: bool = False
    ) -> tuple[dict[str, msgspec.Raw], float]:
        """The fields of an answer, still as bytes, and the vendor's clock."""
        answer = self.get(path, params, deep=deep)
        return decoded(path, answer.body, dict[str, msgspec.Raw]), answer.seen

    def again(self, action: Any) -> Any:
        """The result of `action`, tried again within bounds while it raises RetryLater."""
        return self._retrying.call(action)

    def now(self) -> float:
        """The vendor's clock as of the last answer; asks if there was none yet."""
        with self._lock:
            seen = self._seen
        return self.get(ME).seen if seen is None else seen

    def close(self) -> None:
        """Closes the connections and gives back the shared pace files."""
        self._http.close()
        for limiter in (self._account, self._exports, self._deleted, self._deep):
            limiter.close()

    def _classify(self, response: httpx.Response) -> Exception | None:
        """What Zendesk means by an answer (https://developer.zendesk.com/api-reference/introduction/requests/)."""
        path, status = response.request.url.path, response.status_code
        if status == 200:
            return _unreadable(path, response.content)
        if status in (429, 503):
            return _busy(path, response)
        if status == 401:
            return KeyRefused(
                "Zendesk refused the credentials: check that the API token is active, that token access is allowed"
                " (Admin Center > Apps and integrations > APIs), and that email names the administrator it belongs to"
            )
        if status == 403:
            return AccessDenied(
                f"{path}: Zendesk does not let this user read it (HTTP 403);"
                " give the user behind the token the role of an administrator, or the OAuth client the scope read"
            )
        return _refused(path, response)


def decoded(path: str, body: bytes | msgspec.Raw, kind: Any) -> Any:
    """JSON of a certain shape; anything else is worth another try at first, but not taken for an empty list."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise Unexpected(f"{path}: the answer has not the documented shape: {error}") from None


def _unreadable(path: str, body: bytes) -> Exception | None:
    """A body that is cut off or no JSON is worth another try."""
    try:
        body.decode()
        msgspec.json.decode(body, type=msgspec.Raw)
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        return RetryLater(f"{path}: the answer cannot be read: {error}")
    return None


def _busy(path: str, response: httpx.Response) -> Exception:
    wait = _asked(response)
    if wait is None and response.status_code == 429:
        wait = PAUSE_SECONDS
    if wait is not None and wait > LONGEST_WAIT_SECONDS:
        return Deferred(f"{path}: Zendesk asks to wait {wait:.0f} seconds; the next run goes on from here")
    reason = "the requests of this minute are used up" if response.status_code == 429 else "not available now"
    return RetryLater(f"{path}: HTTP {response.status_code}: {reason}", wait)


def _asked(response: httpx.Response) -> float | None:
    try:
        return max(float(response.headers["retry-after"]), 0.0)
    except (KeyError, ValueError):
        return None


def _refused(path: str, response: httpx.Response) -> Exception | None:
    status, named = response.status_code, _reason(response)
    if status == 404:
        if "json" not in response.headers.get("content-type", ""):
            return Misconfigured(f"there is no help desk at {response.request.url.host}: correct the subdomain (or base_url)")
        return Gone(path, vendor_time(response.headers, 0.0))
    if 300 <= status < 400:
        return Misconfigured(
            f"{response.request.url.host} sends requests elsewhere (HTTP {status}): correct the subdomain (or base_url)"
        )
    if status in (400, 422):
        return Refused(f"{path}: HTTP {status}: {named}", vendor_time(response.headers, 0.0))
    return Unexpected(f"{path}: HTTP {status}: {named}") if status < 500 else None


def _reason(response: httpx.Response) -> str:
    """The vendor's own words, and the id under which it can look the request up."""
    request = response.headers.get("x-request-id", "unknown")
    return f"{response.text[:200].strip() or 'no explanation'} (x-request-id {request})"
