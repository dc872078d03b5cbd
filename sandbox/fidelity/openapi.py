"""Checks answers against an OpenAPI description, strictly: a field that it does not name is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

_DIALECT = "http://json-schema.org/draft-07/schema#"
_HOME = "urn:openapi"
_IGNORED = {"description", "title", "nullable", "discriminator", "format", "example"}
_REFERENCE = "#/components/"


class OpenApi:
    """An OpenAPI description; `additions` names fields, per component, that a newer version has."""

    def __init__(self, description: dict[str, Any], additions: dict[str, tuple[str, ...]] | None = None) -> None:
        self._paths = description["paths"]
        components = {name: _schema(schema) for name, schema in description["components"]["schemas"].items()}
        for name, fields in (additions or {}).items():
            for field in fields:
                components[name]["properties"].setdefault(field, {})
        document = {"$schema": _DIALECT, "components": {"schemas": components}}
        self._registry: Registry[Any] = Registry().with_resource(_HOME, Resource.from_contents(document))
        self._patterns = [(re.compile(_pattern(path)), path) for path in self._paths]
        self.validator = cache(self._validator)

    def errors(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer; a path that the description lacks is wrong as well."""
        template = self._template(path)
        operation = self._paths.get(template, {}).get(method.lower()) if template else None
        if operation is None and status == 200:
            return [f"{method} {path}: no such operation in the description"]
        code = "200" if status == 200 else "default"
        key = (template, method.lower()) if status == 200 else ("/v1/account", "get")
        return self._judged(self.validator(*key, code), body)

    def component_errors(self, name: str, body: Any) -> list[str]:
        """What is wrong with an object, by the component it should be."""
        validator = Draft7Validator({"$ref": f"{_HOME}{_REFERENCE}schemas/{name}"}, registry=self._registry)
        return self._judged(validator, body)

    def _validator(self, template: str, method: str, code: str) -> Draft7Validator:
        response = self._paths[template][method]["responses"][code]
        schema = _schema(response["content"]["application/json"]["schema"])
        return Draft7Validator(schema, registry=self._registry)

    def _template(self, path: str) -> str | None:
        fitting = [template for pattern, template in self._patterns if pattern.fullmatch(path)]
        # a literal segment is a better match than a parameter
        return min(fitting, key=lambda template: template.count("{")) if fitting else None

    def _judged(self, validator: Draft7Validator, body: Any) -> list[str]:
        return [text for error in validator.iter_errors(body) for text in _explained(error)]


def _pattern(path: str) -> str:
    return re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path))


def _schema(node: Any) -> Any:
    """The node as JSON Schema: absolute references, null where nullable, no unnamed fields."""
    if isinstance(node, list):
        return [_schema(child) for child in node]
    if not isinstance(node, dict):
        return node
    schema: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            schema[key] = {name: _schema(child) for name, child in value.items()}
        elif key == "$ref":
            schema[key] = f"{_HOME}{value}"
        elif key not in _IGNORED and not key.startswith("x-"):
            schema[key] = _schema(value)
    if schema.get("properties"):
        schema.setdefault("additionalProperties", False)
    return {"anyOf": [schema, {"type": "null"}]} if node.get("nullable") else schema


def _explained(error: ValidationError) -> Iterator[str]:
    """The error at its place; of alternatives, the one that came closest."""
    if not error.context:
        yield f"{'.'.join(str(step) for step in error.absolute_path)}: {error.message[:300]}"
        return
    branches: dict[Any, list[ValidationError]] = {}
    for child in error.context:
        branches.setdefault(child.relative_schema_path[0], []).append(child)
    closest = min(branches.values(), key=lambda children: (_is_wrong_kind(children), len(children)))
    for child in closest:
        yield from _explained(child)


def _is_wrong_kind(children: list[ValidationError]) -> bool:
    return any(child.validator in ("type", "enum") and not child.relative_path for child in children)
