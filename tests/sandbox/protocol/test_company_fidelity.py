"""The simulated company as Stripe's API shows it: every object of every kind is held against the schemas."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import stripe

from sandbox.stripe.resources import RESOURCES
from sandbox.stripe.store import KINDS

EXPANSIONS = {
    "subscription": ["data.discounts", "data.items.data.discounts", "data.latest_invoice"],
    "price": ["data.tiers", "data.currency_options", "data.product"],
    "coupon": ["data.applies_to"],
    "invoice": ["data.discounts", "data.payments", "data.parent.subscription_details.subscription"],
    "charge": ["data.refunds", "data.balance_transaction", "data.payment_intent"],
    "customer": ["data.subscriptions"],
    "invoice_payment": ["data.payment.payment_intent"],
    "balance_transaction": ["data.source"],
    "promotion_code": ["data.promotion.coupon"],
}
# a page of each kind is enough to see its shape; the kinds with many variants are read whole
WHOLE = {"price", "coupon", "subscription_schedule", "dispute", "refund", "credit_note", "meter"}


@pytest.fixture
def http(company: SimpleNamespace) -> Iterator[httpx.Client]:
    """A plain HTTP client with the restricted key."""
    secret = company.endpoints["keys"]["stripe_restricted"]
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=company.endpoints["stripe"], headers=headers, timeout=30) as plain:
        yield plain


@pytest.fixture(autouse=True)
def judged(company: SimpleNamespace) -> Iterator[None]:
    """Afterwards, every answer of the test is held against the schemas."""
    yield
    assert company.site.recorder.errors() == []


def pages(http: httpx.Client, path: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The pages of a list, to the end."""
    has_more = True
    while has_more:
        response = http.get(path, params=params)
        assert response.status_code == 200, response.text
        page = response.json()
        yield page
        has_more = page["has_more"]
        params = params | {"starting_after": page["data"][-1]["id"] if page["data"] else ""}


def rows(http: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """All rows of a list."""
    return [row for page in pages(http, path, {"limit": 100, **params}) for row in page["data"]]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.kind)
def test_every_kind_of_object_matches_the_published_shapes(resource: Any, http: httpx.Client) -> None:
    params: dict[str, Any] = {"limit": 100 if resource.kind in WHOLE else 30, "expand[]": EXPANSIONS.get(resource.kind, [])}
    if resource.kind == "subscription":
        params["status"] = "all"
    for number, _ in enumerate(pages(http, resource.path, params)):
        if number and resource.kind not in WHOLE:
            break


def test_the_company_has_objects_of_every_kind_that_is_read(http: httpx.Client) -> None:
    empty = [resource.kind for resource in RESOURCES if not http.get(resource.path, params={"limit": 1}).json()["data"]]
    assert set(empty) <= {"test_clock", "promotion_code", "subscription_schedule"}
    assert set(KINDS) >= {resource.kind for resource in RESOURCES}


def test_each_object_reads_the_same_alone_and_in_its_list(http: httpx.Client) -> None:
    for resource in RESOURCES:
        params = {"limit": 3} | ({"status": "all"} if resource.kind == "subscription" else {})
        for row in http.get(resource.path, params=params).json()["data"]:
            assert http.get(f"{resource.path}/{row['id']}").json() == row


def test_nested_lists_are_cut_and_whole_when_paged(http: httpx.Client, company: SimpleNamespace) -> None:
    store = company.site.company.store
    invoice = max(store.all("invoice"), key=lambda body: len(body["lines"]["data"]))
    subscription = max(store.all("subscription"), key=lambda body: len(body["items"]["data"]))
    lines, items = invoice["lines"]["data"], subscription["items"]["data"]
    assert (len(lines) >= 120, len(items) >= 30) == (True, True)
    shown = http.get(f"/v1/invoices/{invoice['id']}").json()["lines"]
    assert (len(shown["data"]), shown["has_more"]) == (10, True)
    assert [row["id"] for row in rows(http, f"/v1/invoices/{invoice['id']}/lines")] == [row["id"] for row in lines]
    paged = rows(http, "/v1/subscription_items", subscription=subscription["id"])
    assert [row["id"] for row in paged] == [row["id"] for row in items]


