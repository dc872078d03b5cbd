"""Formats of documents, one file each; a new file here is a new format."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from cynosure.document.rendered import Format


@cache
def formats() -> dict[str, Format]:
    """Every format by name."""
    names = (module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    found = (importlib.import_module(f"{__name__}.{name}").FORMAT for name in names)
    return {format.name: format for format in found}
