"""The demo as a newcomer runs it: real Airflow, real servers, one command; then what it left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from cynosure.extract import connector_class
from sandbox.demo import environments
from sandbox.demo.airflow_api import AirflowApi
from sandbox.demo.folders import Folders, read_json
from sandbox.demo.processes import Processes

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
# nothing of what the sandbox itself knows is searched for secrets, nor the file that gives them to a shell on purpose
_MAY_HOLD_SECRETS = ("sandbox", "demo/environment", "airflow/password")


@dataclass
class Demo:
    folders: Folders
    output: str
    exit_code: int

    @property
    def endpoints(self):
        return self.folders.endpoints()

    @property
    def api(self) -> AirflowApi:
        url = read_json(self.folders.demo / "airflow.json")["url"]
        found = AirflowApi(url, environments.USER, environments.password(self.folders))
        found.log_in()
        return found


def command(folders: Folders, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox.demo", "--home", str(folders.home), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=840,
        env={**os.environ, "CYNOSURE_WAREHOUSE": "postgresql://nobody@127.0.0.1:1/nothing"},
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folders = Folders(tmp_path_factory.mktemp("demo"))
    done = command(folders, "start", "--customers", "40", "--months", "6")
    yield Demo(folders, done.stdout + done.stderr, done.returncode)
    Processes(folders.home).end()


def test_it_succeeds_and_meets_the_truth(demo):
    assert demo.exit_code == 0, demo.output
    assert "every one is exact" in demo.output


def test_it_prints_figures_messages_and_where_to_look(demo):
    for expected in ("Monthly recurring revenue", "Daily metrics", demo.endpoints["inbox"], "password", "make stop"):
        assert expected in demo.output


def test_every_run_of_every_dag_succeeded(demo):
    api = demo.api
    for dag_id in api.dags():
        for run in api.runs(dag_id):
            assert run["state"] in ("success", "running", "queued"), (dag_id, run)


def test_dags_and_plugins_were_read_without_an_error(demo):
    assert demo.api.import_errors() == []


def test_the_report_arrived(demo):
    mails = list((demo.folders.sandbox / "mail").glob("*.eml"))
    assert mails
    assert httpx.get(demo.endpoints["inbox"] + "/state", trust_env=False).json()["messages"] >= 1


def test_the_status_page_is_open_to_users_and_closed_to_strangers(demo):
    api = demo.api
    assert httpx.get(api.url + "/cynosure/status", trust_env=False).status_code == 401
    page = api._http.get("/cynosure/status")
    assert page.status_code == 200
    assert "streams on time" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_source_was_read_through_the_airflow_connection(demo):
    """No credential of a source is in Airflow's environment."""
    scheduler = Processes(demo.folders.home).running()["airflow-scheduler"].running()
    sources = tuple(f"CYNOSURE_{source.upper()}_" for source in demo.endpoints["connections"])
    assert not [name for name in scheduler.environ() if name.startswith(sources)]


def test_nothing_listens_beyond_this_machine(demo):
    for started in Processes(demo.folders.home).running().values():
        head = started.running()
        for process in [head, *head.children(recursive=True)]:
            listening = [c.laddr.ip for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
            assert set(listening) <= {"127.0.0.1"}, (started.name, listening)


def credentials(connections: dict[str, dict[str, str]]) -> list[str]:
    """Every setting of a source that is declared a secret."""
    return [
        value
        for source, given in connections.items()
        for field, value in given.items()
        if "SecretStr" in str(connector_class(source).settings_model.model_fields[field].annotation)
    ]


def test_no_secret_was_written_anywhere(demo):
    found = credentials(demo.endpoints["connections"])
    assert len(found) >= 5
    secrets = [*found, demo.endpoints["keys"]["slack"], environments.password(demo.folders)]
    for path in demo.folders.home.rglob("*"):
        name = str(path.relative_to(demo.folders.home))
        if path.is_file() and not name.startswith(_MAY_HOLD_SECRETS):
            content = path.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in content], name


def test_a_second_start_uses_what_runs(demo):
    before = {name: started.pid for name, started in Processes(demo.folders.home).running().items()}
    done = command(demo.folders, "start")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "an earlier demo is still running" in done.stdout
    assert {name: started.pid for name, started in Processes(demo.folders.home).running().items()} == before


def test_stop_ends_everything(demo):
    started = list(Processes(demo.folders.home).running().values())
    assert len(started) == 5
    done = command(demo.folders, "stop")
    assert done.returncode == 0, done.stdout
    assert not [one.name for one in started if one.running()]
    assert "nothing was running" in command(demo.folders, "stop").stdout
