"""Golden scenarios 11 to 20: currencies, tiers, scheduled ends, free customers, calendars, late facts."""

from __future__ import annotations

from datetime import date

import pytest

TIERS = [{"up_to": "10", "unit_amount": "1000"}, {"up_to": "inf", "unit_amount": "800"}]


def dollars_per_euro(*steps):
    """Published days: USD per EUR from each date on."""
    return [(date.fromisoformat(day), {"USD": rate}) for day, rate in steps]


def test_11_a_rate_moves_and_the_plan_does_not(make_stage):
    stage = make_stage(rates=dollars_per_euro(("2025-12-31", "1.10"), ("2026-02-15", "1.155")))
    price = stage.price("2026-01-01", "10000", currency="eur")
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price)
    stage.write("2026-04-10T10:00", "cancel_subscription", sold["id"])
    assert stage.ledger("2026-05-31") == "2026-01-01 new 110.00; 2026-02-15 fx 5.50; 2026-04-10 churn 115.50"
    assert stage.months("2026-01", "2026-02", "2026-03", "2026-04", "2026-05") == [
        "2026-01 0.00 [new 110.00] 110.00",
        "2026-02 110.00 [fx 5.50] 115.50",
        "2026-03 115.50 [] 115.50",
        "2026-04 115.50 [churn 115.50] 0.00",
        "2026-05 0.00 [] 0.00",
    ]


def test_11_an_end_on_the_day_the_rate_moves_is_fx_first(make_stage):
    stage = make_stage(rates=dollars_per_euro(("2025-12-31", "1.10"), ("2026-02-15", "1.155")))
    price = stage.price("2026-01-01", "10000", currency="eur")
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price)
    stage.write("2026-02-15T10:00", "cancel_subscription", sold["id"])
    assert stage.ledger("2026-03-31") == "2026-01-01 new 110.00; 2026-02-15 churn 115.50; 2026-02-15 fx 5.50"


def test_12a_metered_usage_is_beside_mrr(stage):
    meter = stage.write("2026-01-01", "create_meter", display_name="Calls", event_name="calls")["id"]
    base = stage.price("2026-01-01", "5000")
    metered = stage.price("2026-01-01", "10", recurring={"usage_type": "metered", "meter": meter})
    customer = stage.customer("2026-01-01")
    items = [{"price": base, "quantity": "1"}, {"price": metered}]
    stage.write("2026-01-01", "create_subscription", customer=customer, items=items)
    for day, value in (("2026-01-20", "1000"), ("2026-02-20", "1500"), ("2026-03-20", "800")):
        payload = {"stripe_customer_id": customer, "value": value}
        stage.write(day, "create_meter_event", event_name="calls", payload=payload)
    assert stage.ledger("2026-04-30") == "2026-01-01 new 50.00"
    usage = [stage.truth.usage_mrr(month)[0]["reporting"] for month in ("2026-01", "2026-02", "2026-03")]
    assert usage == ["100.000000", "150.000000", "80.000000"]
    billed = sorted(invoice["total"] for invoice in stage.store.all("invoice"))
    assert billed == [5000, 13000, 15000, 20000]


@pytest.mark.parametrize(
    ("mode", "movement", "after"),
    [("volume", "contraction 12.00", "88.00"), ("graduated", "expansion 8.00", "108.00")],
)
def test_12bc_the_eleventh_seat_of_tiered_prices(stage, mode, movement, after):
    price = stage.price("2026-01-01", None, billing_scheme="tiered", tiers_mode=mode, tiers=TIERS)
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price, quantity=10)
    stage.set_quantity("2026-02-10", sold, 11)
    assert stage.ledger("2026-03-31") == f"2026-01-01 new 100.00; 2026-02-10 {movement}"
    assert stage.months("2026-02", "2026-03") == [
        f"2026-02 100.00 [{movement}] {after}",
        f"2026-03 {after} [] {after}",
    ]


