"""The ingest DAG executed by Airflow against a real local Stripe that refuses one stream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import httpx
import pytest
from airflow_home import DAGS, PROJECT, use_own_home

HOME = use_own_home()

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(300)]

REFUSED = "/v1/disputes"


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A small simulated company that answers; its endpoints."""
    state = tmp_path_factory.mktemp("sandbox")
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "serve",
        "--state",
        str(state),
        "--customers",
        "15",
        "--months",
        "3",
        "--no-limits",
    ]
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 60
        while not (state / "endpoints.json").exists():
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield {**json.loads((state / "endpoints.json").read_text()), "clock": str(state / "clock")}
        server.terminate()


@pytest.fixture(scope="module")
def ingest(company, tmp_path_factory):
    """Runs the DAG; gives the run and the warehouse."""
    from airflow.utils.db import upgradedb

    upgradedb()
    home = tmp_path_factory.mktemp("home")
    given = {"conn_type": "cynosure_stripe", "host": company["stripe"], "password": company["keys"]["stripe_restricted"]}
    os.environ.update(
        CYNOSURE_HOME=str(home),
        CYNOSURE_PROJECT=str(PROJECT),
        CYNOSURE_CLOCK_FILE=company["clock"],
        AIRFLOW_CONN_CYNOSURE_STRIPE=json.dumps(given),
    )

    def run():
        from airflow.dag_processing.dagbag import DagBag

        return DagBag(str(DAGS)).dags["ingest_stripe"].test()

    yield run
    for name in ("CYNOSURE_HOME", "CYNOSURE_PROJECT", "CYNOSURE_CLOCK_FILE", "AIRFLOW_CONN_CYNOSURE_STRIPE"):
        os.environ.pop(name)


def states(run) -> dict[str, str]:
    return {instance.task_id: str(instance.state) for instance in run.get_task_instances()}


def loaded_streams() -> set[str]:
    from cynosure.settings import load_settings
    from cynosure.stages import Stages

    with Stages(load_settings()).warehouse.writing() as session:
        return {row[0] for row in session.rows("select distinct stream from ops.loads where source = 'stripe'")}


def test_a_refused_stream_fails_by_name_and_everything_else_is_loaded(company, ingest):
    rule = {"match": {"vendor": "stripe", "path": REFUSED}, "do": {"status": 403}}
    httpx.post(company["control"] + "/faults", json=rule, trust_env=False).raise_for_status()
    run = ingest()
    assert states(run) == {"extract": "failed", "load": "success", "complete": "upstream_failed"}
    assert str(run.state) == "failed"
    (extract,) = [instance for instance in run.get_task_instances() if instance.task_id == "extract"]
    assert extract.try_number == 1, "only a person can repair a refused key"
    loaded = loaded_streams()
    assert "disputes" not in loaded
    assert {"customers", "invoices", "subscriptions"} <= loaded


def test_once_the_permission_is_given_the_next_run_brings_the_rest(company, ingest):
    httpx.delete(company["control"] + "/faults", trust_env=False).raise_for_status()
    run = ingest()
    assert set(states(run).values()) == {"success"}
    assert "disputes" in loaded_streams()
