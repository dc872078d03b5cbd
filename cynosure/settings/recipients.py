"""`config/recipients.yaml`: who receives reports and alerts, where, in which time zone, up to which class."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from cynosure.settings import read_yaml
from cynosure.settings.zone import ZoneName

Classification = Literal["public", "internal", "confidential", "restricted"]
CLASSIFICATIONS: tuple[Classification, ...] = ("public", "internal", "confidential", "restricted")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@(?P<domain>(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})")


def cleared(clearance: Classification, classification: str) -> bool:
    """Whether a clearance covers a classification; an unknown classification counts as the highest."""
    level = CLASSIFICATIONS.index(classification) if classification in CLASSIFICATIONS else len(CLASSIFICATIONS)
    return CLASSIFICATIONS.index(clearance) >= level


def address_problem(address: str, allowed_domains: tuple[str, ...]) -> str:
    """Why an e-mail address may not be written to, or nothing."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return f"{address!r} is no e-mail address"
    if found["domain"].lower() not in allowed_domains:
        return f"{address!r} is outside the allowed domains: {', '.join(allowed_domains) or 'none'}"
    return ""


class Group(BaseModel):
    """People who receive the same at the same local time; `channels` maps a channel to its addresses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""
    timezone: ZoneName = "UTC"
    clearance: Classification = "internal"
    channels: dict[str, tuple[str, ...]] = Field(min_length=1)


class Recipients(BaseModel):
    """The groups by name, who hears of failed deliveries, and the address policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed_domains: tuple[str, ...] = ()
    list_unsubscribe: str = ""
    unsubscribed: frozenset[str] = frozenset()
    operators: str
    groups: dict[str, Group]

    @field_validator("allowed_domains")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(domain.lower() for domain in value)

    @model_validator(mode="after")
    def _consistent(self) -> Recipients:
        if self.operators not in self.groups:
            raise ValueError(f"operators: {self.operators!r} is no group; allowed: {', '.join(self.groups)}")
        for name, group in self.groups.items():
            for address in group.channels.get("email", ()):
                if problem := address_problem(address, self.allowed_domains):
                    raise ValueError(f"groups.{name}: {problem}")
        return self


def read_recipients(config: Path) -> Recipients:
    """The recipients of this installation; raises ConfigError naming file and reason."""
    return read_yaml(config / "recipients.yaml", Recipients)
