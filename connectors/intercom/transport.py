"""Requests to one workspace: the pinned version on each, paced by what Intercom's own headers say.

https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting: 10,000 requests a minute for an app, metered
in windows of ten seconds. Workspaces were seen with far less, so the headers decide. There is no Retry-After.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from cynosure.extract import AccessDenied, Answer, HttpSource, Misconfigured, RateLimiter, Retrying, RetryLater, Unexpected
from cynosure.extract.http import retry_after, vendor_time

API_VERSION = "2.16"
VERSION_HEADER = "Intercom-Version"
WINDOW_SECONDS = 10.0
DOCUMENTED_PER_MINUTE = 10_000
TIMEOUT_SECONDS = 60.0
# each conversation costs a request; so many are on their way at once
READERS = 16
# a pause of everybody after a refusal ends with the window at the latest
LONGEST_PAUSE_SECONDS = WINDOW_SECONDS

T = TypeVar("T")
Params = Mapping[str, Any]


class TokenRefused(AccessDenied):
    """The token itself is wrong or revoked: no stream can be read."""


class Gone(Unexpected):
    """The record does not exist any more, or was merged into `into`; `seen` is Intercom's clock."""

    def __init__(self, path: str, seen: float, into: str | None = None) -> None:
        super().__init__(f"{path}: Intercom says that this does not exist")
        self.seen = seen
        self.into = into


class CursorRefused(Unexpected):
    """Intercom does not know the cursor any more: the listing has to begin anew."""


class Throttled(RetryLater):
    """One request too many: nothing was read by it."""


class ScrollTaken(RetryLater):
    """Another program walks the companies of this workspace."""


class _Refusal(msgspec.Struct):
    code: str = ""
    message: str = ""


class _ErrorList(msgspec.Struct):
    errors: list[_Refusal]


@dataclass(frozen=True, slots=True)
class Workspace:
    """What /me tells: an id, and Intercom's clock at that moment."""

    id: str
    seen: float


class IntercomApi:
    """One workspace; may be used from several threads at once."""

    def __init__(
        self, token: str, base_url: str, *, share: float, per_minute: float | None, state: Path | None, retrying: Retrying
    ) -> None:
        self.retrying = retrying
        account = hashlib.sha256(token.encode()).hexdigest()[:16]
        self._state = state and state / f"intercom-{account}"
        self._share = share
        # whole requests, as the limit header counts them: 10,000 a minute are 1,666 in ten seconds
        asked = (per_minute or DOCUMENTED_PER_MINUTE) * WINDOW_SECONDS / 60
        self._asked = float(int(asked)) if asked >= 1 else asked
        headers = {"Authorization": f"Bearer {token}", VERSION_HEADER: API_VERSION, "Accept": "application/json"}
        self._limiter = self._pace(self._asked)
        self._narrower: dict[int, RateLimiter] = {}
        self._current = self._remembered()

        def source(policy: Retrying) -> HttpSource:
            limits = {"max_connections": 2 * READERS, "max_keepalive_connections": 2 * READERS}
            return HttpSource(
                base_url, limiter=self._limiter, retrying=policy, timeout=TIMEOUT_SECONDS, classify=self._classify,
                headers=headers, limits=httpx.Limits(**limits),
            )  # fmt: skip

        self._http = source(retrying)
        #: for requests that must not be repeated as they are
        self._once = source(Retrying(attempts=1, sleep=retrying.sleep))
        self._lock = threading.Lock()
        self._me: Workspace | None = None
        self._readers: ThreadPoolExecutor | None = None

    def me(self) -> Workspace:
        """The workspace; asked once, before anything else, so that the limit is known when many ask at a time."""
        with self._lock:
            if self._me is None:
                # another process may have learned the limit since this one began
                self._current = self._current or self._remembered()
                answer = self._noted(self._http.get("/me", limiters=self._more()))
                app = msgspec.json.decode(answer.body).get("app") or {}
                self._me = Workspace(str(app.get("id_code", "")), answer.seen)
            return self._me

    def get(self, path: str, params: Params | None = None) -> Answer:
        """One answer; raises Gone for a record that is no more, and an ExtractError for everything else that is not a 200."""
        self.me()
        return self._noted(self._http.get(path, params, limiters=self._more()))

    def get_once(self, path: str, params: Params | None = None) -> Answer:
        """The same without a second try; what failed is the cause of the Deferred."""
        self.me()
        return self._noted(self._once.get(path, params, limiters=self._more()))

    def post(self, path: str, body: Any) -> Answer:
        """A search, retried like a GET, since it only reads."""
        self.me()
        return self._noted(self._http.post(path, body, limiters=self._more()))

    def each(self, ask: Callable[[str], T], ids: Sequence[str]) -> Iterator[T]:
        """`ask` for every id, several at a time, answers in the order of the ids."""
        self.me()
        with self._lock:
            if self._readers is None:
                self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="intercom")
        asked: list[Future[T]] = [self._readers.submit(ask, id) for id in ids]
        try:
            for future in asked:
                yield future.result()
        finally:
            for future in asked:
                future.cancel()

    @property
    def scroll_lock(self) -> Path | None:
        """The file that says who walks the companies; None where processes share nothing."""
        return self._state and self._state / "scroll.lock"

    def close(self) -> None:
        """Closes connections and gives back the shared pace."""
        if self._readers is not None:
            self._readers.shutdown(cancel_futures=True)
        self._http.close()
        self._once.close()
        for limiter in (self._limiter, *self._narrower.values()):
            limiter.close()

    def _pace(self, requests: float) -> RateLimiter:
        # more than the whole is asked for only where nothing is to be waited for: the window is shorter then
        allowed, window = requests * min(self._share, 1.0), WINDOW_SECONDS / max(self._share, 1.0)
        return RateLimiter(allowed, window, self._state and self._state / f"{requests:.0f}-per-window")

    def _more(self) -> Sequence[RateLimiter]:
        return (self._current,) if self._current else ()

    def _noted(self, answer: Answer) -> Answer:
        version = answer.headers.get(VERSION_HEADER.lower(), API_VERSION)
        if version != API_VERSION:
            raise Unexpected(f"Intercom answered in API version {version} instead of {API_VERSION}; fields may have moved")
        limit, left = _number(answer.headers, "x-ratelimit-limit"), _number(answer.headers, "x-ratelimit-remaining")
        if limit is None or left is None:
            return answer
        self._learn(int(limit))
        # what is not our share belongs to other programs of the workspace
        if left < limit * (1 - self._share):
            wait = _until_reset(answer.headers, answer.seen)
            self._limiter.penalize(min(wait or 0.0, LONGEST_PAUSE_SECONDS))
        return answer

    def _learn(self, limit: int) -> None:
        """A workspace may have less than is documented; every process that uses it is told."""
        known = self._narrower.get(limit) if limit < self._asked else None
        if limit < self._asked and known is None:
            known = self._narrower[limit] = self._pace(limit)
            with known.permit():
                pass  # the request that told it
            self._remember(str(limit))
        elif known is None and self._current is not None:
            self._remember("")
        self._current = known

    def _remember(self, limit: str) -> None:
        if self._state is not None:
            draft = self._state / f".limit.{os.getpid()}"
            draft.write_text(limit)
            draft.replace(self._state / "limit")

    def _remembered(self) -> RateLimiter | None:
        try:
            limit = int((self._state / "limit").read_text()) if self._state else 0
        except (FileNotFoundError, ValueError):
            return None
        if not 0 < limit < self._asked:
            return None
        self._narrower[limit] = self._pace(limit)
        return self._narrower[limit]

    def _classify(self, response: httpx.Response) -> Exception | None:
        path = response.request.url.path
        if response.status_code == 200:
            return _unreadable(path, response.content)
        seen = vendor_time({"date": response.headers.get("date", "")}, self._me.seen if self._me else 0.0)
        refusal = _refusal(response.content)
        if response.status_code == 429:
            return self._throttled(path, response, seen, refusal)
        return _meaning(path, response, seen, refusal)

    def _throttled(self, path: str, response: httpx.Response, seen: float, refusal: _Refusal) -> Throttled:
        headers = {name.lower(): value for name, value in response.headers.items()}
        wait = _until_reset(headers, seen)
        if wait is not None:
            self._limiter.penalize(min(wait, LONGEST_PAUSE_SECONDS))
            wait += random.uniform(0.0, 1.0)
        return Throttled(f"{path}: Intercom asks to slow down ({refusal.message or 'rate limit'})", wait or retry_after(headers))


