"""What the connector needs to know of an org."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr

from cynosure.extract import ConnectorSettings, Misconfigured

_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class SalesforceSettings(ConnectorSettings):
    """A connected app: its key with its secret (client credentials), or with a user name and a private key (JWT)."""

    domain: str = Field(title="My Domain", description="acme.my for https://acme.my.salesforce.com")
    consumer_key: SecretStr = Field(title="Consumer key", description="of the connected app")
    consumer_secret: SecretStr | None = Field(
        default=None, title="Consumer secret", description="for the client credentials flow, which needs nothing else"
    )
    username: str = Field(default="", title="User name", description="of the integration user, for the JWT bearer flow")
    private_key: SecretStr | None = Field(
        default=None, title="Private key", description="PEM whose certificate the connected app holds, for the JWT bearer flow"
    )
    instance_url: str = Field(
        default="", title="API base URL", description="leave empty: the login tells it; https, or loopback for tests"
    )
    given_up_fields: str = Field(
        default="",
        title="Fields given up",
        description="fields that were deleted on purpose, such as Account.Region__c; their old values stay in history",
    )


def host_part(domain: str) -> str:
    """The part of the host before .salesforce.com; raises Misconfigured for anything that is not a name."""
    name = domain.strip().removeprefix("https://").rstrip("/").removesuffix(".salesforce.com")
    if not _DOMAIN.fullmatch(name) or name in ("login", "test"):
        raise Misconfigured(
            f"domain {domain!r} is not a My Domain: write acme.my for https://acme.my.salesforce.com (Setup > My Domain)"
        )
    return name


def given_up(text: str) -> frozenset[tuple[str, str]]:
    """(object, field) of the fields given up; raises Misconfigured for an entry without a point."""
    pairs = [part.strip().partition(".") for part in text.split(",") if part.strip()]
    for name, point, field in pairs:
        if not point or not field:
            raise Misconfigured(f"given_up_fields: {name!r} is not object.field, such as Account.Region__c")
    return frozenset((name, field) for name, _, field in pairs)
