"""`config/company.yaml`: whose numbers these are, in which currency and time zone."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from cynosure.settings.zone import ZoneName


class Company(BaseModel):
    """The company: periods are cut in its time zone, money is reported in its currency (ISO 4217, upper case)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    timezone: ZoneName = "UTC"
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
