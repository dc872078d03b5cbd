"""`config/targets.yaml`: what each KPI should reach, month by month; a month without an entry keeps the one before."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter

from cynosure.settings import read_yaml_as


def _exact(value: object) -> object:
    """YAML reads 0.03 as a binary float; its shortest text is what the author wrote."""
    return str(value) if isinstance(value, float) else value


def _month(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise ValueError(f"{value!r} is no month; write it in quotes, such as '2026-01'")
    return value


Amount = Annotated[Decimal, BeforeValidator(_exact)]
Month = Annotated[str, BeforeValidator(_month)]
Targets = dict[str, dict[str, Decimal]]


def read_targets(config: Path) -> Targets:
    """Targets by KPI and month (YYYY-MM); percent targets are fractions. No file means no targets."""
    path = config / "targets.yaml"
    if not path.exists():
        return {}
    targets: Targets = read_yaml_as(path, TypeAdapter(dict[str, dict[Month, Amount]]))
    return targets


def target_on(targets: Targets, kpi: str, day: date) -> Decimal | None:
    """The target in force for a KPI on a day."""
    months = {month: value for month, value in targets.get(kpi, {}).items() if month <= f"{day:%Y-%m}"}
    return months[max(months)] if months else None
