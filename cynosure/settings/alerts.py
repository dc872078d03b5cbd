"""`config/alerts.yaml`: when something is worth an alert. To whom it goes is in `routes.yaml`."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from cynosure.settings import Duration, read_yaml_as
from cynosure.settings.targets import Amount

Severity = Literal["critical", "high", "warning", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "warning", "low", "info")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class KpiCondition(_Model):
    """A KPI's daily value, or its relative change, above or below a limit (rates and changes are fractions: -0.05 = -5 %).

    `day: complete` looks at the last day that is over, `running` at the present day so far.
    """

    type: Literal["kpi"]
    kpi: str
    compare: Literal["value", "previous_day", "same_day_last_month"] = "value"
    day: Literal["complete", "running"] = "complete"
    above: Amount | None = None
    below: Amount | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> KpiCondition:
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of above and below")
        return self

    def holds(self, measured: Decimal) -> bool:
        """Whether a measured value is beyond the limit; the limit itself is not."""
        if self.above is not None:
            return measured > self.above
        return self.below is not None and measured < self.below


class FindingCondition(_Model):
    """A check of these kinds has failed; each check is an incident of its own."""

    type: Literal["finding"]
    kinds: tuple[Literal["quality", "identity", "audit", "run"], ...] = Field(min_length=1)
    severities: tuple[Literal["stop", "warn"], ...] = ("stop",)


class LateSource(_Model):
    """A source is not as fresh as `sources.yaml` wants, or nobody has looked for a while; one incident per source."""

    type: Literal["late_source"]
    unchecked_for: Duration = timedelta(hours=6)


class AlertRule(_Model):
    """When to alert, how bad it is, how long it must last, and what to say and do."""

    when: Annotated[KpiCondition | FindingCondition | LateSource, Field(discriminator="type")]
    severity: Severity
    for_: Duration = Field(default=timedelta(), alias="for")
    consecutive: int = Field(default=1, ge=1, description="successive periods (days) or checks in which it must hold")
    labels: dict[str, str] = {}
    title: str
    summary: str
    runbook: str = ""


def read_alerts(config: Path) -> dict[str, AlertRule]:
    """Rules by name; raises ConfigError naming file, line and allowed values."""
    rules: dict[str, AlertRule] = read_yaml_as(config / "alerts.yaml", TypeAdapter(dict[str, AlertRule]))
    return rules
