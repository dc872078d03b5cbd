"""The main job in Airflow: ingest every source, transform, check, then alert and report, watched to the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.demo.airflow_api import AirflowApi
from sandbox.demo.errors import DemoError

_POLL_SECONDS = 1.0
_DISCOVERY_SECONDS = 180.0
# a DAG that neither its asset nor its clock started by then is started by hand
_FOLLOW_SECONDS = 8.0
_RUN_SECONDS = 900.0
_FINAL = {"success", "failed"}
TRANSFORM, CHECK, ALERT = "transform", "check", "alert"

Show = Callable[[Sequence["Step"]], None]


@dataclass
class Step:
    """One run that is watched."""

    dag_id: str
    run_id: str
    state: str = "queued"
    running: str = ""
    seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.state in _FINAL


class Job:
    """Drives one pass through all DAGs."""

    def __init__(self, api: AirflowApi, show: Show) -> None:
        self._api = api
        self._show = show
        self.steps: list[Step] = []
        self._began = datetime.now(UTC)

    def run(self) -> bool:
        """The whole pass; whether every run succeeded. What depends on a failed run is not started."""
        dags = self._discover()
        ingests = sorted(name for name in dags if name.startswith("ingest_"))
        people = [ALERT, *sorted(name for name in dags if name.startswith("report_"))]
        checks = [CHECK, *sorted(name for name in dags if name.startswith("audit_"))]
        # one build after all sources, not one after each
        self._api.pause(TRANSFORM, paused=True)
        return all(self._pass(names) for names in (ingests, [TRANSFORM], checks, people)) and not self._failed_beside(dags)

    def failures(self) -> list[str]:
        """For every failed run, its failed tasks with the ends of their logs."""
        return [text for step in self.steps if step.state == "failed" for text in self._failure(step)]

    def _discover(self) -> dict[str, dict[str, Any]]:
        self._api.create_pool()
        deadline = time.monotonic() + _DISCOVERY_SECONDS
        while True:
            dags = self._api.dags()
            wanted = {TRANSFORM, CHECK, ALERT} <= set(dags)
            if wanted and any(d.startswith("ingest_") for d in dags) and any(d.startswith("report_") for d in dags):
                return dags
            if errors := self._api.import_errors():
                raise DemoError("Airflow cannot read the DAGs:\n" + "\n".join(errors))
            if time.monotonic() > deadline:
                raise DemoError(f"Airflow found only these DAGs: {', '.join(sorted(dags)) or 'none'}")
            time.sleep(_POLL_SECONDS)

    def _pass(self, names: Sequence[str]) -> bool:
        """Lets DAGs run and watches the run that each one gets, by its asset, its clock, or else by hand."""
        known = {name: self._ended(name) for name in names}
        paused = {name for name, dag in self._api.dags().items() if dag["is_paused"]}
        for name in names:
            self._api.pause(name, paused=False)
            if name.startswith("ingest_") and name not in paused:
                self._api.trigger(name)
        waiting, steps = list(names), []
        deadline = time.monotonic() + _FOLLOW_SECONDS
        while waiting:
            for name in list(waiting):
                new = [run["dag_run_id"] for run in self._api.runs(name) if run["dag_run_id"] not in known[name]]
                if new or time.monotonic() > deadline:
                    steps.append(self._add(Step(name, new[-1] if new else self._api.trigger(name))))
                    waiting.remove(name)
            time.sleep(_POLL_SECONDS if waiting else 0)
        return self._watch(steps)

    def _add(self, step: Step) -> Step:
        self.steps.append(step)
        self._show(self.steps)
        return step

    def _ended(self, dag_id: str) -> set[str]:
        return {run["dag_run_id"] for run in self._api.runs(dag_id) if run["state"] in _FINAL}

    def _watch(self, steps: Sequence[Step]) -> bool:
        deadline = time.monotonic() + _RUN_SECONDS
        while not all(step.is_over for step in steps):
            if time.monotonic() > deadline:
                raise DemoError(f"{', '.join(s.dag_id for s in steps if not s.is_over)} did not end; see the runs in Airflow")
            time.sleep(_POLL_SECONDS)
            for step in steps:
                if not step.is_over:
                    self._look(step)
            self._show(self.steps)
        return all(step.state == "success" for step in steps)

    def _failed_beside(self, dags: Iterable[str]) -> bool:
        """Whether a run failed that a clock or an asset started while the others were watched."""
        watched = {(step.dag_id, step.run_id) for step in self.steps}
        for dag_id in dags:
            for run in self._api.runs(dag_id):
                new = datetime.fromisoformat(run["queued_at"] or run["run_after"]) >= self._began
                if new and run["state"] == "failed" and (dag_id, run["dag_run_id"]) not in watched:
                    self._add(Step(dag_id, run["dag_run_id"], state="failed"))
        return any(step.state == "failed" for step in self.steps)

    def _look(self, step: Step) -> None:
        run = self._api.run(step.dag_id, step.run_id)
        tasks = self._api.tasks(step.dag_id, step.run_id)
        step.state = run["state"]
        step.running = ", ".join(_doing(task) for task in tasks if task["state"] in ("running", "up_for_retry"))
        step.seconds = float(run["duration"] or 0) if step.is_over else time.monotonic() - step.started

    def _failure(self, step: Step) -> list[str]:
        texts = []
        for task in self._api.tasks(step.dag_id, step.run_id):
            if task["state"] == "failed":
                lines = "\n".join(f"    {line}" for line in self._api.last_lines(step.dag_id, step.run_id, task))
                texts.append(f"{step.dag_id}.{task['task_id']} failed; the end of its log:\n{lines}")
        return texts or [f"{step.dag_id} failed before a task did"]


def _doing(task: Mapping[str, Any]) -> str:
    return f"{task['task_id']} failed and waits for another try" if task["state"] == "up_for_retry" else str(task["task_id"])
