"""How a KPI stands: the target of any period, the colour, and the pace."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cynosure.settings.targets import Limit, Target
from cynosure.transform.attainment import Pace, pace, period_target, standing
from cynosure.transform.kpis import Kpi
from cynosure.transform.periods import GRAINS, Grain, parts, period_end, period_start, shifted, year_before

DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
TARGET = Target(target={"2026-01": Decimal(310), "2026-02": Decimal(560)}, by={"segment": {"smb": {"2026-01": Decimal(31)}}})


def kpi(unit: str = "currency", better: str = "up", **meta: Any) -> Kpi:
    return Kpi.model_validate(
        {"name": "k", "title": "K", "definition": "d", "formula": "f", "unit": unit, "better": better} | meta
    )


FLOW, LEVEL, RATE, LAG = kpi(), kpi(over_time="last"), kpi("percent", "down"), kpi("hours", "down")


@given(DAYS, st.sampled_from(GRAINS))
def test_periods_hold_their_days_and_follow_one_another(day: date, grain: Grain) -> None:
    start = period_start(grain, day)
    assert start <= day <= period_end(grain, start)
    assert period_start(grain, period_end(grain, start)) == start
    assert shifted(grain, shifted(grain, start, 5), -5) == start
    assert period_start(grain, year_before(grain, start)) == year_before(grain, start)


@given(DAYS, st.integers(0, 500), st.sampled_from(GRAINS))
def test_parts_are_all_days_of_a_span(first: date, length: int, grain: Grain) -> None:
    last = date.fromordinal(first.toordinal() + length)
    assert sum(days for _, days, _ in parts(grain, first, last)) == length + 1


def test_what_adds_up_has_its_monthly_target_in_proportion() -> None:
    aims = {
        ("month", date(2026, 1, 1), None): 310,
        ("month", date(2026, 1, 1), date(2026, 1, 10)): 100,
        ("day", date(2026, 2, 3), None): 20,
        ("week", date(2026, 1, 26), None): 6 * 10 + 20,
        ("quarter", date(2026, 1, 1), None): 310 + 560 + 560,
        ("quarter", date(2025, 10, 1), None): None,
    }
    found = {(grain, start, until): period_target(FLOW, TARGET, grain, start, until=until) for grain, start, until in aims}
    assert found == aims
    assert period_target(FLOW, TARGET, "month", date(2026, 1, 1), member=("segment", "smb"), until=date(2026, 1, 2)) == 2


def test_a_level_has_the_target_of_the_last_day_and_a_rate_only_that_of_its_own_period() -> None:
    quarter, month = date(2026, 1, 1), date(2026, 1, 1)
    assert period_target(LEVEL, TARGET, "quarter", quarter) == 560
    assert period_target(LEVEL, TARGET, "month", month, until=date(2026, 1, 10)) == 310
    assert [period_target(RATE, TARGET, grain, quarter) for grain in GRAINS] == [None, None, 310, None, None]
    assert period_target(LAG, TARGET, "day", date(2026, 2, 9)) == 560


@pytest.mark.parametrize(
    ("better", "values"),
    [
        ("up", {"310": "green", "309.99": "yellow", "279": "yellow", "278.99": "red"}),
        ("down", {"310": "green", "310.01": "yellow", "341": "yellow", "341.01": "red"}),
    ],
)
def test_the_colour_follows_the_direction(better: str, values: dict[str, str]) -> None:
    found = {v: standing(kpi(better=better), TARGET, "month", date(2026, 1, 1), Decimal(v)).status for v in values}
    assert found == values


def test_own_limits_come_before_the_usual_ones() -> None:
    strict = TARGET.model_copy(update={"yellow": Limit(Decimal(400)), "red": Limit(Decimal("1.1"), of_target=True)})
    assert standing(FLOW, strict, "month", date(2026, 1, 1), Decimal(399)).status == "yellow"
    assert standing(FLOW, strict, "month", date(2026, 1, 1), Decimal(340)).status == "red"


def test_without_a_target_or_a_value_there_is_no_colour() -> None:
    assert standing(FLOW, None, "month", date(2026, 1, 1), Decimal(1)).status == "no target"
    assert standing(FLOW, TARGET, "month", date(2025, 1, 1), Decimal(1)).status == "no target"
    assert standing(RATE, TARGET, "year", date(2026, 1, 1), Decimal(1)).status == "no target"
    missing = standing(FLOW, TARGET, "month", date(2026, 1, 1), None)
    assert (missing.status, missing.target, missing.attained) == ("no data", 310, None)


def test_attained_is_the_share_of_the_target_and_the_inverse_where_less_is_better() -> None:
    january = date(2026, 1, 1)
    assert standing(FLOW, TARGET, "month", january, Decimal(155)).attained == Decimal("0.5")
    assert standing(kpi(better="down"), TARGET, "month", january, Decimal(620)).attained == Decimal("0.5")
    assert standing(kpi(better="down"), TARGET, "month", january, Decimal(0)).attained is None


def test_pace_of_a_flow_is_even_or_as_in_the_period_before() -> None:
    found = pace(
        FLOW, Decimal(300), "month", date(2026, 4, 10), so_far=Decimal(80), before=Decimal(200), before_so_far=Decimal(50)
    )
    assert found == Pace(linear=Decimal(100), as_before=Decimal(75), projected=Decimal(320))


def test_pace_of_a_level_leads_from_where_it_was_to_the_target() -> None:
    found = pace(LEVEL, Decimal(130), "month", date(2026, 4, 10), so_far=Decimal(105), before=Decimal(100), before_so_far=None)
    assert found == Pace(linear=Decimal(110), as_before=None, projected=Decimal(115))


def test_a_rate_has_no_pace_and_nothing_before_gives_none() -> None:
    nothing: dict[str, Decimal | None] = {"so_far": Decimal(1), "before": Decimal(0), "before_so_far": Decimal(0)}
    assert pace(RATE, Decimal(1), "month", date(2026, 4, 10), **nothing) == Pace(None, None, None)
    assert pace(FLOW, Decimal(30), "month", date(2026, 4, 10), **nothing) == Pace(Decimal(10), None, Decimal(3))


@pytest.mark.parametrize(("before", "before_so_far"), [("-200", "50"), ("200", "250"), ("-200", "-250")])
def test_a_net_figure_that_went_back_on_its_way_is_no_course_to_follow(before: str, before_so_far: str) -> None:
    found = pace(
        FLOW, Decimal(30), "month", date(2026, 4, 10),
        so_far=Decimal(8), before=Decimal(before), before_so_far=Decimal(before_so_far),
    )  # fmt: skip
    assert found == Pace(linear=Decimal(10), as_before=None, projected=Decimal(24))
