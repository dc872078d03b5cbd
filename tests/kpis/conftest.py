"""One company in five systems, extracted, loaded and built as in production: once per engine, for every test here."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from revenue_truth import RevenueTruth
from revenue_waterfall import Waterfall
from segments import SEGMENTS
from simulated import HOUR, Simulated, simulated

from cynosure.extract import connector_class, connector_names
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.settings import Settings, load_settings
from cynosure.settings.company import Segment
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

SEGMENTED = tuple(Segment(name=name, employees_from=people, mrr_from=mrr) for name, people, mrr in SEGMENTS)
"""Both kinds of limits matter: by employees alone, what a customer pays would decide nothing."""
LEFT_OUT: list[pytest.Item] = []
"""Tests that this run was asked to leave out."""


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Remembers what does not run."""
    LEFT_OUT.extend(items)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whether everything is compared is asked when everything has run."""
    items.sort(key=lambda item: "everything_ran" in getattr(item, "fixturenames", ()))


@dataclass(frozen=True)
class Company:
    """A warehouse with every model built, beside what is true of the company in it."""

    engine: str
    warehouse: Warehouse
    settings: Settings
    simulated: Simulated
    compared: set[tuple[str, str, str]] = field(default_factory=set)
    """KPI, grain and dimension of everything that was held to the truth so far."""
    _known: dict[str, dict[tuple[str, str], dict[Any, Decimal | None]]] = field(default_factory=dict)

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

    def kpi(self, name: str, grain: str, dimension: str = "all") -> dict[tuple[date, str], Decimal | None]:
        """The values of a KPI by period and member, as they were when it was first asked for."""
        if name not in self._known:
            known = self._known[name] = defaultdict(dict)
            for of_grain, of_dimension, *key, value in self.rows(
                f"select grain, dimension, period_start, member, value from kpis.{name}"
            ):
                known[of_grain, of_dimension][tuple(key)] = None if value is None else Decimal(str(value))
        return dict(self._known[name].get((grain, dimension), {}))

    def compare(self, name: str, grain: str, dimension: str, expected: Mapping[tuple[date, str], Decimal | int | None]) -> None:
        """Fails unless a KPI has the true value in every period and for every member, and no other; nothing is no comparison."""
        if expected:
            self.compared.add((name, grain, dimension))
        found = self.kpi(name, grain, dimension)
        assert found == expected, f"{name} by {grain} and {dimension}: {_differences(found, expected)}"


def _differences(found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> str:
    """The first of what differs, as found and as expected."""
    keys = sorted(key for key in {*found, *expected} if found.get(key, "no row") != expected.get(key, "no row"))
    shown = [
        f"{start} {member}: {found.get((start, member), 'no row')}, not {expected.get((start, member), 'no row')}"
        for start, member in keys
    ]
    return f"{len(keys)} of {len(expected)} differ; " + "; ".join(shown[:8])


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
        rules = settings.company.model_copy(update={"segments": SEGMENTED})
        warehouse, now = open_warehouse(url), datetime.fromtimestamp(told.now, UTC)
        declared = [(name, stream.name) for name in SOURCES for stream in connector_class(name).streams]
        load_landing(warehouse, LandingLog(f"file://{landed}"), declared, now)
        dbt = project(settings.sql, folder, warehouse, rules, settings.identity, read_targets(settings.config))
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
def waterfalls(told: Simulated) -> Callable[[tuple[Any, ...], date], Waterfall]:
    """What truly moved, found out once for warehouses that agree on whose record is whose and when figures begin."""
    return cache(lambda identities, first: Waterfall(RevenueTruth(told.world, identities, first)))


@pytest.fixture(scope="session")
def waterfall(company: Company, waterfalls: Callable[[tuple[Any, ...], date], Waterfall]) -> Waterfall:
    """The ledger of the truth, from the first day that figures exist for."""
    identities = company.rows(
        "select system, record_type, record_id, customer_id, confidence from marts.customer_identities where customer_id is not null"
    )
    first = company.rows("select min(day) from intermediate.int_days")[0][0]
    return waterfalls(tuple(sorted(map(tuple, identities))), first)


@pytest.fixture(scope="session")
def revenue_truth(waterfall: Waterfall) -> RevenueTruth:
    """Revenue and customers as they truly are."""
    return waterfall.truth


@pytest.fixture
def everything_ran(company: Company, request: pytest.FixtureRequest) -> bool:
    """Whether no test of this folder was left out of this run for an engine: by name, by mark, or by asking for others only."""
    folder = Path(__file__).parent
    asked = [item.path for item in request.session.items] if not any("::" in name for name in request.config.args) else []
    left_out = (item for item in LEFT_OUT if item.path.parent == folder)
    engines = (item.callspec.params.get("company", company.engine) for item in left_out if hasattr(item, "callspec"))
    return set(folder.glob("test_*.py")) <= set(asked) and company.engine not in engines
