"""Which type each file of `config/` holds: the types that its reader uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from cynosure.check import quality
from cynosure.settings import alerts, company, identity, recipients, reports, routes, sources, targets


@dataclass(frozen=True)
class ConfigFile:
    """The type of a file's content, and what has the docstring that describes it."""

    content: Any
    described_by: object

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """Validates and describes the content."""
        return TypeAdapter(self.content)


CONFIG_FILES: Mapping[str, ConfigFile] = {
    "company.yaml": ConfigFile(company.Company, company),
    "sources.yaml": ConfigFile(dict[str, sources.Source], sources),
    "identity.yaml": ConfigFile(identity.Identity, identity),
    "targets.yaml": ConfigFile(dict[str, targets.Target], targets),
    "quality.yaml": ConfigFile(quality.QualityTargets, quality.QualityTargets),
    "recipients.yaml": ConfigFile(recipients.Recipients, recipients),
    "reports.yaml": ConfigFile(dict[str, reports.Report], reports),
    "alerts.yaml": ConfigFile(dict[str, alerts.AlertRule], alerts),
    "routes.yaml": ConfigFile(routes.Routing, routes),
}
