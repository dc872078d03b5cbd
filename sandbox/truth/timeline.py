"""What a customer's subscriptions are worth from instant to instant, built from facts alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from sandbox.truth.arithmetic import minor_per_major, monthly, months_factor, to_micros
from sandbox.truth.facts import (
    CancellationPlanned,
    CollectionPaused,
    CustomerFact,
    DiscountGiven,
    DiscountRemoved,
    ItemPriced,
    ItemRemoved,
    StatusSince,
)

COUNTING = ("active", "past_due")

Money = dict[str, int]
"""Millionths of a major unit by currency."""


@dataclass
class _Subscription:
    status: str = ""
    items: dict[str, ItemPriced] = field(default_factory=dict)
    planned: set[str] = field(default_factory=set)
    paused: bool = False


@dataclass(frozen=True)
class Worth:
    """A customer's MRR from an instant on: in all, and by what is shown beside it."""

    native: Money
    scheduled: Money
    paused: Money
    past_due: Money
    trial: Money
    by_price: dict[tuple[str, str, str], int]


NOTHING = Worth({}, {}, {}, {}, {}, {})


def build_timeline(facts: list[CustomerFact]) -> list[tuple[int, Worth]]:
    """The customer's worth at every instant at which it may change, in order of time."""
    ordered = sorted(facts, key=lambda fact: fact.at)
    instants = {fact.at for fact in ordered}
    instants |= {fact.end for fact in ordered if isinstance(fact, DiscountGiven) and fact.end is not None}
    state, position, timeline = _State(), 0, []
    for instant in sorted(instants):
        while position < len(ordered) and ordered[position].at <= instant:
            state.take(ordered[position])
            position += 1
        timeline.append((instant, state.worth(instant)))
    return timeline


class _State:
    """Everything known about a customer while its facts are read in order."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, _Subscription] = defaultdict(_Subscription)
        self._discounts: dict[str, DiscountGiven] = {}
        self._removed: set[str] = set()

    def take(self, fact: CustomerFact) -> None:
        """Let a fact become true."""
        match fact:
            case DiscountGiven():
                self._discounts[fact.discount] = fact
            case DiscountRemoved():
                self._removed.add(fact.discount)
            case _:
                self._take_of_subscription(self._subscriptions[fact.subscription], fact)

    def _take_of_subscription(self, subscription: _Subscription, fact: CustomerFact) -> None:
        match fact:
            case ItemPriced():
                subscription.items[fact.item] = fact
            case ItemRemoved():
                subscription.items.pop(fact.item, None)
            case StatusSince():
                subscription.status = fact.status
            case CancellationPlanned():
                (subscription.planned.add if fact.planned else subscription.planned.discard)(fact.by)
            case CollectionPaused():
                subscription.paused = fact.paused

    def worth(self, instant: int) -> Worth:
        """What the customer is worth at the instant."""
        result = Worth({}, {}, {}, {}, {}, {})
        for id, subscription in self._subscriptions.items():
            if subscription.status in (*COUNTING, "trialing"):
                self._count(result, id, subscription, instant)
        return result

    def _count(self, result: Worth, id: str, subscription: _Subscription, instant: int) -> None:
        values = self._net(id, subscription, instant)
        for item, priced in subscription.items.items():
            currency, micros = priced.tariff.currency, to_micros(values[item])
            if subscription.status == "trialing":
                _add(result.trial, currency, micros)
                continue
            _add(result.native, currency, micros)
            key = (priced.tariff.price, priced.tariff.product, currency)
            result.by_price[key] = result.by_price.get(key, 0) + micros
            if subscription.planned:
                _add(result.scheduled, currency, micros)
            if subscription.paused:
                _add(result.paused, currency, micros)
            if subscription.status == "past_due":
                _add(result.past_due, currency, micros)

    def _net(self, id: str, subscription: _Subscription, instant: int) -> dict[str, Fraction]:
        """Monthly value of each item after discounts, in major units."""
        items = subscription.items
        values = {item: monthly(p.tariff, p.quantity, p.tax_percent) for item, p in items.items()}
        for item in items:
            for discount in self._running(instant, "subscription_item", item):
                _apply(discount, {item: items[item]}, values)
        own = self._running(instant, "subscription", id)
        for discount in own or self._of_customer(instant):
            _apply(discount, items, values)
        return values

    def _running(self, instant: int, level: str, target: str) -> list[DiscountGiven]:
        return [
            discount
            for discount in self._discounts.values()
            if discount.level == level
            and discount.target == target
            and discount.discount not in self._removed
            and discount.at <= instant
            and (discount.end is None or instant < discount.end)
        ]

    def _of_customer(self, instant: int) -> list[DiscountGiven]:
        targets = {d.target for d in self._discounts.values() if d.level == "customer"}
        return [discount for target in targets for discount in self._running(instant, "customer", target)]


def _add(money: Money, currency: str, micros: int) -> None:
    money[currency] = money.get(currency, 0) + micros


def _apply(discount: DiscountGiven, items: dict[str, ItemPriced], values: dict[str, Fraction]) -> None:
    """Take a discount off the items it covers."""
    if discount.once:
        return
    covered = [item for item, priced in items.items() if not discount.products or priced.tariff.product in discount.products]
    if discount.percent is not None:
        for item in covered:
            values[item] *= 1 - discount.percent / 100
        return
    for group in _by_period(covered, items):
        _take_amount(discount, group, items, values)


def _by_period(covered: Iterable[str], items: dict[str, ItemPriced]) -> list[list[str]]:
    """Items billed together: those with the same billing period."""
    groups: dict[Fraction, list[str]] = defaultdict(list)
    for item in covered:
        groups[months_factor(items[item].tariff)].append(item)
    return list(groups.values())


def _take_amount(discount: DiscountGiven, group: list[str], items: dict[str, ItemPriced], values: dict[str, Fraction]) -> None:
    """An amount off each invoice, spread over the items in proportion to what they cost."""
    tariff = items[group[0]].tariff
    whole = sum((values[item] for item in group), Fraction(0))
    if discount.amount is None or discount.currency != tariff.currency or not whole:
        return
    off = min(discount.amount / minor_per_major(tariff.currency) * months_factor(tariff), whole)
    for item in group:
        values[item] -= off * values[item] / whole
