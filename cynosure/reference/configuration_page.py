"""`docs/reference/configuration.md`: every key of every file in `config/`, and every environment variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cynosure.reference.config_files import CONFIG_FILES
from cynosure.reference.environment import groups
from cynosure.reference.kinds import Schema, kind_of
from cynosure.reference.markdown import anchor, bullets, code, docstring, link, page, plain, table

_ENVIRONMENT = "Environment variables"


def configuration_page(schemas: Mapping[str, Schema]) -> str:
    """The page, from the JSON Schemas of the files."""
    contents = bullets(link(name, f"#{anchor(name)}") for name in (*schemas, _ENVIRONMENT))
    intro = "Unknown keys are refused. A message about a wrong value names file, line, key and what is allowed."
    return page(
        "Configuration", intro, contents, *(part for name in schemas for part in _file(name, schemas[name])), _environment()
    )


def _file(name: str, schema: Schema) -> Iterator[str]:
    yield f"## {name}"
    yield _about(name)
    if "properties" in schema:
        yield _keys(schema)
    else:
        yield f"The file is a {kind_of(schema)}."
    for title, part in schema.get("$defs", {}).items():
        yield f"### {title}"
        yield plain(part.get("description", ""))
        yield _keys(part)


def _about(name: str) -> str:
    about = docstring(CONFIG_FILES[name].described_by).partition("\n\n")[0].removeprefix(f"`config/{name}`: ")
    file = link(f"config/{name}", f"../../config/{name}")
    schema = link("JSON Schema", f"../../config/schemas/{schema_name(name)}")
    return f"{about[0].upper()}{about[1:]} See {file} and its {schema}."


def schema_name(file: str) -> str:
    """The name of the JSON Schema of a configuration file."""
    return file.removesuffix(".yaml") + ".json"


def _keys(schema: Schema) -> str:
    required = schema.get("required", ())
    rows = [
        (code(key), kind_of(part), "required" if key in required else _default(part), plain(part.get("description", "")))
        for key, part in schema["properties"].items()
    ]
    columns = ("key", "value", "default", "meaning")
    described = any(row[3] for row in rows)
    return table(columns, rows) if described else table(columns[:3], [row[:3] for row in rows])


def _default(schema: Schema) -> str:
    value = schema.get("default")
    if isinstance(value, list):
        return ", ".join(map(code, value))
    if isinstance(value, dict):
        return ", ".join(code(f"{key}: {part}") for key, part in value.items())
    if isinstance(value, bool):
        return code(str(value).lower())
    return "" if value is None else code(str(value))


def _environment() -> str:
    parts = [
        f"## {_ENVIRONMENT}",
        "Secrets are given by Airflow connections or by these variables, never in a file of `config/`.",
    ]
    for group in groups():
        rows = [(code(v.name), v.meaning, v.value, v.default) for v in group.variables]
        parts += [f"### {group.title}", group.about, table(("variable", "meaning", "value", "default"), rows)]
    return "\n\n".join(parts)
