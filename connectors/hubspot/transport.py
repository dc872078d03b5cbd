"""Requests through HubSpot's own SDK, and plain HTTP for what the SDK lacks, under one pace and one budget.

Pacing, retries and classification are done here, around every call, so that a search by POST is retried as a GET is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import urllib3

from connectors.hubspot.credentials import Credentials
from connectors.hubspot.limits import WINDOW_SECONDS, DailyBudget, Limits
from connectors.hubspot.paging import Envelope, followed
from connectors.hubspot.refusals import Expired, refusal
from connectors.hubspot.sdk import READ_SECONDS, Pick, Sdk
from cynosure.extract import Answer, HttpSource, RateLimiter, Retrying, RetryLater
from cynosure.extract.http import vendor_time

# at most this long everybody waits after a 429; a longer wait defers the stream that was told of it
LONGEST_PAUSE_SECONDS = 15.0

T = TypeVar("T")


class HubspotApi:
    """Reading requests against one account, paced for all threads and processes that share it."""

    def __init__(
        self, sdk: Sdk, credentials: Credentials, base_url: str, *, limits: Limits, state: Path | None, retrying: Retrying
    ) -> None:
        self._sdk = sdk
        self._credentials = credentials
        self._retrying = retrying
        self._account = RateLimiter(limits.window, WINDOW_SECONDS, state and state / "account")
        self._searches = RateLimiter(limits.searches, 1.0, state and state / "searches")
        self._budget = DailyBudget(limits.day, state and state / "day")
        self._seen = 0.0
        self._plain = HttpSource(
            base_url, limiter=self._account, retrying=retrying, timeout=READ_SECONDS, classify=self._refused, auth=_Signed(self)
        )

    def call(self, pick: Pick, *args: Any, scope: str, search: bool = False, **more: Any) -> Answer:
        """The answer of a method of the SDK; raises Gone, BadRequest, or another ExtractError for what is not a success."""
        return self._retrying.call(lambda: self._once(pick, args, scope, search, more))

    def retried(self, ask: Callable[[], T]) -> T:
        """The result of `ask`, asked again while it raises RetryLater; for answers that are complete and yet unusable."""
        return self._retrying.call(ask)

    def pages(
        self, pick: Pick, *args: Any, scope: str, after: str | None = None, **more: Any
    ) -> Iterator[tuple[Envelope, Answer]]:
        """(envelope, answer) of each page that `paging.next.after` leads to."""
        yield from followed(lambda place: self.call(pick, *args, scope=scope, after=place, **more), after)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """The same by plain HTTP, for what the SDK does not have."""
        answer = self._plain.get(path, params)
        self._note(answer.seen)
        return _readable(path, answer)

    def get_pages(self, path: str, params: Mapping[str, Any], after: str | None = None) -> Iterator[tuple[Envelope, Answer]]:
        """Each page by plain HTTP."""
        yield from followed(lambda place: self.get(path, {**params, **({"after": place} if place else {})}), after)

    def now(self) -> float:
        """The vendor's clock, by the cheapest request there is."""
        return self.get("/account-info/v3/details").seen

    def close(self) -> None:
        """Closes connections and shared files."""
        self._plain.close()
        self._account.close()
        self._searches.close()
        self._budget.close()

    def sign(self) -> str:
        """Counts a request against the day and gives the token to send with it."""
        self._budget.spend(self._seen)
        return self._credentials.token()

    def _once(self, pick: Pick, args: tuple[Any, ...], scope: str, search: bool, more: dict[str, Any]) -> Answer:
        with ExitStack() as permits:
            for limiter in (self._searches, self._account) if search else (self._account,):
                permits.enter_context(limiter.permit())
            token = self.sign()
            try:
                response = self._sdk.call(pick, token, *args, **more)
            except urllib3.exceptions.HTTPError as error:
                raise RetryLater(f"HubSpot cannot be reached: {type(error).__name__}: {error}") from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        path = _path_of(response.url or "")
        if refused := self._meaning(path, response.status, headers, response.data, scope, token):
            raise refused
        self._note(vendor_time(headers, self._seen))
        return _readable(path, Answer(response.data, headers, self._seen, response.status))

    def _refused(self, response: httpx.Response) -> Exception | None:
        headers = {name.lower(): value for name, value in response.headers.items()}
        token = response.request.headers["authorization"].removeprefix("Bearer ")
        path = response.request.url.path
        return self._meaning(path, response.status_code, headers, response.content, _scope_of(path), token)

    def _meaning(self, path: str, status: int, headers: dict[str, str], body: bytes, scope: str, token: str) -> Exception | None:
        refused = refusal(path, status, headers, body, scope)
        if refused is None:
            self._credentials.worked()
        elif isinstance(refused, Expired):
            self._credentials.renewed(token)
        elif isinstance(refused, RetryLater) and status == 429 and refused.retry_after:
            limiter = self._searches if path.endswith("/search") else self._account
            limiter.penalize(min(refused.retry_after, LONGEST_PAUSE_SECONDS))
        return refused

    def _note(self, seen: float) -> None:
        self._seen = seen


class _Signed(httpx.Auth):
    """Puts the present token on each plain request."""

    def __init__(self, api: HubspotApi) -> None:
        self._api = api

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """One request with its token."""
        request.headers["Authorization"] = f"Bearer {self._api.sign()}"
        yield request


def _scope_of(path: str) -> str:
    """What a plain request needs, by its path; a refusal that names the scope itself comes first."""
    if path.endswith("/revenue"):
        return "marketing.campaigns.revenue.read"
    if "/campaigns" in path:
        return "marketing.campaigns.read"
    return "forms" if "/forms/" in path else "oauth"


def _readable(path: str, answer: Answer) -> Answer:
    """The answer, if its body is whole UTF-8 and whole JSON; a cut or foreign one is worth another try."""
    try:
        answer.body.decode()
        msgspec.json.decode(answer.body, type=msgspec.Raw)
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        raise RetryLater(f"{path}: the answer cannot be read: {error}") from None
    return answer


def _path_of(url: str) -> str:
    without_host = url.split("://", 1)[-1].partition("/")[2]
    return "/" + without_host.partition("?")[0]
