"""What every warehouse promises, run on each engine."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from cynosure.warehouse import Warehouse, WarehouseEmpty, WarehouseError, WarehouseLocked, identifier, open_warehouse


def test_a_transaction_commits_everything_or_nothing(warehouse: Warehouse) -> None:
    with warehouse.writing() as session:
        session.execute("create table t (a integer)")
        with session.transaction():
            session.execute("insert into t values ($1)", 1)
        with pytest.raises(RuntimeError), session.transaction():
            session.execute("insert into t values ($1)", 2)
            session.execute("create table u (a integer)")
            raise RuntimeError
        assert session.rows("select a from t") == [(1,)]
        assert session.row("select count(*) from information_schema.tables where table_name = 'u'") == (0,)


def test_execute_returns_the_number_of_changed_rows(warehouse: Warehouse) -> None:
    with warehouse.writing() as session:
        session.execute("create table t (a integer)")
        assert session.execute("insert into t select * from generate_series(1, 5)") == 5
        assert session.execute("update t set a = 0 where a > $1", 3) == 2
        assert session.execute("delete from t where a > 100") == 0


def test_json_comes_as_the_text_that_was_stored(warehouse: Warehouse) -> None:
    text = '{"b":1.10,"a":123456789012345678901234567890,"b2":1e3}'
    with warehouse.writing() as session:
        session.execute("create table t (j json)")
        session.execute("insert into t values (cast($1 as json))", text)
        assert session.row("select j from t") == (text,)


def test_readers_see_the_published_state_and_cannot_write(warehouse: Warehouse) -> None:
    with warehouse.writing() as session:
        session.execute("create table t (a integer)")
        session.execute("insert into t values (1)")
    warehouse.publish()
    with warehouse.reading() as session:
        assert session.rows("select a from t") == [(1,)]
        with pytest.raises(Exception, match="read-only"):
            session.execute("insert into t values (2)")


def test_a_reader_is_not_disturbed_by_a_publication(warehouse: Warehouse) -> None:
    with warehouse.writing() as session:
        session.execute("create table t (a integer)")
        session.execute("insert into t values (1)")
    warehouse.publish()
    with warehouse.reading() as reader:
        assert reader.row("select count(*) from t") == (1,)
        with warehouse.writing() as writer:
            writer.execute("insert into t values (2)")
        warehouse.publish()
        assert reader.row("select count(*) from t") == (1,)
    with warehouse.reading() as reader:
        assert reader.row("select count(*) from t") == (2,)


def _hold(url: str, ready: object, seconds: float) -> None:
    with open_warehouse(url).writing():
        ready.set()
        time.sleep(seconds)


def test_a_second_writer_waits_and_then_says_who_holds_the_turn(warehouse: Warehouse, warehouse_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(warehouse_url, ready, 60.0))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(WarehouseLocked, match=r"process \d+"), open_warehouse(warehouse_url, wait=0.2).writing():
        pass
    holder.kill()
    holder.join()
    with open_warehouse(warehouse_url, wait=10).writing() as session:
        assert session.row("select 1") == (1,)


@pytest.mark.parametrize("name", ['x"; drop table t; --', "UPPER", "1a", "", "a" * 64, "sch.tab", "é"])
def test_a_name_that_is_not_plain_never_reaches_sql(name: str) -> None:
    with pytest.raises(WarehouseError, match="cannot be a table or schema name"):
        identifier(name)


def test_an_unknown_engine_lists_those_there_are() -> None:
    with pytest.raises(WarehouseError, match="allowed: duckdb, postgresql"):
        open_warehouse("mysql://host/db")


def test_reading_before_the_first_publication_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WarehouseEmpty, match="run an ingest"), open_warehouse(f"duckdb://{tmp_path}/w.duckdb").reading():
        pass


def test_an_unreachable_server_is_named_without_its_password() -> None:
    warehouse = open_warehouse("postgresql://reporter:s3cr3t@127.0.0.1:9/metrics")
    with pytest.raises(WarehouseError, match=r"127.0.0.1/metrics cannot be reached") as caught, warehouse.reading():
        pass
    assert "s3cr3t" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "w.duckdb").write_bytes(b"not a database" * 1000)
    with (
        pytest.raises(WarehouseError, match="w.duckdb cannot be opened"),
        open_warehouse(f"duckdb://{tmp_path}/w.duckdb").writing(),
    ):
        pass
