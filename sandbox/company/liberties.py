"""Changes that only events tell of: no proration, coupons removed by hand, unpaid and back, nothing and back."""

from __future__ import annotations

from sandbox.company.catalogue import PLANS
from sandbox.company.changes import changeable, update_first
from sandbox.company.subscriber import DAY, Desk, Subscriber


def quiet_seats(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Other seats without proration: no invoice shows when."""
    _set_seats(desk, subscriber, at, subscriber.random.choice((-1, 1, 2, 3)))


def _set_seats(desk: Desk, subscriber: Subscriber, at: int, step: int) -> None:
    body = changeable(desk, subscriber)
    if body and PLANS[subscriber.plan].seats != (1, 1):
        wanted = max(0, body["items"]["data"][0]["quantity"] + step)
        update_first(desk, body, at, {"quantity": str(wanted)}, proration_behavior="none")


def seat_more(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """One seat more."""
    _set_seats(desk, subscriber, at, 1)


def seat_less(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """One seat less."""
    _set_seats(desk, subscriber, at, -1)


def bounce(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Up and down again within hours, with three changes in one second on the way."""
    seat_more(desk, subscriber, at)
    for action in ("seat_more", "seat_more", "seat_less"):
        desk.later(subscriber, action, at + 1800)
    desk.later(subscriber, "seat_less", at + 2400)
    desk.later(subscriber, "seat_less", at + 9000)


def bounce_over_midnight(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Up ten minutes before midnight, down twenty minutes after, at the company."""
    midnight = desk.midnight_after(at)
    desk.later(subscriber, "seat_more", midnight - 600)
    desk.later(subscriber, "seat_less", midnight + 1200)
    desk.later(subscriber, "seat_more", midnight - 1)
    desk.later(subscriber, "seat_less", midnight)


def empty(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """No seats for some days."""
    body = changeable(desk, subscriber)
    if body and PLANS[subscriber.plan].seats != (1, 1) and body["items"]["data"][0]["quantity"]:
        update_first(desk, body, at, {"quantity": "0"}, proration_behavior="none")
        desk.later(subscriber, "refill", at + subscriber.random.randint(1, 9) * DAY)


def refill(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Seats again."""
    body = changeable(desk, subscriber)
    if body and body["items"]["data"][0].get("quantity") == 0:
        update_first(desk, body, at, {"quantity": str(subscriber.seats())}, proration_behavior="none")


def drop_coupon(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A discount is taken away by hand."""
    body = desk.running(subscriber)
    if body and body["discounts"]:
        desk.billing.subscriptions.update(body["id"], {"discounts": ""}, at=at)


def make_free(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Everything for nothing for some days."""
    body = changeable(desk, subscriber)
    if body and not body["discounts"]:
        desk.billing.subscriptions.update(body["id"], {"discounts": [{"coupon": "FRIENDS"}]}, at=at)
        desk.later(subscriber, "drop_coupon", at + subscriber.random.randint(2, 15) * DAY)


def stop_paying(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The subscription stays unpaid after the last reminder, until the customer pays."""
    body = desk.running(subscriber)
    if body is None or subscriber.interval not in ("week", "month") or body["schedule"]:
        return
    desk.billing.lifecycle.unpaid_after_dunning.add(body["id"])
    card = {"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}
    desk.billing.customers.update(subscriber.id, card, at=at)
    desk.later(subscriber, "settle_debt", at + subscriber.random.randint(20, 60) * DAY)


def settle_debt(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A working card, and everything open is paid."""
    if subscriber.gone:
        return
    card = {"invoice_settings": {"default_payment_method": "pm_card_visa"}}
    desk.billing.customers.update(subscriber.id, card, at=at)
    for invoice in reversed(desk.billing.books.store.where("invoice", "customer", subscriber.id)):
        if invoice["status"] == "open" and invoice["amount_remaining"]:
            desk.billing.invoices.pay(invoice["id"], {}, at=at)


def end_trial_now(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A trial is cut short by a purchase."""
    body = desk.running(subscriber)
    if body and body["status"] == "trialing":
        desk.billing.subscriptions.update(body["id"], {"trial_end": "now"}, at=at)
