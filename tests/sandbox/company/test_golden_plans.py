"""Golden scenarios 1 to 10: plans, coupons, trials, payment trouble, leaving and returning."""

from __future__ import annotations

import pytest

from sandbox.stripe.billing import Dunning

DAY = 86_400


def test_01_annual_plan_counts_a_twelfth_a_month(stage):
    stage.subscribe("2026-01-15", stage.customer("2026-01-15"), stage.price("2026-01-15", "120000", "year"))
    assert stage.ledger("2026-04-30") == "2026-01-15 new 100.00"
    assert stage.months("2026-01", "2026-02", "2026-04") == [
        "2026-01 0.00 [new 100.00] 100.00",
        "2026-02 100.00 [] 100.00",
        "2026-04 100.00 [] 100.00",
    ]


def test_02_annual_plan_cancelled_at_once_churns_at_once(stage):
    sold = stage.subscribe("2026-01-15", stage.customer("2026-01-15"), stage.price("2026-01-15", "120000", "year"))
    charge = stage.store.all("charge")[0]
    stage.write("2026-04-10T14:00", "cancel_subscription", sold["id"])
    stage.write("2026-04-10T14:00", "create_refund", charge=charge["id"])
    assert stage.ledger("2026-06-01") == "2026-01-15 new 100.00; 2026-04-10 churn 100.00"
    assert stage.months("2026-03", "2026-04", "2026-05") == [
        "2026-03 100.00 [] 100.00",
        "2026-04 100.00 [churn 100.00] 0.00",
        "2026-05 0.00 [] 0.00",
    ]


def test_03_annual_to_monthly_is_priced_by_the_interval_of_its_time(stage):
    product = stage.write("2025-09-01", "create_product", name="Plan")["id"]
    yearly = stage.price("2025-09-01", "120000", "year", product=product)
    monthly = stage.price("2025-09-01", "12000", product=product)
    sold = stage.subscribe("2025-09-01", stage.customer("2025-09-01"), yearly)
    rows = [{"id": sold["items"]["data"][0]["id"], "price": monthly}]
    stage.write("2026-07-01", "update_subscription", sold["id"], items=rows)
    assert stage.ledger("2026-09-01") == "2025-09-01 new 100.00; 2026-07-01 expansion 20.00"
    assert stage.months("2025-09", "2025-10", "2026-06", "2026-07", "2026-08") == [
        "2025-09 0.00 [new 100.00] 100.00",
        "2025-10 100.00 [] 100.00",
        "2026-06 100.00 [] 100.00",
        "2026-07 100.00 [expansion 20.00] 120.00",
        "2026-08 120.00 [] 120.00",
    ]


def test_04_five_more_seats_in_mid_cycle(stage):
    sold = stage.subscribe("2026-03-01", stage.customer("2026-03-01"), stage.price("2026-03-01", "2000"), quantity=10)
    stage.set_quantity("2026-03-16", sold, 15, proration_behavior="always_invoice")
    invoice = stage.store.all("invoice")[0]
    assert invoice["total"] == 5161
    assert stage.ledger("2026-05-01") == "2026-03-01 new 200.00; 2026-03-16 expansion 100.00"
    assert stage.months("2026-03", "2026-04") == [
        "2026-03 0.00 [new 200.00 expansion 100.00] 300.00",
        "2026-04 300.00 [] 300.00",
    ]


@pytest.mark.parametrize(
    ("coupon", "ledger", "months"),
    [
        ({"duration": "once"}, "2026-01-01 new 100.00", ["2026-02 100.00 [] 100.00", "2026-04 100.00 [] 100.00"]),
        (
            {"duration": "repeating", "duration_in_months": "3"},
            "2026-01-01 new 50.00; 2026-04-01 expansion 50.00",
            ["2026-02 50.00 [] 50.00", "2026-04 50.00 [expansion 50.00] 100.00"],
        ),
        ({"duration": "forever"}, "2026-01-01 new 50.00", ["2026-02 50.00 [] 50.00", "2026-04 50.00 [] 50.00"]),
    ],
    ids=["once", "repeating", "forever"],
)
def test_05_coupons_of_half_the_price(stage, coupon, ledger, months):
    half = stage.write("2026-01-01", "create_coupon", percent_off="50", **coupon)["id"]
    price = stage.price("2026-01-01", "10000")
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price, discounts=[{"coupon": half}])
    assert stage.ledger("2026-05-31") == ledger
    assert stage.months("2026-02", "2026-04") == months


def test_06a_a_trial_counts_from_its_end(stage):
    price = stage.price("2026-01-10", "10000")
    stage.subscribe("2026-01-10", stage.customer("2026-01-10"), price, trial_period_days="14")
    assert stage.ledger("2026-03-31") == "2026-01-24 new 100.00"
    assert stage.months("2026-01", "2026-02") == ["2026-01 0.00 [new 100.00] 100.00", "2026-02 100.00 [] 100.00"]


def test_06b_a_trial_that_is_cancelled_never_counts(stage):
    price = stage.price("2026-01-10", "10000")
    sold = stage.subscribe("2026-01-10", stage.customer("2026-01-10"), price, trial_period_days="14")
    stage.write("2026-01-20", "cancel_subscription", sold["id"])
    assert stage.ledger("2026-03-31") == ""
    assert stage.months("2026-01", "2026-02") == ["2026-01 0.00 [] 0.00", "2026-02 0.00 [] 0.00"]


