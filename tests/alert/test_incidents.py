"""Alerts: fired once, repeated, held back while the source is the problem, escalated, and closed with whoever was told."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from cynosure import alert
from cynosure.alert.incidents import evaluations
from cynosure.deliver import open_store
from cynosure.deliver.tables import outbox
from cynosure.settings import Settings
from tests.alert.watched_company import ALERTS, DAY, bodies, change, drop, finding, mrr, recover, said, with_rules
from tests.report.small_company import NOW, mrr_on, record_load, set_value


@pytest.fixture
def company(tmp_path: Path) -> Settings:
    return with_rules(tmp_path)


def test_nothing_is_said_while_all_is_well(company: Settings) -> None:
    assert alert.evaluate(company, NOW) == alert.Evaluated()
    assert said(company) == []


def test_a_drop_of_mrr_is_announced_once_with_its_figures_and_what_to_do(company: Settings) -> None:
    drop(company)
    first = alert.evaluate(company, NOW)
    assert len(first.fired) == len(first.messages) == 1
    again = alert.evaluate(company, NOW + timedelta(minutes=10))
    assert (again.fired, again.messages, again.firing) == ((), (), first.fired)
    assert said(company) == [("[critical] MRR drop", "#board"), ("[critical] MRR drop", "ada@example.com")]
    (text,) = bodies(company, "alert:")
    for expected in ("MRR is $38,000.00, −6.5% against 21 Oct 2026.", "$40,637.50", "−5.0%", "Look at the movements."):
        assert expected in text


def test_the_limit_itself_is_no_alert(company: Settings) -> None:
    change(company, mrr("100", date(2026, 10, 21)), mrr("95"))
    assert alert.evaluate(company, NOW).fired == ()
    change(company, mrr("94.999999"))
    assert len(alert.evaluate(company, NOW + timedelta(minutes=1)).fired) == 1


def test_it_is_repeated_after_the_repeat_interval_only(company: Settings) -> None:
    drop(company)
    times = [timedelta(), timedelta(hours=5), timedelta(hours=12), timedelta(hours=14, minutes=59)]
    counts = [len(alert.evaluate(company, NOW + t).messages) for t in times]
    assert counts == [1, 0, 0, 0]


def test_a_source_incident_is_repeated_every_four_hours(company: Settings) -> None:
    change(company, finding(NOW))
    hours = (0, 3, 4, 5, 7, 8)
    assert [len(alert.evaluate(company, NOW + timedelta(hours=h)).messages) for h in hours] == [1, 0, 1, 0, 0, 1]


def test_a_resolution_goes_to_whoever_was_told(company: Settings) -> None:
    drop(company)
    alert.evaluate(company, NOW)
    routes = company.config / "routes.yaml"
    routes.write_text(routes.read_text().replace("[board]", "[data]"))
    recover(company)
    resolved = alert.evaluate(company, NOW + timedelta(hours=1))
    assert len(resolved.resolved) == 1
    assert {r for s, r in said(company) if s == "[resolved] MRR drop"} == {"#board", "ada@example.com"}
    assert alert.evaluate(company, NOW + timedelta(hours=2)) == alert.Evaluated()


def test_a_resolution_belongs_to_the_thread_of_the_alert(company: Settings) -> None:
    drop(company)
    (key,) = alert.evaluate(company, NOW).messages
    recover(company)
    alert.evaluate(company, NOW + timedelta(hours=1))
    with open_store(company.control).begin() as tx:
        kept = tx.execute(sa.select(outbox).where(outbox.c.dedup_key.startswith("resolve:"))).mappings().one()
    assert json.loads(kept["payload_json"])["thread"] == key


def test_a_late_source_is_one_incident_and_holds_kpi_alerts_back(company: Settings) -> None:
    drop(company)
    change(company, finding(NOW), finding(NOW, check_id="freshness:stripe.invoices:load", stream="invoices"))
    result = alert.evaluate(company, NOW)
    assert [key.split(":")[0] for key in result.messages] == ["alert"]
    assert {s for s, _ in said(company)} == {"[high] Source is late: stripe"}
    assert dict(result.held_back)["mrr_drop"].startswith("stripe.subscriptions was last read completely")
    (text,) = bodies(company, "alert:")
    assert "MRR, Net new MRR" in text


def test_the_held_alert_fires_once_the_source_is_verified(company: Settings) -> None:
    drop(company)
    change(company, finding(NOW))
    alert.evaluate(company, NOW)
    change(company, finding(NOW + timedelta(hours=1), status="passed"))
    alert.evaluate(company, NOW + timedelta(hours=1))
    assert {s for s, _ in said(company)} == {
        "[high] Source is late: stripe", "[resolved] Source is late: stripe", "[critical] MRR drop",
    }  # fmt: skip


@pytest.mark.parametrize("as_of", [None, NOW - timedelta(hours=12)])
def test_a_kpi_whose_data_does_not_reach_the_day_raises_no_alert(company: Settings, as_of: datetime | None) -> None:
    drop(company)
    change(company, lambda s: s.execute("delete from ops.loads"), *([lambda s: record_load(s, as_of)] if as_of else []))
    result = alert.evaluate(company, NOW)
    assert result.fired == ()
    assert "mrr_drop" in dict(result.held_back)


def test_a_firing_kpi_alert_is_neither_repeated_nor_resolved_while_its_source_is_late(company: Settings) -> None:
    drop(company)
    alert.evaluate(company, NOW)
    change(company, finding(NOW + timedelta(hours=1)), mrr(str(mrr_on(DAY))))
    later = alert.evaluate(company, NOW + timedelta(hours=2))
    assert later.resolved == ()
    assert {s for s, _ in said(company)} == {"[critical] MRR drop", "[high] Source is late: stripe"}


def test_a_missing_value_is_no_alert_and_no_all_clear(company: Settings) -> None:
    drop(company)
    alert.evaluate(company, NOW)
    change(company, lambda s: set_value(s, "mrr", None, DAY))
    result = alert.evaluate(company, NOW + timedelta(hours=1))
    assert (result.resolved, dict(result.held_back)["mrr_drop"]) == ((), "there is no value to compare")


def test_checks_that_no_longer_run_make_the_source_late(company: Settings) -> None:
    change(company, finding(NOW, status="passed"))
    assert alert.evaluate(company, NOW + timedelta(hours=5)).fired == ()
    assert len(alert.evaluate(company, NOW + timedelta(hours=7)).fired) == 1
    assert "its freshness was last checked on 22 Nov 2026, 09:00 UTC" in bodies(company, "alert:")[0]


def test_failed_payments_of_the_running_day(company: Settings) -> None:
    change(company, lambda s: set_value(s, "failed_payment_amount", "5000.01", date(2026, 11, 22)))
    alert.evaluate(company, NOW)
    assert {s for s, _ in said(company)} == {"[warning] Failed payments"}
    assert "$5,000.01 failed." in bodies(company, "alert:")[0]


def test_a_condition_must_hold_in_successive_periods(tmp_path: Path) -> None:
    company = with_rules(tmp_path, ALERTS.replace("severity: critical", "severity: critical\n  consecutive: 2"))
    drop(company)
    assert alert.evaluate(company, NOW).fired == ()
    assert alert.evaluate(company, NOW + timedelta(hours=1)).fired == (), "the same day counts once"
    tomorrow = NOW + timedelta(days=1)
    change(company, mrr("38000", date(2026, 11, 22)), lambda s: record_load(s, tomorrow))
    assert len(alert.evaluate(company, tomorrow).fired) == 1


def test_an_interruption_starts_the_count_anew(tmp_path: Path) -> None:
    company = with_rules(tmp_path, ALERTS.replace("severity: critical", "severity: critical\n  consecutive: 2"))
    drop(company)
    alert.evaluate(company, NOW)
    recover(company)
    alert.evaluate(company, NOW + timedelta(hours=1))
    tomorrow = NOW + timedelta(days=1)
    change(company, mrr("38000", date(2026, 11, 22)), lambda s: record_load(s, tomorrow))
    assert alert.evaluate(company, tomorrow).fired == ()
    assert said(company) == []


def test_a_condition_must_last(tmp_path: Path) -> None:
    company = with_rules(tmp_path, ALERTS.replace("severity: critical", "severity: critical\n  for: 2h"))
    drop(company)
    assert [len(alert.evaluate(company, NOW + timedelta(hours=h)).fired) for h in (0, 1, 2)] == [0, 0, 1]


def test_every_evaluation_is_kept(company: Settings) -> None:
    drop(company)
    for hour in range(3):
        alert.evaluate(company, NOW + timedelta(hours=hour))
    with open_store(company.control).begin() as tx:
        rows = tx.execute(sa.select(evaluations).where(evaluations.c.rule == "mrr_drop")).mappings().all()
    assert [(r["holds"], r["period"]) for r in rows] == [(True, "2026-11-21")] * 3
