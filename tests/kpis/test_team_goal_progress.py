"""Progress towards targets equals what plain Python makes of the targets' file and the KPIs' own figures."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from cynosure.settings.targets import Target, read_targets
from cynosure.transform.kpis import Kpi, read_kpis
from cynosure.transform.periods import GRAINS, Grain, parts, period_end

pytestmark = pytest.mark.slow


def last_days(company: Any, grain: str) -> dict[date, date]:
    """Until when each period has data."""
    calendars = " union all ".join(
        f"select grain, period_start, last_day from intermediate.{name}" for name in ("int_periods", "int_activity_periods")
    )
    rows = company.rows(f"select period_start, max(last_day) from ({calendars}) as c where grain = '{grain}' group by 1")
    return dict(rows)


def goal(kpi: Kpi, target: Target, grain: Grain, start: date, until: date) -> Decimal | None:
    """The target of a period: of what adds up the part of its days, each to six places; of a rate only in its own period."""
    if kpi.over_time != "sum":
        return None if kpi.is_rate and grain != target.per else target.on(period_end(grain, start))
    shares = [(target.on(period_end(target.per, first)), days, of) for first, days, of in parts(target.per, start, until)]
    if any(amount is None for amount, _, _ in shares):
        return None
    return sum((six(amount * days / of) for amount, days, of in shares if amount is not None), Decimal(0))


def six(number: Decimal) -> Decimal:
    """To six places, half away from zero."""
    return number.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def expected_progress(company: Any, grain: Grain) -> dict[tuple[date, str], Decimal]:
    """The share of its target that each KPI has reached, one at most."""
    kpis, shares = read_kpis(company.settings.sql), {}
    until = last_days(company, grain)
    for name, target in read_targets(company.settings.config).items():
        for (start, _), value in company.kpi(name, grain).items():
            aim = goal(kpis[name], target, grain, start, until[start])
            if aim is None or value is None:
                continue
            if kpis[name].better == "down":
                shares[start, name] = Decimal(1) if value <= aim else six(aim / value)
            else:
                shares[start, name] = min(Decimal(1), max(Decimal(0), six(value / aim)))
    return shares


@pytest.mark.parametrize("grain", GRAINS)
def test_each_kpi_and_their_mean(company: Any, grain: Grain) -> None:
    expected = expected_progress(company, grain)
    assert len({name for _, name in expected}) >= (9 if grain == "month" else 4)
    company.compare("goal_progress", grain, "kpi", expected)
    shares: dict[date, list[Decimal]] = defaultdict(list)
    for (start, _), share in expected.items():
        shares[start].append(share)
    means = {(start, "all"): six(sum(found, Decimal(0)) / len(found)) for start, found in shares.items()}
    company.compare("goal_progress", grain, "all", means)
