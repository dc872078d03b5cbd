"""`docs/reference/connectors/<name>.md`: what a connector brings, how it is set up, and each of its streams."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from cynosure.extract import Connector, Stream
from cynosure.reference.environment import default_of, described, variable
from cynosure.reference.kinds import kind_of
from cynosure.reference.markdown import code, docstring, link, page, table

#: the forms of the Airflow connections, generated from the same settings
CONNECTION_FORMS = Path("plugins/cynosure_airflow/connection_types.json")
_PLACES = {"password": "Password", "host": "Host"}


def connector_page(project: Path, kind: type[Connector]) -> str:
    """The page of a connector."""
    source = next(path for path in (f"connectors/{kind.name}.py", f"connectors/{kind.name}") if (project / path).exists())
    facts = table(
        ("connector", "API version", "streams", "code"),
        [(code(kind.name), kind.api_version, str(len(kind.streams)), link(code(source), f"../../../{source}"))],
    )
    setup = (
        f"An Airflow connection of type `cynosure_{kind.name}`, or environment variables for a source that is called"
        f" `{kind.name}` in [config/sources.yaml](../../../config/sources.yaml)."
    )
    return page(
        kind.title, docstring(kind), facts, "## Settings", docstring(kind.settings_model), setup, _settings(project, kind),
        "## Streams", _streams(kind),
    )  # fmt: skip


def _settings(project: Path, kind: type[Connector]) -> str:
    form = _form(project, kind.name)
    schema = kind.settings_model.model_json_schema()["properties"]
    rows = [
        (
            code(name),
            described(field),
            kind_of(schema[name]),
            default_of(field),
            code(variable(kind.name, name)),
            _place(form, name, field),
        )
        for name, field in kind.settings_model.model_fields.items()
    ]
    return table(("setting", "meaning", "type", "default", "environment variable", "field of the connection"), rows)


def _form(project: Path, connector: str) -> Mapping[str, Any]:
    path = project / CONNECTION_FORMS
    forms: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return next((form for form in forms if form["connection-type"] == f"cynosure_{connector}"), {})


def _place(form: Mapping[str, Any], name: str, field: FieldInfo) -> str:
    if name in form.get("conn-fields", ()):
        return form["conn-fields"][name]["label"] or name
    renamed = form.get("ui-field-behaviour", {}).get("relabeling", {})
    label = field.title or name.replace("_", " ").capitalize()
    return next((f"{label} ({_PLACES[place]})" for place, shown in renamed.items() if shown == label), "")


def _streams(kind: type[Connector]) -> str:
    columns = ("stream", "what it holds", "key", "sync", "cadence", "raw table", "personal fields", "vendor's page")
    return table(columns, [_stream(kind.name, stream) for stream in kind.streams])


def _stream(source: str, stream: Stream) -> tuple[str, ...]:
    personal = "<br>".join(f"{code(path)} {level.value}" for path, level in stream.personal.items())
    return (
        code(stream.name), stream.description, code(stream.primary_key), stream.sync, stream.cadence,
        code(f"raw.{source}__{stream.name}"), personal, link("API", stream.docs) if stream.docs else "",
    )  # fmt: skip
