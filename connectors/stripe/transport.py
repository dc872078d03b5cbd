"""Requests through Stripe's own SDK, which carries authentication, the pinned API version and encoding.

The SDK does not retry a 429, ignores Retry-After and does not retry an unreadable 2xx (measured on stripe 16.1.0), so
pacing, retries and classification are done here, around every call.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import stripe
from stripe._api_version import _ApiVersion

from cynosure.extract import AccessDenied, Misconfigured, RateLimiter, Retrying, RetryLater, Unexpected
from cynosure.extract.http import retry_after, vendor_time

API_VERSION: str = _ApiVersion.CURRENT

# https://docs.stripe.com/rate-limits: requests per second of an account, and of one endpoint (list and retrieve differ)
ACCOUNT_PER_SECOND = {"live": 100.0, "test": 25.0}
ENDPOINT_PER_SECOND = 25.0
PAGE_SIZE = 100
# the SDK's own 80 s times the number of tries would let one dead connection hold a run for ten minutes
TIMEOUT_SECONDS = 30.0
# pause of all readers after a 429 that names none, and at most: a longer wait defers the stream that was told of it,
# while the others ask again
PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30.0

Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests per second to make: of the whole account and of one endpoint."""

    account: float
    endpoint: float

    @classmethod
    def of(cls, key: str, share: float, account: float | None, endpoint: float | None) -> Limits:
        """A share of the documented limits of the key's mode, or of others that Stripe has agreed to."""
        mode = "live" if "_live_" in key else "test"
        return cls((account or ACCOUNT_PER_SECOND[mode]) * share, (endpoint or ENDPOINT_PER_SECOND) * share)


class KeyRefused(AccessDenied):
    """The key itself is wrong, expired or revoked: no stream can be read."""


class Gone(Unexpected):
    """The object does not exist any more; `seen` is the vendor's clock at the answer. Unexpected where a list was asked for."""

    def __init__(self, path: str, seen: float) -> None:
        super().__init__(f"{path}: Stripe says that this does not exist (HTTP 404)")
        self.seen = seen


class ObjectList(msgspec.Struct):
    """A list envelope; the objects stay bytes."""

    data: list[msgspec.Raw]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer and the vendor's clock at that moment."""

    body: bytes
    seen: float


class VerbatimClient(stripe.RequestsClient):
    """Keeps the body of a successful answer as it came; the SDK gets an empty one, as it would parse it for nothing."""

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._kept = threading.local()

    @property
    def body(self) -> bytes:
        """The body of this thread's last successful answer."""
        kept: bytes = self._kept.body
        return kept

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        """As the SDK's own, but a body of status 200 is put aside."""
        content, status, answered = super().request(method, url, headers, post_data, **more)
        if status != 200:
            return content, status, answered
        self._kept.body = content if isinstance(content, bytes) else str(content).encode()
        return "{}", status, answered


