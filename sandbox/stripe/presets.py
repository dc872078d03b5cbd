"""Faulty answers in Stripe's words, by the name that fault rules use (docs.stripe.com/api/errors)."""

from __future__ import annotations

from typing import Any


def _error(type: str, message: str, code: str | None = None) -> dict[str, Any]:
    error = {"type": type, "code": code, "message": message}
    return {"error": {key: value for key, value in error.items() if value}}


_LIMITED = _error("invalid_request_error", "Request rate limit exceeded.", "rate_limit")
_LOCKED = _error(
    "invalid_request_error",
    "This object cannot be accessed right now: another request holds it.",
    "lock_timeout",
)
_BROKEN = _error("api_error", "An unknown error occurred.")
_ENDPOINT = {"Stripe-Rate-Limited-Reason": "endpoint-rate"}

PRESETS: dict[str, dict[str, Any]] = {
    "rate_limit": {"status": 429, "headers": _ENDPOINT, "body": _LIMITED},
    "rate_limit_wait": {"status": 429, "headers": {**_ENDPOINT, "Retry-After": "1"}, "body": _LIMITED},
    "rate_limit_retry": {"status": 429, "headers": {"Stripe-Should-Retry": "true"}, "body": _LIMITED},
    "rate_limit_stop": {"status": 429, "headers": {"Stripe-Should-Retry": "false"}, "body": _LIMITED},
    "quota": {"status": 429, "headers": {"Stripe-Rate-Limited-Reason": "global-rate"}, "body": _LIMITED},
    "lock_timeout": {"status": 429, "body": _LOCKED},
    "server_error": {"status": 500, "body": _BROKEN},
    "unavailable": {"status": 503, "body": _BROKEN},
    "unauthorized": {
        "status": 401,
        "body": _error("invalid_request_error", "Invalid API Key provided: sk_test_***0000"),
    },
    "expired_token": {
        "status": 401,
        "body": _error("invalid_request_error", "Expired API Key provided: sk_test_***0000", "api_key_expired"),
    },
    "forbidden": {
        "status": 403,
        "body": _error(
            "invalid_request_error",
            "The provided key does not have the required permissions for this endpoint.",
        ),
    },
    "missing": {
        "status": 404,
        "body": _error("invalid_request_error", "No such object", "resource_missing"),
    },
}
