"""Checks objects against the type hints of an SDK's resource classes: fields, types, literals, list envelopes."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import import_module
from types import ModuleType, NoneType, UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_SCALARS: dict[type, tuple[type, ...]] = {str: (str,), int: (int,), float: (int, float), bool: (bool,)}


class SdkTypes:
    """The resource classes of Stripe's SDK.

    `places` is the SDK's own map from object names to (module, class); `optional` names fields that may be absent
    or null, as `Class.field`.
    """

    def __init__(self, stripe: ModuleType, places: dict[str, tuple[str, str]], optional: frozenset[str] = frozenset()) -> None:
        self._classes = {name: getattr(import_module(module), class_name) for name, (module, class_name) in places.items()}
        self._optional = optional
        self._base = stripe.StripeObject
        self._list = stripe.ListObject
        self.hints = cache(self._hints)

    def errors(self, body: Any) -> list[str]:
        """What is wrong with an answer: an object, a list of objects, or a deleted object."""
        return list(self._answer(body, ""))

    def _answer(self, body: Any, at: str) -> Iterator[str]:
        if not isinstance(body, dict) or not isinstance(body.get("object"), str):
            yield f"{at}: not an object with a name"
        elif body["object"] == "list":
            yield from self._envelope(body, at)
            for number, row in enumerate(body.get("data", [])):
                yield from self._answer(row, f"{at}data.{number}")
        elif body["object"] not in self._classes:
            yield f"{at}: no class for {body['object']!r}"
        else:
            yield from self._object(self._classes[body["object"]], body, at)
            if body["object"] == "event":
                # a preview, as in `invoice.upcoming`, has everything but an id
                preview = {"id": ""} if body["type"].endswith(".upcoming") else {}
                yield from self._answer(preview | body["data"]["object"], f"{at}.data.object")

    def _object(self, cls: type, body: Any, at: str) -> Iterator[str]:
        if not isinstance(body, dict):
            yield f"{at}: {cls.__name__} expected, got {body!r}"
            return
        if body.get("deleted") is True and "object" in body:
            yield from _deleted(body, at)
            return
        hints = self.hints(cls)
        for name, hint in hints.items():
            if body.get(name) is None and f"{cls.__name__}.{name}" in self._optional:
                continue
            if name in body:
                yield from self._value(hint, body[name], f"{at}.{name}")
            elif NoneType not in get_args(hint):
                yield f"{at}: {cls.__name__} lacks {name}"
        if hints:
            yield from (f"{at}: {cls.__name__} has no field {name}" for name in body if name not in hints)

    def _value(self, hint: Any, value: Any, at: str) -> Iterator[str]:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            yield from self._union(arguments, value, at)
        elif origin is Literal:
            if value not in arguments:
                yield f"{at}: {value!r} is none of {', '.join(map(repr, arguments))}"
        elif origin is list:
            yield from self._rows(arguments[0], value, at)
        elif origin is self._list:
            yield from self._envelope(value, at)
            rows = value.get("data", []) if isinstance(value, dict) else []
            yield from self._rows(arguments[0], rows, f"{at}.data")
        elif origin is not None:
            yield from self._mapping(arguments, value, at)
        elif isinstance(hint, type):
            yield from self._plain(hint, value, at)

    def _union(self, arguments: tuple[Any, ...], value: Any, at: str) -> Iterator[str]:
        if any(get_origin(argument) is Literal for argument in arguments):
            # the SDK leaves its enums open for values to come; here they are closed
            arguments = tuple(argument for argument in arguments if argument is not str)
        if isinstance(value, dict) and isinstance(value.get("object"), str):
            named = [argument for argument in arguments if getattr(argument, "OBJECT_NAME", None) == value["object"]]
            arguments = tuple(named) or arguments
        found = [list(self._value(argument, value, at)) for argument in arguments]
        if all(found):
            # of alternatives, the one for this kind of value came closest
            yield from max(found, key=len) if isinstance(value, dict) else min(found, key=len)

    def _rows(self, hint: Any, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at}: list expected, got {value!r}"
            return
        for number, row in enumerate(value):
            yield from self._value(hint, row, f"{at}.{number}")

    def _mapping(self, arguments: tuple[Any, ...], value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at}: mapping expected, got {value!r}"
            return
        for key, held in value.items():
            yield from self._value(arguments[-1], held, f"{at}.{key}")

    def _plain(self, hint: type, value: Any, at: str) -> Iterator[str]:
        if hint is NoneType:
            if value is not None:
                yield f"{at}: null expected"
        elif hint is Decimal:
            if not (isinstance(value, str) and _DECIMAL.fullmatch(value)):
                yield f"{at}: decimal string expected, got {value!r}"
        elif hint in _SCALARS:
            if not isinstance(value, _SCALARS[hint]) or (isinstance(value, bool) and hint is not bool):
                yield f"{at}: {hint.__name__} expected, got {value!r}"
        elif issubclass(hint, self._base):
            yield from self._object(hint, value, at)

    def _envelope(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at}: list object expected, got {value!r}"
            return
        for name, kind in (("data", list), ("has_more", bool), ("url", str)):
            if not isinstance(value.get(name), kind):
                yield f"{at}: list object without a proper {name}"
        if value.get("object") != "list":
            yield f"{at}: list object expected"

    def _hints(self, cls: type) -> dict[str, Any]:
        inner = {name: held for name, held in vars(cls).items() if isinstance(held, type)}
        hints = get_type_hints(cls, localns={**_imported(cls.__module__), **inner})
        own = {name for base in cls.__mro__ for name in vars(base).get("__annotations__", {})}
        return {
            name: hint
            for name, hint in hints.items()
            if name in own and not name.startswith("_") and get_origin(hint) is not ClassVar
        }


def _deleted(body: Any, at: str) -> Iterator[str]:
    if body["object"] != "discount" and set(body) != {"id", "object", "deleted"}:
        yield f"{at}: a deleted object with other fields than id, object and deleted"


@cache
def _imported(module: str) -> dict[str, Any]:
    """What a module of the SDK imports, for type checkers only included."""
    tree = ast.parse(inspect.getsource(import_module(module)))
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and _is_resource_module(node.module):
            for name in node.names:
                found[name.asname or name.name] = getattr(import_module(node.module), name.name)
    return found


def _is_resource_module(module: str) -> bool:
    return module.startswith("stripe._") or (module.startswith("stripe.") and "params" not in module)
