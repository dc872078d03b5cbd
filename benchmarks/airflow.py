"""Airflow's own overhead of an hourly run with nothing new: per task, what waiting and starting cost beside the work.

A whole installation is started in a temporary folder, as `make demo` does, and taken down again. The work of a stage is
what the same call takes outside of Airflow, on the same data, right afterwards.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median
from typing import Any

from benchmarks.measuring import Table, folder, measured
from cynosure.settings import load_settings
from cynosure.stages import Stages
from sandbox.demo import connections, environments, streams
from sandbox.demo.airflow_api import AirflowApi
from sandbox.demo.folders import Folders
from sandbox.demo.job import CHECK, TRANSFORM, Job
from sandbox.demo.processes import Processes
from sandbox.demo.stack import Company, Stack

_INGEST = "ingest_"
_OVER = {"success", "failed", "skipped"}
_RUN_SECONDS = 600.0
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class _Task:
    """One task of one run, in seconds: from due to started, and from started to ended."""

    name: str
    state: str
    waited: float
    ran: float


def run(quick: bool) -> Iterator[Table]:
    """One table."""
    company, repetitions = (Company(10, 2), 1) if quick else (Company(60, 6), 3)
    with folder() as home:
        folders = Folders(home)
        stack = Stack(folders, Processes(home), lambda text: None)
        try:
            api = stack.up(company)
            _first_run(stack, api)
            passes = [_hourly(api) for _ in range(repetitions)]
            work = _work(stack)
        finally:
            stack.down()
    yield _table(passes, work)


def _first_run(stack: Stack, api: AirflowApi) -> None:
    for connection in stack.connections:
        api.put_connection(connection)
    streams.settle(stack.endpoints["control"])
    job = Job(api, lambda steps: None)
    if not job.run():
        raise SystemExit("\n".join(job.failures()))


def _hourly(api: AirflowApi) -> dict[str, _Task]:
    """Every source's ingest, the transform that they cause, and the check; tasks by name."""
    before = {run["dag_run_id"] for run in api.runs(TRANSFORM)}
    runs = [(dag, api.trigger(dag)) for dag in sorted(api.dags()) if dag.startswith(_INGEST)]
    found = _finished(api, runs)
    caused = _caused(api, before)
    found |= _finished(api, [(TRANSFORM, caused)])
    return found | _finished(api, [(CHECK, api.trigger(CHECK))])


def _caused(api: AirflowApi, before: set[str]) -> str:
    deadline = time.monotonic() + _RUN_SECONDS
    while time.monotonic() < deadline:
        for run in api.runs(TRANSFORM):
            if run["dag_run_id"] not in before:
                return str(run["dag_run_id"])
        time.sleep(_POLL_SECONDS)
    raise SystemExit("what was loaded did not start a transform")


def _finished(api: AirflowApi, runs: Sequence[tuple[str, str]]) -> dict[str, _Task]:
    deadline = time.monotonic() + _RUN_SECONDS
    found: dict[str, _Task] = {}
    for dag, run in runs:
        while api.run(dag, run)["state"] not in _OVER:
            if time.monotonic() > deadline:
                raise SystemExit(f"{dag} did not end")
            time.sleep(_POLL_SECONDS)
        found |= {task.name: task for task in (_task(dag, each) for each in api.tasks(dag, run)) if task}
    return found


def _task(dag: str, told: dict[str, Any]) -> _Task | None:
    """None for a task that never started, such as one without work of its own."""
    if not told["start_date"] or not told["end_date"]:
        return None
    instants = (told["scheduled_when"] or told["start_date"], told["start_date"], told["end_date"])
    due, started, ended = map(datetime.fromisoformat, instants)
    if told["state"] == "failed":
        raise SystemExit(f"{dag}.{told['task_id']} failed")
    return _Task(f"{dag}.{told['task_id']}", told["state"], (started - due).total_seconds(), (ended - started).total_seconds())


def _work(stack: Stack) -> dict[str, float]:
    """Seconds of each stage's call with nothing new, outside of Airflow, by the task that makes it."""
    endpoints = stack.endpoints
    variables = {**environments.platform(stack.folders, endpoints), **connections.variables(endpoints)}
    stages = Stages(load_settings({**os.environ, **variables}))
    work = {f"{_INGEST}{name}.extract": measured(partial(stages.extract, name)).wall for name in stages.streams}
    load = measured(stages.load).wall
    work |= {f"{_INGEST}{name}.load": load for name in stages.streams}
    return {**work, f"{TRANSFORM}.build": measured(stages.what_to_build).wall, f"{CHECK}.evaluate": measured(stages.check).wall}


def _table(passes: Sequence[dict[str, _Task]], work: dict[str, float]) -> Table:
    rows: list[tuple[str, str, str, str, str, str]] = []
    sums = [0.0, 0.0, 0.0]
    for name in passes[0]:
        tasks = [each[name] for each in passes if name in each]
        waited, ran, own = median(t.waited for t in tasks), median(t.ran for t in tasks), work.get(name, 0.0)
        sums = [total + part for total, part in zip(sums, (waited, ran, own), strict=True)]
        rows.append((name, tasks[-1].state, f"{waited:.2f}", f"{ran:.2f}", f"{own:.2f}", f"{waited + ran - own:.2f}"))
    waited, ran, own = sums
    rows.append(("together", "", f"{waited:.2f}", f"{ran:.2f}", f"{own:.2f}", f"{waited + ran - own:.2f}"))
    notes = [
        f"median of {len(passes)} runs with nothing new; the tasks of several sources run at the same time, so the sum is more"
        " than the clock shows",
        "waited: from due to started (scheduler and the start of a process); ran: until it had ended, which includes reading"
        " the DAG and importing the engine; work: the same call outside of Airflow, libraries loaded",
        "budget: an hourly run with nothing new takes less than 20 s of work beyond Airflow's own, which is the column `work`",
    ]
    return Table(
        "Airflow's own overhead of an hourly run", ("task", "state", "waited s", "ran s", "work s", "Airflow s"), rows, notes
    )
