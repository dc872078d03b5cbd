"""The scroll over all companies: one at a time in a workspace, gone after a minute without use, the same token on every page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sandbox.intercom.collection import Body
from sandbox.intercom.errors import IntercomError

IDLE_SECONDS = 60
PAGE = 100


@dataclass
class _Session:
    token: str
    rows: list[Body]
    at: int
    used: int


class Scroll:
    """The one scroll that may be open."""

    def __init__(self) -> None:
        self._open: _Session | None = None
        self._count = 0

    def page(self, token: str | None, rows: list[Body], now: int) -> tuple[list[Body], str]:
        """The next companies and the token; an empty page is the end, and closes the scroll."""
        session = self._open
        if session is not None and now - session.used > IDLE_SECONDS:
            session = self._open = None
        if token is None:
            if session is not None:
                raise IntercomError(400, "scroll_exists", "scroll already exists for this workspace")
            self._count += 1
            name = hashlib.sha256(f"scroll {self._count}".encode()).hexdigest()
            token = f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:32]}"
            session = self._open = _Session(token, list(rows), 0, now)
        if session is None or session.token != token:
            raise IntercomError(404, "not_found", "scroll parameter not found")
        shown = session.rows[session.at : session.at + PAGE]
        session.at += len(shown)
        session.used = now
        if not shown:
            self._open = None
        return shown, token

    def expire(self) -> None:
        """Closes the scroll as a minute without use does."""
        self._open = None

    def occupy(self, now: int) -> None:
        """Somebody else opens a scroll and leaves it."""
        self._open = _Session("another", [], 0, now)
