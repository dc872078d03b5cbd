"""Customers, their cards and their credit balances."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import payment_templates, templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.coupons import Discounts
from sandbox.stripe.billing.params import Params
from sandbox.stripe.errors import StripeError

ALWAYS_DECLINED = -1

TEST_CARDS = {
    "pm_card_visa": ("visa", "4242", 0),
    "pm_card_mastercard": ("mastercard", "4444", 0),
    "pm_card_amex": ("amex", "8431", 0),
    "pm_card_chargeCustomerFail": ("visa", "0341", ALWAYS_DECLINED),
    "pm_card_chargeDeclined": ("visa", "0002", ALWAYS_DECLINED),
    **{f"pm_card_declines{times}": ("visa", "9995", times) for times in range(1, 5)},
}
"""Test cards (docs.stripe.com/testing) by token: brand, last four digits, declines before the first success."""

_CONTACT = ("address", "description", "email", "name", "phone", "shipping")


class Customers:
    """Writes on customers."""

    def __init__(self, books: Books, discounts: Discounts) -> None:
        self._books = books
        self._discounts = discounts
        self.cancel_subscriptions: Callable[[str, int], None] = lambda customer, at: None

    def create(self, params: Params, *, at: int, tax: Body | None = None) -> Body:
        """A new customer; without `payment_method` one with a card that works, with an empty one without a card.

        `tax` is how its invoices are taxed: `rate` (id), `percent`, `inclusive`.
        """
        id = params.get("id") or self._books.ids.new("cus_", 14)
        card = self._attach(params.get("payment_method", "pm_card_visa"), id, at)
        body = {
            **templates.CUSTOMER,
            "id": id,
            "balance": 0,
            "created": at,
            "invoice_prefix": self._books.ids.new("", 8).upper(),
            "invoice_settings": {**templates.CUSTOMER["invoice_settings"], "default_payment_method": card},
            "metadata": read.merged_metadata({}, params),
            **{name: params.get(name) or None for name in (*_CONTACT, "test_clock")},
        }
        if tax:
            body["_tax"] = tax
        if body["test_clock"]:
            self._books.need("test_clock", body["test_clock"], "test_clock")
            self._books.facts.ignore(id)
        self._books.add("customer", body, at, "customer.created")
        opening = read.integer(params, "balance")
        return self.move_balance(id, opening, "adjustment", at=at) if opening else body

    def update(self, id: str, params: Params, *, at: int) -> Body:
        """Changed contact details, metadata, balance or card."""
        body = self._books.need("customer", id)
        for name in _CONTACT:
            if name in params:
                body[name] = params[name] or None
        body["metadata"] = read.merged_metadata(body["metadata"], params)
        settings = read.nested(params, "invoice_settings")
        if "default_payment_method" in settings or params.get("payment_method"):
            card = self._attach(settings.get("default_payment_method") or params.get("payment_method", ""), id, at)
            body["invoice_settings"] = {**body["invoice_settings"], "default_payment_method": card}
        self._books.change("customer", body, at, "customer.updated")
        balance = read.integer(params, "balance")
        if balance is not None and balance != body["balance"]:
            return self.move_balance(id, balance - body["balance"], "adjustment", at=at)
        return body

    def delete(self, id: str, params: Params, *, at: int) -> Body:
        """Gone for good; running subscriptions are cancelled at once."""
        self._books.need("customer", id)
        self.cancel_subscriptions(id, at)
        return self._books.drop("customer", id, at, "customer.deleted")

    def give_discount(self, id: str, row: Params, *, at: int) -> Body:
        """A discount on everything the customer subscribes to, as older API versions could give."""
        body = self._books.need("customer", id)
        discount = self._discounts.give(row, {"customer": id}, "customer", at=at)
        body["discount"] = self._discounts.terms(discount)[0]
        return self._books.change("customer", body, at, "customer.updated")

    def delete_discount(self, id: str, params: Params, *, at: int) -> Body:
        """Take the customer's discount away."""
        body = self._books.need("customer", id)
        if body["discount"]:
            self._discounts.end(body["discount"]["id"], at=at)
            self._books.change("customer", {**body, "discount": None}, at, "customer.updated")
        return {"id": id, "object": "discount", "deleted": True}

    def create_payment_method(self, params: Params, *, at: int) -> Body:
        """A card by one of the test tokens (`card[token]`), not attached to anybody yet."""
        token = read.nested(params, "card").get("token") or "pm_card_visa"
        if token not in TEST_CARDS:
            raise StripeError(f"No such token: '{token}'", code="resource_missing", param="card[token]")
        id = self._attach(token, None, at)
        return self._books.need("payment_method", str(id))

    def attach_payment_method(self, id: str, params: Params, *, at: int) -> Body:
        """Give a card, or a fresh one of a test token, to a customer."""
        customer = self._books.need("customer", read.required(params, "customer"), "customer")["id"]
        if id in TEST_CARDS:
            return self._books.need("payment_method", str(self._attach(id, customer, at)))
        body = {**self._books.need("payment_method", id), "customer": customer}
        return self._books.change("payment_method", body, at, "payment_method.attached")

    def credit(self, id: str, params: Params, *, at: int) -> Body:
        """A customer balance transaction made by hand: a negative amount is a credit."""
        body = self._books.need("customer", id)
        amount = read.integer(params, "amount")
        if amount is None:
            raise StripeError("Missing required param: amount.", param="amount", code="parameter_missing")
        currency = read.required(params, "currency").lower()
        text = params.get("description") or None
        return self._record(body, amount, currency, "adjustment", at=at, description=text)

    def move_balance(self, id: str, amount: int, type: str, *, at: int, **source: Any) -> Body:
        """Change the balance for a reason and return the customer."""
        body = self._books.need("customer", id)
        self._record(body, amount, body["currency"] or "usd", type, at=at, **source)
        return self._books.need("customer", id)

    def _record(self, body: Body, amount: int, currency: str, type: str, *, at: int, **source: Any) -> Body:
        changed = {**body, "balance": body["balance"] + amount, "currency": body["currency"] or currency}
        transaction = {
            **payment_templates.CUSTOMER_BALANCE_TRANSACTION,
            "id": self._books.ids.new("cbtxn_"),
            "amount": amount,
            "created": at,
            "currency": currency,
            "customer": body["id"],
            "ending_balance": changed["balance"],
            "type": type,
            **source,
        }
        self._books.change("customer", changed, at, "customer.updated")
        return self._books.add("customer_balance_transaction", transaction, at)

    def uses_currency(self, body: Body, currency: str, *, at: int) -> None:
        """Remember the currency of the first subscription or invoice."""
        if body["currency"] is None:
            self._books.change("customer", {**body, "currency": currency}, at, "customer.updated")

    def is_delinquent(self, id: str, delinquent: bool, *, at: int) -> None:
        """Whether the latest charge failed."""
        body = self._books.store.get("customer", id)
        if body is not None and body["delinquent"] != delinquent:
            self._books.change("customer", {**body, "delinquent": delinquent}, at, "customer.updated")

    def tax_percent(self, id: str) -> Fraction:
        """The rate at which the customer's invoices are taxed."""
        body = self._books.store.get("customer", id)
        return Fraction(body["_tax"]["percent"]) if body and "_tax" in body else Fraction(0)

    def _attach(self, token: str, customer: str | None, at: int) -> str | None:
        if not token:
            return None
        if token not in TEST_CARDS:
            return str(self._books.need("payment_method", token, "payment_method")["id"])
        brand, last4, declines = TEST_CARDS[token]
        body = {
            **payment_templates.PAYMENT_METHOD,
            "id": self._books.ids.new("pm_"),
            "card": {
                **dict.fromkeys(["checks", "fingerprint", "generated_from", "networks", "three_d_secure_usage", "wallet"]),
                "brand": brand,
                "country": "US",
                "display_brand": brand,
                "exp_month": 12,
                "exp_year": 2034,
                "funding": "credit",
                "last4": last4,
                "regulated_status": "unregulated",
            },
            "created": at,
            "customer": customer,
            "_declines": declines,
        }
        event = "payment_method.attached" if customer else None
        return str(self._books.add("payment_method", body, at, event)["id"])
