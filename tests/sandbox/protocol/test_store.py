"""The store: pages as a sorted list would give them, frozen events, deletions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.stripe.collection import Collection
from sandbox.stripe.events import EVENT_RETENTION, event_id, previous_attributes
from sandbox.stripe.store import Store

objects = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc")), max_size=30)


def filled(rows: list[tuple[int, str]]) -> tuple[Collection, list[dict[str, Any]]]:
    collection = Collection("created", {"colour": lambda body: body["colour"]})
    bodies = [{"id": f"x{number:02}", "created": at, "colour": colour} for number, (at, colour) in enumerate(rows)]
    for body in bodies:
        collection.put(body)
    return collection, sorted(bodies, key=lambda body: (body["created"], body["id"]))


@given(objects)
@settings(max_examples=60, deadline=None)
def test_lists_are_ordered_by_time_and_then_by_id(rows: list[tuple[int, str]]) -> None:
    collection, expected = filled(rows)
    assert list(collection.oldest_first()) == expected
    assert list(collection.newest_first()) == expected[::-1]


@given(objects, st.integers(0, 29))
@settings(max_examples=60, deadline=None)
def test_any_object_cuts_the_list_in_two(rows: list[tuple[int, str]], at: int) -> None:
    collection, expected = filled(rows)
    if at < len(expected):
        position = collection.position(expected[at]["id"])
        assert position is not None
        assert list(collection.newest_first(before=position)) == expected[:at][::-1]
        assert list(collection.oldest_first(after=position)) == expected[at + 1 :]


@given(objects, objects)
@settings(max_examples=60, deadline=None)
def test_an_index_follows_every_replacement(rows: list[tuple[int, str]], again: list[tuple[int, str]]) -> None:
    collection, _ = filled(rows)
    for number, (at, colour) in enumerate(again):
        collection.put({"id": f"x{number:02}", "created": at, "colour": colour})
    everything = list(collection.newest_first())
    for colour in "abc":
        found = list(collection.newest_first(within=("colour", [colour])))
        assert found == [body for body in everything if body["colour"] == colour]
    assert sorted(collection.index_values("colour")) == sorted({body["colour"] for body in everything})


def test_a_copy_can_be_changed_without_changing_the_object(servers: SimpleNamespace) -> None:
    store = servers.account.store
    store.get("subscription", "sub_0")["items"]["data"].clear()
    assert len(store.get("subscription", "sub_0")["items"]["data"]) == 12


def test_an_event_holds_the_object_as_it_was_and_what_changed() -> None:
    store = Store()
    body = {"id": "cus_1", "object": "customer", "created": 5, "name": "Ada", "address": {"city": "A", "line": "1"}}
    store.put("customer", body, at=5, event="customer.created")
    store.put("customer", {**body, "address": {"city": "B", "line": "1"}}, at=6, event="customer.updated")
    store.put("customer", {**body, "name": "Eve"}, at=7)
    updated, created = store.all("event")
    assert created["data"] == {"object": body}
    assert updated["data"]["object"]["address"]["city"] == "B"
    assert updated["data"]["previous_attributes"] == {"address": {"city": "A"}}


def test_previous_attributes_hold_lists_whole_and_new_fields_as_null() -> None:
    before, after = {"a": [1, 2], "b": 1}, {"a": [1], "b": 1, "c": 3}
    assert previous_attributes(before, after) == {"a": [1, 2], "c": None}


def test_event_ids_sort_in_the_order_of_their_events() -> None:
    numbers = [1, 9, 10, 35, 36, 37, 1295, 1296, 50_000]
    assert sorted(event_id(number) for number in numbers) == [event_id(number) for number in numbers]


def test_internal_and_includable_fields_are_never_frozen() -> None:
    store = Store()
    body = {"id": "price_1", "object": "price", "created": 5, "tiers": [], "_note": {"x": 1}, "metadata": {"_a": "1"}}
    assert store.frozen(body) == {"id": "price_1", "object": "price", "created": 5, "metadata": {"_a": "1"}}


def test_events_beyond_their_retention_are_forgotten_but_counted() -> None:
    store = Store()
    body = {"id": "cus_1", "object": "customer", "created": 5}
    store.put("customer", body, at=5, event="customer.created")
    store.put("customer", body, at=5 + 2 * EVENT_RETENTION, event="customer.updated")
    store.put("customer", body, at=6, event="customer.updated")
    assert [event["created"] for event in store.all("event")] == [5 + 2 * EVENT_RETENTION, 5]
    assert store.all("event")[0]["id"] == event_id(2)


def test_a_deleted_object_is_gone_but_its_last_body_is_known() -> None:
    store = Store()
    store.put("coupon", {"id": "OLD", "object": "coupon", "created": 5}, at=5)
    store.remove("coupon", "OLD", at=6, event="coupon.deleted")
    store.remove("coupon", "NEVER", at=6, event="coupon.deleted")
    assert (store.get("coupon", "OLD"), store.deleted_ids("coupon"), store.count("coupon")) == (None, ["OLD"], 0)
    assert store.deleted("coupon", "OLD") == {"id": "OLD", "object": "coupon", "created": 5}
    assert [event["type"] for event in store.all("event")] == ["coupon.deleted"]
    store.put("coupon", {"id": "OLD", "object": "coupon", "created": 9}, at=9)
    assert store.deleted_ids("coupon") == []
