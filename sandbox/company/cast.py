"""Customers that every company has one of: each exists for an edge of the API or of the metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.company.signing_up import COUNTRIES
from sandbox.company.subscriber import DAY, Desk
from sandbox.company.told import Newcomer

LINES = 120
ITEMS = 30
"""An invoice and a subscription that do not fit into the first page of their nested lists."""

Scene = Callable[[int], None]


class Cast:
    """Plays each scene at its time; times are days before (or after) the start, never before the beginning."""

    def __init__(self, desk: Desk, begin: int, start: int) -> None:
        self._desk = desk
        self._billing = desk.billing
        self._begin = begin
        self._start = start
        self._debtor = ""
        self.scenes: dict[str, tuple[Scene, int]] = {
            "mixed intervals": (self._mixed_intervals, -200),
            "paid by transfer": (self._paid_by_transfer, -120),
            "discounted customer": (self._discounted_customer, -100),
            "no seats": (self._no_seats, -80),
            "many items": (self._many_items, -70),
            "debtor": (self._debtor_begins, -58),
            "one second": (self._one_second, -45),
            "no card": (self._no_card, -40),
            "many lines": (self._many_lines, -20),
            "scheduled end": (self._scheduled_end, -10),
            "scheduled start": (self._scheduled_start, -9),
            "coupon deleted": (self._coupon_deleted, -5),
            "on trial": (self._on_trial, -3),
            "drafts": (self._drafts, -2),
            "debtor pays": (self._debtor_pays, 6),
        }

    def plan(self) -> None:
        """Enter the scenes."""
        for name, (_, days) in self.scenes.items():
            when = max(self._start + days * DAY, self._begin + 3600) + len(name)
            self._desk.agenda.enter(when, "cast", name)

    def enter(self, name: str, at: int) -> None:
        """Play a scene."""
        if name.startswith("transfer "):
            self._transfer(name.removeprefix("transfer "), at)
        else:
            self.scenes[name][0](at)

    def _customer(self, name: str, at: int, plan: str = "", **params: Any) -> str:
        customer = str(self._billing.customers.create({"name": name, **params}, at=at)["id"])
        self._desk.told.customer_created(customer, Newcomer(None, name, None, COUNTRIES["usd"], "usd", plan), at)
        return customer

    def _price(self, plan: str, interval: str = "month") -> str:
        return self._desk.catalogue.prices[plan, interval, "usd"]

    def _subscribe(self, customer: str, at: int, *prices: str, quantity: int = 1, **params: Any) -> dict[str, Any]:
        items = [{"price": price, "quantity": str(quantity)} for price in prices]
        return self._billing.subscriptions.create({"customer": customer, "items": items, **params}, at=at)

    def _mixed_intervals(self, at: int) -> None:
        customer = self._customer("Mixed Intervals Ltd", at, plan="support")
        self._subscribe(customer, at, self._price("support"), self._price("starter", "year"))

    def _paid_by_transfer(self, at: int) -> None:
        customer = self._customer("Überweisung & Söhne", at, plan="team")
        terms = {"collection_method": "send_invoice", "days_until_due": "30"}
        self._subscribe(customer, at, self._price("team"), quantity=25, **terms)
        self._desk.agenda.enter(at + 10 * DAY, "cast", f"transfer {customer}")

    def _transfer(self, customer: str, at: int) -> None:
        for invoice in self._billing.books.store.where("invoice", "customer", customer):
            if invoice["status"] == "open":
                self._billing.invoices.pay(invoice["id"], {"paid_out_of_band": "true"}, at=at)
        if self._billing.books.store.get("customer", customer):
            self._desk.agenda.enter(at + 30 * DAY, "cast", f"transfer {customer}")

    def _discounted_customer(self, at: int) -> None:
        customer = self._customer("Loyal since day one", at, plan="business")
        self._billing.customers.give_discount(customer, {"coupon": "LOYAL10"}, at=at)
        self._subscribe(customer, at, self._price("business"), quantity=12)

    def _no_seats(self, at: int) -> None:
        self._subscribe(self._customer("Nobody here yet", at, plan="team"), at, self._price("team"), quantity=0)

    def _many_items(self, at: int) -> None:
        product = self._billing.products.create({"name": "Modules"}, at=at)["id"]
        prices = [
            self._billing.prices.create(
                {
                    "product": product,
                    "currency": "usd",
                    "unit_amount": str(100 + 10 * number),
                    "nickname": f"Module {number + 1}",
                    "recurring": {"interval": "month"},
                },
                at=at,
            )["id"]
            for number in range(ITEMS)
        ]
        # of the modules, every seventh is there but not used
        rows = [{"price": price, "quantity": str(number % 7)} for number, price in enumerate(prices)]
        params = {"customer": self._customer("Modular Møbler A/S", at, plan="modules"), "items": rows}
        self._billing.subscriptions.create(params, at=at)

    def _debtor_begins(self, at: int) -> None:
        self._debtor = self._customer("Slow Payer s.r.o.", at, plan="starter")
        sold = self._subscribe(self._debtor, at, self._price("starter"))
        self._billing.lifecycle.unpaid_after_dunning.add(sold["id"])
        failing = {"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}
        self._billing.customers.update(self._debtor, failing, at=at)

    def _debtor_pays(self, at: int) -> None:
        working = {"invoice_settings": {"default_payment_method": "pm_card_visa"}}
        self._billing.customers.update(self._debtor, working, at=at)
        for invoice in self._billing.books.store.where("invoice", "customer", self._debtor):
            if invoice["status"] == "open":
                self._billing.invoices.pay(invoice["id"], {}, at=at)

    def _one_second(self, at: int) -> None:
        for number in range(5):
            customer = self._customer(f"Simultaneous {number}", at, plan="starter")
            self._subscribe(customer, at, self._price("starter"))

    def _no_card(self, at: int) -> None:
        customer = self._customer("Just Looking", at, plan="starter", payment_method="")
        ending = {"end_behavior": {"missing_payment_method": "pause"}}
        self._subscribe(customer, at, self._price("starter"), trial_period_days="14", trial_settings=ending)

    def _on_trial(self, at: int) -> None:
        customer = self._customer("Trying It Out", at, plan="team")
        self._subscribe(customer, at, self._price("team"), quantity=4, trial_period_days="14")

    def _many_lines(self, at: int) -> None:
        customer = self._customer("請求書の長い会社", at)
        for number in range(LINES):
            item = {"customer": customer, "currency": "usd", "amount": str(100 + number), "description": f"Hour {number}"}
            self._billing.invoice_items.create(item, at=at)
        draft = self._billing.invoice_items.draft({"customer": customer, "pending_invoice_items_behavior": "include"}, at=at)
        self._billing.invoices.pay(draft["id"], {}, at=at)

    def _scheduled_end(self, at: int) -> None:
        customer = self._customer("Pilot Project", at, plan="support")
        rows = [{"items": [{"price": self._price("support"), "quantity": "2"}], "iterations": "3"}]
        params = {"customer": customer, "start_date": "now", "end_behavior": "cancel", "phases": rows}
        self._billing.schedules.create(params, at=at)

    def _scheduled_start(self, at: int) -> None:
        customer = self._customer("Starts Next Month", at, plan="starter")
        rows = [{"items": [{"price": self._price("starter"), "quantity": "1"}], "iterations": "12"}]
        params = {"customer": customer, "start_date": str(at + 25 * DAY), "phases": rows}
        self._billing.schedules.create(params, at=at)

    def _coupon_deleted(self, at: int) -> None:
        customer = self._customer("Early Bird", at, plan="scale")
        self._subscribe(customer, at, self._price("scale"), quantity=30, discounts=[{"coupon": "EARLYBIRD"}])
        self._billing.coupons.delete("EARLYBIRD", {}, at=at)

    def _drafts(self, at: int) -> None:
        customer = self._customer("Unfinished Business", at)
        for amount in ("5000", "7000", "9000"):
            item = {"customer": customer, "currency": "usd", "amount": amount, "description": "Consulting"}
            self._billing.invoice_items.create(item, at=at)
        draft = self._billing.invoice_items.draft({"customer": customer, "pending_invoice_items_behavior": "include"}, at=at)
        opened = self._billing.invoice_items.draft({"customer": customer}, at=at)
        self._billing.invoice_items.create(
            {"customer": customer, "invoice": opened["id"], "currency": "usd", "amount": "4200"}, at=at
        )
        self._billing.invoices.finalize(opened["id"], {}, at=at)
        self._billing.invoices.void(opened["id"], {}, at=at)
        self._billing.invoice_items.update_draft(draft["id"], {"description": "To be finished"}, at=at)
