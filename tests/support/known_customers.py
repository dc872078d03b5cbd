"""Whose record is whose, and what a customer pays most for.

Who a record stands for is compared with the truth where customers are; here it is given, so that a figure by plan or segment
is wrong only if it is added up wrongly.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any, TypeVar

Record = tuple[str, str, str]
Found = TypeVar("Found")


def once(find: Callable[[Any], Found]) -> Callable[[Any], Found]:
    """Looks once per engine: in a session there is one company on each."""
    known: dict[str, Found] = {}

    @wraps(find)
    def found(company: Any) -> Found:
        if company.engine not in known:
            known[company.engine] = find(company)
        return known[company.engine]

    return found


@once
def identities(company: Any) -> dict[Record, str]:
    """The customer of each record that has one."""
    rows = company.rows("select system, record_type, record_id, customer_id from marts.customer_identities")
    return {(system, kind, id): customer for system, kind, id, customer in rows if customer}


@once
def segments(company: Any) -> dict[str, str]:
    """The segment of each customer."""
    return dict(company.rows("select customer_id, segment from marts.customers"))


@once
def plans(company: Any) -> dict[str, str]:
    """The plan that each customer pays, or last paid, most for."""
    names = {body["id"]: body["name"] for body in company.world.store.all("product")}
    truth = company.world.truth
    truth._rates.refresh()
    found = {}
    for history in truth._all():
        paying = [(day, worth) for day, worth in history.days if any(worth.by_price.values())]
        if paying:
            sums: dict[str, int] = {}
            for (_, product, currency), micros in paying[-1][1].by_price.items():
                amount = truth._rates.convert(micros, paying[-1][0], currency)
                sums[names[product]] = sums.get(names[product], 0) + amount
            found[history.customer] = min(sums, key=lambda name: (-sums[name], name))
    return found


@once
def new_mrr(company: Any) -> dict[str, tuple[str, Decimal]]:
    """The day on which each customer began to pay, and its MRR then."""
    moved = company.world.truth.movements()
    return {row["customer"]: (row["date"], Decimal(row["amount"])) for row in moved if row["movement"] == "new"}
