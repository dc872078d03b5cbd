"""Stripe's error answers (docs.stripe.com/api/errors)."""

from __future__ import annotations

from typing import Any

DOCUMENTATION = "https://stripe.com/docs/error-codes/"


class StripeError(Exception):
    """An error answer: HTTP status, Stripe's error type, and what the body says."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self._fields = {"type": type, "code": code, "message": message, "param": param, **more}

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON body of the answer."""
        error = {key: value for key, value in self._fields.items() if value is not None}
        if "code" in error:
            error["doc_url"] = DOCUMENTATION + str(error["code"]).replace("_", "-")
        if self.status not in (401, 403):
            error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error}


def missing(noun: str, id: str, *, param: str = "id") -> StripeError:
    """No object of that id: 404 for the one in the path, 400 for one that a parameter names."""
    status = 404 if param == "id" else 400
    return StripeError(f"No such {noun}: '{id}'", status=status, code="resource_missing", param=param)


def unknown_parameter(name: str) -> StripeError:
    """A parameter the endpoint does not have."""
    return StripeError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> StripeError:
    """A required parameter is absent."""
    return StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def invalid_integer(name: str, value: Any) -> StripeError:
    """A parameter that must be an integer is not."""
    return StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)


def invalid_choice(name: str, choices: list[str]) -> StripeError:
    """A parameter holds none of the values it may."""
    *most, last = choices
    return StripeError(f"Invalid {name}: must be one of {', '.join(most)}, or {last}", param=name)


def no_such_url(method: str, path: str) -> StripeError:
    """A path the API does not have."""
    return StripeError(f"Unrecognized request URL ({method}: {path}).", status=404)


def rate_limited(reason: str, *, code: str = "rate_limit", retry_after: str | None = None) -> StripeError:
    """Too many requests; `reason` tells which limit (docs.stripe.com/rate-limits)."""
    headers = {"Stripe-Rate-Limited-Reason": reason}
    if retry_after is not None:
        headers["Retry-After"] = retry_after
    message = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
    return StripeError(message, status=429, code=code, headers=headers)
