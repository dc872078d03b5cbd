"""The generated reference: pages about connectors, KPIs, commands and configuration, and schemas for editors.

Everything is read from what it describes, so nothing is listed twice. `cynosure docs` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from cynosure.extract import connector_class, connector_names
from cynosure.reference.command_page import Command, command_page
from cynosure.reference.config_files import CONFIG_FILES
from cynosure.reference.configuration_page import configuration_page, schema_name
from cynosure.reference.connector_page import connector_page
from cynosure.reference.kpi_page import kpi_page
from cynosure.reference.markdown import bullets, link, page
from cynosure.reference.publish import Stale, bring_up_to_date, stale
from cynosure.reference.schemas import config_schemas
from cynosure.settings import Settings

__all__ = ["Stale", "bring_up_to_date", "generated", "generated_folders", "stale"]

_SCHEMA_LINE = "# yaml-language-server: $schema="


def generated_folders(settings: Settings) -> tuple[Path, ...]:
    """Folders that hold generated files only."""
    return settings.project / "docs" / "reference", settings.config / "schemas"


def generated(settings: Settings, root: Command, exit_codes: str) -> dict[Path, str]:
    """Every generated file with its text; `root` is the command line, `exit_codes` what its codes mean."""
    reference, schema_folder = generated_folders(settings)
    schemas = config_schemas()
    files = {
        reference / "index.md": _index(),
        reference / "kpis.md": kpi_page(settings.project, settings.sql),
        reference / "commands.md": command_page(root, exit_codes),
        reference / "configuration.md": configuration_page(schemas),
    }
    for name in connector_names():
        files[reference / "connectors" / f"{name}.md"] = connector_page(settings.project, connector_class(name))
    for name, schema in schemas.items():
        files[schema_folder / schema_name(name)] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return files | dict(_with_schema_line(settings.config))


def _index() -> str:
    connectors = (
        f"{link(connector_class(name).title, f'connectors/{name}.md')}: {len(connector_class(name).streams)} streams"
        for name in connector_names()
    )
    pages = (link("KPI handbook", "kpis.md"), link("Commands", "commands.md"), link("Configuration", "configuration.md"))
    return page("Reference", bullets(pages), "## Connectors", bullets(connectors))


def _with_schema_line(config: Path) -> Iterator[tuple[Path, str]]:
    """The configuration files, each with a first line that tells editors its schema."""
    for name in CONFIG_FILES:
        path = config / name
        if path.exists():
            text = path.read_text(encoding="utf-8")
            rest = text.partition("\n")[2] if text.startswith(_SCHEMA_LINE) else text
            yield path, f"{_SCHEMA_LINE}schemas/{schema_name(name)}\n{rest}"
