"""What a value may be, in words, from its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cynosure.reference.markdown import anchor, code, link

Schema = Mapping[str, Any]
_WORDS = {"string": "text", "boolean": "`true` or `false`", "integer": "whole number"}
_FORMATS = {"password": "secret", "date": "day, `YYYY-MM-DD`"}
_BOUNDS = (("exclusiveMinimum", "over"), ("minimum", "at least"), ("exclusiveMaximum", "under"), ("maximum", "at most"))


def kind_of(schema: Schema) -> str:
    """The kind of a value; definitions of the same file are linked."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return link(name, f"#{anchor(name)}")
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return _either(choices)
    if "const" in schema:
        return code(schema["const"])
    if "enum" in schema:
        return ", ".join(map(code, schema["enum"]))
    return _container(schema) or _scalar(schema)


def _either(choices: list[Schema]) -> str:
    """An exact number may also be quoted, and whatever has a default may be null: neither is worth a word."""
    kinds = {choice.get("type") for choice in choices}
    left_out = {"null", *(["string"] if "number" in kinds else [])}
    return " or ".join(dict.fromkeys(kind_of(choice) for choice in choices if choice.get("type") not in left_out))


def _container(schema: Schema) -> str:
    if schema.get("type") == "array":
        return f"list of {kind_of(schema['items'])}"
    if schema.get("type") == "object":
        return f"mapping of names to {kind_of(schema['additionalProperties'])}"
    return ""


def _scalar(schema: Schema) -> str:
    if "examples" in schema:
        return "such as " + ", ".join(map(code, schema["examples"]))
    if "pattern" in schema:
        return f"text like {code(schema['pattern'])}"
    kind = str(schema.get("type", "any"))
    word = _FORMATS.get(schema.get("format", ""), _WORDS.get(kind, kind))
    return ", ".join([word, *(f"{sign} {schema[key]:g}" for key, sign in _BOUNDS if key in schema)])
