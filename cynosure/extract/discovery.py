"""Finds connectors: every module of the `connectors` package that defines one. There is no list to keep."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from functools import cache

from cynosure.extract.contract import Connector
from cynosure.extract.errors import Misconfigured


class UnknownName(Misconfigured):
    """No connector or stream of that name; the message lists those that exist."""

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        close = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        super().__init__(f"there is no {kind} called {name!r}; {hint}Available: {', '.join(known)}")


@cache
def connector_names() -> tuple[str, ...]:
    """Names of all connectors, sorted."""
    package = importlib.import_module("connectors")
    return tuple(sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")))


@cache
def connector_class(name: str) -> type[Connector]:
    """The connector of that name; raises UnknownName listing those there are."""
    if name not in connector_names():
        raise UnknownName("connector", name, list(connector_names()))
    module = importlib.import_module(f"connectors.{name}")
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Connector) and getattr(value, "name", None) == name:
            return value
    raise Misconfigured(f"connectors/{name} defines no Connector whose name is {name!r}")
