"""The world is one and the same for the same origin, however its time passes, and survives a restart."""

from __future__ import annotations

import json

import pytest

from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import KINDS
from sandbox.world import World

DAY = 86_400
START = 1_795_360_000
SIZE = {"customers": 40, "months": 6, "start": START}


class Wall:
    """A wall clock that tests set."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds


def everything(world):
    """Every object of every kind, as text."""
    return json.dumps({kind: world.store.all(kind) for kind in KINDS})


def make(folder=None, wall=None, seed=5, **more):
    return World.create(folder, seed=seed, wall=wall or Wall(), **{**SIZE, **more})


def test_the_same_origin_and_advances_give_the_same_objects_to_the_byte():
    one, two = make(), make()
    one.advance(9 * DAY)
    two.advance(9 * DAY)
    assert everything(one) == everything(two)


def test_another_seed_gives_another_company():
    assert everything(make(seed=5)) != everything(make(seed=6))


def test_time_may_pass_in_steps_of_any_size():
    wall = Wall()
    jumped, walked = make(), make(wall=wall)
    jumped.advance(5 * DAY)
    for _ in range(5 * 24):
        wall.seconds += 3600
        walked.catch_up()
    assert walked.now() == jumped.now()
    assert everything(walked) == everything(jumped)


def test_the_clock_starts_at_the_start_and_runs_with_the_wall():
    wall = Wall()
    world = make(wall=wall)
    assert world.now() == START
    wall.seconds += 90
    assert world.now() == START + 90
    assert world.advance(3600) == START + 3690
    with pytest.raises(ValueError, match="cannot go back"):
        world.advance(-1)


def test_a_restart_gives_the_same_world(tmp_path):
    wall = Wall()
    world = make(tmp_path, wall)
    world.advance(2 * DAY)
    made = world.write("create_customer", {"params": {"name": "Ada Zażółć", "email": "ada@example.com"}})
    with pytest.raises(StripeError):
        world.write("update_customer", {"id": "cus_nobody", "params": {}})
    wall.seconds += 600
    world.write("create_customer_balance_transaction", {"id": made["id"], "params": {"amount": "-500", "currency": "usd"}})
    world.advance(3 * DAY)
    again = World.load(tmp_path, wall)
    assert again.now() == world.now()
    assert everything(again) == everything(world)
    assert again.truth.streams() == world.truth.streams()
    again.advance(DAY)
    world.advance(DAY)
    assert everything(again) == everything(world)


def test_time_passes_while_the_sandbox_is_down(tmp_path):
    wall = Wall()
    make(tmp_path, wall)
    wall.seconds += 4 * DAY
    assert World.load(tmp_path, wall).now() == START + 4 * DAY


def test_a_torn_last_line_of_the_journal_is_dropped(tmp_path):
    wall = Wall()
    world = make(tmp_path, wall)
    world.write("create_product", {"params": {"name": "Kept"}})
    with (tmp_path / "journal.ndjson").open("ab") as file:
        file.write(b'{"write": "create_product", "arguments": {"params": {"na')
    again = World.load(tmp_path, wall)
    assert everything(again) == everything(world)
    again.write("create_product", {"params": {"name": "Written after"}})
    names = [product["name"] for product in World.load(tmp_path, wall).store.all("product")]
    assert "Kept" in names
    assert "Written after" in names


def test_a_folder_without_a_journal_holds_no_world(tmp_path):
    assert not World.exists(tmp_path)
    (tmp_path / "journal.ndjson").write_bytes(b'{"origin": {"se')
    assert not World.exists(tmp_path)
    make(tmp_path)
    assert World.exists(tmp_path)


def test_writes_of_a_person_are_true_as_well():
    world = make()
    customer = world.write("create_customer", {"params": {"name": "Walk-in"}})["id"]
    price = next(p for p in world.store.all("price") if p["nickname"] == "Starter month USD")["id"]
    before = world.truth.mrr_total()
    params = {"customer": customer, "items": [{"price": price, "quantity": "3"}]}
    world.write("create_subscription", {"params": params})
    rows = world.truth.mrr_daily(customer=customer)
    assert [row["reporting"] for row in rows] == ["87.000000"]
    assert float(world.truth.mrr_total()) == pytest.approx(float(before) + 87)
    world.write("delete_customer", {"id": customer, "params": {}})
    assert world.truth.mrr_daily(customer=customer) == []
    assert world.truth.mrr_total() == before
    assert customer in world.truth.streams()["customers"]["deleted"]
