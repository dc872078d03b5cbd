"""Reading the sandbox's Stripe API with the real SDK."""

from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest
import stripe

NEWEST_FIRST = [f"cus_{number:02}" for number in range(24, -1, -1)]


def test_auto_paging_brings_every_customer_newest_first(client: stripe.StripeClient) -> None:
    page = client.v1.customers.list({"limit": 3})
    assert [customer.id for customer in page.auto_paging_iter()] == NEWEST_FIRST


def test_pages_are_cut_anywhere_among_objects_of_one_second(client: stripe.StripeClient) -> None:
    for limit in (1, 2, 7, 25, 100):
        found = [customer.id for customer in client.v1.customers.list({"limit": limit}).auto_paging_iter()]
        assert found == NEWEST_FIRST


def test_a_page_holds_ten_rows_unless_asked_otherwise(client: stripe.StripeClient) -> None:
    page = client.v1.customers.list()
    assert (len(page.data), page.has_more, page.url) == (10, True, "/v1/customers")


def test_ending_before_walks_back_towards_the_newest(client: stripe.StripeClient) -> None:
    page = client.v1.customers.list({"limit": 3, "ending_before": "cus_20"})
    assert [customer.id for customer in page.data] == ["cus_23", "cus_22", "cus_21"]
    assert page.has_more


def test_the_last_page_says_that_there_is_no_more(client: stripe.StripeClient) -> None:
    page = client.v1.customers.list({"limit": 2, "starting_after": "cus_02"})
    assert ([customer.id for customer in page.data], page.has_more) == (["cus_01", "cus_00"], False)


def test_created_bounds_are_inclusive_and_exclusive_as_named(client: stripe.StripeClient, build: SimpleNamespace) -> None:
    second = build.start - 40 * build.day + 5

    def ids(**bounds: int) -> list[str]:
        return [row.id for row in client.v1.customers.list({"created": bounds, "limit": 100}).data]

    assert ids(gte=second, lte=second) == ["cus_11", "cus_10"]
    assert ids(gt=second, lt=second + 2) == ["cus_13", "cus_12"]
    assert ids(gte=second, lt=second) == []


def test_created_as_a_plain_number_asks_for_that_second(http: httpx.Client, build: SimpleNamespace) -> None:
    second = build.start - 40 * build.day
    rows = http.get("/v1/customers", params={"created": second}).json()["data"]
    assert [row["id"] for row in rows] == ["cus_01", "cus_00"]


def test_customers_are_found_by_email(client: stripe.StripeClient) -> None:
    assert [row.id for row in client.v1.customers.list({"email": "c7@example.com"}).data] == ["cus_07"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, ["sub_4", "sub_3", "sub_1", "sub_0"]),
        ("all", ["sub_4", "sub_3", "sub_2", "sub_1", "sub_0"]),
        ("ended", ["sub_4", "sub_2"]),
        ("canceled", ["sub_2"]),
        ("past_due", ["sub_1"]),
    ],
)
def test_subscriptions_are_selected_by_status(client: stripe.StripeClient, status: str | None, expected: list[str]) -> None:
    params = {"status": status} if status else {}
    assert [row.id for row in client.v1.subscriptions.list(params).data] == expected


def test_subscriptions_on_a_test_clock_appear_only_when_asked_for(client: stripe.StripeClient) -> None:
    by_customer = client.v1.subscriptions.list({"customer": "cus_05"})
    by_clock = client.v1.subscriptions.list({"test_clock": "clock_1"})
    everything = client.v1.subscriptions.list({"status": "all", "limit": 100})
    assert [row.id for row in by_customer.data] == ["sub_clock"]
    assert [row.id for row in by_clock.data] == ["sub_clock"]
    assert "sub_clock" not in [row.id for row in everything.data]


def test_period_filters_compare_the_items(client: stripe.StripeClient, build: SimpleNamespace) -> None:
    end = build.start - 10 * build.day
    assert client.v1.subscriptions.list({"current_period_end": {"gte": end, "lte": end}}).data
    assert not client.v1.subscriptions.list({"current_period_end": {"gt": end}}).data
    assert not client.v1.subscriptions.list({"current_period_start": {"gt": end}}).data


