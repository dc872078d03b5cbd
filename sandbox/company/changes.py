"""How customers change what they have: seats, plans, intervals, add-ons, coupons, trials, schedules."""

from __future__ import annotations

from typing import Any

from sandbox.company.catalogue import PLANS
from sandbox.company.subscriber import DAY, Desk, Subscriber

_LADDER = ("starter", "team", "business", "scale")
_CHANGEABLE = ("active", "past_due")


def changeable(desk: Desk, subscriber: Subscriber) -> dict[str, Any] | None:
    """The main subscription, if its items may change now."""
    body = desk.running(subscriber)
    if body is None or subscriber.plain or body["status"] not in _CHANGEABLE or body["schedule"]:
        return None
    return body


def update_first(desk: Desk, body: dict[str, Any], at: int, row: dict[str, str], **params: Any) -> None:
    """Change the first item of a subscription."""
    rows = [{"id": body["items"]["data"][0]["id"], **row}]
    desk.billing.subscriptions.update(body["id"], {"items": rows, **params}, at=at)


def _step(subscriber: Subscriber, quantity: int, up: bool) -> int:
    share = subscriber.random.uniform(0.05, 0.4)
    change = max(1, round(quantity * share))
    return quantity + change if up else max(1, quantity - change)


def _change_seats(desk: Desk, subscriber: Subscriber, at: int, up: bool) -> None:
    body = changeable(desk, subscriber)
    if body is None or PLANS[subscriber.plan].seats == (1, 1):
        return
    quantity = body["items"]["data"][0]["quantity"]
    wanted = _step(subscriber, quantity, up)
    behavior = "always_invoice" if subscriber.chance(20) else "create_prorations"
    if wanted != quantity:
        update_first(desk, body, at, {"quantity": str(wanted)}, proration_behavior=behavior)
        if up:
            desk.told.customer_grew(subscriber.id, subscriber.plan, wanted, at)


def more_seats(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The team grows."""
    _change_seats(desk, subscriber, at, True)


def fewer_seats(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The team shrinks."""
    _change_seats(desk, subscriber, at, False)


def _move(desk: Desk, subscriber: Subscriber, at: int, step: int) -> None:
    body = changeable(desk, subscriber)
    if body is None or subscriber.plan not in _LADDER:
        return
    place = _LADDER.index(subscriber.plan) + step
    if not 0 <= place < len(_LADDER):
        return
    price = desk.price(subscriber, plan=_LADDER[place])
    if price is None:
        return
    subscriber.plan = _LADDER[place]
    seats = max(subscriber.seats(), 1)
    update_first(desk, body, at, {"price": price, "quantity": str(seats)})
    if step > 0:
        desk.told.customer_grew(subscriber.id, subscriber.plan, seats, at)


def upgrade(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The next plan up."""
    _move(desk, subscriber, at, 1)


def downgrade(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The next plan down."""
    _move(desk, subscriber, at, -1)


def change_interval(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """From monthly to annual payment or back."""
    body = changeable(desk, subscriber)
    wanted = "year" if subscriber.interval == "month" else "month"
    price = desk.price(subscriber, interval=wanted)
    if body is None or price is None or len(body["items"]["data"]) > 1:
        return
    subscriber.interval = wanted
    update_first(desk, body, at, {"price": price})


def add_subscription(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A second subscription beside the main one."""
    if subscriber.plain or desk.running(subscriber) is None or subscriber.addons:
        return
    price = desk.price(subscriber, plan="support", interval="month")
    items = [{"price": price, "quantity": "1"}]
    sold = desk.billing.subscriptions.create({"customer": subscriber.id, "items": items}, at=at)
    subscriber.addons.append(sold["id"])


def drop_subscription(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The end of the second subscription."""
    if subscriber.addons:
        body = desk.billing.books.store.get("subscription", subscriber.addons.pop())
        if body and body["status"] in _CHANGEABLE:
            desk.billing.subscriptions.cancel(body["id"], {}, at=at)


def add_item(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """An add-on inside the main subscription."""
    body = changeable(desk, subscriber)
    if body is None or subscriber.interval != "month":
        return
    price = desk.price(subscriber, plan="audit")
    if price and price not in {item["price"] for item in body["items"]["data"]}:
        row = {"subscription": body["id"], "price": price, "quantity": "1"}
        desk.billing.subscriptions.create_item(row, at=at)


def drop_item(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """An add-on is given up."""
    body = changeable(desk, subscriber)
    if body is None:
        return
    price = desk.price(subscriber, plan="audit")
    for item in body["items"]["data"]:
        if item["price"] == price:
            desk.billing.subscriptions.delete_item(item["id"], {}, at=at)


def take_coupon(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A coupon in the middle of a monthly subscription."""
    body = changeable(desk, subscriber)
    if body is None or subscriber.interval != "month" or body["discounts"]:
        return
    coupon = subscriber.random.choice(("LOYAL10", "HALFYEAR", "WELCOME20"))
    desk.billing.subscriptions.update(body["id"], {"discounts": [{"coupon": coupon}]}, at=at)


def extend_trial(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A week more of trial."""
    body = desk.running(subscriber)
    if body and body["status"] == "trialing":
        params = {"trial_end": str(body["trial_end"] + 7 * DAY)}
        desk.billing.subscriptions.update(body["id"], params, at=at)


def pause_collection(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """One or two months without collecting."""
    body = desk.running(subscriber)
    if body and body["status"] == "active" and not body["pause_collection"]:
        behavior = subscriber.random.choice(("void", "keep_as_draft", "mark_uncollectible"))
        pause = {"behavior": behavior, "resumes_at": str(at + subscriber.random.choice((30, 61)) * DAY)}
        desk.billing.subscriptions.update(body["id"], {"pause_collection": pause}, at=at)


def schedule_price(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Another plan agreed for the next period."""
    body = changeable(desk, subscriber)
    if body is None or body["cancel_at"] or len(body["items"]["data"]) > 1 or subscriber.plan not in _LADDER[:3]:
        return
    price = desk.price(subscriber, plan=_LADDER[_LADDER.index(subscriber.plan) + 1])
    if price is None or body["status"] != "active":
        return
    subscriber.plan = _LADDER[_LADDER.index(subscriber.plan) + 1]
    item = body["items"]["data"][0]
    schedule = desk.billing.schedules.create({"from_subscription": body["id"]}, at=at)
    phases = [
        {"items": [{"price": item["price"], "quantity": str(item["quantity"])}], "end_date": str(item["current_period_end"])},
        {"items": [{"price": price, "quantity": str(subscriber.seats())}], "proration_behavior": "none"},
    ]
    desk.billing.schedules.update(schedule["id"], {"phases": phases, "end_behavior": "release"}, at=at)


def use(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """API calls of about a week."""
    if subscriber.gone:
        return
    body = desk.running(subscriber)
    metered = body and any(item["price"] == desk.catalogue.metered for item in body["items"]["data"])
    if metered:
        payload = {"stripe_customer_id": subscriber.id, "value": str(subscriber.random.randint(50, 9000))}
        event = {"event_name": desk.catalogue.meter_event, "payload": payload}
        desk.billing.meters.take_event(event, at=at)
    desk.later(subscriber, "use", at + subscriber.random.randint(5, 9) * DAY)
