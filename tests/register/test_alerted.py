"""The figures of alerts are registered like those of reports, and a changed one is told with its cause."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from command import call

from cynosure import alert
from cynosure.register.changed import PublishedFigure, published
from cynosure.settings import Settings
from tests.alert.watched_company import ALERTS, ROUTES, change, drop, finding, mrr, recover, with_rules
from tests.report.small_company import NOW, mrr_on, record_load, set_value

DAY, MONTH_BEFORE, TODAY = date(2026, 11, 21), date(2026, 10, 21), date(2026, 11, 22)
AS_OF = NOW - timedelta(minutes=30)


@pytest.fixture
def company(tmp_path: Path) -> Settings:
    """MRR has dropped, and the board was told so."""
    company = with_rules(tmp_path)
    drop(company)
    alert.evaluate(company, NOW)
    return company


def by_day(company: Settings) -> dict[str, PublishedFigure]:
    return {figure.entry["day"]: figure for figure in published(company)}


def test_both_values_that_an_alert_compares_are_kept_with_who_was_told(company: Settings) -> None:
    said = by_day(company)
    assert {day: figure.value for day, figure in said.items()} == {str(DAY): 38000, str(MONTH_BEFORE): mrr_on(MONTH_BEFORE)}
    for figure in said.values():
        kept = figure.entry
        assert (kept["kind"], kept["name"], kept["kpi"], kept["measure"]) == ("alert", "mrr_drop", "mrr", "day")
        assert (kept["audience"], kept["data_as_of"], kept["published_at"]) == ("root.0", AS_OF, NOW)
        assert kept["recipients"] == ["email:ada@example.com", "slack:#board"]
        assert "dimension = 'all' and member = 'all'" in kept["query"]
        assert not figure.is_changed


def test_an_alert_whose_figure_is_another_one_now_is_told_with_the_difference_and_its_cause(company: Settings) -> None:
    change(company, mrr("38100"))
    figure = by_day(company)[str(DAY)]
    assert (figure.difference, figure.causes) == (100, {"unexplained": 100})
    arguments = {"CYNOSURE_PROJECT": str(company.project), "CYNOSURE_HOME": str(company.home)}
    (row,) = [line for line in call("published", "--changed", env=arguments).out.splitlines() if "mrr day" in line]
    assert all(part in row for part in ("alert mrr_drop (root.0)", "$38,000.00", "$38,100.00", "unexplained +$100.00"))


def test_an_all_clear_says_figures_too_and_the_newest_message_counts(company: Settings) -> None:
    recover(company)
    assert by_day(company)[str(DAY)].is_changed
    alert.evaluate(company, NOW + timedelta(hours=1))
    said = by_day(company)[str(DAY)]
    assert (said.value, said.is_changed) == (mrr_on(DAY), False)


def test_what_is_said_of_a_running_day_may_change_without_anybody_having_been_told_wrong(tmp_path: Path) -> None:
    company = with_rules(tmp_path)
    change(company, lambda s: set_value(s, "failed_payment_amount", "6000", TODAY))
    alert.evaluate(company, NOW)
    change(company, lambda s: set_value(s, "failed_payment_amount", "6500", TODAY))
    (figure,) = published(company)
    assert (figure.entry["name"], figure.causes) == ("failed_payments", {"incomplete period": 500})


def test_an_alert_without_a_kpi_registers_nothing(tmp_path: Path) -> None:
    company = with_rules(tmp_path)
    change(company, finding(NOW))
    assert alert.evaluate(company, NOW).messages
    assert published(company) == []


def test_a_figure_that_two_rules_say_in_one_message_is_kept_once(tmp_path: Path) -> None:
    low = ALERTS.replace("mrr_drop:", "mrr_low:").replace("compare: same_day_last_month, below: -0.05", "below: 39000")
    together = ROUTES.replace("repeat_interval: 24h}", "repeat_interval: 24h, group_by: [area]}")
    company = with_rules(tmp_path, ALERTS + low[: low.index("failed_payments:")], together)
    drop(company)
    assert len(alert.evaluate(company, NOW).messages) == 1
    assert [(f.entry["day"], f.value) for f in published(company)] == [
        (str(DAY), 38000),
        (str(MONTH_BEFORE), mrr_on(MONTH_BEFORE)),
    ]


def test_an_alert_that_is_already_said_registers_nothing_again(company: Settings) -> None:
    change(company, mrr("38100"), lambda s: record_load(s, AS_OF + timedelta(minutes=10)))
    alert.evaluate(company, NOW + timedelta(minutes=10))
    assert by_day(company)[str(DAY)].value == Decimal(38000)
