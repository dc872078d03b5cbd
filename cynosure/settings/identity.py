"""`config/identity.yaml`: who is whom across systems, where the records themselves do not tell.

Read when the models are built: a record is linked to a customer, or to nobody; the rest is resolved by the rules in
`sql/DECISIONS.md`, and listed in `marts.customer_identities`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cynosure.settings.yaml_file import read_yaml

RecordName = Annotated[str, Field(pattern=r"^[a-z]+/[a-z_]+/[^\s]+$")]
Domain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class IdentityLink(BaseModel):
    """A decision about one record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record: RecordName = Field(description="The record as system/type/id, such as hubspot/companies/2001.")
    customer: str | None = Field(pattern="^cus_", description="The id of the customer in Stripe; null if the record is nobody's.")
    reason: str = Field(description="Why, for whoever asks later.")


class Identity(BaseModel):
    """Links that people decided, and domains that say nothing about a company."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    links: tuple[IdentityLink, ...] = Field(default=(), description="Decisions that overrule every rule.")
    free_mail_domains: tuple[Domain, ...] = Field(
        default=(), description="Domains, beyond the well-known ones, at which anybody can have a mailbox."
    )


def read_identity(config: Path) -> Identity:
    """The decisions in force; no file means none."""
    path = config / "identity.yaml"
    return read_yaml(path, Identity) if path.exists() else Identity()
