"""Writes on subscriptions and their items (docs.stripe.com/api/subscriptions)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import templates
from sandbox.stripe.billing.amounts import total
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import period_start
from sandbox.stripe.billing.coupons import Discounts
from sandbox.stripe.billing.invoices import Invoices
from sandbox.stripe.billing.items import Items
from sandbox.stripe.billing.lifecycle import ENDED, UPDATED, Lifecycle
from sandbox.stripe.billing.money import whole
from sandbox.stripe.billing.params import Params
from sandbox.stripe.billing.terms import Terms
from sandbox.stripe.errors import StripeError


class Subscriptions:
    """Creates, changes and ends subscriptions."""

    def __init__(
        self, books: Books, items: Items, discounts: Discounts, invoices: Invoices, lifecycle: Lifecycle, terms: Terms
    ) -> None:
        self._books = books
        self._items = items
        self._discounts = discounts
        self._invoices = invoices
        self._lifecycle = lifecycle
        self._terms = terms

    def create(self, params: Params, *, at: int) -> Body:
        """A new subscription and its first invoice."""
        customer = self._books.need("customer", read.required(params, "customer"), "customer")
        if not read.rows(params, "items"):
            raise StripeError("Missing required param: items.", param="items", code="parameter_missing")
        body = self._new(params, customer, at)
        self._terms.plan_cancellation(body, params, at=at)
        for item in body["items"]["data"]:
            self._items.report(item, customer["id"], at=body["start_date"])
        self._lifecycle.set_status(body, body["status"], at=body["start_date"])
        draft = self._first_invoice(body, params, at)
        paid = draft is None or self._invoices.advance(draft["id"], at=at)["status"] != "open"
        if not paid and body["collection_method"] == "charge_automatically":
            self._lifecycle.set_status(body, "incomplete", at=body["start_date"])
            self._books.add("subscription", body, at, "customer.subscription.created")
            self._invoices.stop_collecting(body["latest_invoice"], at=at)
        else:
            self._books.add("subscription", body, at, "customer.subscription.created")
        self._lifecycle.wake(body)
        return body

    def _new(self, params: Params, customer: Body, at: int) -> Body:
        id = params.get("id") or self._books.ids.new("sub_")
        start = read.integer(params, "backdate_start_date") or at
        items = [self._items.new(row, id, customer["id"], at=at) for row in read.rows(params, "items")]
        trial_end = self._terms.trial_end(params, items, at)
        anchor = read.integer(params, "billing_cycle_anchor") or trial_end or at
        currencies = {self._items.tariff(item).currency for item in items}
        if len(currencies) > 1:
            raise StripeError("All prices of a subscription must have one currency.", param="items")
        for item in items:
            self._items.renew(item, at, anchor)
            if trial_end:
                item["current_period_end"] = trial_end
        target = {"customer": customer["id"], "subscription": id}
        discounts = [self._discounts.give(row, target, "subscription", at=at) for row in read.rows(params, "discounts")]
        if len(items) != len({item["price"] for item in items}):
            raise StripeError("Cannot add multiple subscription items with the same price.", param="items")
        return {
            **templates.SUBSCRIPTION,
            "id": id,
            "billing_cycle_anchor": anchor,
            "collection_method": params.get("collection_method") or "charge_automatically",
            "created": at,
            "currency": currencies.pop(),
            "customer": customer["id"],
            "days_until_due": read.integer(params, "days_until_due"),
            "description": params.get("description") or None,
            "discounts": discounts,
            "items": templates.nested_list(items, f"/v1/subscription_items?subscription={id}"),
            "metadata": read.merged_metadata({}, params),
            "start_date": start,
            "status": "trialing" if trial_end else "active",
            "test_clock": customer["test_clock"],
            "trial_end": trial_end,
            "trial_settings": self._terms.trial_settings(params),
            "trial_start": at if trial_end else None,
        }

    def _first_invoice(self, body: Body, params: Params, at: int) -> Body | None:
        lines: list[Body] = []
        partial = read.choice(params, "proration_behavior", ("create_prorations", "none", "always_invoice"), "create_prorations")
        for item in body["items"]["data"]:
            charged = self._items.lines(item, free=body["status"] == "trialing")
            if body["start_date"] < at and body["status"] != "trialing":
                lines += self._part(item, charged, (body["start_date"], at), partial != "none")
            stub = body["billing_cycle_anchor"] > at and body["status"] != "trialing"
            period = (at, item["current_period_end"])
            lines += self._part(item, charged, period, partial != "none") if stub else charged
        if not lines:
            return None
        reason = "subscription_create"
        return self._lifecycle.invoice(body, lines, at=at, reason=reason, period=(body["start_date"], at))

    def _part(self, item: Body, charged: list[Body], period: tuple[int, int], prorate: bool) -> list[Body]:
        """One line for a piece of time that is no whole period."""
        if not charged:
            return []
        tariff = self._items.tariff(item)
        end = item["current_period_end"]
        start = period_start(item["_anchor"], end, tariff.interval or "month", tariff.interval_count)
        share = Fraction(period[1] - period[0], end - start) if prorate else Fraction(0)
        amount = whole(total(tariff, item["quantity"]) * share)
        line = self._items.lines(item)[0]
        details = {**line["parent"]["subscription_item_details"], "proration": True}
        fields: dict[str, Any] = {
            "amount": amount,
            "parent": {**line["parent"], "subscription_item_details": details},
            "period": {"end": period[1], "start": period[0]},
            "quantity": item["quantity"],
            "quantity_decimal": str(item["quantity"]),
            "subtotal": amount,
        }
        return [{**line, **fields}]

    def update(self, id: str, params: Params, *, at: int) -> Body:
        """Changed items, discounts, trial, cancellation, pause or details."""
        body = self._running(id)
        draft = self._terms.change(body, params, at=at)
        self._books.change("subscription", body, at, UPDATED)
        self._lifecycle.wake(body)
        if draft:
            self._invoices.advance(draft["id"], at=at)
        return self._books.need("subscription", id)

    def cancel(self, id: str, params: Params, *, at: int) -> Body:
        """End a subscription now."""
        body = self._running(id)
        if read.boolean(params, "prorate"):
            self._terms.credit_rest(body, at=at)
        details = read.nested(params, "cancellation_details")
        said = {key: details[key] for key in ("comment", "feedback") if details.get(key)}
        self._lifecycle.end(body, at=at, reason="cancellation_requested", **said)
        if read.boolean(params, "invoice_now"):
            draft = self._terms.invoice_pending(body, [], at=at)
            if draft:
                self._books.change("subscription", body, at)
                self._invoices.advance(draft["id"], at=at)
        return self._books.need("subscription", id)

    def cancel_all(self, customer: str, at: int) -> None:
        """End every running subscription of a customer."""
        for body in self._books.store.where("subscription", "customer", customer):
            if body["status"] not in ENDED:
                self._lifecycle.end(body, at=at, reason="cancellation_requested")

    def resume(self, id: str, params: Params, *, at: int) -> Body:
        """Take up a subscription that was paused for want of a payment method."""
        body = self._running(id)
        if body["status"] != "paused":
            raise StripeError("Only a paused subscription can be resumed.")
        self._lifecycle.set_status(body, "active", at=at)
        body |= {"billing_cycle_anchor": at, "status_details": None}
        for item in body["items"]["data"]:
            self._items.renew(item, at, at)
        lines = [line for item in body["items"]["data"] for line in self._items.lines(item)]
        draft = self._lifecycle.invoice(body, lines, at=at, reason="subscription_cycle", period=(at, at))
        self._books.change("subscription", body, at, "customer.subscription.resumed")
        self._lifecycle.wake(body)
        self._invoices.advance(draft["id"], at=at)
        return self._books.need("subscription", id)

    def delete_discount(self, id: str, params: Params, *, at: int) -> Body:
        """Take the subscription's discounts away."""
        self.update(id, {"discounts": ""}, at=at)
        return {"id": id, "object": "discount", "deleted": True}

    def create_item(self, params: Params, *, at: int) -> Body:
        """Add an item to a subscription."""
        id = read.required(params, "subscription")
        known = {item["id"] for item in self._running(id)["items"]["data"]}
        row = {key: value for key, value in params.items() if key not in ("subscription", "id")}
        body = self.update(id, {"items": [row], **_how(params)}, at=at)
        return next(item for item in body["items"]["data"] if item["id"] not in known)

    def update_item(self, id: str, params: Params, *, at: int) -> Body:
        """Change an item."""
        body = self.update(self._parent(id), {"items": [{**params, "id": id}], **_how(params)}, at=at)
        return next(item for item in body["items"]["data"] if item["id"] == id)

    def delete_item(self, id: str, params: Params, *, at: int) -> Body:
        """Take an item off its subscription."""
        self.update(self._parent(id), {"items": [{"id": id, "deleted": "true"}], **_how(params)}, at=at)
        return {"id": id, "object": "subscription_item", "deleted": True}

    def _parent(self, item: str) -> str:
        found = self._books.store.where("subscription", "item", item)
        if not found:
            raise StripeError(f"Invalid subscription_item id: {item}", status=404, code="resource_missing", param="item")
        return str(found[0]["id"])

    def _running(self, id: str) -> Body:
        body = self._books.need("subscription", id)
        if body["status"] in ENDED:
            raise StripeError(f"No such subscription: {id}", status=404, code="resource_missing", param="id")
        return body


def _how(params: Params) -> Params:
    return {key: params[key] for key in ("proration_behavior",) if key in params}
