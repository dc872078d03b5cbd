"""Bills a subscription the way Stripe does: a line per period and tier, a credit and a debit per change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from scenario import Body
from subscription import Subscription, discount_body, price_body

_DAYS = {"day": 1, "week": 7}
Line = dict[str, Any]


def bill(subscription: Subscription, as_of: int) -> Iterator[tuple[str, Body]]:
    """Invoices with their lines and invoice items, as (stream, body)."""
    number, invoices = 0, {}
    for name in sorted({name for at, _ in subscription.changes for name in subscription.state(at)["items"]}):
        for line in _lines(subscription, name, as_of):
            number += 1
            billed, waiting = _line(subscription, name, line, number)
            if waiting:
                yield "invoice_items", waiting
            # every other proration is still pending
            if not waiting or number % 2:
                start = line["period"][0]
                invoices.setdefault(start, _invoice(subscription, start))["lines"]["data"].append(billed)
    for invoice in invoices.values():
        total = sum(line["amount"] for line in invoice["lines"]["data"])
        yield "invoices", {**invoice, "total": total, "amount_paid": total}


def _lines(subscription: Subscription, name: str, as_of: int) -> Iterator[Line]:
    """What is billed for an item, period by period and change by change."""
    changes = [at for at, _ in subscription.changes]
    period: tuple[int, int] | None = None
    held: Body | None = None
    for at, until in zip(changes, [*changes[1:], as_of], strict=True):
        state = subscription.state(at)
        item = state["items"].get(name) if state["status"] in ("active", "past_due", "trialing") else None
        if state["status"] == "trialing" and item:
            end = subscription.case.company.instant(state["trial"][1])
            yield from _free(subscription, item, (at, end), as_of)
            continue
        price = subscription.case.told["prices"][item["price"]] if item else {}
        if held and period and at < period[1] and item != held:
            yield {**_proration(held, at, period[1]), "amount": -1_00}
            if item and _same_interval(subscription, item, held):
                yield {**_proration(item, at, period[1]), "amount": 1_00 if item["quantity"] else 0}
            else:
                period = None
        held = item
        if item is None or "meter" in price:
            continue
        start = period[1] if period else at
        while start < until:
            end = _later(start, price)
            yield from _full(subscription, item, (start, end))
            period, start = (start, end), end


def _free(subscription: Subscription, item: Body, period: tuple[int, int], as_of: int) -> Iterator[Line]:
    # a trial that was moved shows its last end only
    if subscription.body(as_of, expanded=False)["trial_end"] == period[1] or subscription.ended:
        yield {"price": item["price"], "quantity": item["quantity"], "period": period, "amount": 0, "proration": False}


def _proration(item: Body, at: int, end: int) -> Line:
    return {"price": item["price"], "quantity": item["quantity"], "period": (at, end), "proration": True}


def _full(subscription: Subscription, item: Body, period: tuple[int, int]) -> Iterator[Line]:
    price = subscription.case.told["prices"][item["price"]]
    below = 0
    for up_to, unit in price.get("tiers", [(None, price.get("amount"))]):
        graduated = price.get("mode") == "graduated"
        units = min(item["quantity"], up_to or item["quantity"]) - below if graduated else item["quantity"]
        if units or not below:
            line = {"price": item["price"], "quantity": units, "period": period, "proration": False}
            yield {**line, "amount": int(float(unit) * units), "tax": price.get("tax", 0) * units}
        below += units
        if not graduated or below >= item["quantity"]:
            return


def _line(subscription: Subscription, name: str, line: Line, number: int) -> tuple[Body, Body | None]:
    """The invoice line, and for a proration the invoice item behind it."""
    key, case = f"{subscription.id}_{number}", subscription.case
    price = price_body(case, line["price"])
    item = {"subscription": subscription.id, "subscription_item": subscription.item_id(name)}
    shared = {
        "amount": line["amount"],
        "currency": price["currency"],
        "quantity": line["quantity"],
        "period": {"start": line["period"][0], "end": line["period"][1]},
        "pricing": {"price_details": {"price": price["id"], "product": price["product"]}},
    }
    details = {**item, "proration": line["proration"], "invoice_item": f"ii_{key}" if line["proration"] else None}
    billed = {
        **shared,
        "id": f"il_{key}",
        "parent": {"type": "subscription_item_details", "subscription_item_details": details},
        "taxes": [{"amount": line["tax"], "tax_behavior": "inclusive"}] if line.get("tax") else [],
        "discounts": _discounts(subscription, line["period"][0], subscription.item_id(name)),
    }
    if not line["proration"]:
        return billed, None
    dated = {"date": line["period"][0], "customer": case.customer, "proration": True, "proration_details": None}
    parent = {"type": "subscription_details", "subscription_details": item}
    return billed, {**shared, **dated, "id": f"ii_{key}", "parent": parent, "invoice": None}


def _invoice(subscription: Subscription, start: int) -> Body:
    return {
        "id": f"in_{subscription.id}_{start}",
        "customer": subscription.case.customer,
        "currency": subscription.currency,
        "created": start,
        "status": "paid",
        "discounts": _discounts(subscription, start, None),
        "lines": {"data": [], "has_more": False},
    }


def _discounts(subscription: Subscription, at: int, item: str | None) -> list[Body]:
    running = [name for name, start, end in subscription.discounted() if start <= at and (end is None or at < end)]
    bodies = [discount_body(subscription.case, name, subscription) for name in running]
    return [body for body in bodies if body["subscription_item"] == item]


def _same_interval(subscription: Subscription, first: Body, second: Body) -> bool:
    prices = [subscription.case.told["prices"][item["price"]] for item in (first, second)]
    return len({(price["interval"], price.get("count", 1)) for price in prices}) == 1


def _later(start: int, price: Body) -> int:
    moment = datetime.fromtimestamp(start, UTC)
    count = price.get("count", 1)
    if price["interval"] in _DAYS:
        return int((moment + timedelta(days=_DAYS[price["interval"]] * count)).timestamp())
    months = moment.year * 12 + moment.month - 1 + count * (12 if price["interval"] == "year" else 1)
    return int(moment.replace(year=months // 12, month=months % 12 + 1, day=min(moment.day, 28)).timestamp())
