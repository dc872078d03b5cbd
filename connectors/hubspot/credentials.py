"""Access tokens: a private app's, which stays, or an OAuth app's, which lives 30 minutes and is renewed.

Processes that use one OAuth app share its token through a file that only this user can read: one of them renews, under
a lock, and the others take what it got. Renewing twice could revoke the token that another process has just received.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from cynosure.extract import AccessDenied

# tokens that were renewed and yet refused, one after the other, before the credentials count as wrong
_MOST_RENEWALS = 3


class KeyRefused(AccessDenied):
    """The credentials themselves are wrong, expired or revoked: no stream can be read."""


class Grant(msgspec.Struct):
    """What a renewal gives: an access token, and the refresh token to use next time."""

    access_token: str
    refresh_token: str


#: asks HubSpot for a new access token by a refresh token
Renew = Callable[[str], Grant]


class PrivateApp:
    """The token of a private app; it does not expire, so a refusal is final."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        """The access token."""
        return self._token

    def renewed(self, refused: str) -> None:
        """Raises KeyRefused: there is nothing to renew."""
        raise KeyRefused(
            "HubSpot refused the access token; it is wrong, or was rotated or deleted: copy it again from"
            " Settings > Integrations > Private Apps and set it as access_token"
        )

    def worked(self) -> None:
        """Nothing to note."""


class OAuthApp:
    """An OAuth app's token, renewed when HubSpot says that it has expired."""

    def __init__(self, refresh_token: str, renew: Renew, state: Path | None) -> None:
        self._refresh_token = refresh_token
        self._renew = renew
        self._state = state
        self._lock = threading.Lock()
        self._grant: Grant | None = None
        self._failed = 0

    def token(self) -> str:
        """The access token; asks for the first one."""
        with self._locked():
            if self._grant is None:
                self._grant = self._stored() or self._fresh()
            return self._grant.access_token

    def renewed(self, refused: str) -> None:
        """Makes `token` give another than the refused one; raises KeyRefused when even new ones are refused."""
        with self._locked():
            stored = self._stored()
            if stored and stored.access_token != refused:
                self._grant = stored
                return
            self._failed += 1
            if self._failed > _MOST_RENEWALS:
                raise KeyRefused("HubSpot refuses even tokens that it has just issued: install the app in the account again")
            self._grant = self._fresh()

    def worked(self) -> None:
        """Notes that the present token was accepted."""
        self._failed = 0

    def _fresh(self) -> Grant:
        known = self._grant or self._stored()
        grant = self._renew(known.refresh_token if known else self._refresh_token)
        if self._state is not None:
            draft = self._state.with_suffix(".draft")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(grant))
            draft.replace(self._state)
        return grant

    def _stored(self) -> Grant | None:
        try:
            return msgspec.json.decode(self._state.read_bytes(), type=Grant) if self._state else None
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            if self._state is None:
                yield
                return
            self._state.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._state.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)


Credentials = PrivateApp | OAuthApp
