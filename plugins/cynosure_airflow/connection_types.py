"""Connection forms made from the settings of the connectors: `python -m cynosure_airflow.connection_types` writes them.

The first secret is the form's password, the base URL its host; every other setting is a field of its own.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from cynosure.extract import Connector, connector_class, connector_names
from cynosure_airflow.fields import PREFIX, is_secret, secret_field
from cynosure_airflow.provider import CONNECTION_TYPES

_STANDARD = ("host", "port", "login", "password", "schema", "extra")
_URL = "base_url"


def generate() -> list[dict[str, Any]]:
    """The connection types of all connectors, sorted by name."""
    return [_connection_type(connector_class(name)) for name in connector_names()]


def _connection_type(kind: type[Connector]) -> dict[str, Any]:
    fields = kind.settings_model.model_fields
    shown = {"password": secret_field(fields), "host": _URL if _URL in fields else None}
    labels = {place: _label(name, fields[name]) for place, name in shown.items() if name}
    hints = {place: _hint(fields[name]) for place, name in shown.items() if name and _hint(fields[name])}
    return {
        "connection-type": PREFIX + kind.name,
        "hook-class-name": f"cynosure_airflow.hook.{hook_class_name(kind.name)}",
        "hook-name": f"Cynosure: {kind.title}",
        "ui-field-behaviour": {
            "hidden-fields": [place for place in _STANDARD if place not in labels],
            "relabeling": labels,
            "placeholders": hints,
        },
        "conn-fields": {name: _form_field(kind, name) for name in fields if name not in shown.values()},
    }


def hook_class_name(connector: str) -> str:
    """The name of the hook of a connector."""
    return "".join(part.capitalize() for part in connector.split("_")) + "Hook"


def _label(name: str, field: FieldInfo) -> str:
    return field.title or name.replace("_", " ").capitalize()


def _hint(field: FieldInfo) -> str:
    default = "" if field.default in (None, PydanticUndefined) else str(field.default)
    return default or field.description or ""


def _form_field(kind: type[Connector], name: str) -> dict[str, Any]:
    field = kind.settings_model.model_fields[name]
    found: dict[str, Any] = {"label": _label(name, field), "schema": _schema(field, _json_schema(kind, name))}
    return {**found, "description": field.description} if field.description else found


def _schema(field: FieldInfo, described: dict[str, Any]) -> dict[str, Any]:
    kind = described.get("type", "string")
    schema: dict[str, Any] = {"type": kind if field.is_required() else [kind, "null"]}
    if described.get("default") is not None and not is_secret(field):
        schema["default"] = described["default"]
    for key in ("enum", "minimum", "maximum", "pattern", "minLength", "maxLength"):
        if key in described:
            schema[key] = described[key]
    if is_secret(field):
        schema["format"] = "password"
    elif described.get("format") in ("date", "date-time", "time"):
        schema["format"] = described["format"]
    return schema


def _json_schema(kind: type[Connector], name: str) -> dict[str, Any]:
    found: dict[str, Any] = kind.settings_model.model_json_schema()["properties"][name]
    for choice in found.get("anyOf", ()):
        if choice.get("type") != "null":
            found = {**found, **choice}
    return found


def main() -> None:
    """Writes the file that the provider reads."""
    CONNECTION_TYPES.write_text(json.dumps(generate(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
