"""Finds the simulated vendors: every package of the sandbox with a `vendor` module. There is no list to keep."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.util import find_spec
from typing import Any

BUILT_IN = ("stripe", "ecb")
"""Systems that are a part of every world: the company bills through one and converts by the other."""


class UnknownSystem(ValueError):
    """No simulated system of that name; the message lists those that exist."""


@cache
def vendor_names() -> tuple[str, ...]:
    """Names of the simulated vendors, sorted, without the built-in ones."""
    package = importlib.import_module("sandbox")
    folders = [module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg]
    return tuple(sorted(name for name in folders if find_spec(f"sandbox.{name}.vendor")))


def system_names() -> tuple[str, ...]:
    """Everything that can be simulated."""
    return (*BUILT_IN, *vendor_names())


def vendor_class(name: str) -> Any:
    """The class of a vendor, made by its Setting; UnknownSystem if there is none."""
    if name not in vendor_names():
        raise UnknownSystem(f"no system called {name!r}; known are {', '.join(system_names())}")
    return importlib.import_module(f"sandbox.{name}.vendor").VENDOR
