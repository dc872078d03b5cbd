"""The access token of the app, and what it may read."""

from __future__ import annotations

import base64

from sandbox.intercom.errors import IntercomError


class Credentials:
    """One token; all permissions until some are withdrawn."""

    def __init__(self, seed: int) -> None:
        self.token = base64.b64encode(f"tok:sandbox_{seed}_intercom:1:0".encode()).decode()
        self._revoked = False
        self._withdrawn: set[str] = set()

    def revoke(self) -> None:
        """The token is good no more."""
        self._revoked = True

    def withdraw(self, scope: str) -> None:
        """The app loses a permission."""
        self._withdrawn.add(scope)

    def authenticate(self, header: str | None) -> None:
        """Refuses anything but the token."""
        if self._revoked or header != f"Bearer {self.token}":
            raise IntercomError(401, "unauthorized", "Access Token Invalid")

    def permit(self, scope: str | None) -> None:
        """Refuses a request whose permission was withdrawn."""
        if scope in self._withdrawn:
            message = f"You do not have the required scope ({scope}) to access this resource"
            raise IntercomError(403, "forbidden", message)
