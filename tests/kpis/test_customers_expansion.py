"""Why customers grow and leave, who bought more, and trials: equal to what really happened to their subscriptions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from revenue_truth import DAY, Customer, RevenueTruth, money, ratio, start_of
from revenue_waterfall import Waterfall

from sandbox.truth.facts import ItemPriced, ItemRemoved, StatusSince
from sandbox.truth.timeline import COUNTING

pytestmark = pytest.mark.slow

GRAINS = ("day", "week", "month", "quarter", "year")
MORE = ("tier_upgrade", "seat_expansion")


@dataclass(frozen=True)
class Expansion:
    """A day on which a customer's MRR grew: by what, and what it was worth before and after at that day's rates."""

    day: date
    customer: Customer
    driver: str
    micros: int
    after: int


def day_of(instant: int) -> date:
    """The company's date."""
    return datetime.fromtimestamp(instant, UTC).date()


def items(truth: RevenueTruth, customer: Customer, day: date) -> dict[str, ItemPriced]:
    """Items that are worth something at the end of a day."""
    held: dict[str, ItemPriced] = {}
    status: dict[str, str] = {}
    for fact in sorted(truth.world.facts.by_customer[customer.id], key=lambda fact: fact.at):
        if day_of(fact.at) <= day:
            match fact:
                case ItemPriced():
                    held[fact.item] = fact
                case ItemRemoved():
                    held.pop(fact.item, None)
                case StatusSince():
                    status[fact.subscription] = fact.status
    counted = {id: item for id, item in held.items() if status.get(item.subscription) in COUNTING and not item.tariff.meter}
    return {id: item for id, item in counted.items() if worth(customer, item, day)}


def worth(customer: Customer, item: ItemPriced, day: date) -> int:
    """Of what has this price, in its currency."""
    return customer.at(day).by_price.get((item.tariff.price, item.tariff.product, item.tariff.currency), 0)


def drivers(truth: RevenueTruth) -> Iterator[Expansion]:
    """Every expansion, told by the item that gained most."""
    sums: dict[tuple[date, str], int] = defaultdict(int)
    for part in truth.parts:
        if part.kind == "expansion":
            sums[part.day, part.customer] += part.micros
    customers = {customer.id: customer for customer in truth.paying}
    for (day, id), micros in sums.items():
        customer = customers[id]
        yield Expansion(day, customer, driver(truth, customer, day), micros, truth.mrr(customer, day))


def driver(truth: RevenueTruth, customer: Customer, day: date) -> str:
    """What the item that gained most went through on a day."""
    now, before = items(truth, customer, day), items(truth, customer, day - DAY)
    gone = {item.tariff.product for id, item in before.items() if id not in now}
    gains = {}
    for id, item in now.items():
        old = before.get(id)
        was = truth.convert(worth(customer, old, day - DAY), day, old.tariff.currency) if old else 0
        gains[id] = truth.convert(worth(customer, item, day), day, item.tariff.currency) - was
    first = min(now, key=lambda id: (-gains[id], id))
    item, old = now[first], before.get(first)
    if old is None:
        if any(first in items(truth, customer, earlier) for earlier in customer.days if earlier < day):
            return "resumption"
        if not gone:
            return "addon_purchase"
        return "price_change" if item.tariff.product in gone else "tier_upgrade"
    if old.tariff.product != item.tariff.product:
        return "tier_upgrade"
    if old.tariff.price != item.tariff.price:
        return "price_change"
    return "seat_expansion" if item.quantity > old.quantity else "discount_change"


@pytest.fixture(scope="module")
def expansions(revenue_truth: RevenueTruth) -> list[Expansion]:
    """All of them."""
    return list(drivers(revenue_truth))


def test_what_made_customers_grow(company: Any, expansions: list[Expansion]) -> None:
    assert {expansion.driver for expansion in expansions} >= {*MORE, "addon_purchase", "discount_change"}
    for grain in GRAINS:
        sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
        for expansion in expansions:
            sums[start_of(expansion.day, grain), expansion.driver] += money(expansion.micros)
        company.compare("expansion_mrr", grain, "driver", sums)


@pytest.mark.parametrize("dimension", ["all", "plan", "segment", "region"])
def test_who_bought_more(dimension: str, company: Any, revenue_truth: RevenueTruth, expansions: list[Expansion]) -> None:
    truth = revenue_truth
    for grain in GRAINS[2:]:
        first: dict[tuple[date, str], Expansion] = {}
        for expansion in sorted(expansions, key=lambda expansion: expansion.day):
            if expansion.driver in MORE:
                first.setdefault((start_of(expansion.day, grain), expansion.customer.id), expansion)
        counts = dict.fromkeys(((start, "all") for start in truth.periods(grain)), 0) if dimension == "all" else {}
        for (start, _), expansion in first.items():
            member = truth.of_customer(dimension, expansion.customer, expansion.day - DAY)
            counts[start, member] = counts.get((start, member), 0) + 1
        company.compare("expanded_customers", grain, dimension, counts)
        for kpi, kind in (("upsell_rate", "tier_upgrade"), ("cross_sell_rate", "addon_purchase")):
            bought = {(start_of(e.day, grain), e.customer.id) for e in expansions if e.driver == kind}
            there: dict[tuple[date, str], list[bool]] = defaultdict(list)
            for start in truth.periods(grain):
                for customer in truth.paying:
                    if customer.pays(start - DAY):
                        there[start, truth.of_customer(dimension, customer, start - DAY)].append((start, customer.id) in bought)
            company.compare(kpi, grain, dimension, {k: ratio(sum(v), len(v)) for k, v in there.items()})


