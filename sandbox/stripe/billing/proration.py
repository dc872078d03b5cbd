"""Item changes and what they cost for the rest of the period (docs.stripe.com/billing/subscriptions/prorations)."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing.amounts import total
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import period_start
from sandbox.stripe.billing.coupons import Discounts
from sandbox.stripe.billing.invoice_items import InvoiceItems
from sandbox.stripe.billing.items import Items
from sandbox.stripe.billing.money import whole
from sandbox.stripe.billing.params import Params
from sandbox.stripe.errors import StripeError, missing
from sandbox.truth.facts import ItemRemoved, Tariff

_UNBILLED = ("trialing", "incomplete", "paused")
"""Statuses in which nothing has been paid for, so that nothing is prorated."""


@dataclass
class Change:
    """What a write did to a subscription's items: lines to bill at once, and whether to bill at all."""

    lines: list[Body] = field(default_factory=list)
    at_once: bool = False


class Prorations:
    """Applies rows of `items` to a subscription."""

    def __init__(self, books: Books, items: Items, discounts: Discounts, invoice_items: InvoiceItems) -> None:
        self._books = books
        self._items = items
        self._discounts = discounts
        self._invoice_items = invoice_items

    def apply(self, body: Body, rows: list[Params], behavior: str, *, at: int) -> Change:
        """Change, add and delete items as the rows say."""
        change = Change(at_once=behavior == "always_invoice" and body["status"] not in _UNBILLED)
        prorate = behavior != "none" and body["status"] not in _UNBILLED
        for row in rows:
            if not row.get("id"):
                self._add(body, row, prorate, at)
            elif read.boolean(row, "deleted"):
                self._remove(body, row["id"], prorate, at)
            else:
                self._alter(body, row, prorate, change, at)
        if not body["items"]["data"]:
            raise StripeError("A subscription must have at least one item.", param="items")
        return change

    def credit_rest(self, body: Body, *, at: int) -> None:
        """Pending credits for everything paid beyond the instant."""
        for item in body["items"]["data"]:
            self._bill_rest(body, item, self._items.tariff(item), item.get("quantity", 0), -1, at)

    def _add(self, body: Body, row: Params, prorate: bool, at: int) -> None:
        item = self._items.new(row, body["id"], body["customer"], at=at)
        tariff = self._items.tariff(item)
        if tariff.currency != body["currency"]:
            raise StripeError("All prices of a subscription must have one currency.", param="items")
        body["items"]["data"].append(item)
        if body["status"] == "trialing":
            item |= {"current_period_start": at, "current_period_end": body["trial_end"], "_anchor": at}
        else:
            self._items.renew(item, at, body["billing_cycle_anchor"])
        self._items.report(item, body["customer"], at=at)
        if prorate:
            self._bill_rest(body, item, tariff, item.get("quantity", 0), 1, at)

    def _remove(self, body: Body, id: str, prorate: bool, at: int) -> None:
        item = _find(body, id)
        if prorate:
            self._bill_rest(body, item, self._items.tariff(item), item.get("quantity", 0), -1, at)
        body["items"]["data"] = [kept for kept in body["items"]["data"] if kept["id"] != id]
        self._books.facts.report(body["customer"], ItemRemoved(at, body["id"], id))

    def _alter(self, body: Body, row: Params, prorate: bool, change: Change, at: int) -> None:
        item = _find(body, row["id"])
        tariff, quantity = self._items.tariff(item), item.get("quantity", 0)
        self._set_fields(body, item, row, at)
        price, wanted = row.get("price") or item["price"], read.integer(row, "quantity")
        if price != item["price"]:
            self._items.reprice(item, price)
        now = self._items.tariff(item)
        if now.meter is None:
            item["quantity"] = quantity if wanted is None else wanted
        else:
            item.pop("quantity", None)
        if now == tariff and item.get("quantity", 0) == quantity:
            return
        self._items.report(item, body["customer"], at=at)
        if prorate:
            self._bill_rest(body, item, tariff, quantity, -1, at)
        same_interval = (now.interval, now.interval_count) == (tariff.interval, tariff.interval_count)
        if not same_interval and body["status"] not in _UNBILLED:
            self._restart(body, item, at)
            change.lines += self._items.lines(item)
            change.at_once = True
        elif prorate:
            self._bill_rest(body, item, now, item.get("quantity", 0), 1, at)

    def _set_fields(self, body: Body, item: Body, row: Params, at: int) -> None:
        item["metadata"] = read.merged_metadata(item["metadata"], row)
        if "discounts" in row:
            target = {"customer": body["customer"], "subscription": body["id"], "subscription_item": item["id"]}
            kept = [
                self._discounts.give(discount, target, "subscription_item", at=at) for discount in read.rows(row, "discounts")
            ]
            for id in set(item["discounts"]) - set(kept):
                self._discounts.end(id, at=at)
            item["discounts"] = kept

    def _restart(self, body: Body, item: Body, at: int) -> None:
        """Another interval starts a new period at once."""
        self._items.renew(item, at, at)
        if len(body["items"]["data"]) == 1:
            body["billing_cycle_anchor"] = at

    def _bill_rest(self, body: Body, item: Body, tariff: Tariff, quantity: int, sign: int, at: int) -> None:
        end = item["current_period_end"]
        if tariff.meter is not None or end <= at:
            return
        start = period_start(item["_anchor"], end, tariff.interval or "month", tariff.interval_count)
        rest = Fraction(end - at, end - start)
        amount = sign * whole(total(tariff, quantity) * rest * self._net_share(body, item, at))
        if amount or sign > 0:
            self._invoice_items.prorate(item, body["customer"], tariff, amount, quantity, (at, end))

    def _net_share(self, body: Body, item: Body, at: int) -> Fraction:
        """What percentage discounts leave of the price."""
        share = Fraction(1)
        for id in [*item["discounts"], *body["discounts"]]:
            discount, coupon = self._discounts.terms(id)
            running = discount["end"] is None or at < discount["end"]
            products = coupon.get("applies_to", {}).get("products")
            covered = not products or self._items.tariff(item).product in products
            if coupon["percent_off"] is not None and running and covered:
                share *= 1 - Fraction(str(coupon["percent_off"])) / 100
        return share


def _find(body: Body, id: str) -> Body:
    items: list[Body] = body["items"]["data"]
    for item in items:
        if item["id"] == id:
            return item
    raise missing("subscription item", id, param="items[0][id]")
