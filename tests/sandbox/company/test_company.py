"""The company shows everything that real ones do, and goes on doing so after the start."""

from __future__ import annotations

from collections import Counter

import pytest
from stripe import Event

from sandbox.stripe.store import KINDS
from sandbox.world import World

DAY = 86_400
START = 1_795_360_000


@pytest.fixture(scope="module")
def world() -> World:
    """A company of more than a year."""
    return World.create(None, seed=7, customers=150, months=14, start=START, wall=lambda: float(START))


@pytest.fixture(scope="module")
def later() -> World:
    """The same company six weeks on."""
    world = World.create(None, seed=7, customers=150, months=14, start=START, wall=lambda: float(START))
    world.advance(42 * DAY)
    return world


def test_no_story_fails(world, later):
    assert world.company.refused == []
    assert later.company.refused == []


def test_there_is_something_of_every_kind(later):
    empty = [kind for kind in KINDS if not later.store.count(kind)]
    assert empty == ["test_clock"]


def test_subscriptions_are_in_every_status_that_lasts(world):
    statuses = {subscription["status"] for subscription in world.store.all("subscription")}
    assert statuses >= {"active", "past_due", "canceled", "trialing", "unpaid", "paused", "incomplete_expired"}


def test_invoices_are_in_every_status(world):
    statuses = {invoice["status"] for invoice in world.store.all("invoice")}
    assert statuses == {"draft", "open", "paid", "uncollectible", "void"}


def test_all_four_currencies_and_all_tax_behaviours_occur(world):
    assert {s["currency"] for s in world.store.all("subscription")} == {"usd", "eur", "gbp", "jpy"}
    taxes = {t["tax_behavior"] for i in world.store.all("invoice") for t in i["total_taxes"]}
    assert taxes == {"inclusive", "exclusive"}


def test_the_edges_of_the_api_are_there(world):
    assert max(len(invoice["lines"]["data"]) for invoice in world.store.all("invoice")) == 120
    assert max(len(s["items"]["data"]) for s in world.store.all("subscription")) == 30
    seconds = Counter(customer["created"] for customer in world.store.all("customer"))
    assert max(seconds.values()) >= 5
    assert any(item.get("quantity") == 0 for s in world.store.all("subscription") for item in s["items"]["data"])
    assert any(not customer["name"].isascii() for customer in world.store.all("customer"))
    planned = [s for s in world.store.all("subscription") if s["cancel_at"] and not s["ended_at"]]
    assert any(s["cancel_at_period_end"] for s in planned)
    assert any(not s["cancel_at_period_end"] for s in planned)


def test_a_deleted_coupon_still_discounts(world):
    assert world.store.get("coupon", "EARLYBIRD") is None
    gone = {d["id"] for d in world.store.all("discount") if d["source"]["coupon"] == "EARLYBIRD"}
    running = [s for s in world.store.all("subscription") if s["status"] == "active" and gone & set(s["discounts"])]
    assert running


def test_every_movement_goes_on_happening(later):
    kinds = Counter(row["movement"] for row in later.truth.movements(start="2026-11-23"))
    assert set(kinds) == {"new", "reactivation", "expansion", "contraction", "churn", "fx"}


def test_every_event_type_exists(later):
    known = set(Event.__annotations__["type"].__args__)
    assert {event["type"] for event in later.store.all("event")} <= known


def test_changes_without_a_trace_begin_only_where_events_reach(world):
    from sandbox.company.company import FREE_DAYS

    assert FREE_DAYS < 30
    unpaid = [s for s in world.store.all("subscription") if s["status"] == "unpaid"]
    for subscription in unpaid:
        since = [f.at for f in world.facts.by_customer[subscription["customer"]] if getattr(f, "status", "") == "unpaid"]
        assert min(since) >= START - FREE_DAYS * DAY


def test_amounts_add_up_on_every_invoice(later):
    for invoice in later.store.all("invoice"):
        lines = invoice["lines"]["data"]
        assert invoice["subtotal"] == sum(line["amount"] for line in lines)
        off = sum(row["amount"] for row in invoice["total_discount_amounts"])
        assert off == sum(row["amount"] for line in lines for row in line["discount_amounts"])
        added = sum(t["amount"] for t in invoice["total_taxes"] if t["tax_behavior"] == "exclusive")
        assert invoice["total"] == invoice["subtotal"] - off + added
        assert invoice["total_excluding_tax"] == invoice["total"] - sum(t["amount"] for t in invoice["total_taxes"])
        assert invoice["amount_due"] == invoice["amount_paid"] + invoice["amount_remaining"] or invoice["status"] == "draft"


def test_money_adds_up_from_charge_to_payout(later):
    rows = later.store.all("balance_transaction")
    assert all(row["net"] == row["amount"] - row["fee"] for row in rows)
    for payout in later.store.all("payout"):
        paid = [row for row in rows if row.get("_payout") == payout["id"]]
        assert sum(row["net"] for row in paid if row["type"] != "payout") == payout["amount"]
        assert sum(row["net"] for row in paid) == 0


def test_every_paid_invoice_was_paid_by_a_charge_or_by_nothing(later):
    paid_by = {p["invoice"]: p for p in later.store.all("invoice_payment") if p["status"] == "paid"}
    for invoice in later.store.all("invoice"):
        if invoice["status"] == "paid" and invoice["amount_paid"] and not invoice["amount_paid_off_stripe"]:
            payment = paid_by[invoice["id"]]
            intent = later.store.get("payment_intent", payment["payment"]["payment_intent"])
            charge = later.store.get("charge", intent["latest_charge"])
            assert charge["amount"] == payment["amount_paid"] == invoice["amount_paid"]


def test_truth_counts_what_lists_show(later):
    streams = later.truth.streams()
    for kind in ("customer", "subscription", "invoice", "charge", "coupon", "invoice_item", "balance_transaction"):
        stored = {body["id"] for body in later.store.all(kind)}
        assert set(streams[f"{kind}s"]["ids"]) == stored
        assert streams[f"{kind}s"]["count"] == len(stored)
    assert streams["coupons"]["deleted"] == ["EARLYBIRD"]


def test_inclusive_tax_leaves_the_same_ratio_on_every_line(later):
    for invoice in later.store.all("invoice"):
        for line in invoice["lines"]["data"]:
            for tax in line["taxes"]:
                if tax["tax_behavior"] == "inclusive":
                    percent = 19 if invoice["currency"] == "eur" else 20
                    assert tax["amount"] * (100 + percent) == line["amount"] * percent
