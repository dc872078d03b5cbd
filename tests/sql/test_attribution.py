"""However many touches a customer has, however old and whatever it pays: every model shares out exactly what there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attribution_oracle import MODELS, split, weights
from build import dbt

from cynosure.warehouse import Warehouse

pytestmark = pytest.mark.slow

AMOUNTS = (Decimal("0.000001"), Decimal("0.000007"), Decimal("0.01"), Decimal("33.333333"), Decimal("999999.999999"))


def journeys(count: int = 120) -> dict[str, tuple[Decimal, list[int]]]:
    """What customers pay, and how many days before the last one each of their touches was; some have none."""
    random = Random(11)
    found = {}
    for number in range(count):
        amount = random.choice(AMOUNTS) if number % 3 else Decimal(random.randrange(1, 10**9)).scaleb(-6)
        older = sorted((random.choice((0, 1, 6, 7, 8, 30, 217, 900)) for _ in range(random.randrange(12))), reverse=True)
        found[f"cus_{number}"] = (amount, [*older, 0] if number % 5 else [])
    return found


@pytest.fixture
def shared(new_warehouse: Callable[[], Warehouse], tmp_path: Path) -> dict[tuple[str, str], list[Decimal]]:
    """Credits by model and customer, in the order of the touches."""
    warehouse = new_warehouse()
    with warehouse.writing() as session:
        for schema in ("intermediate", "marts"):
            session.execute(f"create schema if not exists {schema}")
        session.execute(
            "create table marts.mrr_movements (customer_id text, movement_date date, movement text, amount numeric(18, 6))"
        )
        session.execute(
            "create table intermediate.int_attribution_touches (customer_id text, movement_date date, new_mrr_amount numeric(18, 6),"
            " channel text, campaign_name text, age_days integer, place bigint, touches bigint)"
        )
        for customer, (amount, ages) in journeys().items():
            session.execute(f"insert into marts.mrr_movements values ('{customer}', date '2026-01-31', 'new', {amount:f})")
            for place, age in enumerate(ages, 1):
                session.execute(
                    f"insert into intermediate.int_attribution_touches values ('{customer}', date '2026-01-31', {amount:f},"
                    f" 'email', null, {age}, {place}, {len(ages)})"
                )
    done = dbt(["run", "--select", "int_attributed_mrr"], warehouse.dbt_environment(), {}, tmp_path)
    assert done.returncode == 0, done.stdout[-4000:]
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    with warehouse.writing() as session:
        for model, customer, amount in session.rows(
            "select model, customer_id, amount from intermediate.int_attributed_mrr order by model, customer_id, place"
        ):
            found[model, customer].append(amount)
    return found


def test_every_model_shares_out_everything(shared: dict[tuple[str, str], list[Decimal]]) -> None:
    told = journeys()
    assert set(shared) == {(model, customer) for model in MODELS for customer in told}
    for (model, customer), credits in shared.items():
        amount, ages = told[customer]
        assert sum(credits) == amount, (model, customer)
        assert min(credits) >= 0, (model, customer)
        assert credits == (split(amount, weights(model, ages)) if ages else [amount]), (model, customer)
