"""Where the demo keeps what it made: everything below `.cynosure`, readable by its owner only."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Folders:
    """The folders of one demo."""

    home: Path = PROJECT / ".cynosure"

    @property
    def demo(self) -> Path:
        """The demo's own records and the logs of what it started."""
        return self.home / "demo"

    @property
    def sandbox(self) -> Path:
        """The simulated company."""
        return self.home / "sandbox"

    @property
    def airflow(self) -> Path:
        """AIRFLOW_HOME."""
        return self.home / "airflow"

    @property
    def environment(self) -> Path:
        """A file for the shell, so that `cynosure` works on the demo's data."""
        return self.demo / "environment"

    def log(self, name: str) -> Path:
        """The log of a process."""
        return self.demo / f"{name}.log"

    def create(self) -> None:
        """Makes the folders, closed to others."""
        for folder in (self.home, self.demo, self.sandbox, self.airflow):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def endpoints(self) -> dict[str, Any] | None:
        """Where the sandbox listens; None while it does not."""
        return read_json(self.sandbox / "endpoints.json")


def read_json(path: Path) -> dict[str, Any] | None:
    """The content of a JSON file; None if there is none, or it is cut."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read; a reader sees the old text or the new, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=_OWNER_ONLY)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def kept(path: Path, length: int = 48) -> str:
    """A random secret, the same at every start."""
    if not path.exists():
        write_private(path, secrets.token_hex(length))
    return path.read_text(encoding="utf-8")
