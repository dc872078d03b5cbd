"""`config/targets.yaml`: what each KPI should reach, month by month; a month without an entry keeps the one before.

A KPI of money or number that adds up over time has its target `per` month unless it says otherwise, and in proportion
for other periods; a rate is held against its target in that period alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, WithJsonSchema, model_validator

from cynosure.settings.suggest import meant
from cynosure.settings.yaml_file import ConfigError, located, read_yaml_as

Direction = Literal["up", "down", "none"]
TOTAL = ("all", "all")
_LIMIT = r"^-?\d+(\.\d+)?\s?%?$"


@dataclass(frozen=True)
class Limit:
    """Where a colour begins: a value in the KPI's unit, or a share of the target (1 is the target itself)."""

    value: Decimal
    of_target: bool = False

    def at(self, target: Decimal) -> Decimal:
        """The limit for a target; a share moves it by that part of the target's size, so that losses work too."""
        return target + (self.value - 1) * abs(target) if self.of_target else self.value


def _exact(value: object) -> object:
    """YAML reads 0.03 as a binary float; its shortest text is what the author wrote."""
    return str(value) if isinstance(value, float) else value


def _month(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise ValueError(f"{value!r} is no month; write it in quotes, such as '2026-01'")
    return value


def _limit(value: object) -> object:
    if isinstance(value, Limit):
        return value
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(_LIMIT, text):
        raise ValueError(f"{value!r} is no limit; write a value in the KPI's unit, or a share of the target such as 90%")
    number = Decimal(text.rstrip("% "))
    return Limit(number / 100, of_target=True) if text.endswith("%") else Limit(number)


Amount = Annotated[Decimal, BeforeValidator(_exact)]
Month = Annotated[str, BeforeValidator(_month)]
Progression = Annotated[dict[Month, Amount], Field(min_length=1)]
LimitText = Annotated[
    Limit,
    BeforeValidator(_limit),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": _LIMIT}]}),
]


class Target(BaseModel):
    """What a KPI should reach, for the whole company and `by` member of a dimension; rates are fractions (0.02 = 2 %).

    Beyond `yellow` (the target unless given) a value is yellow, beyond `red` (a tenth of the target worse) it is red.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Progression | None = None
    per: Literal["day", "week", "month", "quarter", "year"] = "month"
    by: dict[str, dict[str, Progression]] = {}
    yellow: LimitText | None = None
    red: LimitText | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Target:
        if self.target is None and not self.by:
            raise ValueError("give the `target` of the company, by month, or targets `by` dimension and member")
        return self

    def on(self, day: date, member: tuple[str, str] = TOTAL) -> Decimal | None:
        """The target in force on a day, of the total or of (dimension, member)."""
        dimension, name = member
        steps = self.target if member == TOTAL else self.by.get(dimension, {}).get(name)
        months = [month for month in steps or {} if month <= f"{day:%Y-%m}"]
        return steps[max(months)] if steps and months else None

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """Every amount of every progression."""
        progressions = [self.target or {}, *(steps for members in self.by.values() for steps in members.values())]
        return tuple(amount for steps in progressions for amount in steps.values())

    def limits(self, target: Decimal, better: Direction) -> tuple[Decimal, Decimal]:
        """Where yellow and where red begin for a target; a value on the limit is still on its good side."""
        tenth = Limit(Decimal("1.1") if better == "down" else Decimal("0.9"), of_target=True)
        yellow = self.yellow.at(target) if self.yellow else target
        return yellow, self.red.at(target) if self.red else _worse(tenth.at(target), yellow, better)


Targets = Mapping[str, Target]


def _worse(one: Decimal, other: Decimal, better: Direction) -> Decimal:
    return max(one, other) if better == "down" else min(one, other)


def read_targets(config: Path) -> dict[str, Target]:
    """Targets by KPI; no file means none. Raises ConfigError naming file, line and what would be accepted."""
    path = config / "targets.yaml"
    if not path.exists():
        return {}
    targets: dict[str, Target] = read_yaml_as(path, TypeAdapter(dict[str, Target]))
    return targets


def check_targets(config: Path, targets: Targets, better: Mapping[str, Direction]) -> None:
    """Compares targets with the KPIs there are, given which way each is better.

    Raises ConfigError for a KPI that is unknown, has no direction, or would turn red before it turns yellow.
    """
    path = config / "targets.yaml"
    for name, target in targets.items():
        if name not in better:
            allowed = ", ".join(kpi for kpi in sorted(better) if better[kpi] != "none")
            raise ConfigError(f"{located(path, name)}: unknown KPI {name!r}{meant(name, better)}; allowed: {allowed}")
        if better[name] == "none":
            raise ConfigError(f"{located(path, name)}: {name}: neither up nor down is better, so it can have no target")
        for amount in target.amounts:
            yellow, red = target.limits(amount, better[name])
            if red != _worse(yellow, red, better[name]):
                side = "below" if better[name] == "down" else "above"
                where = located(path, name, "red")
                raise ConfigError(f"{where}: {name}.red: {red} is {side} yellow ({yellow}); red is the worse of the two")
