"""Every invariant of the ledger is proven able to fail: one row is broken for each, and found where it is."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from build import dbt
from scenario import HOUSE

from cynosure.warehouse import Warehouse, open_warehouse

pytestmark = pytest.mark.slow

# invariant, what is broken, and where it must be found
BREAKS = [
    ("I1", "update marts.mrr_daily set mrr_amount = mrr_amount + 1 where customer_id = 'cus_01_house_versions' and mrr_date = '2026-03-01'", "cus_01_house_versions"),
    ("I1", "update marts.mrr_movements set signed_amount = 7 where customer_id = 'cus_02_house_versions' and movement = 'churn'", "cus_02_house_versions"),
    ("I1", "delete from marts.mrr_movements_by_plan where customer_id = 'cus_11_house_versions' and movement = 'fx'", "cus_11_house_versions EUR"),
    ("I2", "update intermediate.int_mrr_periods set opening_mrr = opening_mrr + 1 where grain = 'week' and dimension = 'currency' and member = 'EUR' and period_start = '2026-03-02'", "week EUR"),
    ("I3", "update intermediate.int_mrr_periods set closing_mrr = closing_mrr + 1 where grain = 'day' and dimension = 'plan' and member_id = 'prod_01_house_events_plan' and period_start = '2026-03-01'", "sum over plans"),
    ("I3", "update intermediate.int_mrr_periods set closing_mrr = closing_mrr + 1 where grain = 'day' and dimension = 'currency' and member = 'JPY' and period_start = '2026-03-02'", "sum over currencies"),
    ("I3", "update intermediate.int_mrr_periods set closing_mrr = closing_mrr + 1 where grain = 'day' and dimension = 'cohort' and member = '2026-01' and period_start = '2026-03-03'", "sum over cohorts"),
    ("I3", "update marts.mrr_daily set mrr_amount = mrr_amount + 1 where customer_id = 'cus_03_house_versions' and mrr_date = '2026-03-03'", "sum over customers"),
    ("I3", "update intermediate.int_mrr_periods set net_mrr = net_mrr + 1 where grain = 'month' and dimension = 'all' and period_start = '2026-04-01'", "sum over days"),
    ("I4", "update marts.mrr_movements set movement = 'new' where customer_id = 'cus_10_a_versions' and movement = 'reactivation'", "cus_10_a_versions"),
    ("I5", "update marts.mrr_movements set movement = 'reactivation' where customer_id = 'cus_10_b_versions' and movement = 'new'", "cus_10_b_versions reactivation"),
    ("I6", "update marts.mrr_movements_by_plan set amount = 0 where customer_id = 'cus_04_house_versions' and movement = 'expansion'", "cus_04_house_versions expansion"),
    ("I7", "update marts.mrr_movements set movement_date = '2026-03-20' where customer_id = 'cus_04_house_events' and movement = 'expansion'", "cus_04_house_events expansion"),
    ("I8", "update marts.mrr_movements_by_plan set currency = 'USD' where customer_id = 'cus_11_house_events' and movement = 'fx'", "cus_11_house_events"),
    ("I9", "update marts.mrr_daily set native_scheduled_churn_amount = 101 where customer_id = 'cus_01_house_events' and mrr_date = '2026-03-01'", "cus_01_house_events USD"),
    ("I10", "update marts.mrr_daily set native_mrr_amount = -1 where customer_id = 'cus_01_house_billed' and mrr_date = '2026-03-01'", "cus_01_house_billed USD"),
    ("I10", "update marts.subscription_item_periods set monthly_amount = -1 where subscription_item_id = 'si_01_house_mixed_main_plan'", "si_01_house_mixed_main_plan"),
]  # fmt: skip


def _copy(warehouse: Warehouse, request: pytest.FixtureRequest, folder: Path) -> Warehouse:
    """The same tables in a warehouse of their own."""
    environment = warehouse.dbt_environment()
    if warehouse.dialect == "duckdb":
        shutil.copyfile(environment["CYNOSURE_DUCKDB_PATH"], folder / "broken.duckdb")
        return open_warehouse(f"duckdb://{folder}/broken.duckdb")
    server, name = request.getfixturevalue("postgres_server"), f"q{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"postgresql://postgres@/postgres?host={server}", autocommit=True) as connection:
        connection.execute(f"create database {name} template {environment['CYNOSURE_PG_DATABASE']}".encode())
    return open_warehouse(f"postgresql://postgres@/{name}?host={server}")


@pytest.fixture(scope="session")
def violations(
    build: Callable[..., Any], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> set[tuple[str, str]]:
    """What the identity models find once every row is broken: invariant and place."""
    built = build(HOUSE)
    broken = _copy(built.warehouse, request, tmp_path_factory.mktemp("broken"))
    with broken.writing() as session:
        for _, sql, _ in BREAKS:
            assert session.execute(sql) > 0, sql
    run = ["run", "--select", "int_identity_steps", "int_identity_sums", "int_identity_violations"]
    done = dbt(run, broken.dbt_environment(), built.variables, tmp_path_factory.mktemp("dbt"))
    assert done.returncode == 0, done.stdout[-4000:]
    with broken.writing() as session:
        return {
            (invariant, place)
            for invariant, place in session.rows("select invariant, place from intermediate.int_identity_violations")
        }


@pytest.mark.parametrize(("invariant", "sql", "place"), BREAKS, ids=[f"{name}_{place}" for name, _, place in BREAKS])
def test_a_broken_row_is_found(invariant: str, sql: str, place: str, violations: set[tuple[str, str]]) -> None:
    assert (invariant, place) in violations
