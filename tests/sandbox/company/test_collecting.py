"""Collecting: renewals, reminders, trials without a card, pauses, balances, refunds."""

from __future__ import annotations

import pytest

from sandbox.stripe.billing import Dunning
from sandbox.stripe.errors import StripeError

DAY = 86_400


def test_a_renewal_is_drafted_and_collected_an_hour_later(stage):
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), stage.price("2026-01-01", "10000"))
    stage.until("2026-02-01T00:59:59")
    draft = stage.store.get("subscription", sold["id"])["latest_invoice"]
    assert stage.store.get("invoice", draft)["status"] == "draft"
    stage.until("2026-02-01T01:00")
    invoice = stage.store.get("invoice", draft)
    assert (invoice["status"], invoice["billing_reason"]) == ("paid", "subscription_cycle")


def test_a_lost_payment_is_tried_four_times_in_fourteen_days_and_then_cancelled(stage, at):
    customer = stage.customer("2026-01-01")
    sold = stage.subscribe("2026-01-01", customer, stage.price("2026-01-01", "10000"))
    failing = {"default_payment_method": "pm_card_chargeCustomerFail"}
    stage.write("2026-01-15", "update_customer", customer, invoice_settings=failing)
    stage.until("2026-03-01")
    failed = [charge["created"] for charge in reversed(stage.store.all("charge")) if charge["status"] == "failed"]
    assert failed == [at(f"2026-02-{day:02d}T01:00") for day in (1, 4, 9, 15)]
    body = stage.store.get("subscription", sold["id"])
    assert (body["status"], body["ended_at"]) == ("canceled", at("2026-02-15T01:00"))
    assert body["cancellation_details"]["reason"] == "payment_failed"
    assert stage.store.get("customer", customer)["delinquent"] is True
    assert [(row["kind"], row["count"]) for row in stage.truth.payments(start="2026-02-01")] == [("failed", 1)] * 4
    assert stage.event_types("invoice.payment_failed") == ["invoice.payment_failed"] * 4


def test_the_last_reminder_may_leave_a_subscription_unpaid(make_stage):
    stage = make_stage(dunning=Dunning(retries=(DAY,), then="unpaid"))
    customer = stage.customer("2026-01-01")
    sold = stage.subscribe("2026-01-01", customer, stage.price("2026-01-01", "10000"))
    stage.write(
        "2026-01-15", "update_customer", customer, invoice_settings={"default_payment_method": "pm_card_chargeCustomerFail"}
    )
    stage.until("2026-03-05")
    assert stage.store.get("subscription", sold["id"])["status"] == "unpaid"
    assert [invoice["status"] for invoice in stage.store.all("invoice")] == ["draft", "open", "paid"]


def test_a_first_payment_that_never_comes_expires_after_23_hours(stage):
    customer = stage.customer("2026-01-01", payment_method="pm_card_chargeDeclined")
    sold = stage.subscribe("2026-01-01", customer, stage.price("2026-01-01", "10000"))
    assert sold["status"] == "incomplete"
    stage.until("2026-01-01T23:00")
    assert stage.store.get("subscription", sold["id"])["status"] == "incomplete_expired"
    assert stage.store.get("invoice", sold["latest_invoice"])["status"] == "void"
    assert stage.ledger("2026-02-01") == ""


def test_a_first_payment_that_comes_late_starts_the_subscription(stage):
    customer = stage.customer("2026-01-01", payment_method="pm_card_declines1")
    sold = stage.subscribe("2026-01-01", customer, stage.price("2026-01-01", "10000"))
    stage.write("2026-01-01T05:00", "pay_invoice", sold["latest_invoice"])
    assert stage.store.get("subscription", sold["id"])["status"] == "active"
    assert stage.ledger("2026-01-31") == "2026-01-01 new 100.00"


def test_a_trial_without_a_card_pauses_and_resumes(stage):
    price = stage.price("2026-01-01", "10000")
    ending = {"end_behavior": {"missing_payment_method": "pause"}}
    customer = stage.customer("2026-01-01", payment_method="")
    sold = stage.subscribe("2026-01-01", customer, price, trial_period_days="7", trial_settings=ending)
    stage.until("2026-01-08")
    assert stage.store.get("subscription", sold["id"])["status"] == "paused"
    stage.write("2026-02-01", "update_customer", customer, invoice_settings={"default_payment_method": "pm_card_visa"})
    assert stage.write("2026-02-01", "resume_subscription", sold["id"])["status"] == "active"
    assert stage.ledger("2026-02-28") == "2026-02-01 new 100.00"


@pytest.mark.parametrize(
    ("behavior", "status"), [("void", "void"), ("mark_uncollectible", "uncollectible"), ("keep_as_draft", "draft")]
)
def test_paused_collection_disposes_of_invoices(stage, behavior, status):
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), stage.price("2026-01-01", "10000"))
    stage.write("2026-01-15", "update_subscription", sold["id"], pause_collection={"behavior": behavior})
    stage.until("2026-02-02")
    assert stage.store.all("invoice")[0]["status"] == status


def test_balance_is_applied_to_the_next_invoice_and_leaves_a_transaction(stage):
    customer = stage.customer("2026-01-01")
    stage.subscribe("2026-01-01", customer, stage.price("2026-01-01", "10000"))
    stage.write("2026-01-10", "create_customer_balance_transaction", customer, amount="-3000", currency="usd")
    stage.until("2026-02-02")
    invoice = stage.store.all("invoice")[0]
    assert (invoice["starting_balance"], invoice["ending_balance"], invoice["amount_due"]) == (-3000, 0, 7000)
    assert stage.store.get("customer", customer)["balance"] == 0
    moved = [(row["type"], row["amount"]) for row in reversed(stage.store.all("customer_balance_transaction"))]
    assert moved == [("adjustment", -3000), ("applied_to_invoice", 3000)]


def test_refunds_stop_at_what_was_paid(stage):
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), stage.price("2026-01-01", "10000"))
    charge = stage.store.all("charge")[0]["id"]
    stage.write("2026-01-02", "create_refund", charge=charge, amount="4000")
    with pytest.raises(StripeError, match="greater than unrefunded"):
        stage.write("2026-01-02", "create_refund", charge=charge, amount="7000")
    stage.write("2026-01-03", "create_refund", charge=charge)
    assert stage.store.get("charge", charge)["refunded"] is True
    refunded = [row for row in stage.truth.payments() if row["kind"] == "refunded"]
    assert [(row["date"], row["native"]) for row in refunded] == [("2026-01-02", "40.000000"), ("2026-01-03", "60.000000")]


def test_money_becomes_available_without_an_event(stage):
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), stage.price("2026-01-01", "10000"))
    before = len(stage.store.all("event"))
    assert stage.store.all("balance_transaction")[0]["status"] == "pending"
    stage.until("2026-01-03")
    row = stage.store.all("balance_transaction")[0]
    assert (row["status"], row["fee"], row["net"]) == ("available", 320, 9680)
    assert len(stage.store.all("event")) == before
