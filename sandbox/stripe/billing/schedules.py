"""Subscription schedules: phases agreed in advance (docs.stripe.com/billing/subscriptions/subscription-schedules)."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import period_end
from sandbox.stripe.billing.lifecycle import ENDED
from sandbox.stripe.billing.params import Params
from sandbox.stripe.billing.subscriptions import Subscriptions
from sandbox.stripe.errors import StripeError
from sandbox.truth.facts import CancellationPlanned

_ENDINGS = ("cancel", "release", "none", "renew")
_OVER = ("canceled", "completed", "released")


class Schedules:
    """Carries out what schedules say."""

    def __init__(self, books: Books, subscriptions: Subscriptions) -> None:
        self._books = books
        self._subscriptions = subscriptions
        books.agenda.handle("phase", self.reach)

    def create(self, params: Params, *, at: int) -> Body:
        """A schedule of a running subscription (`from_subscription`), or of one that starts by it."""
        id = self._books.ids.new("sub_sched_")
        body = {**templates.SUBSCRIPTION_SCHEDULE, "id": id, "created": at}
        body["metadata"] = read.merged_metadata({}, params)
        if params.get("from_subscription"):
            self._adopt(body, params["from_subscription"], at)
        else:
            body["customer"] = self._books.need("customer", read.required(params, "customer"), "customer")["id"]
            start = at if params.get("start_date") in (None, "", "now") else read.integer(params, "start_date")
            body["phases"] = self._phases(read.rows(params, "phases"), start or at)
            body["status"] = "not_started"
        body["end_behavior"] = read.choice(params, "end_behavior", _ENDINGS, "release")
        self._books.add("subscription_schedule", body, at, "subscription_schedule.created")
        if body["phases"][0]["start_date"] <= at:
            self.reach(id, at)
        else:
            self._books.agenda.enter(body["phases"][0]["start_date"], "phase", id)
        return self._books.need("subscription_schedule", id)

    def _adopt(self, body: Body, id: str, at: int) -> None:
        subscription = self._books.need("subscription", id, "from_subscription")
        if subscription["schedule"] or subscription["status"] in ENDED:
            raise StripeError("The subscription cannot be put on a schedule.", param="from_subscription")
        items = subscription["items"]["data"]
        rows = [_phase_item(item["price"], item.get("quantity")) for item in items]
        end = min(item["current_period_end"] for item in items)
        start = max(item["current_period_start"] for item in items)
        phase = _phase(rows, subscription["currency"], start, end, {})
        body |= {
            "customer": subscription["customer"],
            "current_phase": {"end_date": end, "start_date": start},
            "phases": [phase],
            "subscription": id,
        }
        self._books.change("subscription", {**subscription, "schedule": body["id"]}, at, "customer.subscription.updated")

    def update(self, id: str, params: Params, *, at: int) -> Body:
        """Other phases or another ending."""
        body = self._open(id)
        rows = read.rows(params, "phases")
        if rows:
            start = body["phases"][0]["start_date"]
            body["phases"] = self._phases(rows, start)
            body["current_phase"] = _current(body["phases"], at) if body["subscription"] else None
            self._await(body, at)
        body["end_behavior"] = read.choice(params, "end_behavior", _ENDINGS, body["end_behavior"])
        body["metadata"] = read.merged_metadata(body["metadata"], params)
        self._plan(body, body["end_behavior"] == "cancel", at)
        return self._books.change("subscription_schedule", body, at, "subscription_schedule.updated")

    def cancel(self, id: str, params: Params, *, at: int) -> Body:
        """End the schedule and its subscription."""
        body = self._open(id)
        body |= {"status": "canceled", "canceled_at": at, "current_phase": None}
        self._books.change("subscription_schedule", body, at, "subscription_schedule.canceled")
        if body["subscription"]:
            self._subscriptions.cancel(body["subscription"], {}, at=at)
        return body

    def release(self, id: str, params: Params, *, at: int) -> Body:
        """End the schedule; the subscription goes on by itself."""
        body = self._open(id)
        self._finish(body, "released", at)
        return body

    def _open(self, id: str) -> Body:
        body = self._books.need("subscription_schedule", id)
        if body["status"] in _OVER:
            raise StripeError(f"The schedule is {body['status']}.", param="id")
        return body

    def _phases(self, rows: list[Params], start: int) -> list[Body]:
        phases: list[Body] = []
        for row in rows:
            items = [_phase_item(item["price"], read.integer(item, "quantity")) for item in read.rows(row, "items")]
            price = self._books.need("price", items[0]["price"], "phases[0][items][0][price]")
            end = read.integer(row, "end_date") or self._duration_end(row, price, start)
            phases.append(_phase(items, price["currency"], start, end, row))
            start = end
        return phases

    def _duration_end(self, row: Params, price: Body, start: int) -> int:
        duration = read.nested(row, "duration") or {"interval": price["recurring"]["interval"]}
        times = read.integer(row, "iterations") or 1
        count = (read.integer(duration, "interval_count") or price["recurring"]["interval_count"]) * times
        return period_end(start, start, duration["interval"], count)

    def _await(self, body: Body, at: int) -> None:
        for phase in body["phases"]:
            if phase["start_date"] > at:
                self._books.agenda.enter(phase["start_date"], "phase", body["id"])
        self._books.agenda.enter(body["phases"][-1]["end_date"], "phase", body["id"])

    def _plan(self, body: Body, planned: bool, at: int) -> None:
        if body["subscription"]:
            fact = CancellationPlanned(at, body["subscription"], planned, by="schedule")
            self._books.facts.report(body["customer"], fact)

    def reach(self, id: str, at: int) -> None:
        """Enter the phase of the instant, or end the schedule after its last one."""
        body = self._books.store.get("subscription_schedule", id)
        if body is None or body["status"] in _OVER:
            return
        phase = _current(body["phases"], at)
        if phase is None:
            if body["phases"][-1]["end_date"] <= at:
                self._complete(body, at)
            return
        if body["status"] == "not_started":
            self._start(body, at)
        elif phase != body["current_phase"]:
            self._enter(body, phase, at)
        elif body["current_phase"]["start_date"] <= body["created"]:
            self._await(body, at)
            self._plan(body, body["end_behavior"] == "cancel", at)

    def _start(self, body: Body, at: int) -> None:
        rows = [dict(row) for row in body["phases"][0]["items"]]
        made = self._subscriptions.create({"customer": body["customer"], "items": rows}, at=at)
        subscription = self._books.need("subscription", made["id"])
        self._books.change("subscription", {**subscription, "schedule": body["id"]}, at)
        body |= {"status": "active", "subscription": made["id"], "current_phase": _current(body["phases"], at)}
        self._books.change("subscription_schedule", body, at, "subscription_schedule.updated")
        self._await(body, at)
        self._plan(body, body["end_behavior"] == "cancel", at)

    def _enter(self, body: Body, dates: Body, at: int) -> None:
        phase = next(phase for phase in body["phases"] if phase["start_date"] == dates["start_date"])
        body["current_phase"] = dates
        self._books.change("subscription_schedule", body, at, "subscription_schedule.updated")
        subscription = self._books.need("subscription", body["subscription"])
        if subscription["status"] in ENDED:
            return
        params: Params = {"items": _rows(subscription, phase), "proration_behavior": phase["proration_behavior"]}
        self._subscriptions.update(subscription["id"], params, at=at)

    def _complete(self, body: Body, at: int) -> None:
        if body["end_behavior"] == "cancel":
            body |= {"status": "completed", "completed_at": at, "current_phase": None}
            self._books.change("subscription_schedule", body, at, "subscription_schedule.completed")
            subscription = self._books.need("subscription", body["subscription"])
            if subscription["status"] not in ENDED:
                self._subscriptions.cancel(body["subscription"], {}, at=at)
        else:
            self._finish(body, "released", at)

    def _finish(self, body: Body, status: str, at: int) -> None:
        id = body["subscription"]
        self._plan(body, False, at)
        body |= {
            "status": status,
            "released_at": at,
            "released_subscription": id,
            "subscription": None,
            "current_phase": None,
        }
        self._books.change("subscription_schedule", body, at, "subscription_schedule.released")
        if id:
            subscription = {**self._books.need("subscription", id), "schedule": None}
            self._books.change("subscription", subscription, at, "customer.subscription.updated")


def _phase_item(price: str, quantity: int | None) -> Body:
    item: dict[str, Any] = {"billing_thresholds": None, "discounts": [], "metadata": {}, "price": price, "tax_rates": []}
    return item if quantity is None else {**item, "quantity": quantity}


def _phase(items: list[Body], currency: str, start: int, end: int, row: Params) -> Body:
    behaviors = ("create_prorations", "none", "always_invoice")
    return {
        **templates.SCHEDULE_PHASE,
        "currency": currency,
        "end_date": end,
        "items": items,
        "proration_behavior": read.choice(row, "proration_behavior", behaviors, "create_prorations"),
        "start_date": start,
    }


def _current(phases: list[Body], at: int) -> Body | None:
    for phase in phases:
        if phase["start_date"] <= at < phase["end_date"]:
            return {"end_date": phase["end_date"], "start_date": phase["start_date"]}
    return None


def _rows(subscription: Body, phase: Body) -> list[Params]:
    """The rows of an update that turn a subscription's items into a phase's."""
    rows: list[Params] = []
    items = subscription["items"]["data"]
    for number, wanted in enumerate(phase["items"]):
        id = {"id": items[number]["id"]} if number < len(items) else {}
        rows.append({**id, **{key: wanted[key] for key in ("price", "quantity") if key in wanted}})
    return [*rows, *({"id": item["id"], "deleted": "true"} for item in items[len(phase["items"]) :])]
