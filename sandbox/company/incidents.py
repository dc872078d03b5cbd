"""What happens to customers' money: cards that fail, refunds, disputes, credits, extras."""

from __future__ import annotations

from sandbox.company.subscriber import DAY, Desk, Subscriber


def _set_card(desk: Desk, subscriber: Subscriber, at: int, card: str) -> None:
    settings = {"invoice_settings": {"default_payment_method": card}}
    desk.billing.customers.update(subscriber.id, settings, at=at)


def card_trouble(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The card declines a few times and then works again."""
    if not subscriber.gone:
        _set_card(desk, subscriber, at, f"pm_card_declines{subscriber.random.randint(1, 3)}")


def card_dies(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The card never works again; some customers come back with another one."""
    if subscriber.gone or desk.running(subscriber) is None:
        return
    _set_card(desk, subscriber, at, "pm_card_chargeCustomerFail")
    if subscriber.chance(35):
        desk.later(subscriber, "come_back", at + int(subscriber.random.uniform(60, 200) * DAY))


def lose_card(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """The customer takes its card away."""
    if not subscriber.gone:
        _set_card(desk, subscriber, at, "")


def _recent_charge(desk: Desk, subscriber: Subscriber, at: int) -> str | None:
    for charge in desk.billing.books.store.where("charge", "customer", subscriber.id):
        recent = at - charge["created"] < 60 * DAY
        if charge["paid"] and recent and not charge["amount_refunded"] and not charge["disputed"]:
            return str(charge["id"])
    return None


def partial_refund(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Part of a recent payment is given back."""
    charge = _recent_charge(desk, subscriber, at)
    if charge:
        amount = desk.billing.books.need("charge", charge)["amount"] * subscriber.random.randint(10, 60) // 100
        if amount:
            desk.billing.refunds.create({"charge": charge, "amount": str(amount)}, at=at)


def dispute(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A recent payment is disputed and decided three weeks later."""
    charge = _recent_charge(desk, subscriber, at)
    if charge:
        made = desk.billing.disputes.open({"charge": charge}, at=at)
        won = "won" if subscriber.chance(40) else "lost"
        desk.agenda.enter(at + 21 * DAY, "dispute decided", f"{made['id']}:{won}")


def credit_note(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Part of the latest paid invoice is credited."""
    for invoice in desk.billing.books.store.where("invoice", "customer", subscriber.id)[:3]:
        amount = invoice["amount_paid"] * subscriber.random.randint(5, 30) // 100
        credited = invoice["post_payment_credit_notes_amount"]
        if invoice["status"] == "paid" and amount and not credited and not subscriber.gone:
            params = {"invoice": invoice["id"], "amount": str(amount), "reason": "product_unsatisfactory"}
            desk.billing.credit_notes.create(params, at=at)
            return


def goodwill(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A credit on the customer's balance."""
    if not subscriber.gone:
        params = {"amount": "-1000", "currency": subscriber.currency, "description": "Goodwill"}
        desk.billing.customers.credit(subscriber.id, params, at=at)


def extra_service(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A one-off service on the next invoice."""
    body = desk.running(subscriber)
    if body:
        params = {
            "customer": subscriber.id,
            "subscription": body["id"],
            "amount": "15000",
            "currency": body["currency"],
            "description": "Onboarding workshop",
        }
        desk.billing.invoice_items.create(params, at=at)


def new_address(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """Details change and nothing else."""
    if not subscriber.gone:
        params = {"phone": f"+1555{subscriber.random.randint(1_000_000, 9_999_999)}"}
        desk.billing.customers.update(subscriber.id, params, at=at)
