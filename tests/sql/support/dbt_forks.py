"""dbt in forked children of a process that has read the project: to import it and to read the project takes longer than a test.

dbt itself reads a project anew whenever the connection or a variable has changed, since both might decide what a model refers
to. Here they don't: dbt refuses a model that refers to what it did not when it was read.

Reads one JSON job a line, answers with exit code and output, a line each. It must stay free of threads: a fork copies only one.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import traceback
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[3] / "sql"


@cache
def _process() -> subprocess.Popen[str]:
    """The process that forks, one for each worker of a test run; it ends when its standard input does."""
    return subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def run(arguments: list[str], environment: dict[str, str], target: Path) -> tuple[int, str]:
    """Exit code and output of dbt with these arguments."""
    process = _process()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"arguments": arguments, "environment": environment, "output": str(target / "output")}) + "\n")
    process.stdin.flush()
    code, output = json.loads(process.stdout.readline())
    return code, output


def _read_project(environment: dict[str, str], target: Path, manifests: dict[str, Any]) -> Any:
    """What dbt knows after reading the project for a kind of warehouse."""
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    kind = environment["CYNOSURE_DBT_TARGET"]
    if kind not in manifests:
        os.environ.update(environment)
        folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        written = ["--no-write-json", "--log-level-file", "none", "--target-path", str(target), "--log-path", str(target)]
        read = dbtRunner().invoke(["--quiet", "parse", *folders, *written])
        assert read.success, read.exception
        manifests[kind] = read.result
        reset_adapters()
    return manifests[kind]


def _move(manifest: Any, database: str) -> None:
    """Names another database than the one for which the project was read."""
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        if node.relation_name and node.database:
            node.relation_name = node.relation_name.replace(f'"{node.database}"', f'"{database}"', 1)
        node.database = database


def _child(job: dict[str, Any], manifest: Any) -> None:
    from dbt.cli.main import dbtRunner

    code = 2
    try:
        output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.update(job["environment"])
        database = job["environment"].get("CYNOSURE_PG_DATABASE") or Path(job["environment"]["CYNOSURE_DUCKDB_PATH"]).stem
        _move(manifest, database)
        done = dbtRunner(manifest=manifest).invoke(job["arguments"])
        if done.exception:
            print(done.exception)
        code = 0 if done.success else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def main() -> None:
    """Works jobs off until standard input ends."""
    importlib.import_module("dbt.cli.main")
    manifests: dict[str, Any] = {}
    answers = os.fdopen(os.dup(1), "w")
    # what dbt prints while it reads is no answer
    os.dup2(2, 1)
    for line in sys.stdin:
        job = json.loads(line)
        manifest = _read_project(job["environment"], Path(job["output"]).parent, manifests)
        if (pid := os.fork()) == 0:
            _child(job, manifest)
        _, status = os.waitpid(pid, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), Path(job["output"]).read_text()]), file=answers, flush=True)


if __name__ == "__main__":
    main()
