"""Progress towards targets equals what plain Python makes of the targets' file and the KPIs' own figures."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from cynosure.settings.targets import read_targets
from cynosure.transform.attainment import period_target
from cynosure.transform.kpis import read_kpis
from cynosure.transform.periods import GRAINS, Grain

pytestmark = pytest.mark.slow
SIX = Decimal("0.000001")


def last_days(company: Any, grain: str) -> dict[date, date]:
    """Until when each period has data."""
    calendars = " union all ".join(
        f"select grain, period_start, last_day from intermediate.{name}" for name in ("int_periods", "int_activity_periods")
    )
    rows = company.rows(f"select period_start, max(last_day) from ({calendars}) as c where grain = '{grain}' group by 1")
    return dict(rows)


def expected_progress(company: Any, grain: Grain) -> dict[tuple[date, str], Decimal]:
    kpis, shares = read_kpis(company.settings.sql), {}
    until = last_days(company, grain)
    for name, target in read_targets(company.settings.config).items():
        kpi = kpis[name]
        for (start, _), value in company.kpi(name, grain).items():
            aim = period_target(kpi, target, grain, start, until=until.get(start))
            if aim is None or value is None:
                continue
            if kpi.better == "down":
                share = Decimal(1) if value <= aim else aim / value
            else:
                share = min(Decimal(1), max(Decimal(0), value / aim))
            shares[start, name] = share.quantize(SIX, ROUND_HALF_UP)
    return shares


@pytest.mark.parametrize("grain", GRAINS)
def test_each_kpi_and_their_mean(company: Any, grain: Grain) -> None:
    expected = expected_progress(company, grain)
    found = company.kpi("goal_progress", grain, "kpi")
    assert set(found) == set(expected)
    assert len({name for _, name in found}) >= (9 if grain == "month" else 4)
    for key, share in expected.items():
        # a target in proportion to days is rounded to six places before it divides
        assert abs(found[key] - share) <= 3 * SIX, key
    means = company.kpi("goal_progress", grain)
    for start, _ in means:
        parts = [value for (begin, _), value in found.items() if begin == start]
        assert means[start, "all"] == (sum(parts, Decimal(0)) / len(parts)).quantize(SIX, ROUND_HALF_UP)
    assert {start for start, _ in means} == {start for start, _ in found}
