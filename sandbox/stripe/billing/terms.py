"""The terms of a subscription that a write can change: items, discounts, trial, cancellation, pause."""

from __future__ import annotations

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import DAY
from sandbox.stripe.billing.coupons import Discounts
from sandbox.stripe.billing.invoice_items import InvoiceItems
from sandbox.stripe.billing.items import Items
from sandbox.stripe.billing.lifecycle import Lifecycle
from sandbox.stripe.billing.lines import billed_item
from sandbox.stripe.billing.params import Params
from sandbox.stripe.billing.proration import Prorations
from sandbox.stripe.errors import StripeError
from sandbox.truth.facts import CancellationPlanned, CollectionPaused

_BEHAVIORS = ("create_prorations", "none", "always_invoice")
_PLAIN = ("default_payment_method", "description", "collection_method")


class Terms:
    """Reads and changes what was agreed with a subscriber."""

    def __init__(
        self,
        books: Books,
        items: Items,
        discounts: Discounts,
        invoice_items: InvoiceItems,
        prorations: Prorations,
        lifecycle: Lifecycle,
    ) -> None:
        self._books = books
        self._items = items
        self._discounts = discounts
        self._invoice_items = invoice_items
        self._prorations = prorations
        self._lifecycle = lifecycle

    def trial_end(self, params: Params, items: list[Body], at: int) -> int | None:
        """When the trial of a new subscription ends, if it has one."""
        if params.get("trial_end") == "now":
            return None
        days = read.integer(params, "trial_period_days")
        if days is None and read.boolean(params, "trial_from_plan"):
            price = self._books.need("price", items[0]["price"])
            days = price["recurring"]["trial_period_days"]
        if days:
            return at + days * DAY
        return read.integer(params, "trial_end")

    def trial_settings(self, params: Params) -> Body:
        """What happens at the end of a trial without a payment method."""
        behavior = read.nested(read.nested(params, "trial_settings"), "end_behavior")
        preset = templates.SUBSCRIPTION["trial_settings"]["end_behavior"]
        return {"end_behavior": {**preset, **behavior}}

    def change(self, body: Body, params: Params, *, at: int) -> Body | None:
        """Apply an update; returns the draft of an invoice that is to be collected at once."""
        behavior = read.choice(params, "proration_behavior", _BEHAVIORS, "create_prorations")
        change = self._prorations.apply(body, read.rows(params, "items"), behavior, at=at)
        self._change_discounts(body, params, at)
        self._change_plain(body, params)
        self._change_pause(body, params, at)
        self.plan_cancellation(body, params, at=at)
        if "trial_end" in params:
            return self._move_trial(body, params, at)
        if params.get("billing_cycle_anchor") == "now":
            change.lines += self._restart_cycle(body, behavior, at)
            change.at_once = True
        return self.invoice_pending(body, change.lines, at=at) if change.at_once else None

    def invoice_pending(self, body: Body, lines: list[Body], *, at: int) -> Body | None:
        """Draft an invoice of these lines and everything that waits to be billed."""
        waiting = self._invoice_items.pending(body["customer"], body["id"])
        billed = [billed_item(self._books.ids, item) for item in waiting]
        if not billed and not lines:
            return None
        draft = self._lifecycle.invoice(body, [*billed, *lines], at=at, reason="subscription_update", period=(at, at))
        self._invoice_items.billed(waiting, draft["id"], at=at)
        return draft

    def credit_rest(self, body: Body, *, at: int) -> None:
        """Pending credits for what is paid beyond the instant."""
        self._prorations.credit_rest(body, at=at)

    def plan_cancellation(self, body: Body, params: Params, *, at: int) -> None:
        """Schedule the end of a subscription, move it or take it back."""
        if not {"cancel_at_period_end", "cancel_at"} & set(params):
            return
        ends = [item["current_period_end"] for item in body["items"]["data"]]
        named = {"min_period_end": min(ends), "max_period_end": max(ends)}
        at_period_end = read.boolean(params, "cancel_at_period_end")
        when = params.get("cancel_at")
        cancel_at = min(ends) if at_period_end else named.get(str(when)) or read.integer(params, "cancel_at")
        if cancel_at is not None and cancel_at <= at:
            raise StripeError("cancel_at must be in the future.", param="cancel_at")
        body |= {
            "cancel_at": cancel_at,
            "cancel_at_period_end": at_period_end,
            "canceled_at": None if cancel_at is None else at,
        }
        details = read.nested(params, "cancellation_details")
        said = {key: details[key] for key in ("comment", "feedback") if details.get(key)}
        reason = None if cancel_at is None else "cancellation_requested"
        body["cancellation_details"] = {**body["cancellation_details"], **said, "reason": reason}
        self._books.facts.report(body["customer"], CancellationPlanned(at, body["id"], cancel_at is not None))

    def _change_discounts(self, body: Body, params: Params, at: int) -> None:
        if "discounts" not in params:
            return
        target = {"customer": body["customer"], "subscription": body["id"]}
        kept = [self._discounts.give(row, target, "subscription", at=at) for row in read.rows(params, "discounts")]
        for id in body["discounts"]:
            if id not in kept:
                self._discounts.end(id, at=at)
        body["discounts"] = kept

    def _change_plain(self, body: Body, params: Params) -> None:
        for name in _PLAIN:
            if name in params:
                body[name] = params[name] or None
        if "days_until_due" in params:
            body["days_until_due"] = read.integer(params, "days_until_due")
        body["metadata"] = read.merged_metadata(body["metadata"], params)

    def _change_pause(self, body: Body, params: Params, at: int) -> None:
        if "pause_collection" not in params:
            return
        pause = read.nested(params, "pause_collection")
        behaviors = ("keep_as_draft", "mark_uncollectible", "void")
        body["pause_collection"] = pause and {
            "behavior": read.choice(pause, "behavior", behaviors, ""),
            "resumes_at": read.integer(pause, "resumes_at"),
        }
        body["pause_collection"] = body["pause_collection"] or None
        self._books.facts.report(body["customer"], CollectionPaused(at, body["id"], bool(pause)))

    def _move_trial(self, body: Body, params: Params, at: int) -> Body | None:
        """Extend a trial, give one, or end it now."""
        if params["trial_end"] == "now":
            if body["status"] != "trialing":
                return None
            body |= {"trial_end": at, "billing_cycle_anchor": at}
            self._lifecycle.set_status(body, "active", at=at)
            return self.invoice_pending(body, self._renewed(body, at), at=at)
        end = read.integer(params, "trial_end")
        if end is None or end <= at:
            raise StripeError("trial_end must be in the future.", param="trial_end")
        if body["status"] != "trialing":
            body["trial_start"] = at
            self._lifecycle.set_status(body, "trialing", at=at)
        body |= {"trial_end": end, "billing_cycle_anchor": end}
        lines = []
        for item in body["items"]["data"]:
            item |= {"current_period_start": at, "current_period_end": end, "_anchor": end}
            lines += self._items.lines(item, free=True)
        return self.invoice_pending(body, lines, at=at)

    def _restart_cycle(self, body: Body, behavior: str, at: int) -> list[Body]:
        if behavior != "none" and body["status"] != "trialing":
            self._prorations.credit_rest(body, at=at)
        body["billing_cycle_anchor"] = at
        return self._renewed(body, at)

    def _renewed(self, body: Body, at: int) -> list[Body]:
        lines = []
        for item in body["items"]["data"]:
            self._items.renew(item, at, at)
            lines += self._items.lines(item)
        return lines
