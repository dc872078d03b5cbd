"""Invoice items: what waits to be billed, and drafts made by hand (docs.stripe.com/api/invoiceitems)."""

from __future__ import annotations

from fractions import Fraction

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.catalog import Prices
from sandbox.stripe.billing.invoices import Invoices
from sandbox.stripe.billing.lines import billed_item, pricing
from sandbox.stripe.billing.money import whole
from sandbox.stripe.billing.params import Params
from sandbox.stripe.errors import StripeError
from sandbox.truth.facts import Tariff


class InvoiceItems:
    """Writes on invoice items."""

    def __init__(self, books: Books, prices: Prices, invoices: Invoices) -> None:
        self._books = books
        self._prices = prices
        self._invoices = invoices

    def create(self, params: Params, *, at: int) -> Body:
        """A pending item, or a line on an open draft when `invoice` is given."""
        customer = self._books.need("customer", read.required(params, "customer"), "customer")
        body = self._one_off(params, customer, at)
        if params.get("invoice"):
            body["invoice"] = params["invoice"]
            self._add_to_draft(body, customer)
            draft = self._books.need("invoice", body["invoice"])
            self._invoices.bill(draft, [*draft["lines"]["data"], billed_item(self._books.ids, body)], customer.get("_tax"))
            self._books.change("invoice", draft, at, "invoice.updated")
        return self._books.add("invoice_item", body, at, "invoiceitem.created")

    def _one_off(self, params: Params, customer: Body, at: int) -> Body:
        quantity = read.integer(params, "quantity")
        quantity = 1 if quantity is None else quantity
        price = read.nested(params, "pricing").get("price") or params.get("price")
        tariff = self._prices.tariff(price, "pricing[price]") if price else None
        amount = read.integer(params, "amount")
        unit = tariff.unit if tariff else read.decimal(params, "unit_amount_decimal")
        if amount is None:
            amount = whole(Fraction(unit or 0) * quantity)
        period = read.nested(params, "period")
        subscription = params.get("subscription")
        return {
            **templates.INVOICE_ITEM,
            "id": self._books.ids.new("ii_"),
            "amount": amount,
            "currency": tariff.currency if tariff else read.required(params, "currency").lower(),
            "customer": customer["id"],
            "date": at,
            "description": params.get("description") or None,
            "discountable": read.boolean(params, "discountable", True),
            "metadata": read.merged_metadata({}, params),
            "net_amount": amount,
            "parent": _parent(subscription, None) if subscription else None,
            "period": {"end": read.integer(period, "end") or at, "start": read.integer(period, "start") or at},
            "pricing": pricing(tariff, tariff.unit) if tariff else None,
            "quantity": quantity,
            "quantity_decimal": str(quantity),
        }

    def prorate(self, item: Body, customer: str, tariff: Tariff, amount: int, quantity: int, period: tuple[int, int]) -> Body:
        """A pending credit (negative amount) or debit for the rest of a period."""
        at = period[0]
        verb = "Unused time on" if amount < 0 else "Remaining time on"
        body = {
            **templates.INVOICE_ITEM,
            "id": self._books.ids.new("ii_"),
            "amount": amount,
            "currency": tariff.currency,
            "customer": customer,
            "date": at,
            "description": f"{verb} {quantity} × {tariff.product}",
            "discountable": False,
            "net_amount": amount,
            "parent": _parent(item["subscription"], item["id"]),
            "period": {"end": period[1], "start": at},
            "pricing": pricing(tariff, None if tariff.tiers else tariff.unit),
            "proration": True,
            "proration_details": {"credited_items": None, "discount_amounts": []},
            "quantity": quantity,
            "quantity_decimal": str(quantity),
        }
        return self._books.add("invoice_item", body, at, "invoiceitem.created")

    def update(self, id: str, params: Params, *, at: int) -> Body:
        """Changed description or amount of an item that is not billed yet."""
        body = self._unbilled(id)
        amount = read.integer(params, "amount")
        if amount is not None:
            body |= {"amount": amount, "net_amount": amount}
        body["description"] = params.get("description", body["description"]) or None
        body["metadata"] = read.merged_metadata(body["metadata"], params)
        return self._books.change("invoice_item", body, at)

    def delete(self, id: str, params: Params, *, at: int) -> Body:
        """Take back an item that is not billed yet."""
        self._unbilled(id)
        return self._books.drop("invoice_item", id, at, "invoiceitem.deleted")

    def pending(self, customer: str, subscription: str | None = None) -> list[Body]:
        """Items that wait for an invoice, oldest first; of one subscription, or those of none."""
        found = []
        for item in reversed(self._books.store.where("invoice_item", "customer", customer)):
            details = (item["parent"] or {}).get("subscription_details") or {}
            if item["invoice"] is None and details.get("subscription") == subscription:
                found.append(item)
        return found

    def billed(self, items: list[Body], invoice: str, *, at: int) -> None:
        """Note on items which invoice bills them; Stripe has no event for that."""
        for item in items:
            self._books.change("invoice_item", {**item, "invoice": invoice}, at)

    def draft(self, params: Params, *, at: int) -> Body:
        """An invoice made by hand, empty or with the customer's pending items."""
        customer = self._books.need("customer", read.required(params, "customer"), "customer")
        subscription = params.get("subscription") or None
        include = params.get("pending_invoice_items_behavior") == "include" or subscription
        items = self.pending(customer["id"], subscription) if include else []
        currency = items[0]["currency"] if items else (params.get("currency") or customer["currency"] or "usd")
        days = read.integer(params, "days_until_due")
        body = self._invoices.draft(
            customer,
            currency,
            [billed_item(self._books.ids, item) for item in items],
            at=at,
            reason="manual",
            period=(at, at),
            auto_advance=read.boolean(params, "auto_advance"),
            collection_method=params.get("collection_method") or "charge_automatically",
            description=params.get("description") or None,
            due_date=at + days * 86_400 if days is not None else None,
            metadata=read.merged_metadata({}, params),
            parent=_invoice_parent(subscription) if subscription else None,
        )
        self.billed(items, body["id"], at=at)
        self._invoices.finalize_later(body, at=at)
        return body

    def update_draft(self, id: str, params: Params, *, at: int) -> Body:
        """Changed description, metadata or collection of an invoice."""
        body = self._books.need("invoice", id)
        body["description"] = params.get("description", body["description"]) or None
        body["metadata"] = read.merged_metadata(body["metadata"] or {}, params)
        body["auto_advance"] = read.boolean(params, "auto_advance", body["auto_advance"])
        return self._books.change("invoice", body, at, "invoice.updated")

    def delete_draft(self, id: str, params: Params, *, at: int) -> Body:
        """A draft goes; its items wait again."""
        body = self._books.need("invoice", id)
        if body["status"] != "draft":
            raise StripeError("You can only delete draft invoices.")
        for item in self._books.store.where("invoice_item", "invoice", id):
            self._books.change("invoice_item", {**item, "invoice": None}, at)
        return self._books.drop("invoice", id, at, "invoice.deleted")

    def _unbilled(self, id: str) -> Body:
        body = self._books.need("invoice_item", id)
        if body["invoice"] is not None:
            raise StripeError("This invoice item is already attached to an invoice.")
        return body

    def _add_to_draft(self, body: Body, customer: Body) -> None:
        draft = self._books.need("invoice", body["invoice"], "invoice")
        if draft["status"] != "draft" or draft["customer"] != customer["id"]:
            raise StripeError("The invoice must be an open draft of the same customer.", param="invoice")


def _parent(subscription: str, item: str | None) -> Body:
    details = {"subscription": subscription, **({"subscription_item": item} if item else {})}
    return {"subscription_details": details, "type": "subscription_details"}


def _invoice_parent(subscription: str) -> Body:
    return {
        "quote_details": None,
        "subscription_details": {"metadata": {}, "subscription": subscription},
        "type": "subscription_details",
    }
