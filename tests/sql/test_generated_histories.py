"""Whatever happens to subscriptions: the waterfall closes, nothing is negative, and neither the way nor the order in which it
became known changes a figure, nor does the zone of a company for which everything happens on the same days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from build import dbt, fill
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scenario import HOUSE, Case, Company
from stripe_rows import reference_rates, rows_of

from cynosure.warehouse import Warehouse

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FIRST, LAST = date(2026, 1, 5), date(2026, 9, 15)
PRICES = {
    "month": {"amount": 2900, "interval": "month"},
    "year": {"amount": 30000, "interval": "year"},
    "quarter": {"amount": 7000, "interval": "month", "count": 3},
    "euro": {"amount": 1999, "interval": "month", "currency": "eur"},
}
#: what a seat of each price is worth a month, in its currency
WORTH = {
    "month": Decimal(29), "year": Decimal(25), "quarter": Decimal(70) / 3, "euro": Decimal("19.99"),
}  # fmt: skip
COUNTED = ("active", "past_due")
ROUTES = ("versions", "events", "mixed")
# at noon UTC both have the same date
ZONES = ("UTC", "America/Los_Angeles")
MODELS = ("mrr_movements", "mrr_daily", "int_mrr_periods", "int_identity_violations")
Change = dict[str, Any]


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """What happens to a subscription, at most once a day: other items or seats, trouble with payments, an end."""
    names = draw(st.sampled_from([("month", "year"), ("month",), ("quarter", "month"), ("euro",)]))
    seats = st.fixed_dictionaries({}, optional={name: st.integers(0, 9) for name in names}).filter(bool)
    later = st.one_of(
        seats.map(lambda items: {"items": items}),
        st.sampled_from(["active", "past_due", "unpaid"]).map(lambda status: {"status": status}),
        st.booleans().map(lambda paused: {"paused": paused}),
    )
    days = draw(st.lists(st.integers(0, (LAST - FIRST).days - 1), min_size=1, max_size=7, unique=True).map(sorted))
    changes: list[Change] = [{"items": draw(seats)}, *(draw(later) for _ in days[1:])]
    if len(days) > 2 and draw(st.booleans()):
        changes[-1] = {"ended": True}
    return [{"at": f"{FIRST + timedelta(days=day)}T12:00:00+00:00", **change} for day, change in zip(days, changes, strict=True)]


def balance(history: list[Change], day: date) -> dict[str, Decimal]:
    """Native MRR at the end of a day, by currency, straight from what happened."""
    state: Change = {"status": "active", "items": {}}
    for change in history:
        if date.fromisoformat(change["at"][:10]) <= day:
            state = {**state, **change}
    found: dict[str, Decimal] = defaultdict(Decimal)
    if state["status"] in COUNTED and not state.get("ended"):
        for name, count in state["items"].items():
            found["EUR" if name == "euro" else "USD"] += (count * WORTH[name]).quantize(Decimal("0.000001"))
    return {currency: amount for currency, amount in found.items() if amount}


class Built:
    """The figures of many generated customers, each told by every route."""

    def __init__(
        self, told: list[list[Change]], company: Company, warehouse: Warehouse, folder: Path, *, backwards: bool
    ) -> None:
        as_of = company.instant(f"{LAST}T20:00:00+00:00")
        rows = reference_rates(company, as_of)
        for number, history in enumerate(told):
            for route in ROUTES:
                body = {"prices": PRICES, "coupons": {}, "subscriptions": {"main": history}}
                rows += rows_of(Case("90_generated", f"h{number:03d}", route, company, body), as_of)
        fill(warehouse, rows[::-1] if backwards else rows, as_of)
        command = ["run", "--select", *(f"+{model}" for model in MODELS)]
        done = dbt(command, warehouse.dbt_environment(), {"timezone": company.timezone}, folder)
        assert done.returncode == 0, done.stdout[-4000:]
        self._warehouse = warehouse

    def rows(self, sql: str) -> list[Any]:
        """Answers of the warehouse."""
        with self._warehouse.writing() as session:
            return session.rows(sql)

    def ledger(self) -> dict[str, list[tuple[Any, ...]]]:
        """Movements by customer, in order."""
        found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for customer, *movement in self.rows(
            "select customer_id, movement_date, movement, amount, signed_amount from marts.mrr_movements"
            " order by 1, 2, movement <> 'fx'"
        ):
            found[customer].append(tuple(movement))
        return found

    def balances(self) -> dict[tuple[str, date], dict[str, Decimal]]:
        """Native MRR by customer and day."""
        found: dict[tuple[str, date], dict[str, Decimal]] = defaultdict(dict)
        for customer, day, currency, amount in self.rows(
            "select customer_id, mrr_date, currency, native_mrr_amount from marts.mrr_daily where native_mrr_amount <> 0"
        ):
            found[customer, day][currency] = amount
        return found

    def worth(self) -> dict[tuple[str, date], Decimal]:
        """MRR in the reporting currency by customer and day."""
        query = "select customer_id, mrr_date, sum(mrr_amount) from marts.mrr_daily group by customer_id, mrr_date"
        return {(customer, day): amount for customer, day, amount in self.rows(query)}


def of(number: int, route: str) -> str:
    """The customer of a history by a route."""
    return f"cus_90_h{number:03d}_{route}"


def check_the_waterfall(built: Built) -> None:
    """Movements lead from balance to balance, in an order that can be; nothing is negative."""
    ledger, worth = built.ledger(), built.worth()
    assert all(amount >= 0 for amount in worth.values())
    for customer, movements in ledger.items():
        total, paying, kinds = Decimal(0), False, []
        days = defaultdict(list)
        for day, kind, amount, signed in movements:
            assert kind == "fx" or amount > 0
            days[day].append(signed)
            if kind in ("new", "reactivation", "churn"):
                assert paying == (kind == "churn")
                paying, kinds = not paying, [*kinds, kind]
        assert kinds[0] == "new"
        assert kinds.count("new") == 1
        for day in (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)):
            total += sum(days[day])
            assert total == worth.get((customer, day), 0), (customer, day)
    assert built.rows("select * from intermediate.int_identity_violations") == []
    closing = built.rows(
        "select dimension, sum(closing_mrr), sum(net_mrr) from intermediate.int_mrr_periods where grain = 'day' group by dimension"
    )
    assert len({tuple(sums) for _, *sums in closing}) == 1, closing


def check_what_is_known(built: Built, told: list[list[Change]]) -> None:
    """Each day is worth what happened until then says, by whichever route it became known."""
    found, ledger = built.balances(), built.ledger()
    for number, history in enumerate(told):
        for route in ROUTES:
            for day in (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)):
                assert found.get((of(number, route), day), {}) == balance(history, day), (history, route, day)
        assert ledger[of(number, "versions")] == ledger[of(number, "events")] == ledger[of(number, "mixed")], history


def generated() -> list[list[Change]]:
    """Many histories, the same every time: a warehouse is built once for all of them."""
    found: list[list[Change]] = []

    @settings(max_examples=60, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(histories())
    def collect(history: list[Change]) -> None:
        found.append(history)

    collect()
    return found


def test_every_history(new_warehouse: Callable[[], Warehouse], tmp_path: Path) -> None:
    told = generated()
    assert sum(len(history) > 3 for history in told) > 15
    known = []
    for number, zone in enumerate(ZONES):
        company = replace(HOUSE, timezone=zone)
        known.append(Built(told, company, new_warehouse(), tmp_path / f"zone{number}", backwards=number == 1))
        check_the_waterfall(known[-1])
        check_what_is_known(known[-1], told)
    assert known[0].ledger() == known[1].ledger()
