"""What time does to subscriptions: trials end, periods renew, discounts and cancellations fall due, dunning ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import HOUR
from sandbox.stripe.billing.coupons import Discounts
from sandbox.stripe.billing.customers import Customers
from sandbox.stripe.billing.invoice_items import InvoiceItems
from sandbox.stripe.billing.invoices import Invoices
from sandbox.stripe.billing.items import Items
from sandbox.stripe.billing.lines import billed_item
from sandbox.truth.facts import CancellationPlanned, CollectionPaused, StatusSince

INCOMPLETE_FOR = 23 * HOUR
"""How long a first payment may be missing (docs.stripe.com/billing/subscriptions/overview)."""

ENDED = ("canceled", "incomplete_expired")
UPDATED = "customer.subscription.updated"


class Lifecycle:
    """Keeps every subscription's status, periods and invoices up to the instant."""

    def __init__(
        self,
        books: Books,
        items: Items,
        customers: Customers,
        discounts: Discounts,
        invoice_items: InvoiceItems,
        invoices: Invoices,
    ) -> None:
        self._books = books
        self._items = items
        self._customers = customers
        self._discounts = discounts
        self._invoice_items = invoice_items
        self._invoices = invoices
        self._awake: dict[str, int] = {}
        self.unpaid_after_dunning: set[str] = set()
        self.before_renewal: Callable[[str, int], None] = lambda schedule, at: None
        books.agenda.handle("subscription", self._due)
        invoices.on_paid = self._paid
        invoices.on_failed = self._failed

    def wake(self, body: Body) -> None:
        """Enter the next instant at which something happens to a subscription by itself."""
        instants = [instant for instant in self._instants(body) if instant is not None]
        if not instants or body["status"] in ENDED:
            self._awake.pop(body["id"], None)
            return
        when = min(instants)
        if self._awake.get(body["id"]) != when:
            self._awake[body["id"]] = when
            self._books.agenda.enter(when, "subscription", body["id"])

    def _instants(self, body: Body) -> list[int | None]:
        if body["status"] == "incomplete":
            return [body["created"] + INCOMPLETE_FOR]
        ends = [self._discounts.terms(id)[0]["end"] for id in self._all_discounts(body)]
        instants = [body["cancel_at"], (body["pause_collection"] or {}).get("resumes_at"), *ends]
        if body["status"] != "paused":
            instants += [item["current_period_end"] for item in body["items"]["data"]]
        return instants

    def set_status(self, body: Body, status: str, *, at: int) -> None:
        """Change the status and report it."""
        body["status"] = status
        self._books.facts.report(body["customer"], StatusSince(at, body["id"], status))

    def _due(self, id: str, at: int) -> None:
        if self._awake.get(id) != at:
            return
        del self._awake[id]
        body = self._books.need("subscription", id)
        if body["status"] == "incomplete":
            self._expire(body, at)
            return
        if body["schedule"]:
            self.before_renewal(body["schedule"], at)
            body = self._books.need("subscription", id)
        self._drop_discounts(body, at)
        self._resume_collection(body, at)
        if body["cancel_at"] is not None and body["cancel_at"] <= at:
            self.end(body, at=at, reason="cancellation_requested")
        else:
            self._go_on(body, at)

    def _go_on(self, body: Body, at: int) -> None:
        """End the trial or renew what is due."""
        draft = None
        if body["status"] == "trialing" and body["trial_end"] <= at:
            draft = self._end_trial(body, at)
        elif body["status"] != "paused":
            draft = self._renew(body, [i for i in body["items"]["data"] if i["current_period_end"] <= at], at)
        if body["status"] not in ENDED:
            self._books.change("subscription", body, at, UPDATED)
            self.wake(body)
        if draft:
            self._release(body, draft, at)

    def _all_discounts(self, body: Body) -> list[str]:
        return [*body["discounts"], *(id for item in body["items"]["data"] for id in item["discounts"])]

    def _drop_discounts(self, body: Body, at: int) -> None:
        for holder in (body, *body["items"]["data"]):
            for id in list(holder["discounts"]):
                end = self._discounts.terms(id)[0]["end"]
                if end is not None and end <= at:
                    self._discounts.end(id, at=at)
                    holder["discounts"] = [kept for kept in holder["discounts"] if kept != id]

    def _resume_collection(self, body: Body, at: int) -> None:
        pause = body["pause_collection"]
        if pause and pause["resumes_at"] is not None and pause["resumes_at"] <= at:
            body["pause_collection"] = None
            self._books.facts.report(body["customer"], CollectionPaused(at, body["id"], False))

    def _end_trial(self, body: Body, at: int) -> Body | None:
        without_card = body["trial_settings"]["end_behavior"]["missing_payment_method"]
        if without_card != "create_invoice" and not self._has_card(body):
            if without_card == "cancel":
                self.end(body, at=at, reason="cancellation_requested")
                return None
            self.set_status(body, "paused", at=at)
            self._books.tell("customer.subscription.paused", body, at)
            return None
        self.set_status(body, "active", at=at)
        body["billing_cycle_anchor"] = at
        for item in body["items"]["data"]:
            item["_anchor"] = at
        return self._renew(body, body["items"]["data"], at)

    def _has_card(self, body: Body) -> bool:
        customer = self._books.store.get("customer", body["customer"])
        return bool(customer and customer["invoice_settings"]["default_payment_method"])

    def _renew(self, body: Body, due: list[Body], at: int) -> Body | None:
        """Move the items to their next period and draft the invoice for it."""
        if not due:
            return None
        started = min(item["current_period_start"] for item in due)
        lines = [line for item in due for line in self._items.usage_lines(item, body["customer"], at)]
        for item in due:
            self._items.renew(item, at, item["_anchor"])
        lines += [line for item in due for line in self._items.lines(item)]
        waiting = self._invoice_items.pending(body["customer"], body["id"])
        lines += [billed_item(self._books.ids, item) for item in waiting]
        draft = self.invoice(body, lines, at=at, reason="subscription_cycle", period=(started, at))
        self._invoice_items.billed(waiting, draft["id"], at=at)
        return draft

    def invoice(self, body: Body, lines: list[Body], *, at: int, reason: str, period: tuple[int, int]) -> Body:
        """Draft an invoice for a subscription, with its discounts or else the customer's."""
        customer = self._books.need("customer", body["customer"])
        discounts = list(body["discounts"])
        if not discounts and customer["discount"]:
            discounts = [customer["discount"]["id"]]
        details = {"metadata": body["metadata"], "subscription": body["id"]}
        days = body["days_until_due"]
        draft = self._invoices.draft(
            customer,
            body["currency"],
            lines,
            at=at,
            reason=reason,
            period=period,
            discounts=discounts,
            auto_advance=not body["pause_collection"] and body["status"] != "unpaid",
            collection_method=body["collection_method"],
            due_date=None if days is None else at + days * 24 * HOUR,
            parent={"quote_details": None, "subscription_details": details, "type": "subscription_details"},
        )
        body["latest_invoice"] = draft["id"]
        self._use_up_once(body, at)
        return draft

    def _use_up_once(self, body: Body, at: int) -> None:
        for holder in (body, *body["items"]["data"]):
            for id in list(holder["discounts"]):
                if self._discounts.terms(id)[1]["duration"] == "once":
                    self._discounts.end(id, at=at)
                    holder["discounts"] = [kept for kept in holder["discounts"] if kept != id]

    def _release(self, body: Body, draft: Body, at: int) -> None:
        """Let a renewal's draft go its way: collected in an hour, or as the pause says."""
        behavior = (body["pause_collection"] or {}).get("behavior")
        if behavior in ("void", "mark_uncollectible"):
            self._invoices.finalize(draft["id"], {}, at=at)
            if self._books.need("invoice", draft["id"])["status"] == "open":
                close = self._invoices.void if behavior == "void" else self._invoices.mark_uncollectible
                close(draft["id"], {}, at=at)
        else:
            self._invoices.finalize_later(draft, at=at)

    def end(self, body: Body, *, at: int, reason: str, **details: Any) -> Body:
        """Cancel a subscription for good."""
        lines = [
            line
            for item in body["items"]["data"]
            if item["current_period_start"] < at and body["status"] in ("active", "past_due")
            for line in self._items.usage_lines(item, body["customer"], at)
            if line["amount"]
        ]
        self.set_status(body, "canceled", at=at)
        self._books.facts.report(body["customer"], CancellationPlanned(at, body["id"], False))
        body |= {
            "canceled_at": at if body["canceled_at"] is None else body["canceled_at"],
            "cancellation_details": {**body["cancellation_details"], **details, "reason": reason},
            "ended_at": at,
        }
        self._stop_collecting(body["id"], at)
        draft = None
        if lines:
            start = min(line["period"]["start"] for line in lines)
            draft = self.invoice(body, lines, at=at, reason="subscription_cycle", period=(start, at))
        self._books.change("subscription", body, at, "customer.subscription.deleted")
        self._awake.pop(body["id"], None)
        if draft:
            self._invoices.finalize_later(draft, at=at)
        return body

    def _stop_collecting(self, id: str, at: int) -> None:
        for invoice in self._books.store.where("invoice", "subscription", id):
            if invoice["status"] in ("draft", "open"):
                self._invoices.stop_collecting(invoice["id"], at=at)

    def _expire(self, body: Body, at: int) -> None:
        self.set_status(body, "incomplete_expired", at=at)
        body["ended_at"] = at
        self._books.change("subscription", body, at, UPDATED)
        if self._books.need("invoice", body["latest_invoice"])["status"] == "open":
            self._invoices.void(body["latest_invoice"], {}, at=at)

    def _subscription_of(self, invoice: Body) -> Body | None:
        details = (invoice["parent"] or {}).get("subscription_details")
        return self._books.store.get("subscription", details["subscription"]) if details else None

    def _paid(self, invoice: Body, at: int) -> None:
        body = self._subscription_of(invoice)
        if body is None or body["status"] not in ("incomplete", "past_due", "unpaid"):
            return
        others = self._books.store.where("invoice", "subscription", body["id"])
        if any(other["status"] == "open" for other in others):
            return
        self.set_status(body, "active", at=at)
        self._books.change("subscription", body, at, UPDATED)
        self.wake(body)

    def _failed(self, invoice: Body, at: int) -> None:
        body = self._subscription_of(invoice)
        if body is None or body["status"] not in ("active", "past_due"):
            return
        if body["status"] == "active":
            self.set_status(body, "past_due", at=at)
            self._books.change("subscription", body, at, UPDATED)
        if invoice["next_payment_attempt"] is None and invoice["auto_advance"]:
            self._give_up(body, at)

    def _give_up(self, body: Body, at: int) -> None:
        if body["id"] in self.unpaid_after_dunning or self._invoices.dunning.then == "unpaid":
            self.set_status(body, "unpaid", at=at)
            self._books.change("subscription", body, at, UPDATED)
        else:
            self.end(body, at=at, reason="payment_failed")