def test_the_lists_of_customers_credit_notes_and_meters_match_too(
    http: httpx.Client, company: SimpleNamespace, build: SimpleNamespace
) -> None:
    store = company.site.company.store
    paths = [f"/v1/credit_notes/{note['id']}/lines" for note in store.all("credit_note")]
    paths += [f"/v1/customers/{entry['customer']}/balance_transactions" for entry in store.all("customer_balance_transaction")]
    for usage in store.all("meter_event_summary")[:5]:
        window = f"start_time={build.start - 90 * build.day}&end_time={build.start}&value_grouping_window=day"
        paths.append(f"/v1/billing/meters/{usage['meter']}/event_summaries?customer={usage['_customer']}&{window}")
    assert {path.split("/")[2] for path in paths} == {"credit_notes", "customers", "billing"}
    for path in paths:
        page = http.get(path).json()
        assert page["data"], path


def test_usage_over_a_range_is_the_sum_of_its_days(http: httpx.Client, company: SimpleNamespace, build: SimpleNamespace) -> None:
    usage = company.site.company.store.all("meter_event_summary")[0]
    path = f"/v1/billing/meters/{usage['meter']}/event_summaries"
    asked = {"customer": usage["_customer"], "start_time": build.start - 90 * build.day, "end_time": build.start}
    days = rows(http, path, **asked, value_grouping_window="day")
    (whole,) = rows(http, path, **asked)
    assert len(days) > 1
    assert whole["aggregated_value"] == sum(day["aggregated_value"] for day in days)


def test_every_event_has_a_type_that_the_sdk_knows(company: SimpleNamespace) -> None:
    known = set(re.findall(r'^ +"([a-z_]+\.[a-z_.]+)",$', inspect.getsource(inspect.getmodule(stripe.Event)), re.M))
    held = set(company.site.company.store.collection("event").index_values("type"))
    assert len(known) > 200
    assert held
    assert held <= known


def test_balances_add_up_row_by_row(http: httpx.Client) -> None:
    for row in rows(http, "/v1/balance_transactions"):
        assert row["net"] == row["amount"] - row["fee"]


def test_a_scenario_of_writes_by_the_sdk(company: SimpleNamespace) -> None:
    secret, base = company.endpoints["keys"]["stripe"], company.endpoints["stripe"]
    client = stripe.StripeClient(secret, base_addresses={"api": base}, max_network_retries=0)
    product = client.v1.products.create({"name": "Telescope"})
    month = {"interval": "month"}
    small = client.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 900, "recurring": month})
    large = client.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 2900, "recurring": month})
    customer = client.v1.customers.create({"email": "galileo@example.com", "metadata": {"1": "first"}})
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
    made = client.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": small.id, "quantity": 2}], "expand": ["latest_invoice"]}
    )
    assert (made.status, made.latest_invoice.total) == ("active", 1800)
    item = made.items.data[0]
    client.v1.subscriptions.update(made.id, {"items": [{"id": item.id, "price": large.id}]})
    assert client.v1.subscriptions.retrieve(made.id).items.data[0].price.id == large.id
    client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    ended = client.v1.subscriptions.cancel(made.id)
    assert (ended.status, ended.ended_at is not None) == ("canceled", True)
    with pytest.raises(stripe.InvalidRequestError, match="No such price"):
        client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": "price_none"}]})
    client.v1.customers.delete(customer.id)
    assert client.v1.customers.retrieve(customer.id).deleted
    events = client.v1.events.list({"limit": 100}).data
    about = {event.type for event in events if event.to_dict()["data"]["object"].get("customer") == customer.id}
    assert {
        "customer.subscription.created",
        "invoice.paid",
        "customer.subscription.updated",
        "customer.subscription.deleted",
    } <= about