@pytest.mark.parametrize(("mode", "worth"), [("volume", "200.00"), ("graduated", "220.00")])
def test_12_twenty_five_seats_of_tiered_prices(stage, mode, worth):
    price = stage.price("2026-01-01", None, billing_scheme="tiered", tiers_mode=mode, tiers=TIERS)
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price, quantity=25)
    assert stage.ledger("2026-01-31") == f"2026-01-01 new {worth}"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_13_mixed_intervals_end_at_the_earliest_period_end(make_stage, at, zone):
    stage = make_stage(timezone=zone)
    monthly, yearly = stage.price("2026-01-01", "5000"), stage.price("2026-01-01", "60000", "year")
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), monthly, yearly)
    planned = stage.write("2026-03-10T12:00", "update_subscription", sold["id"], cancel_at="min_period_end")
    assert planned["cancel_at"] == at("2026-04-01")
    assert planned["cancel_at_period_end"] is False
    if zone == "UTC":
        assert stage.ledger("2026-04-30") == "2026-01-01 new 100.00; 2026-04-01 churn 100.00"
        assert stage.months("2026-02", "2026-03", "2026-04")[1:] == [
            "2026-03 100.00 [] 100.00",
            "2026-04 100.00 [churn 100.00] 0.00",
        ]
        scheduled = [stage.truth.board(month)["scheduled_churn"] for month in ("2026-02", "2026-03", "2026-04")]
        assert scheduled == ["0.000000", "100.000000", "0.000000"]
    else:
        assert stage.ledger("2026-04-30") == "2025-12-31 new 100.00; 2026-03-31 churn 100.00"
        assert stage.months("2025-12", "2026-03", "2026-04") == [
            "2025-12 0.00 [new 100.00] 100.00",
            "2026-03 100.00 [churn 100.00] 0.00",
            "2026-04 0.00 [] 0.00",
        ]
        assert stage.truth.board("2026-03")["scheduled_churn"] == "0.000000"
    assert stage.store.get("subscription", sold["id"])["ended_at"] == at("2026-04-01")


def test_14_currency_migration_is_one_expansion(make_stage):
    stage = make_stage(rates=dollars_per_euro(("2025-12-31", "1.10"), ("2026-03-01", "1.12")))
    customer = stage.customer("2026-01-01")
    old = stage.subscribe("2026-01-01", customer, stage.price("2026-01-01", "10000", currency="eur"))
    stage.write("2026-03-15T10:00", "cancel_subscription", old["id"])
    stage.subscribe("2026-03-15T10:05", customer, stage.price("2026-03-15T10:05", "11500"))
    assert stage.ledger("2026-04-30") == "2026-01-01 new 110.00; 2026-03-01 fx 2.00; 2026-03-15 expansion 3.00"
    assert stage.months("2026-02", "2026-03", "2026-04") == [
        "2026-02 110.00 [] 110.00",
        "2026-03 110.00 [expansion 3.00 fx 2.00] 115.00",
        "2026-04 115.00 [] 115.00",
    ]


def test_15a_a_free_customer_is_new_when_it_first_pays(stage):
    free = stage.write("2026-01-01", "create_coupon", percent_off="100", duration="forever")["id"]
    price = stage.price("2026-01-01", "10000")
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price, discounts=[{"coupon": free}])
    stage.write("2026-03-01", "update_subscription", sold["id"], discounts="")
    assert stage.ledger("2026-04-30") == "2026-03-01 new 100.00"
    assert stage.months("2026-02", "2026-03") == ["2026-02 0.00 [] 0.00", "2026-03 0.00 [new 100.00] 100.00"]


def test_15b_a_paying_customer_made_free_churns(stage):
    free = stage.write("2026-01-01", "create_coupon", percent_off="100", duration="forever")["id"]
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), stage.price("2026-01-01", "10000"))
    stage.write("2026-03-01", "update_subscription", sold["id"], discounts=[{"coupon": free}])
    stage.write("2026-05-01", "delete_subscription_discount", sold["id"])
    ledger = "2026-01-01 new 100.00; 2026-03-01 churn 100.00; 2026-05-01 reactivation 100.00"
    assert stage.ledger("2026-05-31") == ledger
    assert stage.months("2026-03", "2026-04", "2026-05") == [
        "2026-03 100.00 [churn 100.00] 0.00",
        "2026-04 0.00 [] 0.00",
        "2026-05 0.00 [reactivation 100.00] 100.00",
    ]


