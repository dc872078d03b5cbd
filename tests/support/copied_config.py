"""A copy of the repository's configuration that names only the sources a test serves."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[2]


def copy_config(target: Path, sources: Iterable[str] = ("stripe", "ecb"), **changes: object) -> Path:
    """The folder `target` with the configuration; `changes` are made to every source."""
    shutil.copytree(PROJECT / "config", target)
    declared = yaml.safe_load((target / "sources.yaml").read_text(encoding="utf-8"))
    kept = {name: {**declared[name], **changes} for name in sources}
    (target / "sources.yaml").write_text(yaml.safe_dump(kept, sort_keys=False), encoding="utf-8")
    return target
