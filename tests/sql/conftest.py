"""Builds the dbt project once per engine and company, on all scenarios at once."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from build import dbt, fill
from five_systems import AS_OF as NOW
from five_systems import SOURCES, FiveSystems, five_systems
from generated import histories
from scenario import HOUSE, Company, all_cases
from stripe_rows import reference_rates, rows_of

from cynosure.warehouse import Warehouse, open_warehouse

AS_OF = "2026-09-15T12:00:00+00:00"
REVENUE = ("kpis.revenue", "active_customers", "int_retention_windows")
COMPARED = ("mrr_movements", "usage_mrr_months", "int_identity_violations", "mrr_by_definition", "mrr_definition_bridge")


@dataclass(frozen=True)
class Built:
    """A warehouse with the models of its revenue built for one company."""

    engine: str
    company: Company
    warehouse: Warehouse
    variables: dict[str, object]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Answers of the warehouse."""
        with self.warehouse.writing() as session:
            return session.rows(sql)


@pytest.fixture(scope="session", params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def warehouses(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Warehouse]:
    """Makes empty warehouses of an engine that live as long as the session."""

    def make(engine: str) -> Warehouse:
        if engine == "duckdb":
            return open_warehouse(f"duckdb://{tmp_path_factory.mktemp('sql')}/w.duckdb")
        server, name = request.getfixturevalue("postgres_server"), f"q{uuid.uuid4().hex[:12]}"
        with psycopg.connect(f"postgresql://postgres@/postgres?host={server}", autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        return open_warehouse(f"postgresql://postgres@/{name}?host={server}")

    return make


@pytest.fixture(scope="session")
def new_warehouse(engine: str, warehouses: Callable[[str], Warehouse]) -> Callable[[], Warehouse]:
    """Makes empty warehouses of the engine that live as long as the session."""
    return partial(warehouses, engine)


@pytest.fixture(scope="session")
def builds(warehouses: Callable[[str], Warehouse], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Company], Built]:
    """Loads and transforms every scenario of a company, once for each engine.

    It does not depend on `engine`: pytest would begin anew wherever a file of tests changes from one to the other.
    """

    @cache
    def build_for(engine: str, company: Company) -> Built:
        as_of = company.instant(AS_OF)
        rows = reference_rates(company, as_of)
        for case in (*all_cases(), *(history.case for history in histories())):
            if case.company is company:
                rows += rows_of(case, as_of)
        warehouse = warehouses(engine)
        fill(warehouse, rows, as_of)
        variables = {"timezone": company.timezone, **company.variables}
        models = [f"+{model}" for model in (*COMPARED, *(REVENUE if company is HOUSE else ()))]
        # of one company its tests as well, as far as what they are about was built
        verb = ["build", "--indirect-selection", "buildable"] if company is HOUSE else ["run"]
        command = [*verb, "--select", *models]
        done = dbt(command, warehouse.dbt_environment(), variables, tmp_path_factory.mktemp("dbt"))
        assert done.returncode == 0, done.stdout[-4000:]
        return Built(engine, company, warehouse, variables)

    return build_for


@pytest.fixture(scope="session")
def build(engine: str, builds: Callable[[str, Company], Built]) -> Callable[[Company], Built]:
    """The warehouse of a company on the engine."""
    return partial(builds, engine)


@pytest.fixture(scope="session")
def world() -> FiveSystems:
    """One company and its records in all five systems."""
    return five_systems()


@pytest.fixture(scope="session")
def fives(warehouses: Callable[[str], Warehouse], world: FiveSystems) -> Callable[[str], Warehouse]:
    """Loads all five systems, once for each engine."""

    @cache
    def load(engine: str) -> Warehouse:
        warehouse = warehouses(engine)
        fill(warehouse, world.rows(), NOW, SOURCES)
        return warehouse

    return load


@pytest.fixture(scope="session")
def warehouse_of_five(engine: str, fives: Callable[[str], Warehouse]) -> Warehouse:
    """A warehouse into which all five systems are loaded, without any model of its own."""
    return fives(engine)
