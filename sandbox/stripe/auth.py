"""API keys of the account: secret and restricted ones, their permissions, and who is let in."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field

from sandbox.stripe.errors import StripeError


@dataclass
class Key:
    """An API key; `permissions` is None for all, otherwise names such as `customer_read`."""

    secret: str
    permissions: set[str] | None = None
    is_revoked: bool = False

    def allows(self, permission: str) -> bool:
        """Whether the key has the permission; `x_write` includes `x_read`."""
        if self.permissions is None or permission in self.permissions:
            return True
        return permission.removesuffix("_read") + "_write" in self.permissions


@dataclass
class Keys:
    """The keys that exist, by their text."""

    account: str
    known: dict[str, Key] = field(default_factory=dict)

    def add(self, secret: str, permissions: set[str] | None = None) -> Key:
        """Create a key, or replace it."""
        self.known[secret] = Key(secret, permissions)
        return self.known[secret]

    def authenticate(self, authorization: str | None) -> Key:
        """The key that an Authorization header holds; 401 when there is none or it is not valid."""
        secret = _secret_of(authorization or "")
        if not secret:
            raise StripeError(
                "You did not provide an API key. Send it in the Authorization header, "
                "using Bearer auth (Authorization: Bearer YOUR_SECRET_KEY).",
                status=401,
                headers={"WWW-Authenticate": 'Bearer realm="Stripe"'},
            )
        key = self.known.get(secret)
        if key is None:
            raise StripeError(f"Invalid API Key provided: {masked(secret)}", status=401)
        if key.is_revoked:
            raise StripeError(f"Expired API Key provided: {masked(secret)}", status=401, code="api_key_expired")
        return key

    def authorize(self, key: Key, permission: str) -> None:
        """403 when the key lacks the permission."""
        if not key.allows(permission):
            raise StripeError(
                f"The provided key '{masked(key.secret)}' does not have the required permissions for this "
                f"endpoint on account '{self.account}'. Having the 'rak_{permission}' permission would allow "
                "this request to continue.",
                status=403,
            )


def secret_for(prefix: str, seed: int) -> str:
    """The key text that belongs to a seed, the same in every run."""
    return prefix + hashlib.sha256(f"{prefix}{seed}".encode()).hexdigest()[:24]


def masked(secret: str) -> str:
    """The key with only its prefix and last four characters readable."""
    prefix = "_".join(secret.split("_")[:2]) + "_" if secret.count("_") >= 2 else ""
    return f"{prefix}***{secret[-4:]}" if len(secret) > 8 else "***"


def _secret_of(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""