def test_by_how_much_they_grow(company: Any, revenue_truth: RevenueTruth, expansions: list[Expansion]) -> None:
    for grain in GRAINS[2:]:
        expected = {}
        for start in revenue_truth.periods(grain):
            within = [e for e in expansions if e.driver in MORE and start_of(e.day, grain) == start]
            expected[start, "all"] = ratio(sum(e.after for e in within), sum(e.after - e.micros for e in within))
        company.compare("average_expansion_multiplier", grain, "all", expected)


@pytest.mark.parametrize("dimension", ["all", "plan", "segment", "region"])
def test_the_share_of_expansion(dimension: str, company: Any, waterfall: Waterfall, expansions: list[Expansion]) -> None:
    truth = waterfall.truth
    for grain in ("month", "quarter"):
        expected = {}
        for (start, member), whole in waterfall.closing(grain, dimension).items():
            last = truth.periods(grain)[start]
            opening = last.replace(year=last.year - 1)
            if opening >= truth.first:
                added = sum(
                    e.micros
                    for e in expansions
                    if opening < e.day <= last
                    and e.customer.pays(opening)
                    and truth.of_customer(dimension, e.customer, opening) == member
                )
                expected[start, member] = ratio(added, whole)
        company.compare("expansion_revenue_share", grain, dimension, expected)


def test_why_customers_left(company: Any, revenue_truth: RevenueTruth) -> None:
    churned: dict[tuple[date, str], int] = defaultdict(int)
    for part in revenue_truth.parts:
        if part.kind == "churn":
            churned[part.day, part.customer] += part.micros
    reasons = {key: reason(revenue_truth, *key) for key in churned}
    for grain in GRAINS:
        amounts: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
        counts: dict[tuple[date, str], int] = defaultdict(int)
        for (day, customer), micros in churned.items():
            key = start_of(day, grain), reasons[day, customer]
            amounts[key] += money(micros)
            counts[key] += 1
        company.compare("churned_mrr", grain, "reason", amounts)
        company.compare("churned_customers", grain, "reason", counts)


def reason(truth: RevenueTruth, day: date, customer: str) -> str:
    """What the subscription that changed last on a day says of its end."""
    deleted = truth.world.facts.deleted["customers"].get(customer)
    if deleted is not None and day_of(deleted) == day:
        return "customer_deleted"
    facts = truth.world.facts.by_customer[customer]
    ended = [(fact.at, fact.subscription) for fact in facts if isinstance(fact, StatusSince) and day_of(fact.at) == day]
    details = truth.world.store.get("subscription", max(ended)[1])["cancellation_details"] if ended else {}
    if details.get("reason") == "cancellation_requested" and details["feedback"]:
        return str(details["feedback"])
    return str(details.get("reason") or "unknown")


@dataclass(frozen=True)
class Trial:
    """A subscription's time for free: until when, unless it goes on, and whether it was worth something afterwards."""

    started: date
    ended: date | None
    converted: bool
    members: dict[str, str]


def trials(truth: RevenueTruth) -> Iterator[Trial]:
    """Every trial that began."""
    customers = {customer.id: customer for customer in truth.customers}
    for body in truth.world.store.all("subscription"):
        if body["trial_start"] is None:
            continue
        customer, end = customers[body["customer"]], min(body["trial_end"], body["ended_at"] or body["trial_end"])
        priced = [f for f in truth.priced[customer.id] if f.subscription == body["id"] and not f.tariff.meter]
        since = [f.at for f in truth.world.facts.by_customer[customer.id] if _counts(f, body["id"])]
        worths = [worth(customer, item, day) for item in priced for day in customer.days if since and day >= day_of(min(since))]
        started = day_of(body["trial_start"])
        members = {
            "all": "all",
            "plan": truth.products[min(priced, key=lambda item: item.at).tariff.product],
            "channel": truth.groups_of(customer.id)["channel"],
            "trial_cohort": f"{started:%Y-%m}",
        }
        yield Trial(started, day_of(end) if end <= truth.world.now() else None, any(worths), members)


def _counts(fact: Any, subscription: str) -> bool:
    return isinstance(fact, StatusSince) and fact.subscription == subscription and fact.status in COUNTING


@pytest.mark.parametrize("grain", GRAINS)
def test_trials(grain: str, company: Any, revenue_truth: RevenueTruth) -> None:
    known = list(trials(revenue_truth))
    assert sum(trial.converted for trial in known) > 5
    for dimension in ("all", "plan", "channel", "trial_cohort"):
        started = dict.fromkeys(((start, "all") for start in revenue_truth.periods(grain)), 0) if dimension == "all" else {}
        ended: dict[tuple[date, str], list[bool]] = defaultdict(list)
        for trial in known:
            member = trial.members[dimension]
            key = start_of(trial.started, grain), member
            started[key] = started.get(key, 0) + 1
            if trial.ended:
                ended[start_of(trial.ended, grain), member].append(trial.converted)
        if dimension != "trial_cohort":
            company.compare("trial_signups", grain, dimension, started)
        expected = {key: ratio(sum(converted), len(converted)) for key, converted in ended.items()}
        company.compare("trial_to_paid_rate", grain, dimension, expected)
