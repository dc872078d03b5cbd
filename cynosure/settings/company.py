"""`config/company.yaml`: whose numbers these are, in which currency and time zone, and how its customers are grouped."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cynosure.settings.zone import ZoneName

GroupName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$")]
#: members that a figure has without any rule
_RESERVED = ("all", "unknown")


class Segment(BaseModel):
    """A kind of customer by size: whoever reaches either limit; without limits everyone who is left."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: GroupName
    employees_from: int | None = Field(default=None, ge=0, description="Employees that the CRM states, at least.")
    mrr_from: Decimal | None = Field(
        default=None, gt=0, description="MRR in the reporting currency that the customer reached at any time, at least."
    )

    @property
    def takes_everyone(self) -> bool:
        """Whether nobody is left for a segment after it."""
        return self.employees_from is None and self.mrr_from is None


class Region(BaseModel):
    """Countries that are looked at together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: GroupName
    countries: tuple[CountryCode, ...] = Field(description="ISO 3166, two letters.")


class Company(BaseModel):
    """The company: periods are cut in its time zone, money is reported in its currency (ISO 4217, upper case)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    timezone: ZoneName = "UTC"
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    segments: tuple[Segment, ...] = Field(
        default=(),
        description="Of customers and prospects, the largest first: one belongs to the first whose limit it reaches.",
    )
    addons: tuple[str, ...] = Field(default=(), description="Names or ids of products that are sold beside a plan.")
    regions: tuple[Region, ...] = Field(default=(), description="Regions of countries; without any, the usual five.")

    @model_validator(mode="after")
    def _names_tell_apart(self) -> Self:
        for kind, groups in (("segment", self.segments), ("region", self.regions)):
            names = [group.name for group in groups]
            if taken := [name for name in names if name in _RESERVED or names.count(name) > 1]:
                raise ValueError(f"{taken[0]!r} is not a name for one {kind} alone")
        for earlier, segment in zip(self.segments, self.segments[1:], strict=False):
            if earlier.takes_everyone:
                raise ValueError(f"nobody is left for segment {segment.name!r}: {earlier.name!r} has no limit")
        countries = [country for region in self.regions for country in region.countries]
        if repeated := sorted({country for country in countries if countries.count(country) > 1}):
            raise ValueError(f"{repeated[0]} is in two regions")
        return self

    def rules(self) -> dict[str, object]:
        """What the company decided, as variables of the models; the models' own where nothing is said."""
        segments = [segment.model_dump(mode="json") for segment in self.segments]
        rules: dict[str, object] = {"segments": segments, "addons": list(self.addons)}
        if self.regions:
            rules["regions"] = {region.name: list(region.countries) for region in self.regions}
        return rules
