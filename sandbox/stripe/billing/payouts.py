"""Payouts of the available balance (docs.stripe.com/payouts)."""

from __future__ import annotations

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import payment_templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import DAY, HOUR, day_start
from sandbox.stripe.billing.params import Params
from sandbox.stripe.billing.payments import Payments

_WEEK = 7 * DAY
_FIRST_MONDAY = 4 * DAY


class Payouts:
    """Pays out what is available, every Monday morning and on request."""

    def __init__(self, books: Books, payments: Payments) -> None:
        self._books = books
        self._payments = payments
        books.agenda.handle("pay out", self._pay_out)
        books.agenda.handle("payout arrives", self._arrive)

    def begin(self, at: int) -> None:
        """Start the weekly rhythm."""
        monday = (day_start(at) - _FIRST_MONDAY) // _WEEK * _WEEK + _FIRST_MONDAY + _WEEK
        self._books.agenda.enter(monday + 9 * HOUR, "pay out", "")

    def create(self, params: Params, *, at: int) -> Body:
        """A payout made by hand."""
        amount = read.integer(params, "amount") or 0
        return self._send(amount, read.required(params, "currency").lower(), at, automatic=False)

    def _pay_out(self, key: str, at: int) -> None:
        for currency, ids in sorted(self._payments.available().items()):
            rows = [self._books.need("balance_transaction", id) for id in ids]
            amount = sum(row["net"] for row in rows)
            if amount <= 0:
                continue
            payout = self._send(amount, currency, at, automatic=True)
            for row in rows:
                self._books.change("balance_transaction", {**row, "_payout": payout["id"]}, at)
        self._books.agenda.enter(at + _WEEK, "pay out", key)

    def _send(self, amount: int, currency: str, at: int, *, automatic: bool) -> Body:
        id = self._books.ids.new("po_")
        arrival = day_start(at) + 2 * DAY
        body = {
            **payment_templates.PAYOUT,
            "id": id,
            "amount": amount,
            "arrival_date": arrival,
            "automatic": automatic,
            "balance_transaction": self._payments.book(
                "payout", -amount, currency, id, at=at, available_on=arrival, status="available", _payout=id
            ),
            "created": at,
            "currency": currency,
            "description": "STRIPE PAYOUT",
            "reconciliation_status": "completed" if automatic else "not_applicable",
            "trace_id": {"status": "pending", "value": None},
        }
        self._books.agenda.enter(arrival, "payout arrives", id)
        return self._books.add("payout", body, at, "payout.created")

    def _arrive(self, id: str, at: int) -> None:
        body = self._books.need("payout", id)
        body |= {"status": "paid", "trace_id": {"status": "supported", "value": f"{id[-12:].upper()}"}}
        self._books.change("payout", body, at, "payout.paid")
