"""Expansion of ids into objects, and fields that appear on demand only."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import stripe

from sandbox.stripe.expand import EXPANDABLE


def test_ids_become_objects_where_asked_and_only_there(client: stripe.StripeClient) -> None:
    plain = client.v1.subscriptions.list({"customer": "cus_00"}).data[0].to_dict()
    expanded = (
        client.v1.subscriptions.list({"customer": "cus_00", "expand": ["data.customer", "data.discounts.source.coupon"]})
        .data[0]
        .to_dict()
    )
    assert (plain["customer"], plain["discounts"]) == ("cus_00", ["di_1"])
    assert expanded["customer"]["email"] == "c0@example.com"
    assert expanded["discounts"][0]["source"]["coupon"]["percent_off"] == 20.0


def test_includable_fields_are_absent_until_asked_for(client: stripe.StripeClient) -> None:
    plain = client.v1.prices.retrieve("price_tiered").to_dict()
    expanded = client.v1.prices.retrieve("price_tiered", {"expand": ["tiers", "currency_options"]})
    assert {"tiers", "currency_options"} & plain.keys() == set()
    assert expanded.tiers is not None
    assert expanded.tiers[0].unit_amount == 100
    assert expanded.currency_options is not None
    assert "usd" in expanded.currency_options


def test_a_coupon_shows_the_products_it_applies_to_on_demand(client: stripe.StripeClient) -> None:
    assert "applies_to" not in client.v1.coupons.retrieve("WELCOME")
    shown = client.v1.coupons.list({"expand": ["data.applies_to"]}).data[0]
    assert shown.applies_to is not None
    assert shown.applies_to.products == ["prod_plan"]


def test_the_price_inside_an_item_is_the_price_as_it_is_now(client: stripe.StripeClient, servers: SimpleNamespace) -> None:
    store = servers.account.store
    before = store.get("price", "price_monthly")
    store.put("price", {**before, "nickname": "renamed"}, at=servers.account.now())
    assert client.v1.subscriptions.retrieve("sub_1").items.data[0].price.nickname == "renamed"
    store.put("price", before, at=servers.account.now())


def test_prices_inside_items_are_expanded_too(client: stripe.StripeClient) -> None:
    found = client.v1.subscriptions.retrieve("sub_1", {"expand": ["items.data.price.product"]})
    assert found.items.data[0].price.product.name == "Plan"


def test_four_levels_are_the_most_and_data_counts_as_one(client: stripe.StripeClient) -> None:
    client.v1.subscriptions.list({"expand": ["data.items.data.discounts"]})
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        client.v1.subscriptions.list({"expand": ["data.items.data.price.product"]})


def test_a_list_suggests_the_data_prefix(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"'data\.customer' instead"):
        client.v1.subscriptions.list({"expand": ["customer"]})


def test_expanding_a_deleted_customer_shows_it_as_deleted(
    client: stripe.StripeClient, servers: SimpleNamespace, build: SimpleNamespace
) -> None:
    store, now = servers.account.store, servers.account.now()
    store.put("customer", build.made("CUSTOMER", id="cus_left", created=now), at=now)
    store.put("subscription", build.subscription("sub_left", "cus_left", status="canceled"), at=now)
    store.remove("customer", "cus_left", at=now)
    found = client.v1.subscriptions.list({"status": "canceled", "limit": 1, "expand": ["data.customer"]}).data[0]
    assert found.customer.to_dict() == {"id": "cus_left", "object": "customer", "deleted": True}
    store.remove("subscription", "sub_left", at=now)


def test_every_expandable_path_leads_to_a_known_kind() -> None:
    def kinds(nodes: dict[str, object]) -> set[str]:
        found: set[str] = set()
        for node in nodes.values():
            found |= set(node.kinds) | kinds(node.children)
        return found

    for nodes in EXPANDABLE.values():
        assert kinds(nodes) <= set(EXPANDABLE)
