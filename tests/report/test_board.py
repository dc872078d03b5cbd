"""The board: what is shown by period, what it is judged by while a period runs, and what is marked as doubtful."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cynosure.cli import output
from cynosure.cli.main import app
from cynosure.report.board import Board, Line, Wanted, read_board
from cynosure.settings import ConfigError, Settings
from cynosure.warehouse import open_warehouse
from tests.report.small_company import NOW, add_finding, make_company, mrr_on, record_load

TARGETS = """
new_mrr: {target: {"2026-01": 300}}
churned_mrr: {target: {"2026-01": 60}, red: 140%}
mrr: {target: {"2026-01": 50000}, by: {plan: {pro: {"2026-01": 30000}}}}
mrr_churn_rate: {target: {"2026-01": 0.02}}
"""
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def company(tmp_path: Path) -> Settings:
    return make_company(tmp_path, targets=TARGETS)


def change(company: Settings, *statements: str) -> None:
    warehouse = open_warehouse(company.warehouse)
    with warehouse.writing() as session:
        for sql in statements:
            session.execute(sql)
    warehouse.publish()


def line(board: Board, kpi: str, member: str = "all") -> Line:
    return next(line for line in board.lines if (line.kpi.name, line.member) == (kpi, member))


def show(company: Settings, *names: str, **wanted: Any) -> Board:
    return read_board(company, Wanted(names, **wanted), NOW)


def test_the_newest_periods_are_shown_with_what_the_warehouse_says(company: Settings) -> None:
    board = show(company, "mrr", grain="day", periods=2)
    assert board.periods == (date(2026, 11, 21), date(2026, 11, 22))
    assert line(board, "mrr").values == {day: mrr_on(day) for day in board.periods}


def test_a_running_flow_is_judged_by_its_complete_days_against_the_same_days_before(company: Settings) -> None:
    found = line(show(company, "new_mrr"), "new_mrr")
    assert (found.judged, found.before, found.year_ago) == (Decimal("262.5"), Decimal("262.5"), None)
    assert (found.standing.status, found.standing.target, found.standing.attained) == ("green", 210, Decimal("1.25"))
    assert found.pace.linear == 210


def test_less_is_better_turns_the_colours(company: Settings) -> None:
    found = line(show(company, "churned_mrr"), "churned_mrr")
    assert (found.judged, found.standing.target, found.standing.status) == (63, 42, "red")


def test_a_level_is_judged_by_the_last_complete_day(company: Settings) -> None:
    found = line(show(company, "mrr", grain="day"), "mrr")
    assert (found.judged, found.before) == (mrr_on(date(2026, 11, 21)), mrr_on(date(2026, 11, 20)))
    assert (found.standing.target, found.standing.status) == (50000, "red")


def test_as_of_a_past_day_its_period_holds_only_what_that_day_had_seen(company: Settings) -> None:
    board = show(company, "new_mrr", "mrr", "mrr_churn_rate", as_of=date(2026, 10, 10))
    assert board.periods[-1] == OCTOBER
    shown = {name: line(board, name).values[OCTOBER] for name in ("new_mrr", "mrr", "mrr_churn_rate")}
    assert shown == {"new_mrr": 125, "mrr": mrr_on(date(2026, 10, 10)), "mrr_churn_rate": None}
    assert (line(board, "new_mrr").standing.target or 0).quantize(Decimal("0.01")) == Decimal("96.77")
    assert line(board, "mrr_churn_rate").standing.status == "no data"


def test_what_needs_a_late_source_is_marked_and_what_was_over_before_is_not(company: Settings) -> None:
    change(company, "delete from ops.loads")
    assert "stripe has never been loaded" in line(show(company, "mrr"), "mrr").doubts[OCTOBER]
    warehouse = open_warehouse(company.warehouse)
    with warehouse.writing() as session:
        record_load(session, datetime(2026, 11, 20, 12, tzinfo=UTC))
    warehouse.publish()
    assert line(show(company, "mrr"), "mrr").doubts == {NOVEMBER: ("stripe is complete only up to 2026-11-20 12:00 UTC",)}


def test_what_a_failed_check_concerns_is_marked_for_every_period(company: Settings) -> None:
    warehouse = open_warehouse(company.warehouse)
    with warehouse.writing() as session:
        add_finding(session, NOW, what="mrr does not add up")
    warehouse.publish()
    board = show(company, "mrr", "new_mrr")
    assert set(line(board, "mrr").doubts.values()) == {("mrr does not add up",)}
    assert set(line(board, "mrr").doubts) == set(board.periods)
    assert line(board, "new_mrr").doubts == {}


def test_a_breakdown_has_a_line_and_a_target_for_each_member(company: Settings) -> None:
    rows = ", ".join(
        f"('2026-11-01', 'month', 'plan', '{plan}', {value}, null, null, 1)" for plan, value in (("pro", 29000), ("free", 1))
    )
    change(company, f"insert into kpis.mrr values {rows}")
    board = show(company, dimension="plan")
    assert [(x.kpi.name, x.member, x.standing.status) for x in board.lines] == [
        ("mrr", "free", "no target"),
        ("mrr", "pro", "yellow"),
    ]
    assert [x.member for x in show(company, dimension="plan", members=["pro"]).lines] == ["pro"]


def test_a_kpi_that_is_not_built_yet_does_not_hide_the_others(company: Settings) -> None:
    change(company, "drop table kpis.fx_mrr")
    board = show(company)
    assert board.not_built == ("fx_mrr",)
    assert {x.kpi.name for x in board.lines} >= {"mrr", "new_mrr"}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"names": ["mmr"]}, r"there is no KPI 'mmr' \(did you mean 'mrr'\?\); known: active_customers,"),
        ({"areas": ["sale"]}, r"there is no area 'sale'; known: revenue"),
        ({"names": ["mrr"], "dimension": "plna"}, r"there is no dimension of this KPI 'plna'; known: all"),
        ({"names": ["mrr"], "grain": "week"}, r"this KPI cannot be had by week; allowed: day, month"),
        ({"names": ["mrr"], "members": ["pro"]}, r"there is no member of all 'pro'; known: all"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(company: Settings, wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_board(company, Wanted(**wanted), NOW)


def run(company: Settings, *arguments: str) -> Any:
    offset = company.home / "clock"
    offset.write_text(str((NOW - datetime.now(UTC)) / timedelta(seconds=1)))
    env = {"CYNOSURE_PROJECT": str(company.project), "CYNOSURE_HOME": str(company.home), "CYNOSURE_CLOCK_FILE": str(offset)}
    return CliRunner().invoke(app, ["kpis", *arguments], env=env | {"COLUMNS": "200"}, catch_exceptions=True)


def test_people_read_a_table_by_area_with_marks_and_reasons(company: Settings) -> None:
    change(company, "delete from ops.loads")
    printed = run(company, "new_mrr", "mrr_churn_rate").output
    assert "Revenue" in printed
    assert "$12.50" not in printed
    assert "green 125.0%" in printed
    assert "1.6% !" in printed
    assert "! stripe has never been loaded: New MRR, MRR churn rate" in printed


@pytest.mark.parametrize(("width", "course", "target"), [(200, True, True), (90, False, True), (60, False, False)])
def test_a_narrow_terminal_keeps_names_and_values_and_says_what_it_leaves_out(
    company: Settings, width: int, course: bool, target: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.console, "width", width)
    shown = CliRunner().invoke(app, ["kpis"], env=dict(company.environment)).stdout
    tables, _, notes = shown.partition("A wider terminal also shows: ")
    assert "Active customers" in tables
    assert ("on course for" in tables, "target" in tables) == (course, target)
    assert ("on course for" in notes, "target" in notes) == (not course, not target)


def test_programs_read_exact_values_with_standing_and_doubts(company: Settings) -> None:
    found = json.loads(run(company, "new_mrr", "--json").output)
    kpi = found["kpis"]["new_mrr"]
    assert (found["judged_until"], kpi["area"], kpi["unit"]) == ("2026-11-21", "revenue", "currency")
    assert kpi["standing"]["all"]["value"] == "262.500000"
    assert kpi["standing"]["all"]["status"] == "green"
    assert kpi["doubts"] == {"all": {}}


@pytest.mark.parametrize(
    ("as_of", "periods"),
    [("2026-10-31", ["2026-10-01"]), ("2026-10-31T23:59:59+00:00", ["2026-10-01"]), ("2026-11-01T00:00:00+00:00", ["2026-10-01"]),
     ("2026-11-02T00:00:00+00:00", ["2026-11-01"])],
)  # fmt: skip
def test_an_instant_means_the_days_that_were_over(company: Settings, as_of: str, periods: list[str]) -> None:
    found = json.loads(run(company, "new_mrr", "--periods", "1", "--as-of", as_of, "--json").output)
    assert list(found["kpis"]["new_mrr"]["values"]["all"]) == periods


def test_an_instant_that_is_none_is_refused(company: Settings) -> None:
    assert "neither a day nor an instant" in str(run(company, "--as-of", "yesterday").exception)