def test_06c_an_extended_trial_counts_from_its_last_end(stage, at):
    price = stage.price("2026-01-10", "10000")
    sold = stage.subscribe("2026-01-10", stage.customer("2026-01-10"), price, trial_period_days="14")
    stage.write("2026-01-20", "update_subscription", sold["id"], trial_end=str(at("2026-02-10")))
    stage.until("2026-01-31T23:59:59")
    assert stage.truth.board("2026-01")["trial_mrr"] == "100.000000"
    assert stage.ledger("2026-03-31") == "2026-02-10 new 100.00"
    assert stage.months("2026-01", "2026-02", "2026-03") == [
        "2026-01 0.00 [] 0.00",
        "2026-02 0.00 [new 100.00] 100.00",
        "2026-03 100.00 [] 100.00",
    ]


def test_07a_past_due_counts(stage):
    customer = stage.customer("2026-01-05")
    sold = stage.subscribe("2026-01-05", customer, stage.price("2026-01-05", "10000"))
    declining = {"default_payment_method": "pm_card_declines3"}
    stage.write("2026-02-01", "update_customer", customer, invoice_settings=declining)
    stage.until("2026-02-06")
    assert stage.store.get("subscription", sold["id"])["status"] == "past_due"
    assert stage.ledger("2026-03-31") == "2026-01-05 new 100.00"
    assert stage.store.get("subscription", sold["id"])["status"] == "active"


@pytest.mark.parametrize("paid", [False, True], ids=["stays unpaid", "paid later"])
def test_07b_unpaid_churns_and_payment_brings_back(make_stage, paid):
    # tried at 01:00 on the 5th, an hour after the renewal, and for the last time at 09:00 on the 26th
    dunning = Dunning(retries=(3 * DAY, 8 * DAY, 21 * DAY + 8 * 3600), then="unpaid")
    stage = make_stage(dunning=dunning)
    customer = stage.customer("2026-01-05")
    sold = stage.subscribe("2026-01-05", customer, stage.price("2026-01-05", "10000"))
    failing = {"default_payment_method": "pm_card_chargeCustomerFail"}
    stage.write("2026-02-01", "update_customer", customer, invoice_settings=failing)
    stage.until("2026-02-26T08:59:59")
    owed = stage.store.get("subscription", sold["id"])["latest_invoice"]
    assert stage.store.get("subscription", sold["id"])["status"] == "past_due"
    stage.until("2026-02-26T09:00")
    assert stage.store.get("subscription", sold["id"])["status"] == "unpaid"
    ledger = "2026-01-05 new 100.00; 2026-02-26 churn 100.00"
    if paid:
        stage.write("2026-03-10T12:00", "update_customer", customer, invoice_settings={"default_payment_method": "pm_card_visa"})
        stage.write("2026-03-10T12:00", "pay_invoice", owed)
        ledger += "; 2026-03-10 reactivation 100.00"
    assert stage.ledger("2026-04-30") == ledger
    assert stage.months("2026-02") == ["2026-02 100.00 [churn 100.00] 0.00"]
    march = "0.00 [reactivation 100.00] 100.00" if paid else "0.00 [] 0.00"
    assert stage.month("2026-03") == march


def test_08_paused_collection_counts_and_is_shown(stage, at):
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), stage.price("2026-01-01", "10000"))
    pause = {"behavior": "void", "resumes_at": str(at("2026-05-01"))}
    stage.write("2026-03-01", "update_subscription", sold["id"], pause_collection=pause)
    assert stage.ledger("2026-06-30") == "2026-01-01 new 100.00"
    paused = {month: stage.truth.board(month)["paused_mrr"] for month in ("2026-02", "2026-03", "2026-04", "2026-05")}
    assert paused == {
        "2026-02": "0.000000",
        "2026-03": "100.000000",
        "2026-04": "100.000000",
        "2026-05": "0.000000",
    }


def test_09_a_second_subscription_is_expansion_and_its_end_contraction(stage):
    customer = stage.customer("2026-01-01")
    stage.subscribe("2026-01-01", customer, stage.price("2026-01-01", "10000"))
    second = stage.subscribe("2026-02-01", customer, stage.price("2026-02-01", "5000"))
    stage.write("2026-03-15T10:00", "cancel_subscription", second["id"])
    assert stage.ledger("2026-04-30") == "2026-01-01 new 100.00; 2026-02-01 expansion 50.00; 2026-03-15 contraction 50.00"
    assert stage.months("2026-02", "2026-03", "2026-04") == [
        "2026-02 100.00 [expansion 50.00] 150.00",
        "2026-03 150.00 [contraction 50.00] 100.00",
        "2026-04 100.00 [] 100.00",
    ]


@pytest.mark.parametrize(
    ("returns", "march", "month_of_return"),
    [
        ("2026-03-20", "100.00 [reactivation 100.00 churn 100.00] 100.00", None),
        ("2026-04-24", "100.00 [churn 100.00] 0.00", "2026-04 0.00 [reactivation 100.00] 100.00"),
        ("2026-07-08", "100.00 [churn 100.00] 0.00", "2026-07 0.00 [reactivation 100.00] 100.00"),
    ],
)
def test_10_leaves_and_returns(stage, returns, march, month_of_return):
    customer, price = stage.customer("2026-01-01"), stage.price("2026-01-01", "10000")
    first = stage.subscribe("2026-01-01", customer, price)
    stage.write("2026-03-10T08:00", "cancel_subscription", first["id"])
    stage.subscribe(f"{returns}T08:00", customer, price)
    ledger = f"2026-01-01 new 100.00; 2026-03-10 churn 100.00; {returns} reactivation 100.00"
    assert stage.ledger("2026-08-31") == ledger
    assert stage.month("2026-03") == march
    if month_of_return:
        assert stage.months(month_of_return[:7]) == [month_of_return]
    assert stage.month("2026-08") == "100.00 [] 100.00"
