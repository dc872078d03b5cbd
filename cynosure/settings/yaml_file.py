"""Reads YAML configuration into frozen pydantic models, with errors that name file, line and allowed values."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError
from yaml.nodes import MappingNode, Node, SequenceNode

from cynosure.settings.suggest import meant

# ten times as fast where PyYAML was built with libyaml
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
M = TypeVar("M", bound=BaseModel)
Location = tuple[int | str, ...]


class ConfigError(Exception):
    """A configuration file cannot be used; the message says where, why and what would be accepted."""


def read_yaml(path: Path, model: type[M]) -> M:
    """The file as an instance of `model`; raises ConfigError quoting file, line, key path and allowed values."""
    found: M = read_yaml_as(path, TypeAdapter(model))
    return found


def read_yaml_as(path: Path, adapter: TypeAdapter[Any]) -> Any:
    """The file validated by any pydantic type, for example a mapping of names to models."""
    node, data = _parse(path)
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        raise ConfigError("\n".join(_sentences(path, node, error, adapter))) from None


def located(path: Path, *location: int | str) -> str:
    """Where in a file a key stands, as file:line: for what is wrong only in view of something else."""
    return f"{path}:{_line(_parse(path)[0], location)}"


def _parse(path: Path) -> tuple[Node | None, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; copy it from the repository or point CYNOSURE_CONFIG at it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        _reject_duplicate_keys(path, node)
        return node, (loader.construct_document(node) if node is not None else None) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not valid YAML: {error.problem or error}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from None


def _reject_duplicate_keys(path: Path, node: Node | None) -> None:
    if isinstance(node, SequenceNode):
        for item in node.value:
            _reject_duplicate_keys(path, item)
    if not isinstance(node, MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            raise ConfigError(f"{path}:{key.start_mark.line + 1}: {name!r} is given twice; keep one")
        seen.add(name)
        _reject_duplicate_keys(path, value)


def _sentences(path: Path, node: Node | None, error: ValidationError, adapter: TypeAdapter[Any]) -> list[str]:
    schema = adapter.json_schema()
    return [
        f"{path}:{_line(node, e['loc'])}: {'.'.join(map(str, e['loc'])) or 'file'}: {_reason(dict(e), schema)}"
        for e in error.errors()
    ]


def _reason(error: dict[str, Any], schema: dict[str, Any]) -> str:
    context = error.get("ctx") or {}
    if error["type"] == "extra_forbidden":
        keys = sorted(_keys(schema, schema, error["loc"][:-1]))
        return f"unknown key{meant(str(error['loc'][-1]), keys)}; allowed: {', '.join(keys)}"
    if "expected" in context:
        close = meant(str(error.get("input")), str(context["expected"]).replace("'", "").split(", "))
        return f"{error.get('input')!r} is not accepted{close}; allowed: {context['expected']}"
    return str(error["msg"])


def _keys(schema: dict[str, Any], root: dict[str, Any], location: Location) -> set[str]:
    """The keys that a mapping at `location` may have, from the JSON schema; steps it does not know are skipped."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    tags = schema.get("discriminator", {}).get("mapping", {})
    if location and location[0] in tags:
        return _keys({"$ref": tags[location[0]]}, root, location[1:])
    branches = schema.get("anyOf", schema.get("oneOf", []))
    if branches:
        return set().union(*(_keys(branch, root, location) for branch in branches))
    if not location:
        return set(schema.get("properties", {}))
    step, rest = location[0], location[1:]
    known = schema.get("properties", {}).get(step, schema.get("additionalProperties") or schema.get("items"))
    return _keys(known, root, rest) if isinstance(known, dict) else _keys(schema, root, rest)


def _line(node: Node | None, location: Location) -> int:
    """The line of the deepest node on the way to `location` (tags of unions are skipped)."""
    line = 1
    for step in location:
        child = _child(node, step)
        if child is None:
            continue
        key, node = child
        line = key.start_mark.line + 1
    return line


def _child(node: Node | None, step: int | str) -> tuple[Node, Node] | None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if str(key.value) == str(step):
                return key, value
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None
