"""The warehouse against the simulation's own account of what is true: MRR of every customer on every day, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import httpx

Key = tuple[str, str, str]
Amounts = tuple[Decimal, Decimal]
_ZERO: Amounts = (Decimal(0), Decimal(0))
_TIMEOUT_SECONDS = 300.0


@dataclass(frozen=True)
class Comparison:
    """How far marts.mrr_daily is from the truth; amounts in minor units (hundredths), native and reporting currency.

    `wrong` counts balances of complete days that are not equal to the last decimal. The running day is told apart: the
    simulated company goes on living between the last read and this comparison.
    """

    customers: int
    days: int
    balances: int
    wrong: int
    running_day: int
    largest_error: Decimal
    total_error: Decimal
    examples: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        """Whether there is something to compare and all of it is equal."""
        return self.balances > 0 and self.wrong == 0


def compare(control: str, warehouse: Path) -> Comparison:
    """Reads both sides and compares them; `warehouse` is the published DuckDB file, `control` the sandbox's address."""
    measured, last = _measured(warehouse)
    answer = httpx.get(f"{control}/truth/mrr_daily", params={"end": last.isoformat()}, timeout=_TIMEOUT_SECONDS, trust_env=False)
    answer.raise_for_status()
    return difference(_true(answer.json()), measured, last)


def difference(true: Mapping[Key, Amounts], measured: Mapping[Key, Amounts], last: date) -> Comparison:
    """Compares two ledgers by (day, customer, currency); a balance that one side lacks counts as zero there."""
    running = last.isoformat()
    errors = {
        key: max(abs(a - b) for a, b in zip(true.get(key, _ZERO), measured.get(key, _ZERO), strict=True)) * 100
        for key in true.keys() | measured.keys()
    }
    wrong = {key: error for key, error in errors.items() if error and key[0] != running}
    worst = sorted(wrong, key=lambda key: (-wrong[key], key))[:5]
    return Comparison(
        customers=len({customer for _, customer, _ in errors}),
        days=len({day for day, _, _ in errors}),
        balances=len(errors),
        wrong=len(wrong),
        running_day=sum(1 for key, error in errors.items() if error and key[0] == running),
        largest_error=max(wrong.values(), default=Decimal(0)),
        total_error=sum(wrong.values(), Decimal(0)),
        examples=tuple(_sentence(key, true.get(key, _ZERO), measured.get(key, _ZERO)) for key in worst),
    )


def _true(rows: Iterable[Mapping[str, Any]]) -> dict[Key, Amounts]:
    return {
        (row["date"], row["customer"], row["currency"].upper()): (Decimal(row["native"]), Decimal(row["reporting"]))
        for row in rows
    }


def _measured(warehouse: Path) -> tuple[dict[Key, Amounts], date]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select cast(mrr_date as text), customer_id, currency, native_mrr_amount, mrr_amount from marts.mrr_daily"
            " where native_mrr_amount <> 0 or mrr_amount <> 0"
        ).fetchall()
        last = connection.execute("select max(mrr_date) from marts.mrr_daily").fetchone()
    found = {(day, customer, currency.upper()): (native, reporting) for day, customer, currency, native, reporting in rows}
    return found, (last and last[0]) or date.min


def _sentence(key: Key, true: Amounts, measured: Amounts) -> str:
    day, customer, currency = key
    return (
        f"{customer} on {day}: {measured[0]} {currency} in the warehouse, {true[0]} is true (reporting {measured[1]}, {true[1]})"
    )
