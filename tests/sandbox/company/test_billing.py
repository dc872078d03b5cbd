"""The billing engine: periods, prorations, discounts, taxes, schedules and the objects they leave."""

from __future__ import annotations

import pytest

from sandbox.stripe.billing.calendar import add_months, period_end, period_start
from sandbox.stripe.billing.engine import Billing
from sandbox.stripe.errors import StripeError
from sandbox.stripe.writing import WRITERS


def test_every_writing_endpoint_has_its_operation(stage):
    missing = {writer.operation for writer in WRITERS} - set(stage.billing.operations)
    assert missing == set()


def test_an_unknown_operation_is_refused(stage):
    with pytest.raises(StripeError, match="does not do"):
        stage.billing.write("create_unicorn", {"params": {}}, at=0)
    assert isinstance(stage.billing, Billing)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-03-31T09:30", -1, "2026-02-28T09:30"),
    ],
)
def test_months_keep_the_day_where_they_can(at, start, months, end):
    assert add_months(at(start), months) == at(end)


def test_the_anchor_day_survives_short_months(at):
    anchor, ends = at("2026-01-31"), []
    after = anchor
    for _ in range(4):
        after = period_end(anchor, after, "month", 1)
        ends.append(after)
    assert ends == [at("2026-02-28"), at("2026-03-31"), at("2026-04-30"), at("2026-05-31")]
    assert period_start(anchor, at("2026-03-31"), "month", 1) == at("2026-02-28")
    assert period_start(anchor, at("2026-02-28"), "month", 1) == anchor


@pytest.mark.parametrize(
    ("interval", "count", "end"),
    [("day", 30, "2026-01-31"), ("week", 2, "2026-01-15"), ("month", 3, "2026-04-01"), ("year", 2, "2028-01-01")],
)
def test_periods_of_every_interval(at, interval, count, end):
    start = at("2026-01-01")
    assert period_end(start, start, interval, count) == at(end)
    assert period_start(start, at(end), interval, count) == start


def test_a_change_leaves_a_credit_and_a_debit_for_the_rest_of_the_period(stage, at):
    sold = stage.subscribe("2026-03-01", stage.customer("2026-03-01"), stage.price("2026-03-01", "2000"), quantity=10)
    stage.set_quantity("2026-03-16", sold, 15)
    credit, debit = sorted(stage.store.all("invoice_item"), key=lambda item: item["amount"])
    assert (credit["amount"], credit["quantity"]) == (-10323, 10)
    assert (debit["amount"], debit["quantity"]) == (15484, 15)
    for item in (credit, debit):
        assert item["proration"] is True
        assert item["period"] == {"start": at("2026-03-16"), "end": at("2026-04-01")}
        assert item["invoice"] is None
    stage.until("2026-04-01T02:00")
    lines = stage.store.all("invoice")[0]["lines"]["data"]
    prorated = [line["parent"]["subscription_item_details"]["proration"] for line in lines]
    assert prorated == [False, True, True]
    assert sum(line["amount"] for line in lines) == 30000 + 5161


def test_no_proration_leaves_no_line(stage):
    sold = stage.subscribe("2026-03-01", stage.customer("2026-03-01"), stage.price("2026-03-01", "2000"), quantity=10)
    stage.set_quantity("2026-03-16", sold, 15, proration_behavior="none")
    assert stage.store.all("invoice_item") == []


def test_another_interval_is_billed_at_once(stage, at):
    product = stage.write("2026-01-01", "create_product", name="Plan")["id"]
    yearly = stage.price("2026-01-01", "120000", "year", product=product)
    monthly = stage.price("2026-01-01", "10000", product=product)
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), monthly)
    rows = [{"id": sold["items"]["data"][0]["id"], "price": yearly}]
    changed = stage.write("2026-01-11", "update_subscription", sold["id"], items=rows)
    assert changed["items"]["data"][0]["current_period_end"] == at("2027-01-11")
    invoice = stage.store.get("invoice", changed["latest_invoice"])
    assert [line["amount"] for line in invoice["lines"]["data"]] == [-6774, 120000]
    assert invoice["status"] == "paid"


