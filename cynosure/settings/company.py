"""`config/company.yaml`: whose numbers these are, in which currency and time zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Company(BaseModel):
    """The company: periods are cut in its time zone, money is reported in its currency (ISO 4217, upper case)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    timezone: str = "UTC"
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone; use a name such as Europe/Berlin or UTC") from None
        return value
