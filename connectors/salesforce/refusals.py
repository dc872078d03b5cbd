"""What Salesforce's refusals mean (https://developer.salesforce.com/docs: REST API status codes and error responses)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cynosure.extract import AccessDenied, Deferred, RetryLater, Unexpected
from cynosure.extract.http import retry_after

_BUSY = {"QUERY_TIMEOUT", "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"}
_LOCATORS = {"INVALID_QUERY_LOCATOR", "INVALID_LOCATOR"}
_TOO_LONG = (414, 431)


class SessionEnded(RetryLater):
    """The access token is not valid any more: log in again."""


class LocatorExpired(Unexpected):
    """The rest of a listing cannot be read under its address any more."""


class FieldMissing(Unexpected):
    """A field that was asked for does not exist or is not readable."""


class ObjectMissing(AccessDenied):
    """An object does not exist, or the integration user may not read it."""


class Gone(Unexpected):
    """A record or job does not exist any more."""


def refusal(path: str, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    """What to raise for an answer that is not 2xx."""
    code, message = _told(body)
    text = f"{path}: HTTP {status}{f' {code}' if code else ''}: {message}"
    if status == 401:
        return SessionEnded(text)
    if status == 403:
        return _forbidden(path, code, message)
    if status in (420, 429) or status >= 500 or code in _BUSY:
        return RetryLater(text, retry_after(headers))
    if status == 404:
        return Gone(text)
    if status in _TOO_LONG:
        return Unexpected(f"{path}: the address is longer than Salesforce allows (HTTP {status}); please report this")
    if status == 400:
        return _malformed(code, message, text)
    return Unexpected(text)


def _malformed(code: str, message: str, text: str) -> Exception:
    if code in _LOCATORS:
        return LocatorExpired(text)
    if code == "INVALID_FIELD":
        return FieldMissing(text)
    if code == "INVALID_TYPE":
        return ObjectMissing(
            f"{message.strip()[:200]} The object does not exist in this org, or the integration user may not see it:"
            " give its permission set Read and View All on the object"
        )
    return Unexpected(text)


def _forbidden(path: str, code: str, message: str) -> Exception:
    if code == "REQUEST_LIMIT_EXCEEDED" and "concurrent" in message.lower():
        return RetryLater(f"{path}: Salesforce asks to slow down: {message}")
    if code == "REQUEST_LIMIT_EXCEEDED":
        return Deferred(
            "Salesforce's daily allowance of API requests is used up; the next run goes on from here once requests are free again"
            " (Setup > Company Information shows who uses them)"
        )
    if code == "API_DISABLED_FOR_ORG":
        return AccessDenied("the org's edition or the integration user's profile has no API access: enable 'API Enabled'")
    return AccessDenied(
        f"the integration user may not read {path} ({code or 'HTTP 403'}): give its permission set Read and View All"
    )


class _Entry(msgspec.Struct, rename="camel"):
    message: str = ""
    error_code: str = ""


def _told(body: bytes) -> tuple[str, str]:
    """Code and message: an array of errors, sometimes an object, sometimes a page for people."""
    for shape in (list[_Entry], _Entry):
        try:
            told = msgspec.json.decode(body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        first = told[0] if isinstance(told, list) and told else told
        if isinstance(first, _Entry):
            return first.error_code, first.message[:300]
    return "", "not an answer of the API"
