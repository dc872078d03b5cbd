"""The real `dbt build`, killed at random instants: the rerun ends in the tables of an undisturbed build, on every engine.

`CYNOSURE_TEST_BUILD_KILLS=20 pytest tests/kill/test_build_kills.py` kills more often than the usual run does.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from forking import Forks
from simulated import simulated

from cynosure.check.finding import latest_findings
from cynosure.settings import load_settings
from cynosure.stages import Stages
from cynosure.warehouse import Session, open_warehouse, qualified

pytestmark = [pytest.mark.kill, pytest.mark.slow, pytest.mark.timeout(1800)]

# half of all models: the others are written the same way
BUILT = ["+kpis.revenue", "+customers", "+int_identity_violations"]
KILLS = int(os.environ.get("CYNOSURE_TEST_BUILD_KILLS", "2"))
# before that a build has only imported dbt
_STARTING_SECONDS = 2.0
# what the engine tells of its own work is another after another course of events
_OF_ITSELF = {path.stem for path in (Path(__file__).parents[2] / "sql/models").glob("*/data_platform/*.sql")}
_SYSTEM = ("ops", "information_schema", "pg_catalog", "pg_toast", "main", "public")

Home = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where everything of a small company is landed, as environment variables."""
    folder = tmp_path_factory.mktemp("source")
    with simulated(folder / "sandbox", customers=8, months=4) as company:
        environment = {
            "CYNOSURE_LANDING": f"file://{folder}/landing",
            "CYNOSURE_STRIPE_API_KEY": company.key,
            "CYNOSURE_STRIPE_BASE_URL": company.endpoints["stripe"],
            "CYNOSURE_ECB_BASE_URL": company.endpoints["ecb"],
        }
        stages = Stages(load_settings({**os.environ, **environment, "CYNOSURE_HOME": str(folder)}))
        for name in ("stripe", "ecb"):
            assert {result.outcome for result in stages.extract(name)} == {"ok"}
        yield environment


@pytest.fixture(scope="module", params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, source: dict[str, str], children: Forks
) -> Home:
    """Makes installations whose warehouse is loaded and not yet built."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else None
    folder = tmp_path_factory.mktemp("homes")

    def make(name: str) -> dict[str, str]:
        environment = {**source, "CYNOSURE_HOME": str(folder / name)}
        if server:
            with psycopg.connect(f"postgresql://postgres@/postgres?host={server}", autocommit=True) as connection:
                connection.execute(f"create database {name}".encode())
            environment["CYNOSURE_WAREHOUSE"] = f"postgresql://postgres@/{name}?host={server}"
        else:
            environment["CYNOSURE_WAREHOUSE"] = f"duckdb://{folder}/{name}/warehouse.duckdb"
        assert children.run("stage", name="load", environment=environment)
        return environment

    return make


@dataclass(frozen=True)
class Built:
    """An installation that was built without a disturbance, and how many seconds that took."""

    environment: dict[str, str]
    seconds: float


@pytest.fixture(scope="module")
def clean(home: Home, children: Forks) -> Built:
    """Built once per engine."""
    environment, began = home("clean"), time.monotonic()
    assert build(children, environment)
    return Built(environment, time.monotonic() - began)


def tables(environment: dict[str, str]) -> dict[str, str]:
    """A checksum of the rows of every table and view that dbt makes or reads; the same for writers and readers."""
    warehouse = open_warehouse(environment["CYNOSURE_WAREHOUSE"], wait=60)
    with warehouse.writing() as session:
        written = _tables(session)
    with warehouse.reading() as session:
        assert _tables(session) == written
    return written


def _tables(session: Session) -> dict[str, str]:
    listed = session.rows("select table_schema, table_name from information_schema.tables order by 1, 2")
    found = {}
    for schema, name in listed:
        if schema not in _SYSTEM and name not in _OF_ITSELF:
            rows = sorted(map(repr, session.rows(f"select * from {qualified(schema, name)}")))
            found[f"{schema}.{name}"] = sha256("\n".join(rows).encode()).hexdigest()
    return found


def build(children: Forks, environment: dict[str, str], **kill: Any) -> bool:
    return children.run("stage", name="transform", environment=environment, arguments={"select": BUILT}, **kill)


def test_after_kills_at_random_instants_a_rerun_builds_what_an_undisturbed_build_does(
    children: Forks, home: Home, clean: Built
) -> None:
    expected = tables(clean.environment)
    assert len([name for name in expected if name.startswith("kpis.")]) > 10
    chance, disturbed, before = random.Random(3), home("disturbed"), children.killed
    for number in range(KILLS):
        # the stage dies, and dbt with it; or dbt alone
        build(children, disturbed, kill_after=chance.uniform(_STARTING_SECONDS, clean.seconds), child=number % 2 == 1)
    assert children.killed > before
    assert build(children, disturbed)
    assert tables(disturbed) == expected


def test_a_check_that_is_killed_before_it_publishes_is_repeated_to_the_same_result(children: Forks, clean: Built) -> None:
    warehouse, before = open_warehouse(clean.environment["CYNOSURE_WAREHOUSE"], wait=60), tables(clean.environment)
    assert not children.run("stage", name="check", environment=clean.environment, kill_at="check.after_store")
    with warehouse.writing() as session:
        stored = latest_findings(session)
    assert stored
    if warehouse.dialect == "duckdb":
        with warehouse.reading() as session:
            assert latest_findings(session) == []
    assert children.run("stage", name="check", environment=clean.environment)
    with warehouse.reading() as session:
        again = latest_findings(session)
    assert [(f.check_id, f.passed) for f in again] == [(f.check_id, f.passed) for f in stored]
    assert tables(clean.environment) == before
