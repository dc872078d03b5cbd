"""How customers leave, change their mind, come back or move to another currency."""

from __future__ import annotations

from sandbox.company.signing_up import buy
from sandbox.company.subscriber import DAY, Desk, Subscriber

_FEEDBACK = ("too_expensive", "missing_features", "switched_service", "unused", "low_quality", "other")


def _feedback(subscriber: Subscriber) -> dict[str, str]:
    return {"feedback": subscriber.random.choice(_FEEDBACK)}


def _may_return(desk: Desk, subscriber: Subscriber, at: int) -> None:
    if subscriber.chance(30):
        desk.later(subscriber, "come_back", at + int(subscriber.random.uniform(2, 150) * DAY))


def cancel_now(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Out at once, sometimes with the last payment back."""
    body = desk.running(subscriber)
    if body is None or body["schedule"] or body["status"] == "paused":
        return
    desk.billing.subscriptions.cancel(body["id"], {"cancellation_details": _feedback(subscriber)}, at=at)
    if subscriber.chance(40) and body["latest_invoice"]:
        charge = desk.billing.payments.charge_of(body["latest_invoice"])
        if charge and not desk.billing.books.need("charge", charge)["amount_refunded"]:
            desk.billing.refunds.create({"charge": charge, "reason": "requested_by_customer"}, at=at)
    _may_return(desk, subscriber, at)


def cancel_at_period_end(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Out when the paid period is over; some change their mind."""
    body = desk.running(subscriber)
    if body is None or body["cancel_at"] or body["schedule"] or body["status"] not in ("active", "trialing"):
        return
    params = {"cancel_at_period_end": "true", "cancellation_details": _feedback(subscriber)}
    updated = desk.billing.subscriptions.update(body["id"], params, at=at)
    end = updated["cancel_at"]
    if subscriber.chance(20):
        desk.later(subscriber, "stay", at + (end - at) // 2)
    elif subscriber.chance(30):
        desk.later(subscriber, "come_back", end + int(subscriber.random.uniform(2, 120) * DAY))


def cancel_on_date(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Out on a day agreed in advance."""
    body = desk.running(subscriber)
    if body and body["status"] == "active" and not body["cancel_at"] and not body["schedule"]:
        when = at + subscriber.random.randint(10, 75) * DAY
        desk.billing.subscriptions.update(body["id"], {"cancel_at": str(when)}, at=at)


def stay(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A planned end is taken back."""
    body = desk.running(subscriber)
    if body and body["cancel_at"] and body["status"] in ("active", "trialing"):
        desk.billing.subscriptions.update(body["id"], {"cancel_at_period_end": "false"}, at=at)


def delete_customer(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The customer is erased; not while it is paused, which nothing would tell afterwards."""
    body = desk.running(subscriber)
    if body and body["status"] == "paused":
        return
    subscriber.gone = True
    desk.billing.customers.delete(subscriber.id, {}, at=at)
    desk.told.customer_deleted(subscriber.id, at)


def migrate_currency(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """From another currency to dollars: one subscription ends, another starts five minutes later."""
    body = desk.running(subscriber)
    if subscriber.currency == "usd" or subscriber.plain or body is None or body["status"] != "active" or body["schedule"]:
        return
    desk.billing.subscriptions.cancel(body["id"], {}, at=at)
    subscriber.currency = "usd"
    desk.later(subscriber, "buy_again", at + 300)


def buy_again(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The same plan in the new currency."""
    buy(desk, subscriber, at)
