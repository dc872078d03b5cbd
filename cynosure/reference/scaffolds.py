"""Beginnings of what people add: a connector, a KPI, an alert, a report. They work as they are; the words are to be replaced."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import TypeAdapter

from cynosure.extract import connector_names
from cynosure.reference.config_files import CONFIG_FILES
from cynosure.settings import ConfigError, Settings
from cynosure.settings.recipients import read_recipients
from cynosure.transform.kpis import Kpi, read_kpis

# raw tables are called <source>__<stream>, so two underscores may not stand together
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 40


@dataclass(frozen=True)
class Scaffold:
    """Files to write with their whole text, and what to do then."""

    files: Mapping[Path, str]
    next_steps: tuple[str, ...]


def new_connector(settings: Settings, name: str) -> Scaffold:
    """A connector with one stream over plain HTTP, its test, and its raw table for dbt; raises ConfigError if it exists."""
    _check_name(name)
    if name in connector_names():
        raise ConfigError(f"there is a connector {name!r} already; choose another name")
    title = name.replace("_", " ").title()
    words = {"name": name, "title": title, "class_name": title.replace(" ", "")}
    files = {
        settings.project / "connectors" / f"{name}.py": "connector.py.j2",
        settings.project / "tests" / "connectors" / f"test_{name}.py": "test_connector.py.j2",
        settings.sql / "models" / "staging" / name / f"_{name}__sources.yml": "sources.yml.j2",
    }
    for path in files:
        _refuse_existing(path)
    steps = (
        f"pytest tests/connectors/test_{name}.py",
        "replace the address, the stream and the words, with the vendor's pages at hand",
        "python -m cynosure_airflow.connection_types",
        "cynosure docs",
        f"add the source to config/sources.yaml:\n{_rendered('source_entry.yaml.j2', words)}",
        f"CYNOSURE_{name.upper()}_API_KEY=... cynosure check-connection {name}",
    )
    return Scaffold({path: _rendered(template, words) for path, template in files.items()}, steps)


def new_kpi(settings: Settings, name: str, area: str) -> Scaffold:
    """A KPI with its entry in the file of its area; raises ConfigError if a model of that name exists."""
    _check_name(name)
    taken = next(settings.sql.glob(f"models/**/{name}.sql"), None)
    if taken is not None:
        raise ConfigError(f"{taken}: there is a model {name!r} already; choose another name")
    _check_name(area)
    folder = settings.sql / "models" / "kpis" / area
    entries = folder / f"_{area}.yml"
    before = entries.read_text(encoding="utf-8") if entries.exists() else "version: 2\n\nmodels:"
    text = before.rstrip("\n") + "\n" + _rendered("kpi_entry.yml.j2", _titled(name))
    if name not in {model["name"] for model in yaml.safe_load(text)["models"]}:
        raise ConfigError(f"{entries}: the list of models must stand at its end, so that an entry can be added")
    steps = (
        f"write the query in sql/models/kpis/{area}/{name}.sql and the words in sql/models/kpis/{area}/_{area}.yml",
        f"cynosure transform --select +{name}",
        f"cynosure kpis {name}",
        "cynosure docs",
    )
    return Scaffold({folder / f"{name}.sql": _rendered("kpi.sql.j2", {}), entries: text}, steps)


def new_alert(settings: Settings, name: str, kpi: str) -> Scaffold:
    """An alert on a bad day of a KPI; raises ConfigError if the rule exists or the KPI does not."""
    found = _kpi(settings, kpi)
    limit = "above: 0.1" if found.better == "down" else "below: -0.1"
    words = _titled(name) | {"kpi": kpi, "limit": limit, "area": found.area}
    steps = (
        "set the limit, the severity and the words in config/alerts.yaml",
        f"cynosure alert route alert={name} severity=warning area={found.area}",
        "cynosure alert evaluate",
    )
    return Scaffold(_entry(settings, "alerts.yaml", name, _rendered("alert_entry.yaml.j2", words)), steps)


def new_report(settings: Settings, name: str, kpi: str) -> Scaffold:
    """A weekly report to the operators; raises ConfigError if the report exists or the KPI does not."""
    _kpi(settings, kpi)
    words = _titled(name) | {"kpi": kpi, "group": read_recipients(settings.config).operators}
    steps = (
        "say when, to whom and what in config/reports.yaml",
        f"cynosure report preview {name}",
        f"cynosure report send {name}",
    )
    return Scaffold(_entry(settings, "reports.yaml", name, _rendered("report_entry.yaml.j2", words)), steps)


def _entry(settings: Settings, file: str, name: str, entry: str) -> dict[Path, str]:
    """The file with the entry at its end, proved to be accepted."""
    _check_name(name)
    path = settings.config / file
    before = path.read_text(encoding="utf-8")
    if name in (yaml.safe_load(before) or {}):
        raise ConfigError(f"{path}: {name!r} exists already; choose another name")
    text = before.rstrip("\n") + "\n" + entry
    adapter: TypeAdapter[dict[str, object]] = CONFIG_FILES[file].adapter
    assert name in adapter.validate_python(yaml.safe_load(text))
    return {path: text}


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or keyword.iskeyword(name):
        raise ConfigError(
            f"{name!r} cannot be a name: write lower-case letters, digits and single underscores, a letter first,"
            f" at most {_LONGEST}, such as annual_plans"
        )


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise ConfigError(f"{path}: exists already; nothing was written")


def _kpi(settings: Settings, name: str) -> Kpi:
    known = read_kpis(settings.sql)
    if name not in known:
        raise ConfigError(f"there is no KPI {name!r}; known: {', '.join(sorted(known))}")
    return known[name]


def _titled(name: str) -> dict[str, str]:
    return {"name": name, "title": name.replace("_", " ").capitalize()}


def _rendered(template: str, words: Mapping[str, str]) -> str:
    return _templates().get_template(template).render(words)


@cache
def _templates() -> Environment:
    # what is rendered is Python, SQL and YAML made of checked names, never HTML
    return Environment(
        loader=PackageLoader("cynosure.reference"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        keep_trailing_newline=True,
    )
