"""Error answers of Zendesk (https://developer.zendesk.com/api-reference/introduction/requests/)."""

from __future__ import annotations

from typing import Any

LIMITED = "Number of allowed API requests per minute exceeded"


class ZendeskError(Exception):
    """An answer other than 2xx: a JSON body, or text."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body
        self.headers = headers or {}

    @classmethod
    def invalid(cls, field: str, description: str, code: str) -> ZendeskError:
        """422 for one field."""
        details = {field: [{"description": description, "error": code}]}
        return cls(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": details})


def blank(field: str) -> ZendeskError:
    """A value is missing."""
    return ZendeskError.invalid(field, f"{field.capitalize()}: cannot be blank", "BlankValue")


def not_found() -> ZendeskError:
    """No such record."""
    return ZendeskError(404, {"error": "RecordNotFound", "description": "Not found"})


def no_route() -> ZendeskError:
    """No such path."""
    return ZendeskError(404, {"error": "InvalidEndpoint", "description": "Not found"})


def bad_request(error: str, description: str, **more: Any) -> ZendeskError:
    """The request cannot be understood."""
    return ZendeskError(400, {"error": error, "description": description, **more})


def unauthenticated() -> ZendeskError:
    """Wrong or revoked credentials."""
    return ZendeskError(401, {"error": "Couldn't authenticate you"})


def forbidden() -> ZendeskError:
    """The user behind the credentials may not see this."""
    message = "You do not have access to this page. Please contact the account owner of this help desk for further help."
    return ZendeskError(403, {"error": {"title": "Forbidden", "message": message}})


def limited(seconds: int, limit: int) -> ZendeskError:
    """Too many requests in this minute."""
    headers = {"retry-after": str(seconds), "x-rate-limit": str(limit), "x-rate-limit-remaining": "0"}
    return ZendeskError(429, LIMITED, headers)
