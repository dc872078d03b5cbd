"""List filters: each turns a query parameter into a condition on the objects of a collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.stripe.collection import Body
from sandbox.stripe.errors import StripeError, invalid_choice, invalid_integer, missing, unknown_parameter
from sandbox.stripe.store import Store


@dataclass(frozen=True)
class Condition:
    """What a filter asks: a test on the body, values of an index, or bounds on the creation time (inclusive)."""

    test: Callable[[Body], bool] | None = None
    within: tuple[str, Sequence[Any]] | None = None
    since: int | None = None
    until: int | None = None


Filter = Callable[[str, Any, Store], Condition]
"""A filter reads (parameter name, value, store) into a condition, or raises a StripeError."""

_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda held, bound: held > bound,
    "gte": lambda held, bound: held >= bound,
    "lt": lambda held, bound: held < bound,
    "lte": lambda held, bound: held <= bound,
}


def integer(name: str, value: Any) -> int:
    """The parameter as an integer."""
    try:
        return int(str(value))
    except ValueError:
        raise invalid_integer(name, value) from None


def boolean(name: str, value: Any) -> bool:
    """The parameter as a boolean."""
    if value not in ("true", "false"):
        raise StripeError(f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def bounds(name: str, value: Any) -> dict[str, int]:
    """A range parameter as its comparisons; a plain integer asks for equality."""
    if not isinstance(value, dict):
        exact = integer(name, value)
        return {"gte": exact, "lte": exact}
    for comparison in value:
        if comparison not in _COMPARISONS:
            raise unknown_parameter(f"{name}[{comparison}]")
    return {comparison: integer(f"{name}[{comparison}]", bound) for comparison, bound in value.items()}


def created(name: str, value: Any, store: Store) -> Condition:
    """Range over the creation time, which orders every list."""
    asked = bounds(name, value)
    lows = [asked["gte"]] if "gte" in asked else []
    lows += [asked["gt"] + 1] if "gt" in asked else []
    highs = [asked["lte"]] if "lte" in asked else []
    highs += [asked["lt"] - 1] if "lt" in asked else []
    return Condition(since=max(lows, default=None), until=min(highs, default=None))


def in_range(read: Callable[[Body], int | None]) -> Filter:
    """Range over any other time of the object."""

    def condition(name: str, value: Any, store: Store) -> Condition:
        asked = bounds(name, value)

        def test(body: Body) -> bool:
            held = read(body)
            return held is not None and all(_COMPARISONS[how](held, bound) for how, bound in asked.items())

        return Condition(test)

    return condition


def equals(read: Callable[[Body], Any], *, choices: Sequence[str] = (), index: str | None = None) -> Filter:
    """Equality of a text field; `choices` are the only values allowed."""

    def condition(name: str, value: Any, store: Store) -> Condition:
        if choices and value not in choices:
            raise invalid_choice(name, list(choices))
        return Condition(within=(index, [value])) if index else Condition(lambda body: read(body) == value)

    return condition


def flag(read: Callable[[Body], bool]) -> Filter:
    """Equality of a boolean."""

    def condition(name: str, value: Any, store: Store) -> Condition:
        wanted = boolean(name, value)
        return Condition(lambda body: bool(read(body)) == wanted)

    return condition


def one_of(read: Callable[[Body], Any]) -> Filter:
    """Membership of a field in a list of values."""

    def condition(name: str, value: Any, store: Store) -> Condition:
        if not isinstance(value, list):
            raise StripeError("Invalid array", param=name)
        return Condition(lambda body: read(body) in value)

    return condition


def refers_to(kind: str, read: Callable[[Body], Any], *, index: str | None = None) -> Filter:
    """Equality of a reference; the object it names must exist, or have existed."""

    def condition(name: str, value: Any, store: Store) -> Condition:
        if store.get(kind, value) is None and store.deleted(kind, value) is None:
            raise missing(kind.replace("_", " "), value, param=name)
        return Condition(within=(index, [value])) if index else Condition(lambda body: read(body) == value)

    return condition


def ignored(name: str, value: Any, store: Store) -> Condition:
    """A parameter that is accepted and changes nothing here."""
    return Condition()