def test_graduated_tiers_are_billed_one_line_each(stage):
    tiers = [{"up_to": "10", "unit_amount": "1000", "flat_amount": "500"}, {"up_to": "inf", "unit_amount_decimal": "799.5"}]
    price = stage.price("2026-01-01", None, billing_scheme="tiered", tiers_mode="graduated", tiers=tiers)
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price, quantity=13)
    lines = stage.store.all("invoice")[0]["lines"]["data"]
    assert [(line["quantity"], line["amount"]) for line in lines] == [(10, 10000), (0, 500), (3, 2399)]
    assert [line["pricing"]["unit_amount_decimal"] for line in lines] == ["1000", "500", "799.5"]


def test_packages_round_up(stage):
    packages = {"divide_by": "10", "round": "up"}
    price = stage.price("2026-01-01", "5000", transform_quantity=packages)
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price, quantity=25)
    assert stage.store.all("invoice")[0]["total"] == 15000
    assert stage.ledger("2026-01-01") == "2026-01-01 new 150.00"


def test_discounts_are_shown_on_lines_and_in_total(stage):
    coupon = stage.write("2026-01-01", "create_coupon", amount_off="1000", currency="usd", duration="forever")["id"]
    first, second = stage.price("2026-01-01", "6000"), stage.price("2026-01-01", "3000")
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), first, second, discounts=[{"coupon": coupon}])
    invoice = stage.store.all("invoice")[0]
    discount = invoice["discounts"][0]
    assert invoice["total_discount_amounts"] == [{"amount": 1000, "discount": discount}]
    amounts = [line["discount_amounts"] for line in invoice["lines"]["data"]]
    assert amounts == [[{"amount": 667, "discount": discount}], [{"amount": 333, "discount": discount}]]
    assert invoice["total"] == 8000


def test_a_once_discount_is_used_up_by_its_first_invoice(stage):
    coupon = stage.write("2026-01-01", "create_coupon", percent_off="50", duration="once")["id"]
    price = stage.price("2026-01-01", "10000")
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price, discounts=[{"coupon": coupon}])
    stage.until("2026-02-02")
    assert stage.store.get("subscription", sold["id"])["discounts"] == []
    assert [invoice["total"] for invoice in stage.store.all("invoice")] == [10000, 5000]
    assert stage.event_types("customer.discount") == ["customer.discount.created", "customer.discount.deleted"]


def test_a_repeating_discount_ends_by_itself_and_keeps_its_dates(stage, at):
    coupon = stage.write("2026-01-01", "create_coupon", percent_off="50", duration="repeating", duration_in_months="2")["id"]
    price = stage.price("2026-01-01", "10000")
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price, discounts=[{"coupon": coupon}])
    stage.until("2026-03-02")
    assert stage.store.get("subscription", sold["id"])["discounts"] == []
    ended = stage.store.all("invoice")[-1]["discounts"][0]
    assert stage.store.get("discount", ended) is None
    assert stage.store.deleted("discount", ended)["end"] == at("2026-03-01")
    assert stage.store.all("invoice")[0]["total"] == 10000


@pytest.mark.parametrize(("behavior", "total", "net"), [("exclusive", 11900, 10000), ("inclusive", 10000, 8403)])
def test_taxes_are_added_or_contained(stage, behavior, total, net):
    stage.until("2026-01-01")
    tax = {"rate": "txr_1", "percent": "19"}
    customer = stage.billing.customers.create({"name": "Taxed"}, at=stage.now, tax=tax)["id"]
    stage.subscribe("2026-01-01", customer, stage.price("2026-01-01", "10000", tax_behavior=behavior))
    invoice = stage.store.all("invoice")[0]
    assert (invoice["total"], invoice["total_excluding_tax"]) == (total, net)
    line = invoice["lines"]["data"][0]
    assert line["taxes"][0]["amount"] == invoice["total_taxes"][0]["amount"] == total - net
    worth = "84.033613" if behavior == "inclusive" else "100.00"
    assert stage.ledger("2026-01-01") == f"2026-01-01 new {worth}"


