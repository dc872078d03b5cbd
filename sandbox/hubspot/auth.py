"""Who is let in: the token of a private app, which lasts, and tokens of an OAuth app, which live half an hour."""

from __future__ import annotations

import hashlib

from sandbox.hubspot.errors import HubspotError, unauthenticated, unscoped
from sandbox.hubspot.kinds import KINDS

LIFETIME = 1800
"""https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/guide"""
STREAM_SCOPES = {
    **{kind.name: kind.scope for kind in KINDS}, "custom_objects": "crm.objects.custom.read",
    "schemas": "crm.schemas.custom.read",
    "owners": "crm.objects.owners.read", "lists": "crm.lists.read", "list_memberships": "crm.lists.read", "forms": "forms",
    "form_submissions": "forms", "marketing_emails": "content", "marketing_email_statistics": "content",
    "campaigns": "marketing.campaigns.read", "campaign_budgets": "marketing.campaigns.read",
    "campaign_revenue": "marketing.campaigns.revenue.read", "pipelines": "crm.objects.deals.read",
    "properties": "crm.objects.deals.read", "property_history": "crm.objects.deals.read",
    "associations": "crm.objects.deals.read",
}  # fmt: skip


class Tokens:
    """The account's credentials and what they may do."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.private = f"pat-na1-{secret('private', seed)}"
        self.client_id = secret("client", seed)
        self.client_secret = secret("secret", seed)
        self.refresh_token = f"na1-{secret('refresh', seed)}"
        self.scopes = set(STREAM_SCOPES.values())
        self.rotates = False
        """Whether each renewal ends the tokens issued before, and changes the refresh token."""
        self.renewals = 0
        self._is_revoked = False
        self._issued: dict[str, int] = {}

    def let_in(self, authorization: str | None, now: int) -> None:
        """401 unless the header holds a token that is good now."""
        token = (authorization or "").partition(" ")[2]
        if not token:
            raise unauthenticated("Authentication credentials not found. This API supports OAuth 2.0 authentication.")
        if token == self.private and not self._is_revoked:
            return
        if not token.isascii() or len(token) < 8:
            raise HubspotError(530, "INVALID_AUTHENTICATION", "The token is malformed.")
        if token in self._issued and not self._is_revoked:
            if now < self._issued[token]:
                return
            raise unauthenticated("The OAuth token used to make this call expired.", expired=True)
        raise unauthenticated("Authentication credentials not found. The token is not valid.")

    def require(self, scope: str) -> None:
        """403 unless the app has the scope."""
        if scope and scope not in self.scopes:
            raise unscoped(scope)

    def renew(self, form: dict[str, str], now: int) -> dict[str, object]:
        """A new access token for a refresh token."""
        known = (form.get("client_id"), form.get("client_secret"), form.get("refresh_token"))
        if form.get("grant_type") != "refresh_token" or known != (self.client_id, self.client_secret, self.refresh_token):
            raise HubspotError(400, "", "missing or invalid refresh token", error="invalid_grant")
        self.renewals += 1
        if self.rotates:
            self._issued = dict.fromkeys(self._issued, 0)
            self.refresh_token = f"na1-{secret(f'refresh {self.renewals}', self._seed)}"
        token = f"CKj{secret(f'access {self.renewals}', self._seed)}"
        self._issued[token] = now + LIFETIME
        return {"token_type": "bearer", "refresh_token": self.refresh_token, "access_token": token, "expires_in": LIFETIME}

    def expire(self) -> None:
        """All issued tokens are over now."""
        self._issued = dict.fromkeys(self._issued, 0)

    def revoke(self, what: str) -> None:
        """Takes the key, or the scope that a stream needs."""
        if what == "key":
            self._is_revoked = True
        else:
            self.scopes.discard(STREAM_SCOPES[what])


def secret(what: str, seed: int) -> str:
    """A secret that belongs to a seed, the same in every run."""
    text = hashlib.sha256(f"hubspot {what} {seed}".encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"