@pytest.mark.parametrize(
    ("up", "down", "ledger"),
    [
        ("2026-02-10T10:00", "2026-02-10T10:40", "2026-01-01 new 100.00"),
        ("2026-02-10T10:00", "2026-02-10T15:00", "2026-01-01 new 100.00"),
        (
            "2026-02-10T23:50",
            "2026-02-11T00:20",
            "2026-01-01 new 100.00; 2026-02-10 expansion 50.00; 2026-02-11 contraction 50.00",
        ),
    ],
    ids=["within the hour", "within the day", "over midnight"],
)
def test_16_up_and_down_again(stage, up, down, ledger):
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), stage.price("2026-01-01", "5000"), quantity=2)
    stage.set_quantity(up, sold, 3)
    stage.set_quantity(down, sold, 2)
    assert stage.ledger("2026-03-31") == ledger


def test_17a_a_credit_note_does_not_touch_mrr(stage):
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), stage.price("2026-01-01", "10000"))
    january = stage.store.all("invoice")[-1]["id"]
    stage.write("2026-03-05", "create_credit_note", invoice=january, amount="4000")
    assert stage.ledger("2026-03-31") == "2026-01-01 new 100.00"


def test_17b_a_backdated_start_restates_the_past(stage, at):
    customer, price = stage.customer("2026-01-01"), stage.price("2026-01-01", "10000")
    assert stage.ledger("2026-03-05") == ""
    stage.subscribe("2026-03-05", customer, price, backdate_start_date=str(at("2026-02-20T10:00")))
    assert stage.ledger("2026-03-31") == "2026-02-20 new 100.00"
    assert stage.month("2026-02") == "0.00 [new 100.00] 100.00"


def test_18_unmerged_customers_stand_for_themselves(stage):
    first, second = stage.customer("2026-01-01"), stage.customer("2026-01-01")
    sold = stage.subscribe("2026-01-01", first, stage.price("2026-01-01", "10000"))
    stage.subscribe("2026-02-01", second, stage.price("2026-02-01", "6000"))
    stage.write("2026-04-10T10:00", "cancel_subscription", sold["id"])
    assert stage.ledger("2026-04-30") == "2026-01-01 new 100.00; 2026-02-01 new 60.00; 2026-04-10 churn 100.00"
    assert stage.months("2026-02", "2026-03", "2026-04") == [
        "2026-02 100.00 [new 60.00] 160.00",
        "2026-03 160.00 [] 160.00",
        "2026-04 160.00 [churn 100.00] 60.00",
    ]


@pytest.mark.parametrize(("zone", "ledger"), [("UTC", "2026-02-01 new 100.00"), ("America/Los_Angeles", "2026-01-31 new 100.00")])
def test_19a_the_last_evening_of_the_month(make_stage, zone, ledger):
    stage = make_stage(timezone=zone)
    price = stage.price("2026-01-01", "10000")
    stage.subscribe("2026-02-01T07:00", stage.customer("2026-02-01T07:00"), price)
    assert stage.ledger("2026-03-31") == ledger


def test_19b_a_leap_day_start(stage):
    price = stage.price("2024-02-29", "120000", "year")
    sold = stage.subscribe("2024-02-29", stage.customer("2024-02-29"), price)
    stage.write("2025-02-28T12:00", "cancel_subscription", sold["id"])
    assert stage.ledger("2025-03-31") == "2024-02-29 new 100.00; 2025-02-28 churn 100.00"
    assert stage.months("2025-01", "2025-02") == [
        "2025-01 100.00 [] 100.00",
        "2025-02 100.00 [churn 100.00] 0.00",
    ]