def _meaning(path: str, response: httpx.Response, seen: float, refusal: _Refusal) -> Exception | None:
    status, told = response.status_code, f"{refusal.code} {refusal.message}".strip()
    if status in (404, 410):
        return Gone(path, seen, _merged_into(response.headers.get("link", "")))
    if status == 401:
        return TokenRefused(
            f"Intercom refused the access token ({told}); copy it again from the Developer Hub, your app, Configure, "
            "Authentication, and check that base_url is the region of the workspace"
        )
    if status == 403:
        return AccessDenied(f"{path}: {told}; grant the permission in the Developer Hub, your app, Configure, Authentication")
    if refusal.code == "intercom_version_invalid":
        return Misconfigured(f"{path}: this workspace or server does not speak API version {API_VERSION}: {told}")
    if refusal.code == "scroll_exists":
        # https://developers.intercom.com/docs/references/rest-api: a scroll ends after a minute without use
        return ScrollTaken(f"{path}: another program is walking the companies of this workspace", 61.0)
    if refusal.code == "client_error" and "starting_after" in told:
        return CursorRefused(f"{path}: {told}")
    if 400 <= status < 500:
        return Unexpected(f"{path}: HTTP {status}: {told or response.text[:200]}")
    return None


def _refusal(body: bytes) -> _Refusal:
    try:
        return msgspec.json.decode(body, type=_ErrorList).errors[0]
    except (msgspec.DecodeError, IndexError):
        return _Refusal()


def _unreadable(path: str, body: bytes) -> RetryLater | None:
    """A cut or foreign body is worth another try."""
    try:
        body.decode()
        msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        return RetryLater(f"{path}: the answer cannot be read: {error}")
    return None


def _until_reset(headers: Mapping[str, str], seen: float) -> float | None:
    """Seconds until the window ends, both instants on Intercom's clock; None where it does not tell them."""
    reset = _number(headers, "x-ratelimit-reset")
    return None if reset is None or not seen else max(reset - seen, 0.0)


def _merged_into(link: str) -> str | None:
    """The contact that a Link header names: `</contacts/{id}>; rel="canonical"`."""
    target = link.partition("<")[2].partition(">")[0]
    return target.rpartition("/")[2] or None


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return float(headers[name])
    except (KeyError, ValueError):
        return None
