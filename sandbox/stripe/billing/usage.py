"""Billing meters and what customers use of them (docs.stripe.com/billing/subscriptions/usage-based)."""

from __future__ import annotations

from fractions import Fraction

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import DAY, day_start
from sandbox.stripe.billing.params import Params
from sandbox.stripe.errors import StripeError
from sandbox.truth.facts import Usage


class Meters:
    """Writes on meters and meter events; usage is kept per customer and UTC day."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._by_event_name: dict[str, str] = {}

    def create(self, params: Params, *, at: int) -> Body:
        """A new meter that sums the values of its events."""
        body = {
            **templates.METER,
            "id": self._books.ids.new("mtr_"),
            "created": at,
            "display_name": read.required(params, "display_name"),
            "event_name": read.required(params, "event_name"),
            "updated": at,
        }
        self._by_event_name[body["event_name"]] = body["id"]
        return self._books.add("meter", body, at, "billing.meter.created")

    def deactivate(self, id: str, params: Params, *, at: int) -> Body:
        """No more events are taken."""
        return self._switch(id, "inactive", at, "billing.meter.deactivated")

    def reactivate(self, id: str, params: Params, *, at: int) -> Body:
        """Events are taken again."""
        return self._switch(id, "active", None, "billing.meter.reactivated", at)

    def _switch(self, id: str, status: str, stopped: int | None, event: str, at: int | None = None) -> Body:
        now = stopped if at is None else at
        assert now is not None
        body = self._books.need("meter", id)
        body |= {"status": status, "updated": now, "status_transitions": {"deactivated_at": stopped}}
        return self._books.change("meter", body, now, event)

    def take_event(self, params: Params, *, at: int) -> Body:
        """A customer used so much."""
        meter = self._by_event_name.get(read.required(params, "event_name"))
        if meter is None:
            raise StripeError("No active meter found for this event name.", param="event_name")
        payload = read.nested(params, "payload")
        when = read.integer(params, "timestamp") or at
        value = Fraction(read.decimal(payload, "value") or 0)
        self._add(meter, read.required(payload, "stripe_customer_id"), value, when, at)
        return {
            "object": "billing.meter_event",
            "created": at,
            "event_name": params["event_name"],
            "identifier": params.get("identifier") or self._books.ids.new("", 20),
            "livemode": False,
            "payload": payload,
            "timestamp": when,
        }

    def _add(self, meter: str, customer: str, value: Fraction, when: int, at: int) -> None:
        start = day_start(when)
        id = f"{meter}/{customer}/{start}"
        known = self._books.store.get("meter_event_summary", id)
        body = known or {
            **templates.METER_EVENT_SUMMARY,
            "id": id,
            "aggregated_value": 0.0,
            "end_time": start + DAY,
            "meter": meter,
            "start_time": start,
            "_customer": customer,
        }
        body["aggregated_value"] = float(Fraction(str(body["aggregated_value"])) + value)
        keep = self._books.change if known else self._books.add
        keep("meter_event_summary", body, at)
        self._books.facts.used(Usage(when, customer, meter, value))

    def used(self, meter: str, customer: str, start: int, end: int) -> int:
        """Whole units used in a period, by the days that begin in it."""
        rows = self._books.store.where("meter_event_summary", "customer", customer)
        days = (row for row in rows if row["meter"] == meter and start <= row["start_time"] < end)
        return int(sum(row["aggregated_value"] for row in days))
