"""Runs dbt in a process of its own (it keeps global state) and reads what it says about each node."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: told about each finished node: how many are done, of how many, its name and status
Progress = Callable[[int, int, str, str], None]
_RESULT_EVENTS = {"LogModelResult", "LogTestResult", "LogSeedResult", "LogSnapshotResult", "LogNodeResult"}


class TransformError(Exception):
    """dbt could not run or a model failed; the message names the node and the database's own words."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """How one model or test ended; `failures` counts the rows that break a test."""

    node: str
    resource_type: str
    status: str
    seconds: float
    rows: int | None
    failures: int | None
    message: str


@dataclass(frozen=True)
class DbtProject:
    """Where the project is and where its artefacts go (never into the project, so that two homes do not mix)."""

    sql: Path
    target: Path
    environment: Mapping[str, str]
    variables: Mapping[str, Any]

    def build(self, arguments: Sequence[str] = (), progress: Progress = lambda done, of, node, status: None) -> list[NodeResult]:
        """`dbt build`: models and tests in order of dependency; raises TransformError if dbt itself cannot run."""
        return self._run(["build", *arguments], progress)

    @property
    def manifest(self) -> dict[str, Any]:
        """dbt's manifest of the last run: nodes, tests and lineage."""
        path = self.target / "manifest.json"
        if not path.exists():
            raise TransformError(f"{path} does not exist; run `cynosure transform` first")
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def _run(self, arguments: Sequence[str], progress: Progress) -> list[NodeResult]:
        results = self.target / "run_results.json"
        results.unlink(missing_ok=True)
        complaints = self._follow(self._command(arguments), progress)
        if not results.exists():
            raise TransformError("dbt could not start:\n" + "\n".join(complaints[-10:]))
        return [_node_result(raw) for raw in json.loads(results.read_text(encoding="utf-8"))["results"]]

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return [
            sys.executable, "-m", "cynosure.transform.child", str(os.getpid()),
            "--log-format", "json", "--log-level", "info", "--no-use-colors",
            *arguments, "--project-dir", str(self.sql), "--profiles-dir", str(self.sql),
            "--target", self.environment["CYNOSURE_DBT_TARGET"], "--target-path", str(self.target),
            # a log file would be at debug level: slow, and it says nothing that the events and compiled SQL do not
            "--log-level-file", "none", "--log-path", str(self.target / "logs"), "--vars", json.dumps(dict(self.variables)),
        ]  # fmt: skip

    def _follow(self, command: list[str], progress: Progress) -> list[str]:
        """Runs the command to its end; returns what it complained about."""
        self.target.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **self.environment, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        complaints: list[str] = []
        with subprocess.Popen(  # noqa: S603 - our own interpreter, arguments as a list
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        ) as process:
            for line in process.stdout or ():
                _heard(line, progress, complaints)
        return complaints


def _heard(line: str, progress: Progress, complaints: list[str]) -> None:
    try:
        event = json.loads(line)
    except ValueError:
        complaints.append(line.rstrip())
        return
    info, data = event.get("info", {}), event.get("data", {})
    if info.get("name") in _RESULT_EVENTS:
        node = data.get("node_info", {}).get("node_name", "")
        progress(int(data.get("index", 0)), int(data.get("total", 0)), node, str(data.get("status", "")))
    elif info.get("level") == "error":
        complaints.append(str(info.get("msg", "")))


def _node_result(raw: dict[str, Any]) -> NodeResult:
    affected = raw.get("adapter_response", {}).get("rows_affected")
    return NodeResult(
        node=raw["unique_id"],
        resource_type=raw["unique_id"].split(".", 1)[0],
        status=raw["status"],
        seconds=float(raw.get("execution_time") or 0.0),
        rows=int(affected) if isinstance(affected, int) and affected >= 0 else None,
        failures=raw.get("failures"),
        message=str(raw.get("message") or ""),
    )
