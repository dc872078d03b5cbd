"""HubSpot's error answers (https://developers.hubspot.com/docs/api-reference/error-handling)."""

from __future__ import annotations

import hashlib
from typing import Any


class HubspotError(Exception):
    """A refusal: its status, category and whatever else its body holds."""

    def __init__(self, status: int, category: str, message: str, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self._fields = {"category": category, **more}

    def body(self, number: int) -> dict[str, Any]:
        """The JSON body of the answer with that number."""
        fields = {name: value for name, value in self._fields.items() if value not in (None, "")}
        return {"status": "error", "message": str(self), "correlationId": correlation(number), **fields}


def correlation(number: int) -> str:
    """The id of an answer, the same in every run."""
    text = hashlib.sha256(f"correlation {number}".encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"


def invalid(message: str, **more: Any) -> HubspotError:
    """A request that cannot be understood."""
    return HubspotError(400, "VALIDATION_ERROR", message, **more)


def missing(message: str, **more: Any) -> HubspotError:
    """Something that does not exist."""
    return HubspotError(404, "OBJECT_NOT_FOUND", message, **more)


def unauthenticated(message: str, *, expired: bool = False) -> HubspotError:
    """No token, an unknown one, or one whose time is over."""
    return HubspotError(401, "EXPIRED_AUTHENTICATION" if expired else "INVALID_AUTHENTICATION", message)


def unscoped(scope: str) -> HubspotError:
    """A token that lacks a scope."""
    detail = {"message": "One or more of the following scopes are required.", "context": {"requiredGranularScopes": [scope]}}
    message = "This app hasn't been granted all required scopes to make this call. Read more about required scopes here."
    return HubspotError(403, "MISSING_SCOPES", message, errors=[detail])


def limited(policy: str, number: int, retry_after: int | None = None) -> HubspotError:
    """Too many requests; `policy` is SECONDLY, TEN_SECONDLY_ROLLING or DAILY."""
    word = {"SECONDLY": "secondly", "TEN_SECONDLY_ROLLING": "ten_secondly_rolling", "DAILY": "daily"}[policy]
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
    more = {"errorType": "RATE_LIMIT", "policyName": policy, "requestId": correlation(-number)}
    return HubspotError(429, "", f"You have reached your {word} limit.", headers, **more)
