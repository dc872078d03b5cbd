"""How a KPI stands against its target: colour, share attained, and whether its pace will reach it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from cynosure.settings.targets import TOTAL, Direction, Target, Targets
from cynosure.transform.kpis import Kpi
from cynosure.transform.periods import Grain, parts, period_end, period_start

Status = Literal["green", "yellow", "red", "no target", "no data"]


@dataclass(frozen=True)
class Standing:
    """A value against its target; `attained` is 1 where the target is met exactly, None where a share makes no sense."""

    status: Status
    target: Decimal | None = None
    attained: Decimal | None = None


@dataclass(frozen=True)
class Pace:
    """Where a running period should be by now to reach its target, and where it will end if it goes on like this.

    `linear` spreads the target evenly over the days; `as_before` gives it the course of the period before, which
    `projected` follows too, or goes on evenly where that has none. None where it cannot be said.
    """

    linear: Decimal | None
    as_before: Decimal | None
    projected: Decimal | None


UNAIMED = Standing("no target")
NO_PACE = Pace(None, None, None)


def standing(
    kpi: Kpi, target: Target | None, grain: Grain, start: date, value: Decimal | None, *,
    member: tuple[str, str] = TOTAL, until: date | None = None,
) -> Standing:  # fmt: skip
    """How the value of a period stands; `until` is the last day it covers if the period still runs."""
    aim = period_target(kpi, target, grain, start, member=member, until=until)
    if target is None or aim is None:
        return UNAIMED
    if value is None:
        return Standing("no data", aim)
    return Standing(_colour(value, target.limits(aim, kpi.better), kpi.better), aim, _attained(kpi, value, aim))


def period_target(
    kpi: Kpi, target: Target | None, grain: Grain, start: date, *,
    member: tuple[str, str] = TOTAL, until: date | None = None,
) -> Decimal | None:  # fmt: skip
    """The target of a period: of what adds up the part of its days until then, of a rate only in the period it is for.

    Anything else has the target of the period's last day: a level is to be reached, a mean to be kept.
    """
    if target is None:
        return None
    last = period_end(grain, start)
    if kpi.over_time == "sum":
        shares = [
            (target.on(period_end(target.per, begin), member), days, of)
            for begin, days, of in parts(target.per, start, min(until or last, last))
        ]
        amounts = [aim * days / of for aim, days, of in shares if aim is not None]
        return sum(amounts, Decimal(0)) if amounts and len(amounts) == len(shares) else None
    if kpi.is_rate and grain != target.per:
        return None
    return target.on(last, member)


def pace(
    kpi: Kpi, aim: Decimal | None, grain: Grain, until: date, *,
    so_far: Decimal | None, before: Decimal | None, before_so_far: Decimal | None,
) -> Pace:  # fmt: skip
    """The pace of the period that holds `until`, whose whole target is `aim`.

    `before` is the value of the period before, `before_so_far` what it was at the same point. A rate has no pace: it
    does not grow towards its end.
    """
    start = period_start(grain, until)
    (_, days, of) = next(parts(grain, start, until))
    if kpi.over_time == "none":
        return NO_PACE
    if kpi.over_time == "last":
        linear = None if aim is None or before is None else before + (aim - before) * days / of
        projected = None if so_far is None or before is None else before + (so_far - before) * of / days
        return Pace(linear, None, projected)
    course = before_so_far / before if before and before_so_far is not None else None
    # a net figure may have gone back on its way: then the course says nothing
    course = course if course is not None and 0 < course <= 1 else None
    return Pace(
        None if aim is None else aim * days / of,
        None if aim is None or course is None else aim * course,
        None if so_far is None else so_far / course if course else so_far * of / days,
    )


def _colour(value: Decimal, limits: tuple[Decimal, Decimal], better: Direction) -> Status:
    yellow, red = (value > limit if better == "down" else value < limit for limit in limits)
    return "red" if red else "yellow" if yellow else "green"


def _attained(kpi: Kpi, value: Decimal, aim: Decimal) -> Decimal | None:
    """The share of the target; where less is better, how far the value stays within it."""
    if kpi.better == "down":
        return aim / value if value > 0 and aim >= 0 else None
    return value / aim if aim > 0 else None


def goals(kpis: Mapping[str, Kpi], targets: Targets) -> list[dict[str, object]]:
    """The targets of the company as a variable of the models: for each KPI its progression, and how it is held against it."""
    return [
        {
            "kpi": name, "per": target.per, "better": kpis[name].better, "over_time": kpis[name].over_time,
            "is_rate": kpis[name].is_rate, "steps": {month: str(amount) for month, amount in target.target.items()},
        }
        for name, target in targets.items() if target.target and name in kpis
    ]  # fmt: skip
