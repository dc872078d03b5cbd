"""Credit notes against finalised invoices (docs.stripe.com/invoicing/dashboard/credit-notes)."""

from __future__ import annotations

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import payment_templates, templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.customers import Customers
from sandbox.stripe.billing.params import Params
from sandbox.stripe.billing.payments import Payments
from sandbox.stripe.billing.refunds import Refunds
from sandbox.stripe.errors import StripeError


class CreditNotes:
    """Lowers what an invoice asks for, or gives back what it took."""

    def __init__(self, books: Books, customers: Customers, payments: Payments, refunds: Refunds) -> None:
        self._books = books
        self._customers = customers
        self._payments = payments
        self._refunds = refunds
        self._numbers: dict[str, int] = {}

    def create(self, params: Params, *, at: int) -> Body:
        """Credit an amount: before payment off the invoice, after it to the balance or as a refund."""
        invoice = self._books.need("invoice", read.required(params, "invoice"), "invoice")
        amount = read.integer(params, "amount") or sum(read.integer(row, "amount") or 0 for row in read.rows(params, "lines"))
        if invoice["status"] not in ("open", "paid") or not amount:
            raise StripeError("A credit note needs an open or paid invoice and an amount.", param="amount")
        before = invoice["status"] == "open"
        body = self._new(invoice, amount, before, params, at)
        if before:
            self._lower(invoice, amount, at)
        elif read.integer(params, "refund_amount"):
            self._give_back(body, invoice, amount, at)
        else:
            self._customers.move_balance(
                invoice["customer"], -amount, "credit_note", at=at, credit_note=body["id"], invoice=invoice["id"]
            )
            body["customer_balance_transaction"] = self._latest_movement(invoice["customer"])
        if not before:
            invoice["post_payment_credit_notes_amount"] += amount
            self._books.change("invoice", invoice, at, "invoice.updated")
        return self._books.add("credit_note", body, at, "credit_note.created")

    def _new(self, invoice: Body, amount: int, before: bool, params: Params, at: int) -> Body:
        id = self._books.ids.new("cn_")
        self._numbers[invoice["id"]] = number = self._numbers.get(invoice["id"], 0) + 1
        line = {
            **payment_templates.CREDIT_NOTE_LINE,
            "id": self._books.ids.new("cnli_"),
            "amount": amount,
            "description": params.get("memo") or "Goodwill",
            "quantity": 1,
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        }
        return {
            **payment_templates.CREDIT_NOTE,
            **dict.fromkeys(("amount", "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"), amount),
            "id": id,
            "created": at,
            "currency": invoice["currency"],
            "customer": invoice["customer"],
            "effective_at": at,
            "invoice": invoice["id"],
            "lines": templates.nested_list([line], f"/v1/credit_notes/{id}/lines"),
            "memo": params.get("memo") or None,
            "number": f"{invoice['number']}-CN-{number:02d}",
            "pdf": f"https://pay.stripe.com/credit_notes/{id}/pdf",
            "post_payment_amount": 0 if before else amount,
            "pre_payment_amount": amount if before else 0,
            "reason": params.get("reason") or None,
            "type": "pre_payment" if before else "post_payment",
        }

    def _lower(self, invoice: Body, amount: int, at: int) -> None:
        if amount > invoice["amount_remaining"]:
            raise StripeError("The credit exceeds what remains to be paid.", param="amount")
        invoice["pre_payment_credit_notes_amount"] += amount
        invoice["amount_due"] -= amount
        invoice["amount_remaining"] -= amount
        for payment in self._books.store.where("invoice_payment", "invoice", invoice["id"]):
            if payment["status"] == "open":
                self._books.change("invoice_payment", {**payment, "amount_requested": invoice["amount_due"]}, at)
                intent = self._books.need("payment_intent", payment["payment"]["payment_intent"])
                self._books.change("payment_intent", {**intent, "amount": invoice["amount_due"]}, at)
        self._books.change("invoice", invoice, at, "invoice.updated")

    def _give_back(self, body: Body, invoice: Body, amount: int, at: int) -> None:
        charge = self._payments.charge_of(invoice["id"])
        if charge is None:
            raise StripeError("The invoice was not paid by a charge.", param="refund_amount")
        refund = self._refunds.create({"charge": charge, "amount": str(amount)}, at=at)
        body["refunds"] = [{"amount_refunded": amount, "payment_record_refund": None, "refund": refund["id"], "type": "refund"}]

    def _latest_movement(self, customer: str) -> str:
        newest = self._books.store.where("customer_balance_transaction", "customer", customer)[0]
        return str(newest["id"])

    def void(self, id: str, params: Params, *, at: int) -> Body:
        """Take a credit note back."""
        body = self._books.need("credit_note", id)
        if body["status"] == "void":
            raise StripeError("This credit note is already void.")
        body |= {"status": "void", "voided_at": at}
        return self._books.change("credit_note", body, at, "credit_note.voided")
