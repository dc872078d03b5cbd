"""A request as the endpoints see it, and an answer before it becomes HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass(frozen=True)
class Call:
    """One request: path parameters in `names`, the query in `params`."""

    method: str
    path: str
    version: str
    params: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body; Refusal if it is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has none.") from None


@dataclass(frozen=True)
class Reply:
    """An answer: something to send as JSON, bytes, or nothing."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json;charset=UTF-8"

    def encoded(self) -> bytes:
        """The body's bytes."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


class Refusal(Exception):
    """An error answer: a JSON array with a code and a message."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status, self.code, self.fields = status, code, fields

    def reply(self) -> Reply:
        """The answer that says it."""
        entry: dict[str, Any] = {"message": str(self), "errorCode": self.code}
        if self.fields:
            entry["fields"] = list(self.fields)
        return Reply(self.status, [entry])
