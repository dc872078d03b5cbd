"""The reference is current, complete, and says nothing that does not exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from project_copy import Project
from typer.main import get_command
from typer.testing import CliRunner

from cynosure.cli import app
from cynosure.extract import connector_class, connector_names
from cynosure.reference.command_page import commands
from cynosure.reference.config_files import CONFIG_FILES
from cynosure.reference.environment import MEANINGS, groups
from cynosure.settings import load_settings
from cynosure.transform.kpis import read_kpis

REPOSITORY = Path(__file__).parents[2]
REFERENCE = REPOSITORY / "docs" / "reference"
COMMANDS = list(commands(get_command(app)))


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_what_is_checked_in_is_what_would_be_written() -> None:
    result = CliRunner().invoke(app, ["docs", "--check"], env={"CYNOSURE_PROJECT": str(REPOSITORY)})
    assert (result.exit_code, result.output.startswith("all ")) == (0, True), result.output


@pytest.mark.parametrize(("context", "command"), COMMANDS, ids=[context.command_path for context, _ in COMMANDS])
def test_every_command_and_parameter_has_help(context: Any, command: Any) -> None:
    assert command.help
    assert [p.name for p in command.params if not getattr(p, "help", "") and "help" not in p.opts[0]] == []
    assert f"## {context.command_path}\n" in page("commands.md")


def test_every_connector_has_a_page_with_its_settings_and_streams() -> None:
    for name in connector_names():
        kind, text = connector_class(name), page(f"connectors/{name}.md")
        assert all(f"| `{stream.name}` |" in text for stream in kind.streams)
        assert all(f"`CYNOSURE_{name}_{field}`".upper() in text.upper() for field in kind.settings_model.model_fields)
        personal = {field for stream in kind.streams for field in stream.personal}
        assert all(f"`{field}`" in text for field in personal)


def test_the_form_of_each_connection_is_named_field_by_field() -> None:
    text = page("connectors/stripe.md")
    assert "| Restricted API key (Password) |" in text
    assert "| API base URL (Host) |" in text


def test_every_kpi_is_in_the_handbook_with_its_query() -> None:
    text = page("kpis.md")
    for kpi in read_kpis(REPOSITORY / "sql").values():
        section = text.partition(f"### {kpi.title}\n")[2].partition("\n### ")[0]
        assert kpi.definition in section
        assert f"sql/models/kpis/{kpi.area}/{kpi.name}.sql" in section
        if kpi.area != "data_platform":
            assert "| Built from |" in section
            assert "| Raw streams |" in section


def keys(schema: dict[str, Any]) -> set[str]:
    return {key for part in (schema, *schema.get("$defs", {}).values()) for key in part.get("properties", ())}


def test_every_file_of_the_configuration_is_documented_with_every_key() -> None:
    assert set(CONFIG_FILES) == {path.name for path in (REPOSITORY / "config").glob("*.yaml")}
    for name, file in CONFIG_FILES.items():
        section = page("configuration.md").partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert section
        assert [key for key in keys(file.adapter.json_schema()) if f"| `{key}` |" not in section] == []


def test_every_variable_that_the_settings_name_is_explained() -> None:
    read = set()
    for path in (REPOSITORY / "cynosure").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "getenv"):
                read |= {a.value for a in node.args if isinstance(a, ast.Constant) and re.match("CYNOSURE_", str(a.value))}
    assert read == set(MEANINGS)
    text = page("configuration.md")
    assert all(f"| `{variable.name}` |" in text for group in groups() for variable in group.variables)


def test_defaults_of_places_are_those_that_hold() -> None:
    shown = {v.name: v.default.strip("`") for v in groups()[0].variables}
    settings = load_settings({"CYNOSURE_PROJECT": "/elsewhere"})
    expanded = shown["CYNOSURE_WAREHOUSE"].replace("$CYNOSURE_HOME", shown["CYNOSURE_HOME"])
    assert expanded.replace("$CYNOSURE_PROJECT", "/elsewhere") == settings.warehouse


def test_no_secret_has_a_default_that_is_shown() -> None:
    password = next(v for group in groups() for v in group.variables if v.name == "CYNOSURE_SMTP_PASSWORD")
    assert (password.value, password.default) == ("secret", "")


def test_dbt_knows_every_stream_and_no_other() -> None:
    for name in connector_names():
        file = REPOSITORY / f"sql/models/staging/{name}/_{name}__sources.yml"
        source = next(s for s in yaml.safe_load(file.read_text(encoding="utf-8"))["sources"] if s["name"] == name)
        assert source["schema"] == "raw"
        assert {t["name"] for t in source["tables"]} == {stream.name for stream in connector_class(name).streams}
        assert all(table["identifier"] == f"{name}__{table['name']}" for table in source["tables"])


def test_check_names_what_is_stale_or_left_over_and_docs_repairs_it(project: Project) -> None:
    (project.folder / "docs/reference/kpis.md").write_text("old\n")
    (project.folder / "docs/reference/connectors/gone.md").write_text("a connector that was removed\n")
    targets = project.folder / "config/targets.yaml"
    targets.write_text(targets.read_text().partition("\n")[2] + "# a person's own words\n")
    checked = project.cynosure("docs", "--check")
    assert checked.exit_code == 1
    assert {line.partition(": ")[2] for line in checked.stdout.splitlines()[:-1]} == {
        "docs/reference/kpis.md", "docs/reference/connectors/gone.md", "config/targets.yaml",
    }  # fmt: skip
    before = project.state()
    assert project.cynosure("docs").exit_code == 0
    assert project.cynosure("docs", "--check").exit_code == 0
    assert {name for name, content in project.state().items() if before.get(name) != content} == {
        "docs/reference/kpis.md", "config/targets.yaml",
    }  # fmt: skip
    assert not (project.folder / "docs/reference/connectors/gone.md").exists()
    assert targets.read_text().endswith("# a person's own words\n")
