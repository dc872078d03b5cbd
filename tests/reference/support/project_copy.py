"""A copy of the parts of the project that people add to, and the command line working on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner, Result

from cynosure.cli import app

REPOSITORY = Path(__file__).parents[3]
_ADDED_TO = ("connectors", "config", "sql", "docs")
_FORMS = "plugins/cynosure_airflow/connection_types.json"


@dataclass(frozen=True)
class Project:
    """A project folder of its own."""

    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs Python in the folder, with the connectors of the folder."""
        places = {"CYNOSURE_PROJECT": str(self.folder), "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CYNOSURE_")}
        return subprocess.run(
            [sys.executable, *command], cwd=self.folder, env=inherited | places, capture_output=True, text=True, check=False
        )

    def cynosure(self, *arguments: str) -> Result:
        """Runs the command line in this process, with the repository's connectors."""
        return CliRunner().invoke(app, arguments, env={"CYNOSURE_PROJECT": str(self.folder)})

    def cynosure_apart(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the command line in a process of its own, with the connectors of the folder."""
        return self.run("-c", "from cynosure.cli import main; main()", *arguments)

    def text(self, path: str) -> str:
        """The text of a file."""
        return (self.folder / path).read_text(encoding="utf-8")

    def state(self) -> dict[str, bytes]:
        """Every file that is not the engine's, with its content."""
        files = (path for top in (*_ADDED_TO, "tests") for path in (self.folder / top).rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}


def copied(folder: Path) -> Project:
    """A copy in an empty folder; the engine itself is the repository's."""
    for name in _ADDED_TO:
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    (folder / "tests").mkdir()
    (folder / "cynosure").symlink_to(REPOSITORY / "cynosure")
    (folder / _FORMS).parent.mkdir(parents=True)
    for file in ("pyproject.toml", ".yamllint", _FORMS):
        shutil.copy(REPOSITORY / file, folder / file)
    return Project(folder)