def test_a_schedule_changes_the_price_with_the_renewal(stage, at):
    first, second = stage.price("2026-01-01", "10000"), stage.price("2026-01-01", "15000")
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), first)
    schedule = stage.write("2026-01-10", "create_subscription_schedule", from_subscription=sold["id"])
    phases = [
        {"items": [{"price": first, "quantity": "1"}], "end_date": str(at("2026-02-01"))},
        {"items": [{"price": second, "quantity": "2"}], "proration_behavior": "none"},
    ]
    stage.write("2026-01-10", "update_subscription_schedule", schedule["id"], phases=phases)
    assert stage.ledger("2026-02-02") == "2026-01-01 new 100.00; 2026-02-01 expansion 200.00"
    assert stage.store.all("invoice")[0]["total"] == 30000
    stage.until("2026-03-02")
    assert stage.store.get("subscription_schedule", schedule["id"])["status"] == "released"
    assert stage.store.get("subscription", sold["id"])["status"] == "active"


def test_a_schedule_that_ends_in_cancellation_is_scheduled_churn(stage):
    price = stage.price("2026-01-01", "10000")
    phases = [{"items": [{"price": price, "quantity": "1"}], "iterations": "2"}]
    stage.write(
        "2026-01-01", "create_subscription_schedule",
        customer=stage.customer("2026-01-01"), start_date="now", end_behavior="cancel", phases=phases,
    )  # fmt: skip
    assert stage.ledger("2026-04-01") == "2026-01-01 new 100.00; 2026-03-01 churn 100.00"
    assert stage.truth.board("2026-01")["scheduled_churn"] == "100.000000"


def test_a_backdated_start_is_billed_for_its_past(stage, at):
    price = stage.price("2026-02-01", "2800")
    sold = stage.subscribe("2026-02-15", stage.customer("2026-02-15"), price, backdate_start_date=str(at("2026-02-08")))
    assert sold["start_date"] == at("2026-02-08")
    lines = stage.store.all("invoice")[0]["lines"]["data"]
    assert [(line["amount"], line["period"]["start"]) for line in lines] == [(700, at("2026-02-08")), (2800, at("2026-02-15"))]


def test_deleting_a_customer_ends_its_subscriptions(stage):
    customer = stage.customer("2026-01-01")
    sold = stage.subscribe("2026-01-01", customer, stage.price("2026-01-01", "10000"))
    answer = stage.write("2026-01-20", "delete_customer", customer)
    assert answer == {"id": customer, "object": "customer", "deleted": True}
    assert stage.store.get("subscription", sold["id"])["status"] == "canceled"
    assert stage.ledger("2026-02-01") == "2026-01-01 new 100.00; 2026-01-20 churn 100.00"
    assert stage.event_types("customer.deleted", "customer.subscription.deleted") == [
        "customer.subscription.deleted",
        "customer.deleted",
    ]


def test_customers_on_a_test_clock_are_no_business(stage):
    clock = stage.write("2026-01-01", "create_test_clock", name="Trial run")["id"]
    customer = stage.customer("2026-01-01", test_clock=clock)
    sold = stage.subscribe("2026-01-01", customer, stage.price("2026-01-01", "10000"))
    assert sold["test_clock"] == clock
    assert stage.ledger("2026-02-01") == ""
    assert customer not in stage.truth.streams()["customers"]["ids"]


@pytest.mark.parametrize(
    ("operation", "params", "param"),
    [
        ("create_subscription", {"customer": "cus_nobody", "items": [{"price": "price_x"}]}, "customer"),
        ("create_price", {"currency": "usd", "product": "prod_none"}, "product"),
        ("create_coupon", {"duration": "once"}, "percent_off"),
        ("create_refund", {"charge": "ch_none"}, "charge"),
        ("create_invoice_item", {"customer": "cus_nobody", "amount": "5"}, "customer"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(stage, operation, params, param):
    with pytest.raises(StripeError) as refused:
        stage.write("2026-01-01", operation, **params)
    body = refused.value.body("req_1")["error"]
    assert body["type"] == "invalid_request_error"
    assert body["param"] == param
