"""The ground truth as plain dictionaries, at any instant of the sandbox's clock."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.truth.arithmetic import minor_per_major, period_amount, text, to_micros
from sandbox.truth.board import board_of, month_bounds
from sandbox.truth.facts import Facts, ItemPriced, Payment, Tariff
from sandbox.truth.ledger import History, Movement, movements_of
from sandbox.truth.rates import Rates, micros_of_minor
from sandbox.truth.timeline import Worth, build_timeline

Row = dict[str, Any]


class Truth:
    """What is true of the simulated company; days end at midnight of its time zone, the running one now."""

    def __init__(
        self,
        facts: Facts,
        rates: Rates,
        timezone: str,
        now: Callable[[], int],
        events: Callable[[], list[str]] = list,
    ) -> None:
        self._facts = facts
        self._events = events
        self._rates = rates
        self._zone = ZoneInfo(timezone)
        self._now = now
        self._timelines: dict[str, tuple[int, list[tuple[int, Worth]]]] = {}
        self._histories: dict[str, tuple[tuple[int, int], History]] = {}

    def mrr_daily(self, start: str | None = None, end: str | None = None, customer: str | None = None) -> list[Row]:
        """MRR per customer, day and currency, native and reporting; customers without MRR have no row."""
        rows: list[Row] = []
        last = self._last(end)
        for history in self._all(customer):
            if not history.days:
                continue
            day = max(history.days[0][0], _day(start) or history.days[0][0])
            while day <= last:
                rows += self._balances(history, day)
                day += timedelta(days=1)
        return rows

    def _balances(self, history: History, day: date) -> list[Row]:
        return [
            {
                "date": day.isoformat(),
                "customer": history.customer,
                "currency": currency,
                "native": text(micros),
                "reporting": text(self._rates.convert(micros, day, currency)),
            }
            for currency, micros in sorted(history.at(day).native.items())
            if micros
        ]

    def mrr_total(self, day: str | None = None) -> str:
        """The company's MRR at the end of a day, in the reporting currency."""
        last = self._last(day)
        return text(sum(self._rates.total(history.at(last).native, last) for history in self._all()))

    def movements(self, start: str | None = None, end: str | None = None, customer: str | None = None) -> list[Row]:
        """Every movement, by day and customer."""
        found = self._movements(_day(start) or date.min + timedelta(days=1), self._last(end), customer)
        return [
            {"date": m.day.isoformat(), "customer": m.customer, "movement": m.kind, "amount": text(m.micros)}
            for m in sorted(found, key=lambda m: (m.day, m.customer, m.kind))
        ]

    def _movements(self, start: date, end: date, customer: str | None = None) -> list[Movement]:
        histories = self._all(customer)
        return [movement for h in histories for movement in movements_of(h, self._rates, start, end)]

    def board(self, month: str) -> Row:
        """The figures of a month written as 2026-01."""
        first, last = month_bounds(month)
        until = self._last(None)
        movements = self._movements(first, min(last, until))
        return board_of(self._all(), movements, self._rates, month, until)

    def scheduled_churn(self, day: str | None = None) -> list[Row]:
        """MRR of subscriptions that are due to end, per customer at the end of a day."""
        last = self._last(day)
        return [
            {"customer": history.customer, "amount": text(self._rates.total(worth.scheduled, last))}
            for history, worth in self._worths(last)
            if any(worth.scheduled.values())
        ]

    def revenue_mix(self, day: str | None = None) -> list[Row]:
        """MRR by price at the end of a day: native sums, converted once."""
        last = self._last(day)
        sums: dict[tuple[str, str, str], int] = defaultdict(int)
        for _, worth in self._worths(last):
            for key, micros in worth.by_price.items():
                sums[key] += micros
        return [
            {
                "price": price,
                "product": product,
                "currency": currency,
                "native": text(micros),
                "reporting": text(self._rates.convert(micros, last, currency)),
            }
            for (price, product, currency), micros in sorted(sums.items())
            if micros
        ]

    def usage_mrr(self, month: str) -> list[Row]:
        """Metered charges for what was used in a month (UTC days), at the rate of its last day."""
        first, last = month_bounds(month)
        last = min(last, self._last(None))
        sums: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        for customer, events in self._facts.usage.items():
            for use in events:
                if first <= datetime.fromtimestamp(use.at, ZoneInfo("UTC")).date() <= last:
                    sums[customer, use.meter] += use.value
        rows = []
        for (customer, meter), quantity in sorted(sums.items()):
            tariff = self._metered(customer, meter)
            if tariff:
                rows.append(self._usage_row(customer, tariff, quantity, last))
        return rows

    def _metered(self, customer: str, meter: str) -> Tariff | None:
        priced = [fact for fact in self._facts.by_customer[customer] if isinstance(fact, ItemPriced)]
        return next((fact.tariff for fact in priced if fact.tariff.meter == meter), None)

    def _usage_row(self, customer: str, tariff: Tariff, quantity: Fraction, day: date) -> Row:
        micros = to_micros(period_amount(tariff, int(quantity)) / minor_per_major(tariff.currency))
        return {
            "customer": customer,
            "price": tariff.price,
            "currency": tariff.currency,
            "quantity": int(quantity),
            "native": text(micros),
            "reporting": text(self._rates.convert(micros, day, tariff.currency)),
        }

    def streams(self) -> dict[str, Row]:
        """Per Stripe stream: how many objects exist, their ids, and those of deleted ones; events `forgets` after 30 days."""
        names = sorted({*self._facts.existing, *self._facts.deleted})
        events = self._events()
        counted = {"events": {"count": len(events), "ids": sorted(events), "deleted": [], "forgets": True}}
        return counted | {
            name: {
                "count": len(self._facts.existing[name]),
                "ids": sorted(self._facts.existing[name]),
                "deleted": sorted(self._facts.deleted[name]),
            }
            for name in names
        }

    def payments(self, start: str | None = None, end: str | None = None) -> list[Row]:
        """Failed charges, successful ones and refunds: count and amounts per day and currency."""
        first, last = _day(start), self._last(end)
        kinds = {
            "failed": self._facts.failed_payments,
            "succeeded": self._facts.payments,
            "refunded": self._facts.refunds,
        }
        sums: dict[tuple[date, str, str], list[int]] = defaultdict(lambda: [0, 0])
        for kind, moved in kinds.items():
            for payment in moved:
                day = self._date(payment.at)
                if (first is None or first <= day) and day <= last:
                    _count(sums[day, kind, payment.currency], payment)
        return [self._payment_row(*key, *counted) for key, counted in sorted(sums.items())]

    def _payment_row(self, day: date, kind: str, currency: str, count: int, micros: int) -> Row:
        return {
            "date": day.isoformat(),
            "kind": kind,
            "currency": currency,
            "count": count,
            "native": text(micros),
            "reporting": text(self._rates.convert(micros, day, currency)),
        }

    def _worths(self, day: date) -> list[tuple[History, Worth]]:
        return [(history, history.at(day)) for history in self._all()]

    def _all(self, customer: str | None = None) -> list[History]:
        names = [customer] if customer else list(self._facts.by_customer)
        return [self._history(name) for name in names]

    def _history(self, customer: str) -> History:
        """The customer's days; what is due later today (a discount's end) has not happened yet."""
        timeline = self._timeline(customer)
        now = self._now()
        reached = bisect_right(timeline, now, key=lambda entry: entry[0])
        known = self._histories.get(customer)
        if known is None or known[0] != (len(self._facts.by_customer[customer]), reached):
            days = {self._date(instant): worth for instant, worth in timeline[:reached]}
            key = (len(self._facts.by_customer[customer]), reached)
            known = self._histories[customer] = (key, History(customer, tuple(days.items())))
        return known[1]

    def _timeline(self, customer: str) -> list[tuple[int, Worth]]:
        facts = self._facts.by_customer[customer]
        known = self._timelines.get(customer)
        if known is None or known[0] != len(facts):
            known = self._timelines[customer] = (len(facts), build_timeline(facts))
        return known[1]

    def _date(self, instant: int) -> date:
        return datetime.fromtimestamp(instant, self._zone).date()

    def _last(self, day: str | None) -> date:
        self._rates.refresh()
        today = self._date(self._now())
        return min(_day(day) or today, today)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _count(sums: list[int], payment: Payment) -> None:
    sums[0] += 1
    sums[1] += micros_of_minor(payment.amount, minor_per_major(payment.currency))
