"""An hourly build rebuilds what follows from what has changed, and ends in the same tables as a build of everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from simulated import DAY, HOUR, MINUTE, Simulated, simulated

from cynosure.extract import connector_class, connector_names
from cynosure.landing import LandingLog
from cynosure.load import create_schema, load_landing
from cynosure.settings import load_settings
from cynosure.transform import Need, TransformResult, needed, project, transform
from cynosure.warehouse import Warehouse, open_warehouse, qualified
from sandbox.discovery import system_names

PROJECT = Path(__file__).resolve().parents[2]
START = int(datetime(2026, 3, 19, 9, tzinfo=UTC).timestamp())
SOURCES = tuple(name for name in connector_names() if name in system_names())
SCHEMAS = ("staging", "intermediate", "marts", "kpis")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


class Deployment:
    """A company, its five systems, and a warehouse that follows them."""

    def __init__(self, company: Simulated, folder: Path, url: str) -> None:
        settings = load_settings({"CYNOSURE_PROJECT": str(PROJECT), "CYNOSURE_HOME": str(folder)})
        self.company = company
        self.warehouse: Warehouse = open_warehouse(url)
        self.dbt = project(settings.sql, folder, self.warehouse, settings.company)
        self._landing = folder / "landing"
        self._declared = [(name, stream.name) for name in SOURCES for stream in connector_class(name).streams]

    @property
    def now(self) -> datetime:
        """The company's present."""
        return datetime.fromtimestamp(self.company.now, UTC)

    def read(self, sources: Iterable[str] = SOURCES) -> None:
        """Extracts and loads what is new in some sources."""
        for name in sources:
            results = self.company.extract(self._landing, connector=self.company.connector(name))
            assert [result.error for result in results.values() if result.outcome != "ok"] == []
        load_landing(self.warehouse, LandingLog(f"file://{self._landing}"), self._declared, self.now)

    def need(self) -> Need:
        """What should be built now."""
        with self.warehouse.writing() as session:
            create_schema(session)
            return needed(session, self.dbt, "UTC", self.now)

    def build(self, need: Need | None = None, *, anew: bool = False) -> TransformResult:
        """A build that goes well, and leaves the project, which may be read-only, as it is."""
        before = self._project()
        built = transform(self.dbt, self.warehouse, self.now, need=need, anew=anew)
        assert self._project() == before
        assert [f"{node.node}: {node.message}" for node in (*built.failed, *built.skipped)] == []
        return built

    def _project(self) -> dict[Path, int]:
        """When each file and folder of the dbt project was last written."""
        return {path: path.stat().st_mtime_ns for path in (self.dbt.sql, *self.dbt.sql.rglob("*"))}

    def note_failure(self, model: str) -> None:
        """The record of a build, later than all others, in which a model broke."""
        self.company.advance(MINUTE)
        with self.warehouse.writing() as session:
            run = session.row("select run_id from ops.model_runs where run_id not like 'partial%' limit 1")
            assert run is not None
            session.execute(
                f"insert into ops.model_runs values ($1, 'model.cynosure.{model}', 'model', 'error', 0, 0, 1, $2, '')",
                f"{run[0][:12]}-later", self.now,
            )  # fmt: skip

    @contextmanager
    def without_a_manifest(self) -> Iterator[None]:
        """As on another machine than the one that built last."""
        manifest = self.dbt.target / "manifest.json"
        aside = manifest.rename(manifest.with_suffix(".aside"))
        yield
        aside.rename(manifest)

    def tables(self) -> dict[str, str]:
        """A digest of the rows of every table that a build makes."""
        with self.warehouse.writing() as session:
            names = session.rows(
                "select table_schema, table_name from information_schema.tables"
                f" where table_type = 'BASE TABLE' and table_schema in {SCHEMAS} order by 1, 2"
            )
            rows = {
                f"{schema}.{name}": sorted(
                    row for (row,) in session.rows(f"select cast(t as text) from {qualified(schema, name)} as t")
                )
                for schema, name in names
            }
        return {name: sha256("\n".join(found).encode()).hexdigest() for name, found in rows.items()}

    def assert_nothing_differs_when_everything_is_built_anew(self) -> None:
        """Compares the tables as they are with those of a build from nothing."""
        before = self.tables()
        self.build(anew=True)
        after = self.tables()
        assert len(before) > 200
        assert [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)] == []


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    url = f"duckdb://{tmp_path}/w.duckdb" if request.param == "duckdb" else str(request.getfixturevalue("postgres_url"))
    with simulated(tmp_path / "sandbox", customers=12, months=6, start=START, systems=SOURCES, story=0.3) as company:
        company.advance(HOUR)
        yield Deployment(company, tmp_path, url)


def models(built: TransformResult) -> set[str]:
    """Names of the models that were built."""
    return {node.node.rpartition(".")[2] for node in built.nodes if node.resource_type == "model"}


def test_builds_of_what_has_changed_end_in_the_same_tables_as_a_build_from_nothing(deployment: Deployment) -> None:
    assert not deployment.need()
    deployment.read()
    assert deployment.need() == Need("nothing has been built yet")
    everything = models(deployment.build(deployment.need()))
    assert not deployment.need()

    # two hours later on the same day, in support alone
    deployment.company.advance(2 * HOUR)
    deployment.read(["zendesk", "intercom"])
    need = deployment.need()
    assert {selector.partition(".")[0] for selector in need.select} in ({"source:zendesk"}, {"source:zendesk", "source:intercom"})
    support = models(deployment.build(need))
    assert "tickets" in support
    assert not support & {"mrr_daily", "mrr", "opportunities"}
    assert not deployment.need()

    # three hours later, in everything, and a customer was deleted
    gone = deployment.company.all("customer")[-1]["id"]
    deployment.company.remove("customer", gone, event="customer.deleted")
    deployment.company.advance(3 * HOUR)
    deployment.read()
    need = deployment.need()
    assert {"source:stripe.customers+", "source:stripe.events+", "int_data_as_of+"} <= set(need.select)
    assert "mrr_daily" in models(deployment.build(need)) < everything
    assert not deployment.need()
    deployment.assert_nothing_differs_when_everything_is_built_anew()

    # one model did not end well
    deployment.note_failure("quick_ratio")
    need = deployment.need()
    assert need.select == ("quick_ratio+",)
    with deployment.without_a_manifest():
        assert deployment.need() == Need("1 models or tests did not end well")
    deployment.company.advance(MINUTE)
    assert models(deployment.build(need)) == {"quick_ratio"}
    assert not deployment.need()

    deployment.company.advance(DAY)
    assert deployment.need() == Need("a new day has begun")
