"""What `cynosure new` writes works as it is, and never replaces what somebody wrote."""

from __future__ import annotations

import pytest
import yaml
from project_copy import Project

from cynosure.reference.config_files import CONFIG_FILES
from cynosure.settings import ConfigError
from cynosure.transform.kpis import read_kpis

CONNECTOR_FILES = {
    "connectors/acme_desk.py",
    "tests/connectors/test_acme_desk.py",
    "sql/models/staging/acme_desk/_acme_desk__sources.yml",
}


def written(project: Project, *command: str) -> dict[str, bytes]:
    """What a successful command changed."""
    before = project.state()
    result = project.cynosure("new", *command)
    assert result.exit_code == 0, result.output
    return {name: content for name, content in project.state().items() if before.get(name) != content}


@pytest.mark.slow
def test_a_connector_is_discovered_documented_and_passes_its_test(project: Project) -> None:
    assert set(written(project, "connector", "acme_desk")) == CONNECTOR_FILES
    found = project.run("-c", "from cynosure.extract import connector_class; print(connector_class('acme_desk').title)")
    assert found.stdout == "Acme Desk\n"
    tested = project.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/connectors/test_acme_desk.py")
    assert (tested.returncode, "6 passed" in tested.stdout) == (0, True), tested.stdout
    assert project.cynosure_apart("docs").returncode == 0
    page = project.text("docs/reference/connectors/acme_desk.md")
    assert "| `items` |" in page
    assert "`CYNOSURE_ACME_DESK_API_KEY`" in page


def test_a_connector_obeys_the_house_rules(project: Project) -> None:
    paths = sorted(written(project, "connector", "acme_desk"))
    python = [path for path in paths if path.endswith(".py")]
    for check in (("ruff", "check", *python), ("ruff", "format", "--check", *python), ("yamllint", "-s", paths[1])):
        result = project.run("-m", *check)
        assert result.returncode == 0, result.stdout


@pytest.mark.slow
def test_a_connector_is_typed(project: Project) -> None:
    written(project, "connector", "acme_desk")
    result = project.run("-m", "mypy", "--cache-dir", str(project.folder / "types"), "connectors/acme_desk.py")
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
def test_the_entry_that_is_printed_makes_the_connector_a_source(project: Project) -> None:
    printed = project.cynosure("new", "connector", "acme_desk").stdout
    entry = printed.partition("config/sources.yaml:\n")[2].partition("\n6.")[0]
    with (project.folder / "config/sources.yaml").open("a", encoding="utf-8") as file:
        file.write(entry)
    refused = project.cynosure_apart("check-connection", "acme_desk")
    assert refused.returncode == 2
    assert "CYNOSURE_ACME_DESK_API_KEY" in refused.stderr


def test_a_kpi_has_a_query_and_an_entry_with_everything_that_is_asked_for(project: Project) -> None:
    assert set(written(project, "kpi", "big_mrr")) == {
        "sql/models/kpis/revenue/big_mrr.sql",
        "sql/models/kpis/revenue/_revenue.yml",
    }
    kpi = read_kpis(project.folder / "sql")["big_mrr"]
    assert (kpi.title, kpi.unit) == ("Big mrr", "currency")
    entries = yaml.safe_load(project.text("sql/models/kpis/revenue/_revenue.yml"))["models"]
    assert set(entries[-1]["config"]["meta"]) == set(entries[0]["config"]["meta"])
    assert project.cynosure("docs").exit_code == 0
    assert "### Big mrr\n" in project.text("docs/reference/kpis.md")


@pytest.mark.slow
def test_a_kpi_is_parsed_by_dbt(project: Project) -> None:
    written(project, "kpi", "big_mrr")
    written(project, "connector", "acme_desk")
    folder = ("--project-dir", "sql", "--profiles-dir", "sql", "--target-path", "../built", "--log-path", "built")
    result = project.run(
        "-m", "dbt.cli.main", "--no-use-colors", "--quiet", "ls", *folder, "--select", "big_mrr", "source:acme_desk"
    )
    assert result.stdout.split() == ["cynosure.kpis.revenue.big_mrr", "source:cynosure.acme_desk.items"], result.stdout


@pytest.mark.parametrize(("kpi", "limit"), [("mrr", "below"), ("mrr_churn_rate", "above")])
def test_an_alert_is_a_rule_on_a_bad_day_of_the_kpi(project: Project, kpi: str, limit: str) -> None:
    before = project.text("config/alerts.yaml")
    assert set(written(project, "alert", "bad_day", "--kpi", kpi)) == {"config/alerts.yaml"}
    assert project.text("config/alerts.yaml").startswith(before)
    rule = CONFIG_FILES["alerts.yaml"].adapter.validate_python(yaml.safe_load(project.text("config/alerts.yaml")))["bad_day"]
    assert (rule.when.kpi, getattr(rule.when, limit) is not None) == (kpi, True)
    area = rule.labels["area"]
    routed = project.cynosure("alert", "route", "alert=bad_day", "severity=warning", f"area={area}")
    assert routed.exit_code == 0
    assert routed.stdout


def test_a_report_goes_to_the_operators_until_somebody_decides(project: Project) -> None:
    before = project.text("config/reports.yaml")
    assert set(written(project, "report", "monday_revenue")) == {"config/reports.yaml"}
    assert project.text("config/reports.yaml").startswith(before)
    report = CONFIG_FILES["reports.yaml"].adapter.validate_python(yaml.safe_load(project.text("config/reports.yaml")))[
        "monday_revenue"
    ]
    assert report.groups == (yaml.safe_load(project.text("config/recipients.yaml"))["operators"],)
    assert report.kpi_names == ("mrr",)


REFUSED = {
    "a connector that exists": ("connector", "stripe"),
    "a model that exists": ("kpi", "mrr"),
    "a mart's name for a KPI": ("kpi", "customers"),
    "an alert that exists": ("alert", "mrr_drop"),
    "a report that exists": ("report", "daily_metrics"),
    "a KPI that does not exist": ("alert", "low_mood", "--kpi", "mood"),
    "capitals": ("connector", "AcmeDesk"),
    "a path": ("connector", "../acme"),
    "two underscores": ("connector", "acme__desk"),
    "a word of Python": ("kpi", "class"),
    "a line break": ("alert", "a\nb"),
    "nothing": ("report", ""),
}


@pytest.mark.parametrize("what", REFUSED)
def test_nothing_is_written_for(what: str, project: Project) -> None:
    before = project.state()
    result = project.cynosure("new", *REFUSED[what])
    assert isinstance(result.exception, ConfigError)
    assert project.state() == before


def test_a_file_that_is_in_the_way_stays(project: Project) -> None:
    mine = project.folder / "tests" / "connectors" / "test_acme_desk.py"
    mine.parent.mkdir()
    mine.write_text("mine\n")
    assert isinstance(project.cynosure("new", "connector", "acme_desk").exception, ConfigError)
    assert mine.read_text() == "mine\n"
    assert not (project.folder / "connectors" / "acme_desk.py").exists()
