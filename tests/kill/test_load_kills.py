"""A load that is killed anywhere leaves, after a plain rerun, exactly what an undisturbed load leaves."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from forking import Forks
from landed import STREAM, history, land

from cynosure.warehouse import Session, WarehouseEmpty, WarehouseError, open_warehouse

pytestmark = pytest.mark.kill

BATCHES = 5
# the first batch is added without comparing it
POINTS = {
    "load.after_append": (1,),
    "load.after_stage": (1, 3, 4),
    "load.after_close": (1, 3, 4),
    "load.before_commit": (1, 3, BATCHES),
    "load.after_commit": (1, 3, BATCHES),
}
RANDOM_KILLS = 50


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five batches: a listing, changes, tombstones, and a second listing in two batches that buries what vanished."""
    folder = tmp_path_factory.mktemp("landing")
    land(folder, 1, [(f"in_{n:03}", {"id": n, "v": 1}) for n in range(300)], listing_from=1, ends=True)
    land(folder, 2, [(f"in_{n:03}", {"id": n, "v": 2}) for n in range(0, 300, 3)])
    land(folder, 3, [("in_000", None), ("in_001", {"id": 1, "v": 3}), ("in_001", {"id": 1, "v": 4}), ("in_999", None)])
    land(folder, 4, [(f"in_{n:03}", {"id": n, "v": 5}) for n in range(150)], listing_from=4)
    land(folder, 5, [(f"in_{n:03}", {"id": n, "v": 5}) for n in range(150, 290)], listing_from=4, ends=True)
    return folder


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes URLs of empty warehouses."""
    if request.param == "duckdb":
        return lambda: f"duckdb://{tmp_path}/{uuid.uuid4().hex}/w.duckdb"
    server = request.getfixturevalue("postgres_server")

    def create() -> str:
        name = f"k{uuid.uuid4().hex[:12]}"
        with psycopg.connect(f"postgresql://postgres@/postgres?host={server}", autocommit=True) as connection:
            connection.execute(f"create database {name} strategy = wal_log".encode())
        return f"postgresql://postgres@/{name}?host={server}"

    return create


def everything(url: str) -> dict[str, Any]:
    """Raw history and the engine's records, as a writer and as a reader see them."""
    warehouse = open_warehouse(url, wait=30)
    with warehouse.writing() as session:
        written = _everything(session)
    with warehouse.reading() as session:
        published = _everything(session)
    assert published == written
    return written


def _everything(session: Session) -> dict[str, Any]:
    loads = session.rows("select * from ops.loads order by source, stream, batch_id")
    return {"history": history(session), "loads": loads}


def test_the_rerun_after_a_kill_at_any_boundary_ends_as_if_nothing_had_happened(
    children: Forks, landing: Path, new_warehouse: Callable[[], str]
) -> None:
    job: dict[str, Any] = {"landing": f"file://{landing}", "streams": [STREAM]}
    clean = new_warehouse()
    assert children.run("load", warehouse=clean, **job)
    expected = everything(clean)
    assert [load[2] for load in expected["loads"]] == [f"{n:08d}" for n in range(1, BATCHES + 1)]
    for point, hits in POINTS.items():
        for hit in hits:
            url = new_warehouse()
            assert not children.run("load", warehouse=url, kill_at=f"{point}:{hit}", **job), f"{point}:{hit} was not reached"
            assert children.run("load", warehouse=url, **job)
            assert everything(url) == expected, f"{point}:{hit}"


def test_kills_at_random_instants_change_nothing_about_the_outcome(
    children: Forks, landing: Path, new_warehouse: Callable[[], str]
) -> None:
    job: dict[str, Any] = {"landing": f"file://{landing}", "streams": [STREAM]}
    clean = new_warehouse()
    assert children.run("load", warehouse=clean, **job)
    expected = everything(clean)
    chance = random.Random(11)
    before, url = children.killed, new_warehouse()
    while children.killed - before < RANDOM_KILLS:
        if children.run("load", warehouse=url, kill_after=chance.uniform(0.01, 0.3), **job):
            assert everything(url) == expected
            url = new_warehouse()
    assert children.run("load", warehouse=url, **job)
    assert everything(url) == expected


@pytest.mark.parametrize("point", ["transform.after_build", "transform.after_record", "publish.before_swap"])
def test_a_transform_that_is_killed_leaves_readers_a_whole_state_and_the_rerun_finishes(
    children: Forks, landing: Path, new_warehouse: Callable[[], str], tmp_path: Path, point: str
) -> None:
    url = new_warehouse()
    job = {"warehouse": url, "target": str(tmp_path / "target")}
    if point == "publish.before_swap" and not url.startswith("duckdb"):
        pytest.skip("PostgreSQL publishes by committing")
    assert children.run("load", warehouse=url, landing=f"file://{landing}", streams=[STREAM])
    assert not children.run("transform", kill_at=point, **job)
    if url.startswith("duckdb"):
        with open_warehouse(url).reading() as session:
            assert session.row("select 1 from information_schema.tables where table_name = 'model'") is None
    assert children.run("transform", **job)
    with open_warehouse(url).reading() as session:
        assert session.row("select n from model") == session.row("select count(*) from raw.stripe__invoices")
        recorded = session.rows("select node, status from ops.model_runs")
    assert set(recorded) == {("model.m", "success")}


def test_a_first_publication_that_is_killed_publishes_nothing(children: Forks, landing: Path, tmp_path: Path) -> None:
    url = f"duckdb://{tmp_path}/w.duckdb"
    job: dict[str, Any] = {"landing": f"file://{landing}", "streams": [STREAM], "warehouse": url}
    assert not children.run("load", kill_at="publish.before_swap", **job)
    with pytest.raises(WarehouseEmpty), open_warehouse(url).reading():
        pass
    assert children.run("load", **job)
    everything(url)
    assert [path.name for path in tmp_path.glob("*.tmp")] == []


@pytest.mark.postgres
def test_a_connection_that_is_lost_in_mid_transaction_is_told_and_leaves_nothing(postgres_url: str) -> None:
    warehouse = open_warehouse(postgres_url, wait=5)
    with warehouse.writing() as session:
        session.execute("create table t (a integer)")
    with pytest.raises(WarehouseError, match="nothing half done was kept"), warehouse.writing() as session, session.transaction():
        session.execute("insert into t values (1)")
        with psycopg.connect(postgres_url, autocommit=True) as other:
            others = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            other.execute(others.encode() + b" and pid <> pg_backend_pid()")
        session.execute("insert into t values (2)")
    with warehouse.writing() as session:
        assert session.row("select count(*) from t") == (0,)
