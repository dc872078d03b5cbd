"""Compares generated files with what is on disk, and writes those that differ, each atomically."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stale:
    """What differs from what would be written: `written` are new or changed files, `removed` have nothing to describe."""

    written: tuple[Path, ...]
    removed: tuple[Path, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


def stale(files: Mapping[Path, str], folders: Collection[Path]) -> Stale:
    """What differs; everything in `folders` is generated, so what is not among `files` is left over."""
    written = tuple(path for path, text in sorted(files.items()) if not path.exists() or path.read_text(encoding="utf-8") != text)
    present = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    return Stale(written, tuple(sorted(present - set(files))))


def bring_up_to_date(files: Mapping[Path, str], found: Stale) -> None:
    """Writes and removes what `stale` found."""
    for path in found.written:
        write(path, files[path])
    for path in found.removed:
        path.unlink()


def write(path: Path, text: str) -> None:
    """Replaces a file as a whole: a reader sees the old or the new text, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
