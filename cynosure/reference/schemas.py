"""JSON Schemas of the configuration files, for editors that complete and check while one types.

They accept what people write (`2h`, `08:00`, a single word for a list of one), which is what the readers accept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from cynosure.reference.config_files import CONFIG_FILES, ConfigFile

DURATION: JsonSchemaValue = {"type": "string", "pattern": r"^(\d+[smhdw])+$", "examples": ["90s", "15m", "2h", "7d"]}
TIME_OF_DAY: JsonSchemaValue = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "examples": ["08:00"]}
_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


class _AsWritten(GenerateJsonSchema):
    """Schemas of what stands in YAML rather than of what the readers make of it."""

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        return dict(DURATION)

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:
        return dict(TIME_OF_DAY)

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """A validator that makes a list or a mapping of a word also accepts the word."""
        inner = super().function_before_schema(schema)
        function: Any = schema["function"]["function"]
        if schema["function"]["type"] != "no-info" or not isinstance(_of_a_word(function), tuple | dict):
            return inner
        return {"anyOf": [{"type": "string"}, inner]}

    def encode_default(self, dft: Any) -> Any:
        return _written(dft)


def config_schemas() -> dict[str, dict[str, Any]]:
    """The schema of each configuration file, by the file's name."""
    return {name: _schema(name, file) for name, file in CONFIG_FILES.items()}


def _schema(name: str, file: ConfigFile) -> dict[str, Any]:
    found = file.adapter.json_schema(schema_generator=_AsWritten)
    return {"$schema": GenerateJsonSchema.schema_dialect, **found, "title": f"config/{name}"}


def _of_a_word(function: Any) -> object:
    try:
        return function("word")
    except ValueError:
        return None


def _written(value: Any) -> Any:
    if isinstance(value, timedelta):
        return _duration(int(value.total_seconds()))
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, BaseModel):
        return {name: _written(part) for name, part in value if part is not None}
    if isinstance(value, Mapping):
        return {name: _written(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_written(part) for part in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _duration(seconds: int) -> str:
    written = ""
    for unit, length in _UNITS.items():
        number, seconds = divmod(seconds, length)
        written += f"{number}{unit}" if number else ""
    return written or "0s"
