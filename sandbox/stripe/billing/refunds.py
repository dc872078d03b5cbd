"""Refunds and disputes of charges (docs.stripe.com/refunds, docs.stripe.com/disputes)."""

from __future__ import annotations

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import payment_templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import DAY
from sandbox.stripe.billing.params import Params
from sandbox.stripe.billing.payments import Payments
from sandbox.stripe.errors import StripeError
from sandbox.truth.facts import Payment

DISPUTE_FEE = 1500
"""Minor units that a dispute costs, in the charge's currency (stripe.com/pricing)."""

_REASONS = ("duplicate", "fraudulent", "requested_by_customer")


class Refunds:
    """Gives money back."""

    def __init__(self, books: Books, payments: Payments) -> None:
        self._books = books
        self._payments = payments

    def create(self, params: Params, *, at: int) -> Body:
        """Refund a charge in full or in part."""
        charge = self._charge(params)
        left = charge["amount"] - charge["amount_refunded"]
        amount = read.integer(params, "amount") or left
        if not charge["paid"] or not left:
            raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
        if amount > left:
            raise StripeError(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
        currency = charge["currency"]
        id = self._books.ids.new("re_")
        body = {
            **payment_templates.REFUND,
            "id": id,
            "amount": amount,
            "balance_transaction": self._payments.book("refund", -amount, currency, id, at=at),
            "charge": charge["id"],
            "created": at,
            "currency": currency,
            "customer": charge["customer"],
            "destination_details": {"card": {"type": "refund"}, "type": "card"},
            "metadata": read.merged_metadata({}, params),
            "payment_intent": charge["payment_intent"],
            "payment_method": charge["payment_method"],
            "reason": read.choice(params, "reason", _REASONS, "requested_by_customer") if params.get("reason") else None,
        }
        refunded = charge["amount_refunded"] + amount
        charge |= {"amount_refunded": refunded, "refunded": refunded == charge["amount"]}
        self._books.facts.refunds.append(Payment(at, charge["customer"], currency, amount))
        self._books.add("refund", body, at, "refund.created")
        self._books.change("charge", charge, at, "charge.refunded")
        return body

    def _charge(self, params: Params) -> Body:
        id = params.get("charge")
        if not id:
            intent = self._books.need("payment_intent", read.required(params, "payment_intent"), "payment_intent")
            id = intent["latest_charge"]
        return self._books.need("charge", id, "charge")


class Disputes:
    """Cardholders who ask their bank for the money back."""

    def __init__(self, books: Books, payments: Payments) -> None:
        self._books = books
        self._payments = payments

    def open(self, params: Params, *, at: int) -> Body:
        """A dispute of a whole charge: the money and a fee are taken at once."""
        charge = self._books.need("charge", read.required(params, "charge"), "charge")
        id = self._books.ids.new("dp_")
        taken = self._take(charge, id, -charge["amount"], at, DISPUTE_FEE)
        body = {
            **payment_templates.DISPUTE,
            "id": id,
            "amount": charge["amount"],
            "balance_transactions": [taken],
            "charge": charge["id"],
            "created": at,
            "currency": charge["currency"],
            "evidence_details": {
                "due_by": at + 14 * DAY,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
                "submission_method": None,
            },
            "network_reason_code": "10.4",
            "payment_intent": charge["payment_intent"],
            "payment_method_details": {
                "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"},
                "type": "card",
            },
            "reason": params.get("reason") or "fraudulent",
        }
        self._books.change("charge", {**charge, "disputed": True}, at, "charge.updated")
        self._books.add("dispute", body, at, "charge.dispute.created")
        self._books.tell("charge.dispute.funds_withdrawn", body, at)
        return body

    def close(self, id: str, params: Params, *, at: int) -> Body:
        """The dispute is accepted as lost, or won when `status` says so."""
        body = self._books.need("dispute", id)
        won = params.get("status") == "won"
        body["status"] = "won" if won else "lost"
        if won:
            charge = self._books.need("charge", body["charge"])
            back = self._take(charge, id, charge["amount"], at, 0)
            body["balance_transactions"] = [*body["balance_transactions"], back]
            self._books.tell("charge.dispute.funds_reinstated", body, at)
        return self._books.change("dispute", body, at, "charge.dispute.closed")

    def _take(self, charge: Body, dispute: str, amount: int, at: int, fee: int) -> Body:
        category = "dispute" if amount < 0 else "dispute_reversal"
        id = self._payments.book(
            "adjustment",
            amount,
            charge["currency"],
            dispute,
            at=at,
            fee=fee,
            reporting_category=category,
            status="available",
            available_on=at,
            description=f"Chargeback for {charge['id']}",
        )
        return self._books.need("balance_transaction", id)
