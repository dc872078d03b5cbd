"""Who hears of an incident and when: ladder, muting, grouping, wrong configuration, kills."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from cynosure import alert
from cynosure.alert.incidents import incidents
from cynosure.deliver import open_store
from cynosure.deliver.tables import outbox
from cynosure.register.changed import published
from cynosure.settings import ConfigError, Settings
from tests.alert.watched_company import ALERTS, ROUTES, bodies, change, drop, finding, recover, said, with_rules
from tests.report.small_company import NOW, fill_warehouse


@pytest.fixture
def company(tmp_path: Path) -> Settings:
    return with_rules(tmp_path)


LADDER = ROUTES + "escalation:\n  - {after: 30m, to: data}\n  - {after: 2h, to: data}\n"


def test_a_critical_alert_that_nobody_acknowledges_climbs_the_ladder(tmp_path: Path) -> None:
    company = with_rules(tmp_path, routes=LADDER)
    drop(company)
    minutes = (0, 29, 30, 60, 120, 600)
    assert [len(alert.evaluate(company, NOW + timedelta(minutes=m)).messages) for m in minutes] == [1, 0, 1, 0, 1, 0]
    assert ("[not acknowledged] MRR drop", "#data") in said(company)
    recover(company)
    alert.evaluate(company, NOW + timedelta(hours=11))
    told = {r for s, r in said(company) if s == "[resolved] MRR drop"}
    assert told == {"#board", "ada@example.com", "#data", "data@example.com"}


def test_acknowledging_stops_the_ladder(tmp_path: Path) -> None:
    company = with_rules(tmp_path, routes=LADDER)
    drop(company)
    (incident,) = alert.evaluate(company, NOW).fired
    assert alert.acknowledge(company, incident, "Ada", NOW)
    assert not alert.acknowledge(company, incident, "Bob", NOW)
    assert alert.evaluate(company, NOW + timedelta(hours=3)).messages == ()


def test_only_critical_alerts_climb(tmp_path: Path) -> None:
    company = with_rules(tmp_path, routes=LADDER)
    change(company, finding(NOW))
    counts = [len(alert.evaluate(company, NOW + timedelta(hours=h)).messages) for h in (0, 1, 3)]
    assert counts == [1, 0, 0]


def test_what_fires_in_a_muted_window_is_said_afterwards_if_it_still_burns(tmp_path: Path) -> None:
    company = with_rules(tmp_path, routes=ROUTES.replace("receivers: [board],", 'receivers: [board], mute: [{until: "09:30"}],'))
    drop(company)
    assert alert.evaluate(company, NOW).messages == ()
    assert len(alert.evaluate(company, NOW + timedelta(hours=1)).messages) == 1


def test_incidents_of_a_group_share_a_message_and_later_ones_wait_for_the_interval(tmp_path: Path) -> None:
    company = with_rules(tmp_path, routes=ROUTES.replace("group_wait: 0s", "group_wait: 1m\n  group_by: [alert]"))
    change(company, finding(NOW), finding(NOW, check_id="freshness:ecb.rates:load", source="ecb", stream="rates"))
    counts = [len(alert.evaluate(company, NOW + timedelta(seconds=s)).messages) for s in (0, 59, 60)]
    assert counts == [0, 0, 1]
    assert {s for s, _ in said(company)} == {"[high] Source is late: ecb and 1 more"}
    change(company, finding(NOW, check_id="freshness:crm.deals:load", source="crm", stream="deals"))
    counts = [len(alert.evaluate(company, NOW + timedelta(minutes=m)).messages) for m in (2, 6)]
    assert counts == [0, 1]


def test_a_summary_that_fails_does_not_silence_the_alert(tmp_path: Path) -> None:
    company = with_rules(tmp_path, ALERTS.replace("{{ kpi }} is", "{{ no_such_word }} is"))
    drop(company)
    alert.evaluate(company, NOW)
    assert "The summary could not be written: 'no_such_word' is undefined" in bodies(company, "alert:")[0]


def test_a_rule_that_cannot_look_leaves_those_after_it_working(tmp_path: Path, warehouse_url: str) -> None:
    broken = ALERTS[ALERTS.index("failed_payments:") : ALERTS.index("source_late:")]
    company = replace(with_rules(tmp_path, broken + ALERTS.replace(broken, "")), warehouse=warehouse_url)
    fill_warehouse(company)
    drop(company)
    change(company, lambda s: s.execute("drop table kpis.failed_payment_amount"))
    result = alert.evaluate(company, NOW)
    assert len(result.fired) == 1
    assert [failure.split(":")[0] for failure in result.failed] == ["failed_payments"]
    assert {(f.entry["name"], f.entry["kpi"]) for f in published(company)} == {("mrr_drop", "mrr")}


def test_an_incident_of_a_removed_rule_is_closed(company: Settings) -> None:
    drop(company)
    alert.evaluate(company, NOW)
    rules = company.config / "alerts.yaml"
    rules.write_text(rules.read_text().replace("mrr_drop:", "renamed:").replace("title: MRR drop", "title: Other"))
    alert.evaluate(company, NOW + timedelta(hours=1))
    assert ("[resolved] mrr_drop", "#board") in said(company)


def test_the_words_of_a_finding_cannot_mention_a_channel(company: Settings) -> None:
    change(company, finding(NOW, what="<!channel> <b>late</b>"))
    alert.evaluate(company, NOW)
    with open_store(company.control).begin() as tx:
        (payload,) = tx.execute(sa.select(outbox.c.payload_json)).scalars()
    rendered = json.loads(payload)["bodies"]
    assert "<!channel>" not in rendered["slack"]["body"]
    assert "<b>late" not in rendered["html"]["body"]


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("alerts", "kpi: mrr,", "kpi: mmr,", "unknown KPI 'mmr'; allowed: "),
        ("alerts", "below: -0.05", "below: -0.05, above: 1", "exactly one of above and below"),
        ("alerts", "severity: critical", "severity: severe", "'critical', 'high'"),
        ("alerts", "type: late_source", "type: slow_source", "'late_source'"),
        ("routes", "receivers: [board]", "receivers: [bord]", "unknown group 'bord'; allowed: board, everyone, data"),
        ("routes", "receivers: [board]", "receivers: [everyone]", "not cleared for confidential figures"),
        ("routes", "receivers: [data]", "receivers: []", "nobody receives"),
        ("routes", "repeat_interval: 4h", "repeat_interval: often", "no duration"),
        ("routes", "same: [source]", "equal: [source]", "unknown key"),
    ],
)
def test_wrong_configuration_is_explained(company: Settings, name: str, old: str, new: str, says: str) -> None:
    path = company.config / f"{name}.yaml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ConfigError, match=says):
        alert.evaluate(company, NOW)


def test_the_shipped_rules_and_routes_fit_together() -> None:
    from cynosure.alert.evaluate import read_setup
    from cynosure.settings import load_settings

    setup = read_setup(load_settings({"CYNOSURE_PROJECT": str(Path(__file__).resolve().parents[2])}))
    assert set(setup.rules) == {"mrr_drop", "failed_payments", "source_late"}


@pytest.mark.kill
def test_a_kill_before_the_commit_leaves_neither_incident_nor_message(company: Settings) -> None:
    drop(company)
    code = (
        "import sys\nfrom datetime import datetime\nfrom cynosure import alert\nfrom cynosure.settings import load_settings\n"
        "alert.evaluate(load_settings(), datetime.fromisoformat(sys.argv[1]))"
    )
    environment = {
        **company.environment,
        "CYNOSURE_KILL_AT": "alert.before_commit",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    child = subprocess.run([sys.executable, "-c", code, NOW.isoformat()], env=environment, capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    with open_store(company.control).begin() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(incidents)) == 0
    assert said(company) == []
    assert len(alert.evaluate(company, NOW).fired) == 1


@pytest.mark.postgres
def test_the_same_incidents_in_postgresql(company: Settings, postgres_url: str) -> None:
    from dataclasses import replace

    company = replace(company, control=postgres_url)
    drop(company)
    assert len(alert.evaluate(company, NOW).messages) == 1
    recover(company)
    assert len(alert.evaluate(company, NOW + timedelta(hours=1)).resolved) == 1
    assert ("[resolved] MRR drop", "#board") in said(company)
