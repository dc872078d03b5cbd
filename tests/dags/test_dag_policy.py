"""What every DAG of the repository must fulfil, whatever it is for."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from datetime import timedelta

import pytest
from airflow_home import DAGS, PROJECT, use_own_home

use_own_home()

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import Asset
from airflow.serialization.serialized_objects import DagSerialization

from cynosure_airflow import declared
from cynosure_airflow.operators import WAREHOUSE_POOL, StageOperator
from cynosure_airflow.retry import ByRecovery

pytestmark = pytest.mark.airflow

DEFAULT_POOL = "default_pool"
HEAVY = ("duckdb", "stripe", "pandas", "dbt", "altair", "cynosure.stages", "connectors")


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(str(DAGS))


@pytest.fixture(scope="module")
def dags(bag: DagBag):
    assert bag.import_errors == {}
    return bag.dags


@pytest.fixture(scope="module")
def tasks(dags):
    return [task for dag in dags.values() for task in dag.tasks]


def test_there_is_one_dag_per_stage_source_and_report(dags):
    sources = declared.sources()
    reports = declared.reports()
    expected = {"transform", "check", "alert"}
    expected |= {f"{verb}_{name}" for verb in ("ingest", "audit") for name in sources}
    expected |= {f"report_{planned.name}" for planned in reports}
    assert set(dags) == expected
    assert reports


def test_every_dag_says_what_it_does_what_it_promises_and_what_to_do_when_it_is_red(dags):
    for dag in dags.values():
        for heading in ("What it does", "What it reads", "What it promises", "When it is red"):
            assert f"**{heading}.**" in dag.doc_md, f"{dag.dag_id} lacks {heading!r}"


def test_every_dag_runs_once_at_a_time_without_catching_up_and_ends(dags):
    for dag in dags.values():
        assert (dag.catchup, dag.max_active_runs) == (False, 1), dag.dag_id
        assert timedelta() < (dag.dagrun_timeout or timedelta()) <= timedelta(hours=6), dag.dag_id
        assert len(dag.tags - {"cynosure"}) >= 1, dag.dag_id


def test_every_task_has_an_owner_retries_by_error_class_and_a_time_limit_within_its_run(tasks):
    for task in tasks:
        assert task.owner == "data", task
        assert task.retries >= 1, task
        assert isinstance(task.retry_policy, ByRecovery), task
        assert timedelta() < (task.execution_timeout or timedelta()) < task.dag.dagrun_timeout, task


def test_every_pool_is_one_that_the_deployment_creates(tasks):
    """A task in a pool that does not exist would wait for ever, without any error."""
    assert {task.pool for task in tasks} == {DEFAULT_POOL, WAREHOUSE_POOL}
    for file in ("docker-compose.yaml", "sandbox/demo/airflow_api.py"):
        assert WAREHOUSE_POOL in (PROJECT / file).read_text(encoding="utf-8"), file


def test_whatever_writes_the_embedded_warehouse_takes_the_one_slot(dags):
    writing = {("check", "evaluate"), ("transform", "build")} | {(f"ingest_{name}", "load") for name in declared.sources()}
    waiting = {(dag.dag_id, task.task_id) for dag in dags.values() for task in dag.tasks if task.pool == WAREHOUSE_POOL}
    assert waiting == writing


def test_a_run_stays_small(dags):
    """A task costs Airflow more than a second; the hourly path of one source to the report has to stay within fifteen."""
    beside = [dag for name, dag in dags.items() if not name.startswith(("audit_", "ingest_"))]
    assert len(dags["ingest_stripe"].tasks) + sum(len(dag.tasks) for dag in beside) <= 15
    for dag in dags.values():
        assert len(dag.tasks) <= 4


def test_a_failed_extract_is_not_hidden_by_the_load_that_follows_it(dags):
    ingest = dags["ingest_stripe"]
    assert ingest.get_task("load").trigger_rule == "all_done"
    (last,) = ingest.leaves
    assert last.trigger_rule == "all_success"
    assert last.upstream_task_ids == {"extract", "load"}


def test_messages_go_out_although_rules_could_not_be_evaluated(dags):
    alert = dags["alert"]
    assert alert.get_task("deliver").trigger_rule == "all_done"
    (last,) = alert.leaves
    assert last.upstream_task_ids == {"evaluate", "deliver"}


def test_assets_lead_from_every_source_to_every_report(tasks):
    steps: dict[str, set[str]] = {}
    for task in tasks:
        for before in task.inlets:
            steps.setdefault(before.name, set()).update(after.name for after in task.outlets if isinstance(after, Asset))
    for planned in declared.reports():
        for name in declared.sources():
            assert f"report/{planned.name}" in _reachable(steps, f"source/{name}")


def test_consumers_of_assets_run_by_the_clock_as_well(dags):
    """Asset events may be merged or arrive while a DAG is paused; time passes in any case."""
    for dag_id in ("transform", "check", "alert", *(f"report_{planned.name}" for planned in declared.reports())):
        assert type(dags[dag_id].timetable).__name__ == "AssetOrTimeSchedule", dag_id


def test_parsing_twice_gives_the_same_dags(dags):
    """Whatever changes between two parses would make a new version of the DAG each time."""
    again = DagBag(str(DAGS)).dags
    for dag_id, dag in dags.items():
        first, second = (json.dumps(DagSerialization.to_dict(d), sort_keys=True, default=str) for d in (dag, again[dag_id]))
        assert first == second


def test_parsing_is_quick_and_loads_nothing_heavy():
    """Every task parses its file again."""
    program = f"""
import airflow, sys, time
from airflow.dag_processing.dagbag import DagBag
started = time.process_time()
bag = DagBag({str(DAGS)!r})
print(time.process_time() - started, bag.import_errors, [name for name in {HEAVY!r} if name in sys.modules], sep="|")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    seconds, errors, heavy = done.stdout.strip().splitlines()[-1].split("|")
    assert (errors, heavy) == ("{}", "[]")
    assert float(seconds) < 1.0


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.stem)
def test_a_dag_file_is_short_and_holds_no_logic(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    forbidden = (ast.FunctionDef, ast.If, ast.Try, ast.While, ast.ClassDef, ast.Lambda)
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, forbidden)]


def test_the_dag_files_are_the_stages():
    assert {path.stem for path in DAGS.glob("*.py")} == {"ingest", "transform", "check", "audit", "report", "alert"}


def test_an_operator_calls_the_engine_and_little_else():
    for name in ("operators", "people"):
        tree = ast.parse((PROJECT / f"plugins/cynosure_airflow/{name}.py").read_text(encoding="utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "execute"):
            assert len([node for node in ast.walk(function) if isinstance(node, ast.stmt)]) <= 15


@pytest.mark.parametrize("root", ["cynosure", "connectors"])
def test_the_engine_does_not_know_airflow(root):
    for path in (PROJECT / root).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", "") or ""]
            assert not any(name.split(".")[0] in ("airflow", "cynosure_airflow") for name in names), path


def test_operators_carry_names_only(tasks):
    """Whatever an operator holds is stored in Airflow's database."""
    for task in tasks:
        if isinstance(task, StageOperator):
            assert "stages" not in vars(task)


def _reachable(steps, start):
    found, todo = set(), [start]
    while todo:
        for name in steps.get(todo.pop(), set()) - found:
            found.add(name)
            todo.append(name)
    return found
