"""Reading values out of form-decoded parameters, where everything is text."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.stripe.errors import StripeError, invalid_integer, missing_parameter

Params = dict[str, Any]


def required(params: Params, name: str) -> Any:
    """The value of a parameter that must be there."""
    value = params.get(name)
    if value is None or value == "":
        raise missing_parameter(name)
    return value


def integer(params: Params, name: str) -> int | None:
    """A whole number, or None when absent or emptied."""
    value = params.get(name)
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid_integer(name, value) from None


def decimal(params: Params, name: str) -> Decimal | None:
    """A decimal number, or None when absent or emptied."""
    value = params.get(name)
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise StripeError(f"Invalid decimal: {value}", param=name) from None


def boolean(params: Params, name: str, default: bool = False) -> bool:
    """true or false."""
    value = params.get(name)
    if value is None or value == "":
        return default
    if str(value).lower() not in ("true", "false"):
        raise StripeError(f"Invalid boolean: {value}", param=name)
    return str(value).lower() == "true"


def rows(params: Params, name: str) -> list[Any]:
    """A list, however its indexes were written."""
    value = params.get(name)
    if value is None or value == "":
        return []
    if isinstance(value, dict):
        return [value[key] for key in sorted(value, key=lambda key: (len(key), key))]
    return list(value)


def nested(params: Params, name: str) -> Params:
    """A hash; empty when absent."""
    value = params.get(name)
    return value if isinstance(value, dict) else {}


def choice(params: Params, name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of a few words."""
    value = params.get(name) or default
    if value not in allowed:
        raise StripeError(f"Invalid {name}: must be one of {', '.join(allowed)}", param=name)
    return str(value)


def merged_metadata(current: dict[str, str], params: Params) -> dict[str, str]:
    """Metadata after an update: named keys replaced, emptied keys dropped."""
    if params.get("metadata") == "":
        return {}
    result = {**current, **{key: str(value) for key, value in nested(params, "metadata").items()}}
    return {key: value for key, value in result.items() if value != ""}
