"""The macros mean the same on both engines: exact division, local days, currency exponents, json."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from build import dbt

from cynosure.warehouse import Warehouse

pytestmark = pytest.mark.slow

ZONE = "America/New_York"
BODY = """'{"a": {"b": "x"}, "none": null, "list": ["p", {"id": "q"}], "amount": 123456789012345678901234567890}'"""

# expression and what it must be, as text
EXPRESSIONS = {
    "exact_quotient('10', '3')": "3.333333",
    "exact_quotient('2', '3')": "0.666667",
    "exact_quotient('-2', '3')": "-0.666667",
    "exact_quotient('2', '-3')": "-0.666667",
    "exact_quotient('1', '2000000')": "0.000001",
    "exact_quotient('-1', '2000000')": "-0.000001",
    "exact_quotient('999999', '2000000000000')": "0.000000",
    "exact_quotient('123456789012345678901234567890', '1000000000000000000')": "123456789012.345679",
    "exact_quotient('1', '0')": None,
    "exact_quotient('1', '3', 8)": "0.33333333",
    "exact_ratio('0.1', '0.3')": "0.333333",
    # service periods: the last of a month, a leap day, weeks, and the clock that changes in between
    "service_start(\"date '2026-01-31'\", \"date '2026-03-30'\", '1', 'cast(null as bigint)')": "2026-02-28",
    "service_start(\"date '2024-02-29'\", \"date '2025-02-28'\", '12', 'cast(null as bigint)')": "2025-02-28",
    "service_start(\"date '2026-01-01'\", \"date '2026-01-20'\", 'cast(null as bigint)', '7')": "2026-01-15",
    "local_day(service_end(\"timestamp with time zone '2026-01-01 08:00:00+00'\", \"timestamp with time zone '2026-03-15 10:00:00+00'\", '1', 'cast(null as bigint)'))": "2026-04-01",
    "local_day(service_end(\"timestamp with time zone '2026-01-31 12:00:00+00'\", \"timestamp with time zone '2026-02-28 12:00:00+00'\", '1', 'cast(null as bigint)'))": "2026-02-28",
    "local_day(service_end(\"timestamp with time zone '2026-01-01 12:00:00+00'\", \"timestamp with time zone '2026-01-15 12:00:00+00'\", 'cast(null as bigint)', '7'))": "2026-01-15",
    "exact_ratio('1', 'null')": None,
    "converted('100.000001', '1.15500001')": "115.500002",
    "converted('-0.0000005', '1')": "-0.000001",
    "unscaled('1.5', 6)": "1500000",
    "currency_exponent(\"'jpy'\")": "0",
    "currency_exponent(\"'KWD'\")": "3",
    "currency_exponent(\"'usd'\")": "2",
    "currency_exponent(\"'ISK'\")": "2",
    "major_units(\"'12000'\", \"'JPY'\")": "12000.000000",
    "major_units(\"'10500'\", \"'kwd'\")": "10.500000",
    "major_units(\"'-1'\", \"'eur'\")": "-0.010000",
    # the night the clocks go forward is an hour shorter, the night they go back an hour longer
    "local_day(\"timestamptz '2026-03-08 04:59:59+00'\")": "2026-03-07",
    "local_day(\"timestamptz '2026-03-08 05:00:00+00'\")": "2026-03-08",
    "local_day(\"timestamptz '2026-03-09 03:59:59+00'\")": "2026-03-08",
    "local_day(\"timestamptz '2026-03-09 04:00:00+00'\")": "2026-03-09",
    "local_day(\"timestamptz '2026-11-01 04:00:00+00'\")": "2026-11-01",
    "local_day(\"timestamptz '2026-11-02 04:59:59+00'\")": "2026-11-01",
    "local_day(\"timestamptz '2026-11-02 05:00:00+00'\")": "2026-11-02",
    "json_text('body', 'a.b')": "x",
    "json_text('body', 'a.c')": None,
    "json_text('body', 'none')": None,
    "json_text('body', 'amount')": "123456789012345678901234567890",
    "json_reference('body', 'a.b')": "x",
    "json_is_object(json_value('body', 'a'))": "true",
    "json_is_object(json_value('body', 'none'))": "false",
    "json_is_object(json_value('body', 'missing'))": "false",
}


@pytest.fixture(scope="session")
def evaluate(
    new_warehouse: Callable[[], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], list[tuple[object, ...]]]:
    """Compiles a query that uses macros and runs it."""
    warehouse = new_warehouse()
    with warehouse.writing() as session:
        session.execute("create table touched (n integer)")
    target: Path = tmp_path_factory.mktemp("dbt")

    def run(sql: str) -> list[tuple[object, ...]]:
        done = dbt(["compile", "--inline", sql], warehouse.dbt_environment(), {"timezone": ZONE}, target)
        assert done.returncode == 0, done.stdout
        with warehouse.writing() as session:
            return session.rows(done.stdout[done.stdout.index("with ") :])

    return run


@pytest.fixture(scope="session")
def values(evaluate: Callable[[str], list[tuple[object, ...]]]) -> dict[int, object]:
    """The value of every expression, by its position."""
    document = "cast(" + BODY + " as {{ 'jsonb' if target.type == 'postgres' else 'json' }})"
    selects = " union all ".join(
        f"select {number} as n, cast({{{{ {expression} }}}} as text) as v from source"
        for number, expression in enumerate(EXPRESSIONS)
    )
    return dict(evaluate(f"with source as (select {document} as body) {selects}"))


@pytest.mark.parametrize("number", range(len(EXPRESSIONS)), ids=list(EXPRESSIONS))
def test_value(number: int, values: dict[int, object]) -> None:
    assert values[number] == list(EXPRESSIONS.values())[number]


def test_lists_and_days_become_rows(evaluate: Callable[[str], list[tuple[object, ...]]]) -> None:
    document = "cast(" + BODY + " as {{ 'jsonb' if target.type == 'postgres' else 'json' }})"
    rows = evaluate(
        f"with source as (select {document} as body), "
        "elements as (select coalesce({{ json_text('e.value', 'id') }}, {{ json_scalar('e.value') }}) as id, e.position from source "
        "{{ json_elements('source.body', 'list', 'e') }}), "
        "nothing as (select e.position from source {{ json_elements('source.body', 'missing', 'e') }}), "
        "days as ({{ date_spine(\"date '2026-02-27'\", \"date '2026-03-02'\") }}) "
        "select id, cast(position as integer) from elements union all select 'nothing', cast(count(*) as integer) from nothing "
        "union all select cast(min(day) as text) || ' ' || cast(max(day) as text), cast(count(*) as integer) from days order by 2, 1"
    )
    assert rows == [("nothing", 0), ("p", 1), ("q", 2), ("2026-02-27 2026-03-02", 4)]
