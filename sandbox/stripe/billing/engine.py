"""The billing engine as a whole: every write by the name of its operation, and the passing of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.agenda import Agenda
from sandbox.stripe.billing.books import STREAMS, Body, Books
from sandbox.stripe.billing.catalog import Plans, Prices, Products
from sandbox.stripe.billing.coupons import Coupons, Discounts, PromotionCodes
from sandbox.stripe.billing.credit_notes import CreditNotes
from sandbox.stripe.billing.customers import Customers
from sandbox.stripe.billing.ids import Ids
from sandbox.stripe.billing.invoice_items import InvoiceItems
from sandbox.stripe.billing.invoices import Dunning, Invoices
from sandbox.stripe.billing.items import Items
from sandbox.stripe.billing.lifecycle import Lifecycle
from sandbox.stripe.billing.payments import Payments
from sandbox.stripe.billing.payouts import Payouts
from sandbox.stripe.billing.proration import Prorations
from sandbox.stripe.billing.refunds import Disputes, Refunds
from sandbox.stripe.billing.schedules import Schedules
from sandbox.stripe.billing.subscriptions import Subscriptions
from sandbox.stripe.billing.terms import Terms
from sandbox.stripe.billing.test_clocks import TestClocks
from sandbox.stripe.billing.usage import Meters
from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import Store
from sandbox.truth.facts import Facts

Operation = Callable[..., Body]


class Billing:
    """Writes and time in, objects, events and facts out. Instants are epoch seconds and never go back."""

    def __init__(
        self, store: Store, agenda: Agenda, facts: Facts, *, seed: int | str = 0, dunning: Dunning | None = None
    ) -> None:
        books = Books(store, facts, agenda, Ids(seed))
        facts.lists(STREAMS.values())
        self.books = books
        self.products = Products(books)
        self.prices = Prices(books, self.products)
        self.plans = Plans(books, self.prices)
        self.coupons = Coupons(books)
        self.promotion_codes = PromotionCodes(books)
        self.discounts = Discounts(books)
        self.customers = Customers(books, self.discounts)
        self.meters = Meters(books)
        self.payments = Payments(books)
        self.invoices = Invoices(books, self.prices, self.customers, self.discounts, self.payments, dunning or Dunning())
        self.invoice_items = InvoiceItems(books, self.prices, self.invoices)
        items = Items(books, self.prices, self.customers, self.discounts, self.meters)
        self.lifecycle = Lifecycle(books, items, self.customers, self.discounts, self.invoice_items, self.invoices)
        prorations = Prorations(books, items, self.discounts, self.invoice_items)
        terms = Terms(books, items, self.discounts, self.invoice_items, prorations, self.lifecycle)
        self.subscriptions = Subscriptions(books, items, self.discounts, self.invoices, self.lifecycle, terms)
        self.schedules = Schedules(books, self.subscriptions)
        self.lifecycle.before_renewal = self.schedules.reach
        self.refunds = Refunds(books, self.payments)
        self.disputes = Disputes(books, self.payments)
        self.credit_notes = CreditNotes(books, self.customers, self.payments, self.refunds)
        self.payouts = Payouts(books, self.payments)
        self.test_clocks = TestClocks(books)
        self.customers.cancel_subscriptions = self.subscriptions.cancel_all
        self.operations = self._of_customers() | self._of_catalogue() | self._of_subscriptions() | self._of_money()

    def run_until(self, instant: int) -> None:
        """Let everything happen that is due up to and including the instant."""
        self.books.agenda.run_until(instant)

    def write(self, operation: str, arguments: dict[str, Any], *, at: int) -> Body:
        """Carry out a write by name; `arguments` are the ids of the path and `params`, the decoded form."""
        act = self.operations.get(operation)
        if act is None:
            raise StripeError(f"The sandbox does not do {operation}.", status=404)
        return act(**arguments, at=at)

    def _of_customers(self) -> dict[str, Operation]:
        return {
            "create_customer": self.customers.create,
            "update_customer": self.customers.update,
            "delete_customer": self.customers.delete,
            "delete_customer_discount": self.customers.delete_discount,
            "create_customer_balance_transaction": self.customers.credit,
            "create_payment_method": self.customers.create_payment_method,
            "attach_payment_method": self.customers.attach_payment_method,
            "create_test_clock": self.test_clocks.create,
            "advance_test_clock": self.test_clocks.advance,
        }

    def _of_catalogue(self) -> dict[str, Operation]:
        return {
            "create_product": self.products.create,
            "update_product": self.products.update,
            "delete_product": self.products.delete,
            "create_price": self.prices.create,
            "update_price": self.prices.update,
            "create_plan": self.plans.create,
            "delete_plan": self.plans.delete,
            "create_coupon": self.coupons.create,
            "update_coupon": self.coupons.update,
            "delete_coupon": self.coupons.delete,
            "create_promotion_code": self.promotion_codes.create,
            "update_promotion_code": self.promotion_codes.update,
            "create_meter": self.meters.create,
            "deactivate_meter": self.meters.deactivate,
            "reactivate_meter": self.meters.reactivate,
            "create_meter_event": self.meters.take_event,
        }

    def _of_subscriptions(self) -> dict[str, Operation]:
        return {
            "create_subscription": self.subscriptions.create,
            "update_subscription": self.subscriptions.update,
            "cancel_subscription": self.subscriptions.cancel,
            "resume_subscription": self.subscriptions.resume,
            "delete_subscription_discount": self.subscriptions.delete_discount,
            "create_subscription_item": self.subscriptions.create_item,
            "update_subscription_item": self.subscriptions.update_item,
            "delete_subscription_item": self.subscriptions.delete_item,
            "create_subscription_schedule": self.schedules.create,
            "update_subscription_schedule": self.schedules.update,
            "cancel_subscription_schedule": self.schedules.cancel,
            "release_subscription_schedule": self.schedules.release,
        }

    def _of_money(self) -> dict[str, Operation]:
        return {
            "create_invoice_item": self.invoice_items.create,
            "update_invoice_item": self.invoice_items.update,
            "delete_invoice_item": self.invoice_items.delete,
            "create_invoice": self.invoice_items.draft,
            "update_invoice": self.invoice_items.update_draft,
            "delete_invoice": self.invoice_items.delete_draft,
            "finalize_invoice": self.invoices.finalize,
            "pay_invoice": self.invoices.pay,
            "void_invoice": self.invoices.void,
            "mark_invoice_uncollectible": self.invoices.mark_uncollectible,
            "create_refund": self.refunds.create,
            "create_credit_note": self.credit_notes.create,
            "void_credit_note": self.credit_notes.void,
            "create_dispute": self.disputes.open,
            "close_dispute": self.disputes.close,
            "create_payout": self.payouts.create,
        }
