"""`config/sources.yaml`: which sources run, how often, how fresh they must be and how much quota they may spend."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from cynosure.settings.duration import Duration
from cynosure.settings.yaml_file import read_yaml_as


class Freshness(BaseModel):
    """How old a stream may be: `load` since its last complete read, `data` since its newest row (omit where quiet is normal)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    load: Duration = timedelta(hours=3)
    data: Duration | None = None


class StreamSettings(BaseModel):
    """What differs for one stream from the rest of its source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    freshness: Freshness | None = None
    object: str = Field(
        default="", description="reads one more kind of object into a stream of this name, such as Renewal__c of Salesforce"
    )


class AuditSettings(BaseModel):
    """How a source is audited: when, with how many requests at most, and whether what is found is repaired at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schedule: str = "40 3-23/6 * * *"
    requests: int | None = Field(
        default=None, gt=0, description="pages that one run may ask for; by default as many as each stream needs for its period"
    )
    repair: bool = Field(default=False, description="fetch again what is missing or different, and bury what is gone")


class Source(BaseModel):
    """One source: its connector, where its credentials are, its cadence, freshness targets and share of the rate limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connector: str
    enabled: bool = True
    connection: str = Field(description="Airflow connection id; without Airflow, CYNOSURE_<SOURCE>_* variables are read")
    schedule: str = "7 * * * *"
    rate_share: float = Field(default=0.8, gt=0, le=1, description="share of the vendor's documented rate limit to use")
    freshness: Freshness = Freshness()
    audit: AuditSettings = AuditSettings()
    streams: dict[str, StreamSettings] = {}

    @property
    def further(self) -> dict[str, str]:
        """Streams of further kinds of objects: name and object."""
        return {name: stream.object for name, stream in self.streams.items() if stream.object}

    def freshness_of(self, stream: str) -> Freshness:
        """The targets in force for a stream."""
        settings = self.streams.get(stream)
        return settings.freshness if settings and settings.freshness else self.freshness


def read_sources(config: Path) -> dict[str, Source]:
    """Sources by name, in the order of the file."""
    sources: dict[str, Source] = read_yaml_as(config / "sources.yaml", TypeAdapter(dict[str, Source]))
    return sources
