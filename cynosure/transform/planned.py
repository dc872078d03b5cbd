"""KPIs that are defined but not computed yet, because a source is not connected: `sql/planned_kpis.yml`."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from cynosure.settings import ConfigError, read_yaml
from cynosure.settings.targets import Direction


class Planned(BaseModel):
    """A KPI without a model: its meaning, and the kinds of sources it lacks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    area: str
    title: str
    definition: str
    unit: str
    better: Direction
    lacks: tuple[str, ...]


class PlannedKpis(BaseModel):
    """The planned KPIs, and the kinds of sources in words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: dict[str, str] = {}
    kpis: tuple[Planned, ...] = ()

    def lacking(self, kpi: Planned) -> str:
        """What a KPI lacks, in words."""
        return ", ".join(self.sources[source] for source in kpi.lacks)

    @property
    def by_name(self) -> dict[str, Planned]:
        """The KPIs by name."""
        return {kpi.name: kpi for kpi in self.kpis}


def read_planned(sql: Path) -> PlannedKpis:
    """The planned KPIs of a project, none if it has no such file; raises ConfigError for a source that is not explained."""
    path = sql / "planned_kpis.yml"
    if not path.exists():
        return PlannedKpis()
    planned = read_yaml(path, PlannedKpis)
    for kpi in planned.kpis:
        if unknown := [source for source in kpi.lacks if source not in planned.sources]:
            raise ConfigError(f"{path}: {kpi.name}: lacks {unknown[0]!r}; allowed: {', '.join(planned.sources)}")
    return planned
