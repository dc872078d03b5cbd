"""Objects as API versions before 2025-03-31.basil showed them (docs.stripe.com/changelog/basil)."""

from __future__ import annotations

from sandbox.stripe.collection import Body


def in_older_version(body: Body) -> Body:
    """The object in the shape of 2024-06-20; kinds that did not change come back as they are."""
    convert = {"subscription": _subscription, "invoice": _invoice, "charge": _charge, "discount": _discount}
    shape = convert.get(body.get("object", ""))
    return shape(body) if shape else body


def _subscription(body: Body) -> Body:
    items = [_item(item) for item in body["items"]["data"]]
    ends = [item["current_period_end"] for item in body["items"]["data"]]
    starts = [item["current_period_start"] for item in body["items"]["data"]]
    kept = {key: value for key, value in body.items() if key not in ("billing_mode", "billing_schedules")}
    return {
        **kept,
        "current_period_end": min(ends, default=None),
        "current_period_start": max(starts, default=None),
        "discount": None,
        "items": {**body["items"], "data": items},
        "plan": items[0]["plan"] if len(items) == 1 else None,
        "quantity": items[0].get("quantity") if len(items) == 1 else None,
    }


def _item(item: Body) -> Body:
    price = item["price"]
    recurring = price.get("recurring") or {}
    plan = {
        "id": price["id"],
        "object": "plan",
        "amount": price.get("unit_amount"),
        "currency": price.get("currency"),
        "interval": recurring.get("interval"),
        "interval_count": recurring.get("interval_count"),
        "product": price.get("product"),
    }
    kept = {key: value for key, value in item.items() if not key.startswith("current_period_")}
    return {**kept, "plan": plan}


def _invoice(body: Body) -> Body:
    details = (body.get("parent") or {}).get("subscription_details") or {}
    gone = ("parent", "total_taxes", "amount_overpaid", "confirmation_secret")
    kept = {key: value for key, value in body.items() if key not in gone}
    lines = [_line(line) for line in body["lines"]["data"]]
    return {
        **kept,
        "subscription": details.get("subscription"),
        "charge": None,
        "payment_intent": None,
        "paid": body.get("status") == "paid",
        "tax": sum(tax["amount"] for tax in body.get("total_taxes") or []) or None,
        "lines": {**body["lines"], "data": lines},
    }


def _line(line: Body) -> Body:
    parent = line.get("parent") or {}
    item = parent.get("subscription_item_details") or {}
    details = item or parent.get("invoice_item_details") or {}
    price = ((line.get("pricing") or {}).get("price_details") or {}).get("price")
    kept = {key: value for key, value in line.items() if key not in ("parent", "pricing", "taxes")}
    return {
        **kept,
        "type": "subscription" if item else "invoiceitem",
        "price": {"id": price, "object": "price"} if price else None,
        "proration": details.get("proration", False),
        "subscription": details.get("subscription"),
        "subscription_item": item.get("subscription_item"),
    }


def _charge(body: Body) -> Body:
    return {**body, "invoice": None}


def _discount(body: Body) -> Body:
    kept = {key: value for key, value in body.items() if key != "source"}
    return {**kept, "coupon": body["source"]["coupon"]}
