"""Invoices from draft to paid, void or uncollectible (docs.stripe.com/invoicing/overview)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import DAY, HOUR
from sandbox.stripe.billing.catalog import Prices
from sandbox.stripe.billing.coupons import Discounts
from sandbox.stripe.billing.customers import Customers
from sandbox.stripe.billing.params import Params
from sandbox.stripe.billing.payments import Payments
from sandbox.stripe.billing.reckoning import reckon
from sandbox.stripe.errors import StripeError

Hook = Callable[[Body, int], None]


@dataclass(frozen=True)
class Dunning:
    """When a failed payment is tried again (seconds after the first try) and what follows the last failure."""

    retries: tuple[int, ...] = (3 * DAY, 8 * DAY, 14 * DAY)
    then: str = "cancel"


class Invoices:
    """Drafts, finalises and collects invoices."""

    def __init__(
        self,
        books: Books,
        prices: Prices,
        customers: Customers,
        discounts: Discounts,
        payments: Payments,
        dunning: Dunning,
    ) -> None:
        self._books = books
        self._prices = prices
        self._customers = customers
        self._discounts = discounts
        self._payments = payments
        self.dunning = dunning
        self._numbers: dict[str, int] = {}
        self.on_paid: Hook = lambda invoice, at: None
        self.on_failed: Hook = lambda invoice, at: None
        books.agenda.handle("finalize", self._finalize_due)
        books.agenda.handle("collect", self._collect_due)

    def draft(
        self,
        customer: Body,
        currency: str,
        lines: list[Body],
        *,
        at: int,
        reason: str,
        period: tuple[int, int],
        discounts: list[str] | None = None,
        **fields: object,
    ) -> Body:
        """A new draft with these lines; `fields` are further fields of the invoice."""
        id = self._books.ids.new("in_")
        body = {
            **templates.INVOICE,
            "id": id,
            "billing_reason": reason,
            "created": at,
            "currency": currency,
            "customer": customer["id"],
            "customer_address": customer["address"],
            "customer_email": customer["email"],
            "customer_name": customer["name"],
            "discounts": discounts or [],
            "effective_at": None,
            "period_end": period[1],
            "period_start": period[0],
            **fields,
        }
        self.bill(body, lines, customer.get("_tax"))
        self._customers.uses_currency(customer, currency, at=at)
        return self._books.add("invoice", body, at, "invoice.created")

    def bill(self, body: Body, lines: list[Body], tax: Body | None) -> None:
        """Put lines on a draft and add it up."""
        inclusive = {
            price
            for price in {line["pricing"]["price_details"]["price"] for line in lines if line["pricing"]}
            if tax and self._prices.tariff(price).inclusive
        }
        body |= reckon(lines, body["discounts"], tax, self._discounts.terms, inclusive)
        for line in lines:
            line["invoice"] = body["id"]
        body["lines"] = templates.nested_list(lines, f"/v1/invoices/{body['id']}/lines")

    def finalize_later(self, invoice: Body, *, at: int) -> None:
        """Leave a renewal's draft open for an hour, as Stripe does."""
        if invoice["auto_advance"]:
            self._books.agenda.enter(at + HOUR, "finalize", invoice["id"])

    def finalize(self, id: str, params: Params, *, at: int) -> Body:
        """Number a draft, apply the customer's balance and ask for what is left."""
        body = self._books.need("invoice", id)
        if body["status"] != "draft":
            raise StripeError("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
        self._apply_balance(body, at)
        body |= {
            "status": "open",
            "number": self._number(body["customer"]),
            "effective_at": at,
            "hosted_invoice_url": f"https://invoice.stripe.com/i/{id}",
            "invoice_pdf": f"https://pay.stripe.com/invoice/{id}/pdf",
            "status_transitions": {**body["status_transitions"], "finalized_at": at},
        }
        if body["amount_due"]:
            self._payments.intend(body, body["amount_due"], at=at)
        self._books.change("invoice", body, at, "invoice.finalized")
        if not body["amount_due"]:
            return self._mark_paid(body, at)
        if body["collection_method"] == "send_invoice":
            self._books.tell("invoice.sent", body, at)
        return body

    def advance(self, id: str, *, at: int) -> Body:
        """Finalise a draft and, if it is charged automatically, collect it."""
        body = self.finalize(id, {}, at=at)
        if body["status"] == "open" and body["collection_method"] == "charge_automatically":
            return self.collect(id, at=at)
        return body

    def collect(self, id: str, *, at: int) -> Body:
        """Try to charge an open invoice; a failure is retried by the dunning rules."""
        body = self._books.need("invoice", id)
        body |= {"attempted": True, "attempt_count": body["attempt_count"] + 1, "next_payment_attempt": None}
        if self._payments.collect(body, at=at):
            return self._mark_paid(body, at)
        body["next_payment_attempt"] = self._next_attempt(body)
        self._books.change("invoice", body, at, "invoice.payment_failed")
        self._books.tell("invoice.updated", body, at)
        if body["next_payment_attempt"]:
            self._books.agenda.enter(body["next_payment_attempt"], "collect", id)
        self._customers.is_delinquent(body["customer"], True, at=at)
        self.on_failed(body, at)
        return body

    def pay(self, id: str, params: Params, *, at: int) -> Body:
        """Pay an open invoice now, by card or out of band."""
        body = self._books.need("invoice", id)
        if body["status"] == "draft":
            body = self.finalize(id, {}, at=at)
        if body["status"] == "paid":
            raise StripeError("Invoice is already paid", code="invoice_already_paid")
        if body["status"] not in ("open", "uncollectible"):
            raise StripeError(f"You can't pay an invoice whose status is {body['status']}.")
        if read.boolean(params, "paid_out_of_band"):
            self._payments.cancel(id, "void_invoice", at=at)
            body["amount_paid_off_stripe"] = body["amount_due"]
            return self._mark_paid(body, at)
        paid = self.collect(id, at=at)
        if paid["status"] != "paid":
            raise StripeError("Your card was declined.", status=402, type="card_error", code="card_declined")
        return paid

    def void(self, id: str, params: Params, *, at: int) -> Body:
        """Take an open invoice back."""
        return self._close(id, "void", "voided_at", "invoice.voided", at)

    def mark_uncollectible(self, id: str, params: Params, *, at: int, reason: str = "user_forgiven") -> Body:
        """Write an open invoice off."""
        details = {"uncollectible": {"reason": reason}}
        event = "invoice.marked_uncollectible"
        return self._close(id, "uncollectible", "marked_uncollectible_at", event, at, status_details=details)

    def stop_collecting(self, id: str, *, at: int) -> None:
        """No further automatic attempts on an invoice."""
        body = self._books.need("invoice", id)
        if body["status"] in ("draft", "open") and body["auto_advance"]:
            body |= {"auto_advance": False, "next_payment_attempt": None}
            self._books.change("invoice", body, at, "invoice.updated")

    def _close(self, id: str, status: str, stamp: str, event: str, at: int, **fields: object) -> Body:
        body = self._books.need("invoice", id)
        if body["status"] not in ("open", "uncollectible"):
            raise StripeError(f"You can only pass in open invoices. This invoice is {body['status']}.")
        moved = {**body["status_transitions"], stamp: at}
        body |= {"status": status, "status_transitions": moved, "next_payment_attempt": None, **fields}
        if status == "void":
            self._payments.cancel(id, "void_invoice", at=at)
            body["amount_remaining"] = body["amount_due"]
        return self._books.change("invoice", body, at, event)

    def _mark_paid(self, body: Body, at: int) -> Body:
        body |= {
            "amount_paid": body["amount_due"],
            "amount_remaining": 0,
            "attempted": True,
            "next_payment_attempt": None,
            "status": "paid",
            "status_transitions": {**body["status_transitions"], "paid_at": at},
        }
        self._books.change("invoice", body, at, "invoice.paid")
        self._books.tell("invoice.updated", body, at)
        self._books.tell("invoice.payment_succeeded", body, at)
        if body["amount_paid"]:
            self._customers.is_delinquent(body["customer"], False, at=at)
        self.on_paid(body, at)
        return body

    def _apply_balance(self, body: Body, at: int) -> None:
        customer = self._books.store.get("customer", body["customer"])
        balance = customer["balance"] if customer and customer["currency"] == body["currency"] else 0
        reached = body["total"] + balance
        body |= {"starting_balance": balance, "ending_balance": min(reached, 0)}
        body |= {"amount_due": max(reached, 0), "amount_remaining": max(reached, 0)}
        moved = body["ending_balance"] - balance
        if moved and customer and customer["currency"] == body["currency"]:
            self._customers.move_balance(customer["id"], moved, "applied_to_invoice", at=at, invoice=body["id"])

    def _number(self, customer: str) -> str:
        self._numbers[customer] = self._numbers.get(customer, 0) + 1
        body = self._books.store.get("customer", customer)
        prefix = body["invoice_prefix"] if body else customer[-8:].upper()
        return f"{prefix}-{self._numbers[customer]:04d}"

    def _next_attempt(self, body: Body) -> int | None:
        tried: int = body["attempt_count"] - 1
        if not body["auto_advance"] or tried >= len(self.dunning.retries):
            return None
        first: int = body["status_transitions"]["finalized_at"]
        return first + self.dunning.retries[tried]

    def _finalize_due(self, id: str, at: int) -> None:
        body = self._books.store.get("invoice", id)
        if body and body["status"] == "draft" and body["auto_advance"]:
            self.advance(id, at=at)

    def _collect_due(self, id: str, at: int) -> None:
        body = self._books.store.get("invoice", id)
        if body and body["status"] == "open" and body["next_payment_attempt"] == at:
            self.collect(id, at=at)