def test_long_nested_lists_show_ten_rows_and_say_that_there_are_more(client: stripe.StripeClient) -> None:
    subscription = client.v1.subscriptions.retrieve("sub_0")
    invoice = client.v1.invoices.retrieve("in_0")
    assert (len(subscription.items.data), subscription.items.has_more) == (10, True)
    assert (len(invoice.lines.data), invoice.lines.has_more) == (10, True)


def test_nested_lists_are_paged_to_their_end(client: stripe.StripeClient) -> None:
    items = client.v1.subscription_items.list({"subscription": "sub_0", "limit": 5})
    lines = client.v1.invoices.line_items.list("in_0", {"limit": 4})
    refunds = client.v1.refunds.list({"charge": "ch_0", "limit": 5})
    assert len({item.id for item in items.auto_paging_iter()}) == 12
    assert len({line.id for line in lines.auto_paging_iter()}) == 13
    assert len({refund.id for refund in refunds.auto_paging_iter()}) == 12


def test_refunds_of_a_charge_appear_inside_it_on_demand_and_as_its_own_list(
    client: stripe.StripeClient, http: httpx.Client
) -> None:
    plain = client.v1.charges.retrieve("ch_0")
    expanded = client.v1.charges.retrieve("ch_0", {"expand": ["refunds"]})
    assert "refunds" not in plain
    assert expanded.refunds is not None
    assert (len(expanded.refunds.data), expanded.refunds.has_more) == (10, True)
    listed = http.get("/v1/charges/ch_0/refunds", params={"limit": 100}).json()
    assert (len(listed["data"]), listed["has_more"]) == (12, False)


def test_a_single_subscription_item_is_read_by_its_id(client: stripe.StripeClient) -> None:
    assert client.v1.subscription_items.retrieve("si_0_011").subscription == "sub_0"


def test_the_account_is_there(client: stripe.StripeClient) -> None:
    assert client.v1.accounts.retrieve_current().id.startswith("acct_")


def test_a_deleted_customer_stays_readable_as_deleted(
    client: stripe.StripeClient, servers: SimpleNamespace, build: SimpleNamespace
) -> None:
    store, now = servers.account.store, servers.account.now()
    store.put("customer", build.made("CUSTOMER", id="cus_gone", created=now), at=now)
    store.remove("customer", "cus_gone", at=now, event="customer.deleted")
    gone = client.v1.customers.retrieve("cus_gone")
    assert gone.to_dict() == {"id": "cus_gone", "object": "customer", "deleted": True}
    newest = client.v1.events.list({"type": "customer.deleted"}).data[0]
    assert newest.data.object["id"] == "cus_gone"


def test_a_deleted_coupon_is_missing_and_still_expands_in_its_discounts(
    client: stripe.StripeClient, servers: SimpleNamespace, build: SimpleNamespace
) -> None:
    store, now = servers.account.store, servers.account.now()
    store.put("coupon", build.made("COUPON", id="OLD", created=now, percent_off=10.0, duration="forever"), at=now)
    discount = build.made("DISCOUNT", id="di_old", start=now, source={"type": "coupon", "coupon": "OLD"})
    store.put("discount", discount, at=now)
    subscription = build.subscription("sub_old", "cus_09", discounts=["di_old"])
    store.put("subscription", subscription, at=now)
    store.remove("coupon", "OLD", at=now, event="coupon.deleted")
    with pytest.raises(stripe.InvalidRequestError, match="No such coupon: 'OLD'"):
        client.v1.coupons.retrieve("OLD")
    found = client.v1.subscriptions.retrieve("sub_old", {"expand": ["discounts.source.coupon"]}).to_dict()
    assert found["discounts"][0]["source"]["coupon"]["percent_off"] == 10.0
    store.remove("subscription", "sub_old", at=now)