class StripeApi:
    """GET requests against one account, paced for all threads and processes that share it."""

    def __init__(self, key: str, base_url: str, *, limits: Limits, state: Path | None, retrying: Retrying) -> None:
        stripe.enable_telemetry = False
        self._http = VerbatimClient(timeout=TIMEOUT_SECONDS)
        self._client = stripe.StripeClient(key, base_addresses={"api": base_url}, max_network_retries=0, http_client=self._http)
        self._retrying = retrying
        self._state = state
        self._per_endpoint = limits.endpoint
        self._account = RateLimiter(limits.account, state=state and state / "account")
        self._endpoints: dict[str, RateLimiter] = {}
        self._lock = threading.Lock()
        self._seen = time.time()
        self._created: int | None = None

    def get(self, path: str, params: Params | None = None, *, endpoint: str | None = None) -> Answer:
        """One answer; raises Gone for a missing object and an ExtractError for everything else that is not a 200.

        `endpoint` names what Stripe counts as one endpoint; by default the path (lists).
        """
        return self._retrying.call(lambda: self._once(path, params or {}, endpoint or path))

    def pages(
        self, path: str, params: Params | None = None, *, endpoint: str | None = None
    ) -> Iterator[tuple[list[msgspec.Raw], float, bool]]:
        """(objects, vendor time, more to come) of each page of a list, in the API's order: newest first."""
        query: Params = {"limit": PAGE_SIZE, **(params or {})}
        previous = None
        while True:
            page, seen = self._retrying.call(partial(self._page, path, query, endpoint or path))
            last = identity(page.data[-1]).id if page.data else None
            if page.has_more and last == previous:
                raise Unexpected(f"{path}: paging does not advance beyond {last}; nothing was skipped, state is kept")
            yield page.data, seen, page.has_more
            if not page.has_more:
                return
            previous, query = last, {**query, "starting_after": last}

    def now(self) -> float:
        """The vendor's clock; a key without permission for events still learns it from the refusal."""
        try:
            return self.get("/v1/events", {"limit": 1}).seen
        except KeyRefused:
            raise
        except AccessDenied:
            return self._seen

    def account_created(self) -> int | None:
        """When the account was opened, so that first listings know where to begin; None if the key may not ask."""
        with self._lock:
            if self._created is None:
                try:
                    self._created = identity(self.get("/v1/account").body).created
                except (AccessDenied, Unexpected):
                    self._created = 0
            return self._created or None

    def close(self) -> None:
        """Gives back the shared pace files."""
        for limiter in (self._account, *self._endpoints.values()):
            limiter.close()

    def _page(self, path: str, query: Params, endpoint: str) -> tuple[ObjectList, float]:
        answer = self._once(path, query, endpoint)
        try:
            page = msgspec.json.decode(answer.body, type=ObjectList)
        except msgspec.ValidationError as error:
            raise RetryLater(f"{path}: the answer is not a list: {error}") from None
        if page.has_more and not page.data:
            raise RetryLater(f"{path}: an empty page says that more follows")
        return page, answer.seen

    def _once(self, path: str, params: Params, endpoint: str) -> Answer:
        with self._endpoint(endpoint).permit(), self._account.permit():
            try:
                response = self._client.raw_request("get", path, **params)
            except stripe.StripeError as error:
                raise self._classified(path, error) from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        version = headers.get("stripe-version", API_VERSION)
        if version != API_VERSION:
            raise Unexpected(f"{path}: answered in API version {version} instead of {API_VERSION}; fields may have moved")
        return Answer(_readable(path, self._http.body), vendor_time(headers, self._seen))

    def _endpoint(self, name: str) -> RateLimiter:
        if name not in self._endpoints:
            file = name.strip("/").replace("/", ".")
            self._endpoints[name] = RateLimiter(self._per_endpoint, state=self._state and self._state / file)
        return self._endpoints[name]

    def _classified(self, path: str, error: stripe.StripeError) -> Exception:
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        self._seen = vendor_time(headers, self._seen)
        status = error.http_status or 0
        if isinstance(error, stripe.RateLimitError) or status == 429:
            wait = retry_after(headers)
            self._account.penalize(PAUSE_SECONDS if wait is None else min(wait, LONGEST_PAUSE_SECONDS))
            reason = headers.get("stripe-rate-limited-reason", "rate limit")
            return RetryLater(f"{path}: Stripe asks to slow down ({reason})", wait)
        if isinstance(error, stripe.APIConnectionError):
            return RetryLater(f"{path}: Stripe cannot be reached: {_first_line(error)}")
        if isinstance(error, stripe.AuthenticationError):
            return KeyRefused(
                "Stripe refused the API key; it is wrong, expired or revoked: create a restricted key and set it as api_key"
            )
        if isinstance(error, stripe.PermissionError):
            return AccessDenied(f"the API key may not read {path}; give the restricted key the Read permission for it")
        # a filter by an object that is gone is refused with 400
        if status == 404 or (status == 400 and error.code == "resource_missing"):
            return Gone(path, self._seen)
        if status == 400 and "version" in str(error).lower():
            return Misconfigured(f"{path}: this account or server does not speak API version {API_VERSION}: {_first_line(error)}")
        if status == 0 or status >= 500 or status < 400 or status == 409:
            return RetryLater(f"{path}: HTTP {status}: {_first_line(error)}", retry_after(headers))
        return Unexpected(f"{path}: HTTP {status}: {_first_line(error)}")


class Identity(msgspec.Struct):
    """The fields of any object that extraction itself needs; an invoice item calls its `created` `date`."""

    id: str
    created: int = 0
    date: int = 0
    deleted: bool = False

    @property
    def begun(self) -> int | None:
        """The instant by which lists are ordered and filtered; None if the object does not show it."""
        return self.created or self.date or None


identity = msgspec.json.Decoder(Identity).decode


def _readable(path: str, body: bytes) -> bytes:
    """The body, if it is whole UTF-8 and whole JSON; a cut or foreign one is worth another try."""
    try:
        body.decode()
        msgspec.json.decode(body, type=msgspec.Raw)
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        raise RetryLater(f"{path}: the answer cannot be read: {error}") from None
    return body


def _first_line(error: stripe.StripeError) -> str:
    return str(error.user_message or error).split("\n", 1)[0][:300]
