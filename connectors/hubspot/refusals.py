"""What HubSpot means by an answer that is not a success (https://developers.hubspot.com/docs/api-reference/error-handling)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from connectors.hubspot.credentials import KeyRefused
from cynosure.extract import AccessDenied, Deferred, RetryLater, Unexpected
from cynosure.extract.http import retry_after

# waits when a 429 names none: the rolling window, and the second of searches
WINDOW_WAIT, SECOND_WAIT = 10.0, 1.0
# 423 locked, 477 being migrated: both pass
_PASSING = (408, 423, 425, 477)


class Gone(Unexpected):
    """HTTP 404: a record, or a pair of types, that does not exist."""


class BadRequest(Unexpected):
    """HTTP 400; one bad id refuses a whole batch."""


class Expired(RetryLater):
    """The access token must be renewed first."""


class _Context(msgspec.Struct, rename="camel"):
    required_granular_scopes: list[str] = []


class _Detail(msgspec.Struct):
    context: _Context | None = None


class _Error(msgspec.Struct, rename="camel"):
    message: str = ""
    category: str = ""
    policy_name: str = ""
    errors: list[_Detail] = []


def refusal(path: str, status: int, headers: Mapping[str, str], body: bytes, scope: str) -> Exception | None:
    """The error that an answer means; None for a success. `headers` are lower case, `scope` is what the request needs."""
    if 200 <= status < 300:
        return None
    error = _decoded(body)
    if status == 429:
        return _limited(path, headers, error)
    if status >= 500 and status != 530:
        return RetryLater(f"{path}: HTTP {status}{_said(error)}", retry_after(headers))
    if status in _PASSING:
        return RetryLater(f"{path}: HTTP {status}{_said(error)}", retry_after(headers))
    return _final(path, status, error, scope)


def _final(path: str, status: int, error: _Error, scope: str) -> Exception:
    if status == 401:
        return Expired(f"{path}: the access token has expired", 0.0)
    if status == 403:
        named = sorted({name for detail in error.errors if detail.context for name in detail.context.required_granular_scopes})
        return AccessDenied(
            f"the app may not read {path}: give it the scope {' or '.join(named) or scope}, in its settings under Scopes"
        )
    if status == 530:
        return KeyRefused("HubSpot cannot read the access token; copy it again, as one word, and set it as access_token")
    if status == 404:
        return Gone(f"{path}: HubSpot says that this does not exist (HTTP 404)")
    if status == 400:
        return BadRequest(f"{path}: HTTP 400{_said(error)}")
    return Unexpected(f"{path}: HTTP {status}{_said(error)}")


def _limited(path: str, headers: Mapping[str, str], error: _Error) -> Exception:
    if error.policy_name == "DAILY":
        return Deferred(
            f"{path}: the account's requests of today are used up, by all of its apps together; the next day goes on from here"
        )
    wait = retry_after(headers)
    if wait is None:
        wait = SECOND_WAIT if error.policy_name == "SECONDLY" else WINDOW_WAIT
    return RetryLater(f"{path}: HubSpot asks to slow down ({error.policy_name or 'HTTP 429'})", wait)


def _decoded(body: bytes) -> _Error:
    """Errors may be JSON, HTML or text: only the status is certain."""
    try:
        return msgspec.json.decode(body, type=_Error)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Error()


def _said(error: _Error) -> str:
    return f": {error.message[:300]}" if error.message else ""
