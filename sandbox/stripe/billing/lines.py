"""Invoice lines before discounts and taxes (docs.stripe.com/api/invoice-line-item)."""

from __future__ import annotations

from fractions import Fraction

from sandbox.stripe.billing import templates
from sandbox.stripe.billing.amounts import parts
from sandbox.stripe.billing.books import Body
from sandbox.stripe.billing.ids import Ids
from sandbox.stripe.billing.money import decimal_text, whole
from sandbox.truth.facts import Tariff


def pricing(tariff: Tariff, unit: Fraction | None) -> Body:
    """Which price a line or invoice item charges."""
    return {
        "price_details": {"price": tariff.price, "product": tariff.product},
        "type": "price_details",
        "unit_amount_decimal": None if unit is None else decimal_text(unit),
    }


def item_lines(ids: Ids, item: Body, tariff: Tariff, period: tuple[int, int], quantity: int, free: bool = False) -> list[Body]:
    """The regular lines of a subscription item for a period; `free` during a trial."""
    charged = parts(tariff, quantity)
    if free:
        charged = [type(charged[0])(quantity, Fraction(0), Fraction(0))]
    return [
        _line(
            ids,
            amount=whole(part.amount),
            currency=tariff.currency,
            description=_description(tariff, part.quantity, free),
            discounts=item["discounts"],
            parent=_item_parent(item["subscription"], item["id"], None),
            period={"end": period[1], "start": period[0]},
            pricing=pricing(tariff, part.unit),
            quantity=part.quantity,
            subscription=item["subscription"],
        )
        for part in charged
    ]


def billed_item(ids: Ids, invoice_item: Body) -> Body:
    """The line that bills an invoice item."""
    details = (invoice_item["parent"] or {}).get("subscription_details") or {}
    subscription, item = details.get("subscription"), details.get("subscription_item")
    parent = _invoice_item_parent(subscription, invoice_item)
    if item:
        parent = _item_parent(subscription, item, invoice_item)
    return _line(
        ids,
        **{key: invoice_item[key] for key in ("amount", "currency", "description", "discountable", "discounts")},
        **{key: invoice_item[key] for key in ("period", "pricing", "quantity", "metadata")},
        parent=parent,
        subscription=subscription,
    )


def _line(ids: Ids, *, amount: int, quantity: int, **fields: object) -> Body:
    return {
        **templates.LINE_ITEM,
        "id": ids.new("il_"),
        "amount": amount,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subtotal": amount,
        **fields,
    }


def _item_parent(subscription: str | None, item: str, invoice_item: Body | None) -> Body:
    return {
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": invoice_item and invoice_item["id"],
            "proration": bool(invoice_item and invoice_item["proration"]),
            "proration_details": {"credited_items": None},
            "subscription": subscription,
            "subscription_item": item,
        },
        "type": "subscription_item_details",
    }


def _invoice_item_parent(subscription: str | None, invoice_item: Body) -> Body:
    return {
        "invoice_item_details": {
            "invoice_item": invoice_item["id"],
            "proration": invoice_item["proration"],
            "proration_details": {"credited_items": None},
            "subscription": subscription,
        },
        "subscription_item_details": None,
        "type": "invoice_item_details",
    }


def _description(tariff: Tariff, quantity: int, free: bool) -> str:
    every = f"every {tariff.interval_count} {tariff.interval}s" if tariff.interval_count > 1 else f"/ {tariff.interval}"
    return f"Free trial for {quantity} × {tariff.product}" if free else f"{quantity} × {tariff.product} ({every})"
