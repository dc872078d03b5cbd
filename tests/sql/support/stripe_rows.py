"""Turns a case into rows of Stripe's raw streams, by the route by which the company learns of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from billing import bill
from scenario import Body, Case, Company
from subscription import Subscription, discount_body, price_body

API_VERSION = "2026-10-28.endive"
HOUR = 3_600


@dataclass(frozen=True)
class RawRow:
    """One version of an object in a raw stream; times are epoch seconds."""

    stream: str
    id: str
    payload: Body
    extracted: int
    updated: int | None = None
    replaced: int | None = None
    source: str = "stripe"


def rows_of(case: Case, as_of: int) -> list[RawRow]:
    """Everything the raw tables hold about a case, in an arbitrary order where the route is `mixed`."""
    teller = _Teller(case, as_of)
    rows = [*teller.catalogue(), *teller.customer(), *teller.refunds(), *teller.usage()]
    for name in case.told["subscriptions"]:
        rows += teller.subscription(Subscription(case, name))
    if case.route == "mixed":
        random.Random(case.key).shuffle(rows)
    return rows


def reference_rates(company: Company, as_of: int) -> list[RawRow]:
    """The published exchange rates of a company's world."""
    return [
        RawRow("reference_rates", f"{day}/{currency}", {"date": day, "currency": currency, "rate": rate}, as_of, source="ecb")
        for day, rates in company.rates
        for currency, rate in rates.items()
    ]


class _Teller:
    def __init__(self, case: Case, as_of: int) -> None:
        self._case = case
        self._as_of = as_of

    def catalogue(self) -> Iterator[RawRow]:
        """Products, prices, coupons and meters."""
        key = self._case.key
        for name in self._case.told["prices"]:
            price = price_body(self._case, name)
            yield RawRow("products", price["product"], {"id": price["product"], "name": f"{name} of {key}"}, self._as_of)
            yield RawRow("prices", price["id"], price, self._as_of)
            meter = (price["recurring"] or {}).get("meter")
            if meter:
                yield RawRow("meters", meter, {"id": meter, "default_aggregation": {"formula": "sum"}}, self._as_of)
        for name, told in self._case.told["coupons"].items():
            body = {"id": f"{key}_{name}", "currency": "usd" if "amount_off" in told else None, **told}
            body["applies_to"] = {"products": [f"prod_{key}_{product}" for product in told.get("applies_to", ())]}
            if not told.get("applies_to"):
                del body["applies_to"]
            yield RawRow("coupons", body["id"], body, self._as_of)

    def customer(self) -> Iterator[RawRow]:
        """The customer, with a discount of its own where the case gives one, and credit notes."""
        own = [name for name, told in self._case.told.get("discounts", {}).items() if told.get("customer")]
        discount = discount_body(self._case, own[0], None) if own else None
        created = min(Subscription(self._case, name).created for name in self._case.told["subscriptions"])
        body = {"id": self._case.customer, "created": created, "name": self._case.key, "discount": discount}
        yield RawRow("customers", self._case.customer, body, self._as_of)
        for number, note in enumerate(self._case.told.get("credit_notes", ())):
            id = f"cn_{self._case.key}_{number}"
            at = self._case.company.instant(note["at"])
            amounts = {"amount": note["amount"], "total": note["amount"], "currency": "usd", "status": "issued"}
            yield RawRow("credit_notes", id, {"id": id, "created": at, "customer": self._case.customer, **amounts}, self._as_of)

    def refunds(self) -> Iterator[RawRow]:
        """What was given back, each from a charge of its own."""
        for number, told in enumerate(self._case.told.get("refunds", ())):
            charge, refund, at = (
                f"ch_{self._case.key}_{number}",
                f"re_{self._case.key}_{number}",
                self._case.company.instant(told["at"]),
            )
            shared = {"amount": told["amount"], "currency": "usd", "status": "succeeded", "created": at}
            yield RawRow("charges", charge, {**shared, "id": charge, "customer": self._case.customer}, self._as_of)
            yield RawRow("refunds", refund, {**shared, "id": refund, "charge": charge}, self._as_of)

    def usage(self) -> Iterator[RawRow]:
        """What the customer used of a meter."""
        for at, meter, value in self._case.told.get("usage", ()):
            start = self._case.company.instant(at)
            id = f"mtr_{self._case.key}_{meter}/{self._case.customer}/{start}"
            yield RawRow(
                "meter_event_summaries",
                id,
                {"aggregated_value": float(value), "start_time": start, "end_time": start + HOUR},
                self._as_of,
            )

    def subscription(self, subscription: Subscription) -> Iterator[RawRow]:
        """A subscription by the case's route."""
        if self._case.route in ("versions", "mixed"):
            yield from self._versions(subscription)
        else:
            yield RawRow("subscriptions", subscription.id, subscription.body(self._as_of, expanded=True), self._as_of)
        if self._case.route in ("events", "mixed"):
            yield from self._events(subscription)
        taxed = any("tax" in price for price in self._case.told["prices"].values())
        if self._case.route in ("billed", "mixed") or taxed:
            for stream, body in bill(subscription, self._as_of):
                yield RawRow(stream, body["id"], body, self._as_of)

    def _versions(self, subscription: Subscription) -> Iterator[RawRow]:
        """A version a change; in a mixed history what an hourly run fetched, and listings in between."""
        mixed = self._case.route == "mixed"
        seen: dict[int, tuple[int | None, Body]] = {}
        for at, observed in subscription.changes:
            fetched = max((at // HOUR + 1) * HOUR if mixed else at + 60, observed)
            seen[fetched] = (at, subscription.body(fetched if mixed else at, expanded=True))
            if mixed:
                listed = fetched + 7 * HOUR + 1
                seen[listed] = (None, {**subscription.body(listed, expanded=True), "metadata": {"listed": str(listed)}})
        instants = sorted(seen)
        for instant, replaced in zip(instants, [*instants[1:], None], strict=True):
            updated, body = seen[instant]
            yield RawRow("subscriptions", subscription.id, body, instant, updated, replaced)

    def _events(self, subscription: Subscription) -> Iterator[RawRow]:
        for at, _ in subscription.changes:
            kind = "created" if at == subscription.created else "updated"
            kind = "deleted" if subscription.state(at).get("ended") else kind
            yield self._event(f"customer.subscription.{kind}", subscription.id, at, subscription.body(at, expanded=False))
        for name, start, end in subscription.discounted():
            body = discount_body(self._case, name, subscription)
            yield self._event("customer.discount.created", f"{subscription.id}_{name}", start, body)
            if end is not None and end <= self._as_of:
                yield self._event("customer.discount.deleted", f"{subscription.id}_{name}", end, body)

    def _event(self, type: str, subject: str, at: int, body: Body) -> RawRow:
        id = f"evt_{subject}_{type.rsplit('.', 1)[1]}_{at}"
        payload: dict[str, Any] = {"id": id, "type": type, "created": at, "api_version": API_VERSION, "data": {"object": body}}
        return RawRow("events", id, payload, self._as_of)
