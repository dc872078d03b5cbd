"""Whatever happens, the waterfall adds up, nothing is negative, and movements come in a possible order."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.stripe.errors import StripeError
from sandbox.world import World

DAY = 86_400
START = 1_767_225_600

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            ["seats", "swap", "coupon", "no coupon", "end later", "stay", "cancel", "subscribe", "pause", "trial", "delete"]
        ),
        st.integers(0, 1),
        st.integers(0, 12),
        st.integers(600, 40 * DAY),
    ),
    min_size=1,
    max_size=14,
)


def signed(kind):
    """Whether a movement adds to MRR or takes from it."""
    return -1 if kind in ("churn", "contraction") else 1


class Story:
    """Two customers to whom anything may happen."""

    def __init__(self, stage):
        self.stage, self.at = stage, START
        stage.now = START
        self.prices = [
            stage.price("2026-01-01", "2900"),
            stage.price("2026-01-01", "30000", "year", currency="usd"),
            stage.price("2026-01-01", "1999", currency="eur"),
        ]
        self.coupons = [
            stage.write("2026-01-01", "create_coupon", percent_off="50", duration="repeating", duration_in_months="2")["id"],
            stage.write("2026-01-01", "create_coupon", percent_off="100", duration="forever")["id"],
            stage.write("2026-01-01", "create_coupon", amount_off="1000", currency="usd", duration="forever")["id"],
        ]
        self.customers = [stage.customer("2026-01-01"), stage.customer("2026-01-01", payment_method="pm_card_declines2")]
        self.sold = [[], []]

    def do(self, deed, who, number, wait):
        self.at += wait
        self.stage.now = self.at
        self.stage.billing.run_until(self.at)
        try:
            self._do(deed, who, number)
        except StripeError:
            return

    def _write(self, operation, id=None, **params):
        path = {} if id is None else {"id": id}
        return self.stage.billing.write(operation, {**path, "params": params}, at=self.at)

    def _do(self, deed, who, number):
        if deed == "subscribe" or not self.sold[who]:
            items = [{"price": self.prices[number % 3], "quantity": str(number)}]
            trial = {"trial_period_days": str(number)} if number % 4 == 3 else {}
            made = self._write("create_subscription", customer=self.customers[who], items=items, **trial)
            self.sold[who].append(made["id"])
            return
        id = self.sold[who][-1]
        item = self.stage.store.get("subscription", id)["items"]["data"][0]["id"]
        how = ("create_prorations", "none", "always_invoice")[number % 3]
        match deed:
            case "seats":
                self._write("update_subscription", id, items=[{"id": item, "quantity": str(number)}], proration_behavior=how)
            case "swap":
                self._write("update_subscription", id, items=[{"id": item, "price": self.prices[number % 2]}])
            case "coupon":
                self._write("update_subscription", id, discounts=[{"coupon": self.coupons[number % 3]}])
            case "no coupon":
                self._write("update_subscription", id, discounts="")
            case "end later":
                self._write("update_subscription", id, cancel_at_period_end="true")
            case "stay":
                self._write("update_subscription", id, cancel_at_period_end="false")
            case "cancel":
                self._write("cancel_subscription", id)
            case "pause":
                self._write("update_subscription", id, pause_collection={"behavior": "void"})
            case "trial":
                self._write("update_subscription", id, trial_end=str(self.at + (number + 1) * DAY))
            case "delete":
                self._write("delete_customer", self.customers[who])


def check(truth, first, last):
    """The invariants of the movement algebra, per customer and day."""
    balance = defaultdict(lambda: defaultdict(Decimal))
    for row in truth.mrr_daily():
        assert Decimal(row["reporting"]) >= 0
        balance[row["customer"]][row["date"]] += Decimal(row["reporting"])
    moved = defaultdict(lambda: defaultdict(list))
    for row in truth.movements():
        if row["movement"] != "fx":
            assert Decimal(row["amount"]) > 0
        moved[row["customer"]][row["date"]].append((row["movement"], Decimal(row["amount"])))
    for customer in balance.keys() | moved.keys():
        check_customer(balance[customer], moved[customer], first, last)


def check_customer(balance, moved, first, last):
    before, day, life = Decimal(0), first, []
    while day <= last:
        text = day.isoformat()
        change = sum((signed(kind) * amount for kind, amount in moved[text]), Decimal(0))
        assert before + change == balance[text]
        life += [kind for kind, _ in moved[text] if kind in ("new", "reactivation", "churn")]
        before, day = balance[text], day + timedelta(days=1)
    assert life[:1] in ([], ["new"])
    assert "new" not in life[1:]
    assert all(kind == ("churn" if number % 2 else "reactivation") for number, kind in enumerate(life) if number)


RATES = [(date(2025, 12, 1) + timedelta(days=n), {"USD": f"{1.05 + n % 11 / 100:.4f}"}) for n in range(900)]


@settings(max_examples=40, deadline=None)
@given(deeds=DEEDS)
def test_invariants_hold_for_any_story(make_stage, deeds):
    stage = make_stage(rates=RATES, timezone="America/Los_Angeles")
    story = Story(stage)
    for deed in deeds:
        story.do(*deed)
    story.do("wait", 0, 0, 20 * DAY)
    today = datetime.fromtimestamp(story.at, ZoneInfo("America/Los_Angeles")).date()
    check(stage.truth, date(2025, 12, 31), today)


@settings(max_examples=25, deadline=None)
@given(deeds=DEEDS)
def test_events_come_in_order_of_time(make_stage, deeds):
    stage = make_stage()
    story = Story(stage)
    for deed in deeds:
        story.do(*deed)
    events = sorted(stage.store.all("event"), key=lambda event: event["id"])
    assert [event["created"] for event in events] == sorted(event["created"] for event in events)
    created = {}
    for event in events:
        body = event["data"]["object"]
        if event["type"].endswith(".created") and "id" in body:
            assert created.setdefault((event["type"], body["id"]), event["id"]) == event["id"]


def test_invariants_hold_for_the_whole_company():
    world = World.create(None, seed=3, customers=60, months=12, start=START + 365 * DAY, wall=lambda: 0.0)
    world.advance(20 * DAY)
    check(world.truth, date(2025, 12, 1), datetime.fromtimestamp(world.now(), UTC).date())


def test_a_board_is_the_sum_of_its_days():
    world = World.create(None, seed=3, customers=60, months=8, start=START + 365 * DAY, wall=lambda: 0.0)
    for month, last in (("2026-06", 30), ("2026-11", 30), ("2026-12", 31)):
        board = world.truth.board(month)
        days = world.truth.movements(start=f"{month}-01", end=f"{month}-{last}")
        for kind in ("new", "reactivation", "expansion", "contraction", "churn", "fx"):
            assert Decimal(board[kind]) == sum((Decimal(r["amount"]) for r in days if r["movement"] == kind), Decimal(0))
        grown = sum(signed(row["movement"]) * Decimal(row["amount"]) for row in days)
        assert Decimal(board["start_mrr"]) + grown == Decimal(board["end_mrr"])


def test_the_mix_by_plan_is_the_whole():
    world = World.create(None, seed=3, customers=60, months=8, start=START + 365 * DAY, wall=lambda: 0.0)
    by_currency = defaultdict(Decimal)
    for row in world.truth.revenue_mix():
        by_currency[row["currency"]] += Decimal(row["native"])
    today = world.truth.mrr_daily(start="2027-01-01", end="2027-01-01")
    for currency in {row["currency"] for row in today}:
        assert by_currency[currency] == sum(Decimal(r["native"]) for r in today if r["currency"] == currency)


@pytest.mark.parametrize(
    ("day", "currency", "amount"),
    [(date(2026, 1, 1), "eur", 1_100_000), (date(2026, 1, 31), "eur", 1_120_000), (date(2025, 1, 1), "eur", 1_100_000)],
)
def test_the_rate_of_a_day_is_the_latest_published(make_stage, day, currency, amount):
    from sandbox.truth.rates import Rates

    published = [(date(2025, 12, 31), {"USD": "1.10"}), (date(2026, 1, 30), {"USD": "1.12"})]
    rates = Rates(lambda: published, "USD")
    rates.refresh()
    assert rates.convert(1_000_000, day, currency) == amount
