"""Publishing: once per period and group, held while data is late, kept as published, corrected only when asked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from cynosure import report
from cynosure.deliver import entries, open_store
from cynosure.report.runs import report_runs
from cynosure.settings import ConfigError, Settings
from cynosure.warehouse import Session, open_warehouse
from tests.report.small_company import CONFIG, NOW, add_finding, make_company, mrr_on, record_load, set_value

DAY = date(2026, 11, 21)
BEFORE_DEADLINE, AFTER_DEADLINE = NOW, NOW + timedelta(hours=2)


@pytest.fixture
def company(tmp_path: Path) -> Settings:
    return make_company(tmp_path)


def change(settings: Settings, do: Callable[[Session], None]) -> None:
    warehouse = open_warehouse(settings.warehouse)
    with warehouse.writing() as session:
        do(session)
    warehouse.publish()


def outcomes(settings: Settings, now: datetime = NOW) -> list[str]:
    return [publication.outcome for publication in report.send_due(settings, now)]


def messages(settings: Settings) -> list[str]:
    return sorted({entry.dedup_key for entry in entries(open_store(settings.control))})


def text(settings: Settings, group: str = "", now: datetime = NOW) -> str:
    return report.preview(settings, "daily", now, "text", group).body


def test_a_period_goes_out_once_to_every_recipient(company: Settings) -> None:
    (publication,) = report.send_due(company, NOW)
    assert (publication.outcome, publication.key) == ("sent", "report:daily:2026-11-21:board")
    assert report.send_due(company, NOW + timedelta(hours=3)) == ()
    assert report.send_due(company, NOW + timedelta(days=1, hours=3))[0].day == date(2026, 11, 22)
    states = {(e.recipient, e.state) for e in entries(open_store(company.control)) if "2026-11-21" in e.dedup_key}
    assert states == {("ada@example.com", "pending"), ("gone@example.com", "suppressed"), ("#board", "pending")}


def test_figures_are_kept_as_published(company: Settings) -> None:
    report.send_due(company, NOW)
    with open_store(company.control).begin() as tx:
        row = tx.execute(sa.select(report_runs)).mappings().one()
    kept = json.loads(row["figures_json"])
    assert kept["mrr.day"] == {"value": f"{mrr_on(DAY)}0000", "unit": "currency", "currency": "USD", "text": "$41,032.75"}
    assert row["data_as_of"] == NOW - timedelta(minutes=30)


def test_the_report_shows_values_changes_target_and_movements(company: Settings) -> None:
    shown = text(company)
    for expected in (
        "MRR $41,032.75: +$12.75 vs previous day, +1.0% vs 21 Oct.",
        "▲ +$12.75 vs previous day   ▲ +$395.25 (+1.0%) vs 21 Oct",
        "82.1% of target $50,000.00, red",
        "+$278.25",
        "▲ +$13.25 on the day",
        "vs 1 to 21 Oct",
        "1.6%",
        "within target 2.0%",
        "$40,765.00 at the start of the month, $41,032.75 on 21 Nov.",
        "Ada <b>Ltd</b>",
    ):
        assert expected in shown
    assert "does not add up" not in shown
    assert "not verified" not in shown


def test_html_and_slack_come_from_the_same_document(company: Settings) -> None:
    page = report.preview(company, "daily", NOW, "html")
    assert "$41,032.75" in page.body
    assert [image.name for image in page.images if image.alt] != []
    assert "$41,032.75" in report.preview(company, "daily", NOW, "slack").body


def test_figures_above_a_groups_clearance_are_not_in_its_document(tmp_path: Path) -> None:
    company = make_company(tmp_path, reports=CONFIG["reports.yaml"].replace("[board]", "[board, everyone]"))
    shown = text(company, "everyone")
    assert "381" in shown
    for secret in ("MRR", "Ada", "$", "Bob"):
        assert secret not in shown
    assert "MRR" in text(company, "board")


def test_a_late_source_holds_the_report_until_the_deadline_then_it_goes_stamped(company: Settings) -> None:
    change(company, lambda s: add_finding(s, NOW))
    assert outcomes(company, BEFORE_DEADLINE) == ["held"]
    assert outcomes(company, BEFORE_DEADLINE) == ["held"]
    assert messages(company) == []
    assert outcomes(company, AFTER_DEADLINE) == ["sent"]
    stamped = text(company)
    assert stamped.count("not verified: stripe.subscriptions was last read completely 5.0 h ago") == 2


def test_data_that_ends_before_the_period_is_late_even_without_a_finding(company: Settings) -> None:
    change(company, lambda s: (s.execute("delete from ops.loads"), record_load(s, NOW - timedelta(hours=12)))[0] and None)
    assert outcomes(company) == ["held"]
    assert "stripe late: data as of 21 Nov 2026, 22:00 CET" in text(company)


def test_a_held_report_goes_out_as_soon_as_the_data_is_right(company: Settings) -> None:
    change(company, lambda s: add_finding(s, NOW - timedelta(minutes=20)))
    assert outcomes(company) == ["held"]
    change(company, lambda s: add_finding(s, NOW, status="passed"))
    assert outcomes(company) == ["sent"]
    assert "not verified" not in text(company)


@pytest.mark.parametrize(
    "finding",
    [
        {"severity": "warn"},
        {"affected_kpis": '["something_else"]'},
        {"affected_kpis": "[]", "stream": "payouts"},
        {"affected_kpis": "[]", "stream": None, "source": "hubspot"},
    ],
)
def test_findings_that_do_not_touch_the_report_do_not_hold_it(company: Settings, finding: dict[str, object]) -> None:
    change(company, lambda s: add_finding(s, NOW, **finding))
    assert outcomes(company) == ["sent"]


def test_a_finding_on_a_whole_source_touches_every_kpi_it_feeds(company: Settings) -> None:
    change(company, lambda s: add_finding(s, NOW, stream=None, affected_kpis="[]", kind="run", check_id="run:stripe"))
    assert outcomes(company) == ["held"]


def test_findings_of_one_kind_are_told_in_one_sentence(company: Settings) -> None:
    def late(session: Session) -> None:
        for stream in ("charges", "coupons", "disputes", "invoices", "payouts", "plans", "prices", "refunds"):
            what = f"stripe.{stream} was never compared as a whole with the source"
            add_finding(
                session,
                NOW,
                stream=stream,
                kind="audit",
                check_id=f"audit:{stream}",
                severity="warn",
                what=what,
                expected="weekly",
            )

    change(company, late)
    told = " ".join(text(company).split())
    assert (
        "stripe.charges was never compared as a whole with the source; likewise stripe.coupons, stripe.disputes, stripe.invoices,"
        " stripe.payouts, stripe.plans, stripe.prices, 1 more; expected weekly."
    ) in told
    assert told.count("never compared") == 1


def test_an_empty_warehouse_holds_the_report(company: Settings) -> None:
    for path in company.home.iterdir():
        path.unlink()
    assert [p.reason for p in report.send_due(company, AFTER_DEADLINE)] == ["nothing has been loaded yet"]


def test_changed_history_is_corrected_only_when_asked(company: Settings) -> None:
    report.send_due(company, NOW)
    assert [p.outcome for p in report.send(company, "daily", NOW, force=True)] == ["unchanged"]
    change(company, lambda s: set_value(s, "mrr", "41000.00", DAY))
    assert [p.outcome for p in report.send(company, "daily", NOW)] == ["unchanged"]
    (correction,) = report.send(company, "daily", NOW, force=True)
    assert correction.outcome == "correction"
    assert correction.key.startswith("report:daily:2026-11-21:board:correction:")
    assert [p.outcome for p in report.send(company, "daily", NOW, force=True)] == ["unchanged"]
    assert len(messages(company)) == 2


def test_sending_by_hand_waits_for_verified_data_unless_forced(company: Settings) -> None:
    change(company, lambda s: add_finding(s, NOW))
    assert [p.outcome for p in report.send(company, "daily", AFTER_DEADLINE)] == ["held"]
    assert [p.outcome for p in report.send(company, "daily", AFTER_DEADLINE, force=True)] == ["sent"]


def test_movements_that_do_not_add_up_leave_the_chart_out(company: Settings) -> None:
    change(company, lambda s: set_value(s, "new_mrr", "99", date(2026, 11, 5)))
    assert "do not add up" in text(company)


def test_one_report_that_cannot_be_built_keeps_no_other_back(tmp_path: Path) -> None:
    broken = CONFIG["reports.yaml"].replace("daily:", "broken:", 1).replace("failed_payment_amount]", "fx_mrr]")
    company = make_company(tmp_path, reports=broken + CONFIG["reports.yaml"])
    change(company, lambda s: s.execute("drop table kpis.fx_mrr") and None)
    results = {p.report: p for p in report.send_due(company, NOW)}
    assert results["broken"].outcome == "failed"
    assert "fx_mrr" in results["broken"].reason


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("groups: [board]", "groups: [bord]", "unknown group 'bord'; allowed: board, data, everyone"),
        ("headline: [mrr", "headline: [mmr", "unknown KPI 'mmr'; allowed: "),
        ('hold_until: "11:00"', 'hold_until: "07:00"', "hold_until must be later"),
        ('"08:00"', '"8 am"', "no time of day"),
        ("chart: trend", "chart: pie", "'trend', 'waterfall'"),
        ("kpis:", "kpi:", "unknown key"),
    ],
)
def test_a_wrong_reports_file_is_explained(tmp_path: Path, old: str, new: str, says: str) -> None:
    company = make_company(tmp_path, reports=CONFIG["reports.yaml"].replace(old, new))
    with pytest.raises(ConfigError, match=says):
        report.send_due(company, NOW)


def test_the_shipped_configuration_is_valid() -> None:
    from cynosure.report.publish import open_newsroom
    from cynosure.settings import load_settings

    project = Path(__file__).resolve().parents[2]
    settings = load_settings({"CYNOSURE_PROJECT": str(project), "CYNOSURE_CONTROL": "sqlite:///:memory:"})
    assert "daily_metrics" in open_newsroom(settings).reports


@pytest.mark.kill
@pytest.mark.parametrize("point", ["report.after_record", "report.before_commit"])
def test_a_kill_while_publishing_leaves_nothing_half_done(company: Settings, point: str) -> None:
    code = (
        "import sys\nfrom datetime import datetime\nfrom cynosure import report\nfrom cynosure.settings import load_settings\n"
        "report.send_due(load_settings(), datetime.fromisoformat(sys.argv[1]))"
    )
    project = Path(__file__).resolve().parents[2]
    environment = {**company.environment, "CYNOSURE_KILL_AT": point, "PYTHONPATH": str(project)}
    child = subprocess.run([sys.executable, "-c", code, NOW.isoformat()], env=environment, capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert messages(company) == []
    assert outcomes(company) == ["sent"]
