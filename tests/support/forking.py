"""Runs the engine's stages in forked children that a test may kill; started once, so that a kill costs no new interpreter.

Reads one JSON job a line, answers the child's wait status a line. It must stay free of threads: a fork copies only one.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Forks:
    """The running process, as a test sees it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.killed = 0

    def run(self, action: str, *, kill_at: str = "", kill_after: float = 0.0, **job: Any) -> bool:
        """Whether the stage ran to its end; False if it was killed. Any other end is an error of the test.

        `kill_after` kills it after so many seconds; with `child` in the job, the process that it has started, if any.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps({"action": action, "kill_at": kill_at, "kill_after": kill_after, **job})
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        if status == -signal.SIGKILL or (status and job.get("child")):
            self.killed += 1
            return False
        assert status == 0, f"{action} ended with {status}"
        return True


@contextmanager
def forks() -> Iterator[Forks]:
    """The process, until the block ends."""
    command = [sys.executable, __file__]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield Forks(process)
        assert process.stdin is not None
        process.stdin.close()


def extract(job: dict[str, Any]) -> None:
    """Lands a stream in small pages, each a batch of its own."""
    from connectors.stripe import Stripe, StripeSettings, transport
    from cynosure.extract import Retrying, extract_source
    from cynosure.extract import run as extract_run
    from cynosure.landing import LandingLog

    transport.PAGE_SIZE = job["page"]
    extract_run.CHECKPOINT_ROWS = 1
    settings = StripeSettings(api_key=job["key"], base_url=job["base_url"])
    connector = Stripe(settings, share=1000.0, retrying=Retrying(attempts=2, first=0.01))
    results = extract_source("stripe", connector, LandingLog(job["landing"]), streams=job["streams"])
    assert {r.outcome for r in results} == {"ok"}, results


def load(job: dict[str, Any]) -> None:
    """Loads what is pending, then shows it to readers."""
    from cynosure.landing import LandingLog
    from cynosure.load import load_landing
    from cynosure.warehouse import open_warehouse

    warehouse = open_warehouse(job["warehouse"], wait=30)
    load_landing(warehouse, LandingLog(job["landing"]), [("stripe", stream) for stream in job["streams"]], NOW)
    warehouse.publish()


def transform(job: dict[str, Any]) -> None:
    """A build that replaces one model in a transaction, then its record and the publication."""
    from cynosure.transform.dbt import DbtProject, NodeResult
    from cynosure.transform.run import transform
    from cynosure.warehouse import open_warehouse

    warehouse = open_warehouse(job["warehouse"], wait=30)

    class Quick(DbtProject):
        """The project, except that its build is one statement."""

        def build(self, arguments: object = (), progress: object = None) -> list[NodeResult]:
            if warehouse.dialect == "duckdb":
                import duckdb

                with duckdb.connect(job["warehouse"].removeprefix("duckdb://")) as connection:
                    connection.execute("create or replace table model as select count(*) as n from raw.stripe__invoices")
            else:
                import psycopg

                with psycopg.connect(job["warehouse"]) as connection:
                    connection.execute("drop table if exists model")
                    connection.execute("create table model as select count(*) as n from raw.stripe__invoices")
            return [NodeResult("model.m", "model", "success", seconds=0.1, rows=1, failures=None, message="")]

    project = Quick(Path(__file__).parents[2] / "sql", Path(job["target"]), warehouse.dbt_environment(), {})
    transform(project, warehouse, NOW)


def stage(job: dict[str, Any]) -> None:
    """A stage of a whole installation, with everything that is real about it."""
    from cynosure.settings import load_settings
    from cynosure.stages import Stages

    result = getattr(Stages(load_settings({**os.environ, **job["environment"]})), job["name"])(**job.get("arguments", {}))
    assert not (job["name"] == "transform" and result.failed), [(node.node, node.message) for node in result.failed]


ACTIONS = {"stage": stage, "extract": extract, "load": load, "transform": transform}


def _child(job: dict[str, Any]) -> None:
    faulthandler.enable()
    code = 1
    try:
        if job["kill_at"]:
            os.environ["CYNOSURE_KILL_AT"] = job["kill_at"]
        ACTIONS[job["action"]](job)
        code = 0
    except BaseException as error:
        print(f"{job['action']}: {type(error).__name__}: {error}", file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(code)


def _victim(pid: int, child: bool) -> int:
    """The process, or the one it has started."""
    try:
        started = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except FileNotFoundError:
        started = []
    return int(started[0]) if child and started else pid


def main() -> None:
    """Works jobs off until standard input ends."""
    for name in ("duckdb", "psycopg", "connectors.stripe", "cynosure.load", "cynosure.warehouse.postgresql"):
        importlib.import_module(name)
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _child(job)
        if job["kill_after"]:
            time.sleep(job["kill_after"])
            os.kill(_victim(pid, bool(job.get("child"))), signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
