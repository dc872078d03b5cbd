"""The environment variables that the settings read: what each means and what holds without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from cynosure.extract import connector_class, connector_names
from cynosure.reference.kinds import kind_of
from cynosure.reference.markdown import code, docstring, plain
from cynosure.settings import load_settings
from cynosure.settings.channels import Slack, Smtp

MEANINGS: Mapping[str, str] = {
    "CYNOSURE_PROJECT": "Folder that holds `config/` and `sql/`",
    "CYNOSURE_HOME": "Folder of the local state",
    "CYNOSURE_CONFIG": "Folder of the configuration files",
    "CYNOSURE_SQL": "Folder of the dbt project",
    "CYNOSURE_LANDING": "URL of the landing log: `file:///...`, `s3://...` or any other that fsspec knows",
    "CYNOSURE_WAREHOUSE": "URL of the warehouse: `duckdb:///path/file.duckdb` or `postgresql://user@host/database`",
    "CYNOSURE_CONTROL": "SQLAlchemy URL of the store for incidents, the outbox and report runs",
    "CYNOSURE_DELIVERED": "Folder in which the file channel puts messages",
    "CYNOSURE_CLOCK_FILE": "File that shifts the clock by the seconds it holds, for the sandbox",
    "CYNOSURE_KILL_AT": "For tests: `boundary:n` ends the process when it reaches a boundary for the n-th time",
}
_WITHOUT = {
    "CYNOSURE_PROJECT": "the nearest folder upwards that holds `config/company.yaml`",
    "CYNOSURE_DELIVERED": "`$CYNOSURE_HOME/delivered`",
}
_CHANNELS: Mapping[str, tuple[str, type[BaseModel]]] = {"smtp": ("E-mail", Smtp), "slack": ("Slack", Slack)}


@dataclass(frozen=True)
class Variable:
    """An environment variable; texts are Markdown."""

    name: str
    meaning: str
    value: str
    default: str


@dataclass(frozen=True)
class Group:
    """Variables that belong together."""

    title: str
    about: str
    variables: tuple[Variable, ...]


def groups() -> list[Group]:
    """Every variable: places, channels, and the settings of each connector for a source of the same name."""
    places = (Variable(name, meaning, "text", _place(name)) for name, meaning in MEANINGS.items())
    connectors = {name: connector_class(name) for name in connector_names()}
    return [
        Group("Places", "Where everything is.", tuple(places)),
        *(Group(title, docstring(model), _of(name, model)) for name, (title, model) in _CHANNELS.items()),
        *(Group(kind.title, docstring(kind.settings_model), _of(name, kind.settings_model)) for name, kind in connectors.items()),
    ]


def variable(source: str, setting: str) -> str:
    """The variable that holds a setting of a source or channel."""
    return f"CYNOSURE_{source}_{setting}".upper()


def default_of(field: FieldInfo) -> str:
    """What holds when a setting is not given; secrets have no default that is shown."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    return "" if value in (None, "") or isinstance(value, SecretStr) else code(str(value))


def _of(source: str, model: type[BaseModel]) -> tuple[Variable, ...]:
    schema = model.model_json_schema()["properties"]
    return tuple(
        Variable(variable(source, key), described(field), kind_of(schema[key]), default_of(field))
        for key, field in ((field.alias or name, field) for name, field in model.model_fields.items())
    )


def described(field: FieldInfo) -> str:
    """What a setting means, as its form shows it."""
    return plain(": ".join(text for text in (field.title, field.description) if text))


def _place(name: str) -> str:
    if name in _WITHOUT:
        return _WITHOUT[name]
    given = {"CYNOSURE_PROJECT": "/project"} | ({} if name == "CYNOSURE_HOME" else {"CYNOSURE_HOME": "/state"})
    value = getattr(load_settings(given), name.removeprefix("CYNOSURE_").lower(), None)
    return code(str(value or "").replace("/project", "$CYNOSURE_PROJECT").replace("/state", "$CYNOSURE_HOME"))
