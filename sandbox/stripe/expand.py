"""Expansion: which paths each object offers, and how ids become objects (docs.stripe.com/api/expanding_objects)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe.errors import StripeError

DEPTH_LIMIT = 4
"""Segments of an expansion path, `data` included (docs.stripe.com/expand)."""

Tree = dict[str, Any]
"""Requested expansions: segment -> subtree."""

_PATHS: dict[str, str] = {
    "customer": "discount:>discount subscriptions.data:+subscription sources:+ tax:+ tax_ids:+ cash_balance:+ "
    "invoice_settings.default_payment_method:@payment_method test_clock:@test_clock",
    "product": "default_price:@price",
    "price": "product:@product tiers:+ currency_options:+",
    "plan": "product:@product tiers:+",
    "coupon": "applies_to:+ currency_options:+",
    "promotion_code": "promotion.coupon:@coupon customer:@customer",
    "discount": "source.coupon:@coupon promotion_code:@promotion_code customer:@customer",
    "subscription": "customer:@customer latest_invoice:@invoice discounts:@discount items.data:>subscription_item "
    "schedule:@subscription_schedule default_payment_method:@payment_method test_clock:@test_clock",
    "subscription_item": "price:>price discounts:@discount",
    "subscription_schedule": "customer:@customer subscription:@subscription test_clock:@test_clock "
    "phases.items.price:@price phases.discounts.coupon:@coupon",
    "invoice": "customer:@customer discounts:@discount lines.data:>line_item payments.data:+invoice_payment "
    "parent.subscription_details.subscription:@subscription default_payment_method:@payment_method "
    "from_invoice.invoice:@invoice latest_revision:@invoice test_clock:@test_clock "
    "total_discount_amounts.discount:@discount",
    "line_item": "discounts:@discount discount_amounts.discount:@discount pricing.price_details.price:@price "
    "subscription:@subscription",
    "invoice_item": "customer:@customer discounts:@discount invoice:@invoice test_clock:@test_clock",
    "invoice_payment": "invoice:@invoice payment.payment_intent:@payment_intent payment.charge:@charge",
    "charge": "balance_transaction:@balance_transaction customer:@customer payment_intent:@payment_intent "
    "refunds.data:+refund failure_balance_transaction:@balance_transaction",
    "payment_intent": "customer:@customer latest_charge:@charge payment_method:@payment_method",
    "refund": "balance_transaction:@balance_transaction charge:@charge payment_intent:@payment_intent "
    "customer:@customer payment_method:@payment_method failure_balance_transaction:@balance_transaction",
    "dispute": "charge:@charge payment_intent:@payment_intent balance_transactions:>balance_transaction",
    "credit_note": "customer:@customer invoice:@invoice refunds.refund:@refund "
    "customer_balance_transaction:@customer_balance_transaction lines.data:>credit_note_line_item "
    "discount_amounts.discount:@discount",
    "credit_note_line_item": "discount_amounts.discount:@discount",
    "customer_balance_transaction": "customer:@customer credit_note:@credit_note invoice:@invoice",
    "balance_transaction": "source:@charge|refund|dispute|payout",
    "payout": "balance_transaction:@balance_transaction failure_balance_transaction:@balance_transaction",
    "payment_method": "customer:@customer",
    "meter": "",
    "meter_event": "",
    "meter_event_summary": "",
    "test_clock": "",
    "event": "",
    "account": "",
}
"""Per kind, `path:target`: `@kind` is a reference, `>kind` an object that is always whole, `+kind` shows only on demand."""


@dataclass(frozen=True)
class Node:
    """One segment of an expandable path: what stands there, and what may follow."""

    how: str = ""
    kinds: tuple[str, ...] = ()
    children: dict[str, Node] = field(default_factory=dict)

    def following(self) -> dict[str, Node]:
        """The segments that may follow this one."""
        offered = dict(self.children)
        for kind in self.kinds:
            offered |= EXPANDABLE[kind]
        return offered


def _nodes(text: str) -> dict[str, Node]:
    root = Node()
    for entry in text.split():
        path, target = entry.split(":")
        *parents, leaf = path.split(".")
        node = root
        for segment in parents:
            node = node.children.setdefault(segment, Node("+" if target[0] == "+" else ">"))
        kinds = tuple(target[1:].split("|")) if target[1:] else ()
        node.children[leaf] = Node(">" if target[0] == "+" and parents else target[0], kinds)
    return root.children


EXPANDABLE: dict[str, dict[str, Node]] = {kind: _nodes(text) for kind, text in _PATHS.items()}
"""The expandable segments of each kind."""


def read_expansions(params: dict[str, Any], kind: str, *, is_list: bool) -> Tree:
    """The requested expansions as a tree, checked against what the kind offers; takes `expand` out of params."""
    paths = params.pop("expand", [])
    if not isinstance(paths, list):
        raise StripeError("Invalid array", param="expand")
    tree: Tree = {}
    for path in paths:
        segments = path.split(".")
        if len(segments) > DEPTH_LIMIT:
            raise StripeError(f"You cannot expand more than {DEPTH_LIMIT} levels of a property: {path}", param="expand")
        _check(segments, kind, path, is_list)
        _plant(tree, segments)
    return tree.get("data", {}) if is_list else tree


def _check(segments: list[str], kind: str, path: str, is_list: bool) -> None:
    message = f"This property cannot be expanded ({path})."
    if is_list:
        if segments[0] != "data":
            raise StripeError(f"{message} You may want to try expanding 'data.{path}' instead.", param="expand")
        segments = segments[1:]
    offered = EXPANDABLE[kind]
    for segment in segments:
        if segment not in offered:
            raise StripeError(message, param="expand")
        offered = offered[segment].following()


def _plant(tree: Tree, segments: list[str]) -> None:
    for segment in segments:
        tree = tree.setdefault(segment, {})