@pytest.mark.parametrize(
    ("amount", "interval", "count", "worth"),
    [
        ("30000", "month", 3, "100.00"),
        ("10000", "year", 1, "8.333333"),
        ("240000", "year", 2, "100.00"),
        ("1200", "week", 1, "52.00"),
        ("2400", "week", 2, "52.00"),
        ("10000", "week", 4, "108.333333"),
        ("100", "day", 1, "30.416667"),
        ("3000", "day", 30, "30.416667"),
        ("0.5", "month", 1, "0.005"),
    ],
)
def test_19c_every_interval_has_a_fixed_factor(stage, amount, interval, count, worth):
    price = stage.price("2026-01-01", amount, interval, recurring={"interval_count": str(count)})
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price)
    assert stage.ledger("2026-01-01") == f"2026-01-01 new {worth}"


def test_20a_quantity_zero_is_no_customer(stage):
    sold = stage.subscribe("2026-01-01", stage.customer("2026-01-01"), stage.price("2026-01-01", "2000"), quantity=0)
    stage.set_quantity("2026-02-10", sold, 3)
    assert stage.ledger("2026-03-31") == "2026-02-10 new 60.00"
    assert stage.months("2026-01", "2026-02", "2026-03") == [
        "2026-01 0.00 [] 0.00",
        "2026-02 0.00 [new 60.00] 60.00",
        "2026-03 60.00 [] 60.00",
    ]


@pytest.mark.parametrize(
    ("currency", "amount", "per_euro", "worth"),
    [("jpy", "12000", "153.8461538461538461538461538", "78.00"), ("kwd", "10500", "0.3067484662576687", "34.23")],
)
def test_20bc_currencies_of_no_and_three_decimals(make_stage, currency, amount, per_euro, worth):
    stage = make_stage(rates=[(date(2025, 12, 31), {"USD": "1", currency.upper(): per_euro})])
    price = stage.price("2026-01-01", amount, currency=currency)
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price)
    assert stage.ledger("2026-02-28") == f"2026-01-01 new {worth}"
    assert stage.month("2026-02") == f"{worth} [] {worth}"


@pytest.mark.parametrize(
    ("coupons", "worth"),
    [
        ([{"percent_off": "10"}, {"percent_off": "20"}], "72.00"),
        ([{"amount_off": "2000", "currency": "usd"}], "80.00"),
        ([{"amount_off": "20000", "currency": "usd"}], ""),
        ([{"amount_off": "2000", "currency": "eur"}], "100.00"),
    ],
)
def test_discounts_are_taken_off_in_turn(stage, coupons, worth):
    rows = [{"coupon": stage.write("2026-01-01", "create_coupon", duration="forever", **c)["id"]} for c in coupons]
    prices = stage.price("2026-01-01", "6000"), stage.price("2026-01-01", "4000")
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), *prices, discounts=rows)
    assert stage.ledger("2026-01-31") == (f"2026-01-01 new {worth}" if worth else "")


def test_an_amount_off_an_annual_invoice_is_spread_over_its_months(stage):
    coupon = stage.write("2026-01-01", "create_coupon", duration="forever", amount_off="24000", currency="usd")["id"]
    price = stage.price("2026-01-01", "120000", "year")
    stage.subscribe("2026-01-01", stage.customer("2026-01-01"), price, discounts=[{"coupon": coupon}])
    assert stage.ledger("2026-01-31") == "2026-01-01 new 80.00"


def test_a_deleted_coupon_goes_on_discounting(stage):
    coupon = stage.write("2026-01-01", "create_coupon", duration="forever", percent_off="25")["id"]
    sold = stage.subscribe(
        "2026-01-01", stage.customer("2026-01-01"), stage.price("2026-01-01", "10000"), discounts=[{"coupon": coupon}]
    )
    stage.write("2026-01-20", "delete_coupon", coupon)
    assert stage.ledger("2026-03-31") == "2026-01-01 new 75.00"
    assert stage.store.get("invoice", stage.store.get("subscription", sold["id"])["latest_invoice"])["total"] == 7500
