"""What happened before the first synchronisation can be told from what the API still shows."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from sandbox.company.company import FREE_DAYS
from sandbox.stripe.store import Store
from sandbox.truth.facts import DiscountGiven, Facts, ItemPriced, ItemRemoved, StatusSince
from sandbox.truth.ground import Truth
from sandbox.truth.rates import Rates
from sandbox.world import World

DAY = 86_400
START = 1_795_360_000


@pytest.fixture(scope="module")
def world() -> World:
    """A company of a year and a half."""
    return World.create(None, seed=11, customers=160, months=18, start=START, wall=lambda: float(START))


class Historian:
    """Writes facts down from lists of the API alone: no events, no internal state."""

    def __init__(self, world: World) -> None:
        self.store: Store = world.store
        self.tariff = world.billing.prices.tariff
        self.facts = Facts()

    def write(self) -> Facts:
        """All facts that subscriptions, invoices, pending invoice items and discounts tell."""
        lines: dict[str, list[dict]] = {}
        discounts: dict[str, None] = {}
        for invoice in self.store.all("invoice"):
            discounts |= dict.fromkeys(invoice["discounts"])
            for line in invoice["lines"]["data"]:
                discounts |= dict.fromkeys(line["discounts"])
                details = (line["parent"] or {}).get("subscription_item_details")
                if details:
                    row = (details["subscription_item"], details["proration"], line)
                    lines.setdefault(details["subscription"], []).append(row)
        for waiting in self.store.all("invoice_item"):
            details = (waiting["parent"] or {}).get("subscription_details") or {}
            if waiting["invoice"] is None and details.get("subscription_item"):
                row = (details["subscription_item"], waiting["proration"], {**waiting, "taxes": []})
                lines.setdefault(details["subscription"], []).append(row)
        for customer in self.store.all("customer"):
            if customer["discount"]:
                discounts[customer["discount"]["id"]] = None
        for subscription in self.store.all("subscription"):
            discounts |= dict.fromkeys(subscription["discounts"])
            self._status(subscription)
            self._items(subscription, lines.get(subscription["id"], []))
        for id in discounts:
            self._discount(id)
        return self.facts

    def _status(self, body):
        def since(at, status):
            self.facts.report(body["customer"], StatusSince(at, body["id"], status))

        if body["status"].startswith("incomplete"):
            return
        since(body["start_date"], "trialing" if body["trial_end"] else "active")
        over = body["ended_at"] is not None and body["trial_end"] is not None and body["ended_at"] <= body["trial_end"]
        if body["trial_end"] and body["status"] != "trialing" and not over:
            since(body["trial_end"], "paused" if body["status"] == "paused" else "active")
        if body["ended_at"]:
            since(body["ended_at"], "canceled")

    def _items(self, body, rows):
        priced, credited = {}, set()
        for item, proration, line in rows:
            key = (line["period"]["start"], item)
            tariff = self.tariff(line["pricing"]["price_details"]["price"])
            if tariff.meter:
                continue
            if proration and line["amount"] < 0:
                credited.add(key)
                continue
            known = priced.get(key, (tariff, 0, Fraction(0)))
            priced[key] = (tariff, known[1] + line["quantity"], _tax_percent(line) or known[2])
        for (at, item), (tariff, quantity, percent) in priced.items():
            self.facts.report(body["customer"], ItemPriced(at, body["id"], item, tariff, quantity, percent))
        for at, item in credited - set(priced):
            self.facts.report(body["customer"], ItemRemoved(at, body["id"], item))

    def _discount(self, id):
        body = self.store.get("discount", id) or self.store.deleted("discount", id)
        coupon = self.store.get("coupon", body["source"]["coupon"]) or self.store.deleted("coupon", body["source"]["coupon"])
        level = "subscription_item" if body["subscription_item"] else "subscription" if body["subscription"] else "customer"
        percent, amount = coupon["percent_off"], coupon["amount_off"]
        self.facts.report(
            body["customer"],
            DiscountGiven(
                at=body["start"],
                end=body["end"],
                discount=id,
                level=level,
                target=body[level],
                percent=None if percent is None else Fraction(str(percent)),
                amount=None if amount is None else Fraction(amount),
                currency=coupon["currency"],
                products=frozenset(coupon.get("applies_to", {}).get("products", ())),
                once=coupon["duration"] == "once",
            ),
        )


def _tax_percent(line):
    taxes = sum(tax["amount"] for tax in line["taxes"] if tax["tax_behavior"] == "inclusive")
    return Fraction(100 * taxes, line["amount"] - taxes) if taxes else Fraction(0)


def test_old_history_can_be_rebuilt_from_lists_to_the_last_unit(world):
    rates = Rates(world.rates.published, "USD")
    rebuilt = Truth(Historian(world).write(), rates, "UTC", world.now)
    until = datetime.fromtimestamp(START - (FREE_DAYS + 1) * DAY, UTC).date().isoformat()
    wanted = {(r["date"], r["customer"], r["currency"]): r["native"] for r in world.truth.mrr_daily(end=until)}
    found = {(r["date"], r["customer"], r["currency"]): r["native"] for r in rebuilt.mrr_daily(end=until)}
    differing = {key: (wanted.get(key), found.get(key)) for key in wanted.keys() | found.keys()}
    differing = {key: pair for key, pair in differing.items() if pair[0] != pair[1]}
    assert len(wanted) > 10_000
    assert differing == {}


def test_recent_history_cannot_be_told_from_lists_alone(world):
    world.advance(20 * DAY)
    rates = Rates(world.rates.published, "USD")
    rebuilt = Truth(Historian(world).write(), rates, "UTC", world.now)
    since = datetime.fromtimestamp(START, UTC).date().isoformat()
    assert world.truth.mrr_daily(start=since) != rebuilt.mrr_daily(start=since)
