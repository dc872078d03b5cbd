"""One company in five systems, extracted, loaded and built as in production: once per engine, for every test here."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from revenue_truth import RevenueTruth
from simulated import HOUR, Simulated, simulated

from cynosure.extract import connector_class, connector_names
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.settings import Settings, load_settings
from cynosure.settings.targets import read_targets
from cynosure.transform import project, transform
from cynosure.warehouse import Warehouse, open_warehouse
from sandbox.discovery import system_names
from sandbox.story.record import Record

PROJECT = Path(__file__).resolve().parents[2]
START = int(datetime(2026, 3, 19, 15, tzinfo=UTC).timestamp())
"""In the middle of a week, a month and a quarter: the running periods are compared as well."""
CUSTOMERS, MONTHS, STORY = 60, 15, 0.5
# no vendor takes longer to show a change
SHOWN = HOUR
SOURCES = tuple(name for name in connector_names() if name in system_names())


@dataclass(frozen=True)
class Company:
    """A warehouse with every model built, beside what is true of the company in it."""

    engine: str
    warehouse: Warehouse
    settings: Settings
    simulated: Simulated

    @property
    def world(self) -> Any:
        """The simulation; `world.truth` knows the revenue, `world.systems` what each system holds."""
        return self.simulated.world

    @property
    def record(self) -> Record:
        """What the story knows of marketing, sales and support."""
        record: Record = self.world.storyteller.record
        return record

    def rows(self, sql: str) -> list[Any]:
        """Answers of the warehouse."""
        with self.warehouse.writing() as session:
            return session.rows(sql)

    def kpi(self, name: str, grain: str, dimension: str = "all", column: str = "value") -> dict[tuple[date, str], Decimal | None]:
        """A column of a KPI by period and member."""
        found = self.rows(
            f"select period_start, member, {column} from kpis.{name} where grain = '{grain}' and dimension = '{dimension}'"
        )
        return {(start, member): None if value is None else Decimal(str(value)) for start, member, value in found}


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """The company with its servers, when every system shows what has happened."""
    folder = tmp_path_factory.mktemp("sandbox")
    with simulated(folder, customers=CUSTOMERS, months=MONTHS, start=START, systems=SOURCES, story=STORY) as company:
        company.advance(SHOWN)
        yield company


@pytest.fixture(scope="session")
def landed(told: Simulated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that the connectors read in a first run."""
    landing = tmp_path_factory.mktemp("landing")
    for name in SOURCES:
        results = told.extract(landing, connector=told.connector(name))
        assert {result.error for result in results.values() if result.outcome != "ok"} == set()
    return landing


@pytest.fixture(scope="session")
def companies(
    told: Simulated, landed: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Company]:
    """Loads and builds the company, once for each engine.

    It is no parameter's: pytest would begin anew wherever a file of tests changes from one engine to the other.
    """

    @cache
    def build(engine: str) -> Company:
        folder = tmp_path_factory.mktemp(engine)
        url = f"duckdb://{folder}/w.duckdb" if engine == "duckdb" else _database(request.getfixturevalue("postgres_server"))
        settings = load_settings({"CYNOSURE_PROJECT": str(PROJECT), "CYNOSURE_HOME": str(folder)})
        warehouse, now = open_warehouse(url), datetime.fromtimestamp(told.now, UTC)
        declared = [(name, stream.name) for name in SOURCES for stream in connector_class(name).streams]
        load_landing(warehouse, LandingLog(f"file://{landed}"), declared, now)
        dbt = project(settings.sql, folder, warehouse, settings.company, settings.identity, read_targets(settings.config))
        built = transform(dbt, warehouse, now)
        assert not built.failed, "\n".join(f"{node.node}: {node.message}" for node in built.failed)
        return Company(engine, warehouse, settings, told)

    return build


@pytest.fixture(scope="session", params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def company(companies: Callable[[str], Company], request: pytest.FixtureRequest) -> Company:
    """The company on each engine in turn."""
    return companies(request.param)


def _database(server: str) -> str:
    name = f"k{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"postgresql://postgres@/postgres?host={server}", autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    return f"postgresql://postgres@/{name}?host={server}"


@pytest.fixture
def in_all(company: Company) -> Callable[[str, str], dict[date, Decimal | None]]:
    """A KPI's total by period."""
    return lambda name, grain: {start: value for (start, _), value in company.kpi(name, grain).items()}


@pytest.fixture(scope="session")
def revenue_truth(company: Company) -> RevenueTruth:
    """Revenue and customers as they truly are, from the first day that figures exist for."""
    identities = company.rows(
        "select system, record_type, record_id, customer_id, confidence from marts.customer_identities where customer_id is not null"
    )
    first = company.rows("select min(day) from intermediate.int_days")[0][0]
    return RevenueTruth(company.world, identities, first)
