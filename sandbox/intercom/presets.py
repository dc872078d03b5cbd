"""Faulty answers in Intercom's words, by the name that fault rules use."""

from __future__ import annotations

from typing import Any

from sandbox.intercom.errors import error_list

_NONE_LEFT = {"X-RateLimit-Limit": "167", "X-RateLimit-Remaining": "0"}
_LIMITED = error_list("rate_limit_exceeded", "Exceeded rate limit of 167 in 10_seconds")
_SCROLL = "Request failed due to an internal network error. Please restart the scroll operation."

PRESETS: dict[str, dict[str, Any]] = {
    "rate_limit": {"status": 429, "headers": _NONE_LEFT, "body": _LIMITED},
    "rate_limit_wait": {"status": 429, "headers": {**_NONE_LEFT, "Retry-After": "1"}, "body": _LIMITED},
    # the window that ends in the year 2100 is the allowance of a workspace that others use up
    "quota": {"status": 429, "headers": {**_NONE_LEFT, "X-RateLimit-Reset": "4102444800"}, "body": _LIMITED},
    "server_error": {"status": 500, "body": error_list("server_error", "Internal Server Error")},
    "unavailable": {
        "status": 503,
        "body": error_list("service_unavailable", "Sorry, the API service is temporarily unavailable"),
    },
    "unauthorized": {"status": 401, "body": error_list("unauthorized", "Access Token Invalid")},
    "expired_token": {"status": 401, "body": error_list("token_unauthorized", "The token is not authorized")},
    "forbidden": {
        "status": 403,
        "body": error_list("forbidden", "You do not have the required scope (read_conversations) to access this resource"),
    },
    "plan": {"status": 403, "body": error_list("api_plan_restricted", "Active subscription needed.")},
    "missing": {"status": 404, "body": error_list("not_found", "Resource Not Found")},
    "scroll_exists": {"status": 400, "body": error_list("scroll_exists", "scroll already exists for this workspace")},
    "scroll_lost": {"status": 500, "body": error_list("server_error", _SCROLL)},
    "scroll_over": {"status": 404, "body": error_list("not_found", "scroll parameter not found")},
    "version": {
        "status": 400,
        "body": error_list("intercom_version_invalid", "Requested resource is not available in current API version."),
    },
}
