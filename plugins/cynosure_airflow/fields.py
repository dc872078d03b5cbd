"""Which fields of a connector's settings are secrets, and what a connection type is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

PREFIX = "cynosure_"


def is_secret(field: FieldInfo) -> bool:
    """Whether a field holds a secret."""
    return SecretStr in (field.annotation, *get_args(field.annotation))


def secret_field(fields: Mapping[str, FieldInfo]) -> str | None:
    """The secret that a connection keeps as its password: the first one."""
    return next((name for name, field in fields.items() if is_secret(field)), None)
