"""What a connection to Zendesk needs, and the limits of each plan."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, SecretStr

from cynosure.extract import ConnectorSettings, Misconfigured, safe_base_url

# https://developer.zendesk.com/api-reference/introduction/rate-limits/: requests a minute of the account, and of exports
ACCOUNT_PER_MINUTE = {"team": 200, "growth": 400, "professional": 400, "enterprise": 700, "enterprise_plus": 2500}
EXPORTS_PER_MINUTE = {"team": 10, "growth": 10, "professional": 10, "enterprise": 10, "enterprise_plus": 30}

_SUBDOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*", re.IGNORECASE)


class ZendeskSettings(ConnectorSettings):
    """An administrator's address with an API token, or an OAuth token with the scope `read`."""

    api_token: SecretStr | None = Field(
        default=None, title="API token", description="Admin Center > Apps and integrations > APIs > API tokens"
    )
    base_url: str = Field(
        default="", title="Help desk address", description="Only if it is not https://<subdomain>.zendesk.com; loopback for tests"
    )
    subdomain: str = Field(default="", title="Subdomain", description="acme, if your help desk is acme.zendesk.com")
    email: str = Field(default="", title="E-mail", description="Address of the administrator to whom the API token belongs")
    oauth_token: SecretStr | None = Field(default=None, title="OAuth access token", description="Instead of e-mail and API token")
    plan: Literal["team", "growth", "professional", "enterprise", "enterprise_plus"] = Field(
        default="team",
        title="Plan",
        description="Decides how many requests a minute Zendesk allows; enterprise_plus also for High Volume API",
    )
    requests_per_minute: float | None = Field(
        default=None,
        gt=0,
        title="Requests per minute",
        description="If Zendesk allows your account another number than its plan says",
    )
    export_requests_per_minute: float | None = Field(
        default=None,
        gt=0,
        title="Export requests per minute",
        description="If Zendesk allows another number than 10 (30 with High Volume API)",
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a minute that we allow ourselves."""

    account: float
    exports: float

    @classmethod
    def of(cls, settings: ZendeskSettings, share: float) -> Limits:
        """A share of what the plan or the settings allow."""
        account = settings.requests_per_minute or ACCOUNT_PER_MINUTE[settings.plan]
        exports = settings.export_requests_per_minute or EXPORTS_PER_MINUTE[settings.plan]
        return cls(account * share, exports * share)


def address(settings: ZendeskSettings) -> str:
    """The help desk's URL; raises Misconfigured unless exactly one of subdomain and base URL tells it."""
    if settings.base_url:
        return safe_base_url(settings.base_url)
    name = settings.subdomain.strip()
    if not name:
        raise Misconfigured("subdomain is empty: write acme if your help desk is https://acme.zendesk.com")
    if not _SUBDOMAIN.fullmatch(name):
        raise Misconfigured(f"subdomain {name!r} is not one word: write acme if your help desk is https://acme.zendesk.com")
    return f"https://{name.lower()}.zendesk.com"


def authorization(settings: ZendeskSettings) -> str:
    """The Authorization header; raises Misconfigured unless the settings hold one complete pair of credentials."""
    if settings.oauth_token is not None and settings.oauth_token.get_secret_value():
        return f"Bearer {_word('oauth_token', settings.oauth_token)}"
    if settings.api_token is None or not settings.api_token.get_secret_value():
        raise Misconfigured("api_token is empty: create one in Admin Center > Apps and integrations > APIs, or set oauth_token")
    if "@" not in settings.email:
        raise Misconfigured("email must be the address of the administrator to whom the API token belongs")
    pair = f"{settings.email.strip()}/token:{_word('api_token', settings.api_token)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _word(name: str, secret: SecretStr) -> str:
    value = secret.get_secret_value()
    if not value.isascii() or any(c.isspace() for c in value):
        raise Misconfigured(f"{name} holds white space or foreign characters; copy it again, as one word")
    return value
