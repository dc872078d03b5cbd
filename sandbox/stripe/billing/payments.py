"""Payment intents, charges, invoice payments and the balance transactions they leave."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.billing import payment_templates, templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import DAY, day_start
from sandbox.stripe.billing.money import processing_fee
from sandbox.truth.facts import Payment

SETTLEMENT_DAYS = 2
"""Days until a charge's money is available (docs.stripe.com/payouts#payout-speed)."""

_DECLINED = {
    "code": "card_declined",
    "decline_code": "generic_decline",
    "doc_url": "https://stripe.com/docs/error-codes/card-declined",
    "message": "Your card was declined.",
    "type": "card_error",
}
_OUTCOMES = {
    True: {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "seller_message": "Payment complete.",
        "type": "authorized",
    },
    False: {
        "advice_code": "try_again_later",
        "network_advice_code": None,
        "network_decline_code": "05",
        "network_status": "declined_by_network",
        "reason": "generic_decline",
        "risk_level": "normal",
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    },
}
_CARD_DETAILS = (
    "amount_authorized authorization_code checks fingerprint installments mandate network_token"
    " network_transaction_id three_d_secure wallet"
)


class Payments:
    """Collects what invoices ask for."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._pending: dict[int, list[str]] = {}
        self._to_pay_out: dict[str, list[str]] = {}
        books.agenda.handle("settle", self._settle)

    def intend(self, invoice: Body, amount: int, *, at: int) -> str:
        """Open a payment for an invoice and return its payment intent's id."""
        intent = {
            **payment_templates.PAYMENT_INTENT,
            "id": self._books.ids.new("pi_"),
            "amount": amount,
            "created": at,
            "currency": invoice["currency"],
            "customer": invoice["customer"],
            "description": "Subscription update" if invoice["parent"] else "Payment for Invoice",
            "status": "requires_payment_method",
        }
        payment = {
            **templates.INVOICE_PAYMENT,
            "id": self._books.ids.new("inpay_"),
            "amount_requested": amount,
            "created": at,
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        }
        self._books.add("payment_intent", intent, at, "payment_intent.created")
        self._books.add("invoice_payment", payment, at)
        return str(intent["id"])

    def collect(self, invoice: Body, *, at: int) -> bool:
        """Charge the customer's card for an open invoice; whether that succeeded."""
        payment = self._payment_of(invoice["id"])
        intent = self._books.need("payment_intent", payment["payment"]["payment_intent"])
        card = self._card(invoice["customer"])
        succeeded = self._approved(card, at)
        charge = self._charge(invoice, intent, card, succeeded, at)
        if succeeded:
            self._settle_intent(intent, payment, charge, at)
        else:
            self._fail_intent(intent, charge, at)
        return succeeded

    def cancel(self, invoice: str, reason: str, *, at: int) -> None:
        """Give up the payment of an invoice."""
        for payment in self._books.store.where("invoice_payment", "invoice", invoice):
            if payment["status"] != "open":
                continue
            moved = {**payment["status_transitions"], "canceled_at": at}
            self._books.change("invoice_payment", {**payment, "status": "canceled", "status_transitions": moved}, at)
            intent = self._books.need("payment_intent", payment["payment"]["payment_intent"])
            intent |= {"status": "canceled", "canceled_at": at, "cancellation_reason": reason}
            self._books.change("payment_intent", intent, at, "payment_intent.canceled")

    def charge_of(self, invoice: str) -> str | None:
        """The charge that paid an invoice."""
        for payment in self._books.store.where("invoice_payment", "invoice", invoice):
            if payment["status"] == "paid" and payment["payment"]["type"] == "payment_intent":
                intent = self._books.need("payment_intent", payment["payment"]["payment_intent"])
                return str(intent["latest_charge"])
        return None

    def book(self, type: str, amount: int, currency: str, source: str, *, at: int, fee: int = 0, **more: Any) -> str:
        """Add a balance transaction and return its id."""
        fees = [
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
        body = {
            **payment_templates.BALANCE_TRANSACTION,
            "id": self._books.ids.new("txn_"),
            "amount": amount,
            "available_on": day_start(at) + SETTLEMENT_DAYS * DAY,
            "created": at,
            "currency": currency,
            "fee": fee,
            "fee_details": fees if fee else [],
            "net": amount - fee,
            "reporting_category": type,
            "source": source,
            "type": type,
            **more,
        }
        self._books.add("balance_transaction", body, at)
        if body["status"] == "pending":
            self._wait(body)
        return str(body["id"])

    def available(self) -> dict[str, list[str]]:
        """Balance transactions that are available and not paid out, by currency; taken by the caller."""
        taken, self._to_pay_out = self._to_pay_out, {}
        return taken

    def _wait(self, body: Body) -> None:
        due = body["available_on"]
        if due not in self._pending:
            self._books.agenda.enter(due, "settle", str(due))
        self._pending.setdefault(due, []).append(body["id"])

    def _settle(self, due: str, at: int) -> None:
        """Money becomes available without any event."""
        for id in self._pending.pop(int(due), ()):
            body = self._books.need("balance_transaction", id)
            self._books.change("balance_transaction", {**body, "status": "available"}, at)
            self._to_pay_out.setdefault(body["currency"], []).append(id)

    def _payment_of(self, invoice: str) -> Body:
        return next(
            payment for payment in self._books.store.where("invoice_payment", "invoice", invoice) if payment["status"] == "open"
        )

    def _card(self, customer: str) -> Body | None:
        body = self._books.store.get("customer", customer)
        id = body and body["invoice_settings"]["default_payment_method"]
        return self._books.store.get("payment_method", id) if id else None

    def _approved(self, card: Body | None, at: int) -> bool:
        if card is None or card["_declines"] < 0:
            return False
        if card["_declines"] == 0:
            return True
        self._books.change("payment_method", {**card, "_declines": card["_declines"] - 1}, at)
        return False

    def _charge(self, invoice: Body, intent: Body, card: Body | None, succeeded: bool, at: int) -> Body:
        amount, currency = intent["amount"], intent["currency"]
        body = {
            **payment_templates.CHARGE,
            "id": self._books.ids.new("ch_"),
            "amount": amount,
            "amount_captured": amount if succeeded else 0,
            "billing_details": {
                **payment_templates.CHARGE["billing_details"],
                "email": invoice["customer_email"],
                "name": invoice["customer_name"],
            },
            "captured": succeeded,
            "created": at,
            "currency": currency,
            "customer": invoice["customer"],
            "description": intent["description"],
            "outcome": _OUTCOMES[succeeded],
            "paid": succeeded,
            "payment_intent": intent["id"],
            "payment_method": card and card["id"],
            "payment_method_details": card and _details(card["card"], amount),
            "status": "succeeded" if succeeded else "failed",
        }
        if succeeded:
            fee = processing_fee(amount, currency)
            body["balance_transaction"] = self.book("charge", amount, currency, body["id"], at=at, fee=fee)
        else:
            body |= {"failure_code": "card_declined", "failure_message": _DECLINED["message"]}
        moved = Payment(at, invoice["customer"], currency, amount)
        (self._books.facts.payments if succeeded else self._books.facts.failed_payments).append(moved)
        return self._books.add("charge", body, at, f"charge.{body['status']}")

    def _settle_intent(self, intent: Body, payment: Body, charge: Body, at: int) -> None:
        intent |= {
            "amount_received": intent["amount"],
            "last_payment_error": None,
            "latest_charge": charge["id"],
            "payment_method": charge["payment_method"],
            "status": "succeeded",
        }
        moved = {**payment["status_transitions"], "paid_at": at}
        payment |= {"amount_paid": intent["amount"], "status": "paid", "status_transitions": moved}
        self._books.change("payment_intent", intent, at, "payment_intent.succeeded")
        self._books.change("invoice_payment", payment, at, "invoice_payment.paid")

    def _fail_intent(self, intent: Body, charge: Body, at: int) -> None:
        error = {**_DECLINED, "charge": charge["id"]}
        intent |= {"last_payment_error": error, "latest_charge": charge["id"], "status": "requires_payment_method"}
        self._books.change("payment_intent", intent, at, "payment_intent.payment_failed")


def _details(card: Body, amount: int) -> Body:
    return {
        "card": {
            **dict.fromkeys(_CARD_DETAILS.split()),
            **{key: card[key] for key in ("brand", "country", "exp_month", "exp_year", "funding", "last4")},
            "amount_authorized": amount,
            "network": card["brand"],
            "regulated_status": "unregulated",
        },
        "type": "card",
    }
