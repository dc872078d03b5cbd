"""Refusals in Intercom's words (developers.intercom.com/docs/references/rest-api/errors/error-codes)."""

from __future__ import annotations

from typing import Any


class IntercomError(Exception):
    """A request that is refused: HTTP status, Intercom's code, its sentence, and headers such as Link."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The answer's JSON."""
        return error_list(self.code, self.message, request_id)


def error_list(code: str, message: str, request_id: str = "sandbox") -> dict[str, Any]:
    """A list of one error."""
    return {"type": "error.list", "request_id": request_id, "errors": [{"code": code, "message": message}]}


def missing(kind: str) -> IntercomError:
    """No such record; the code depends on its kind."""
    words = {
        "conversation": ("conversation_not_found", "Conversation not found"),
        "company": ("company_not_found", "Company Not Found"),
        "ticket": ("ticket_not_found", "Ticket not found"),
        "contact": ("not_found", "User Not Found"),
        "admin": ("admin_not_found", "Admin for admin_id not found"),
        "team": ("team_not_found", "Team not found"),
        "tag": ("tag_not_found", "Tag not found"),
    }
    code, message = words.get(kind, ("not_found", "Resource Not Found"))
    return IntercomError(404, code, message)


def invalid(message: str, code: str = "parameter_invalid", status: int = 400) -> IntercomError:
    """A parameter that cannot be used."""
    return IntercomError(status, code, message)
