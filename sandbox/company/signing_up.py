"""How customers come: their country, plan, trial, coupon and card; and how they come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from sandbox.company.catalogue import INCLUSIVE, PLANS
from sandbox.company.names import company_name, email
from sandbox.company.subscriber import DAY, Desk, Subscriber
from sandbox.company.told import Newcomer

_CURRENCIES = (("usd", 62), ("eur", 20), ("gbp", 11), ("jpy", 7))
_PLANS = (("starter", 34), ("team", 28), ("business", 12), ("scale", 8), ("packs", 7), ("contacts", 6), ("pulse", 5))
_INTERVALS = (("month", 70), ("year", 22), ("quarter", 8))
_CARDS = (("pm_card_visa", 62), ("pm_card_mastercard", 22), ("pm_card_amex", 13), ("pm_card_chargeCustomerFail", 3))
_COUPONS = (
    ("WELCOME20", 30), ("HALFYEAR", 12), ("LOYAL10", 12), ("FIRST25", 16), ("SAVE15", 10), ("NONPROFIT", 6),
    ("CREDIT5", 5), ("FRIENDS", 2), ("EARLYBIRD", 5), ("TEAM15", 2),
)  # fmt: skip
_DOLLARS_ONLY = ("SAVE15", "CREDIT5")
_NOWHERE = dict.fromkeys(("city", "line1", "line2", "postal_code", "state"))
COUNTRIES = {"usd": "US", "eur": "DE", "gbp": "GB", "jpy": "JP"}

"""Where customers of a currency are."""

PLAIN = "consumer"
"""The plan of those who buy at prices that contain their tax."""

CLASSIC = "classic"
"""The plan that is no longer sold."""


def pick(random: Random, choices: tuple[tuple[str, int], ...]) -> str:
    """One of several words by weight."""
    words, weights = zip(*choices, strict=True)
    return str(random.choices(words, weights)[0])


@dataclass(frozen=True)
class Arrival:
    """Everything about a sign-up that is settled before it happens."""

    newcomer: Newcomer
    plain: bool
    card: str
    tax: dict[str, Any] | None


def arrive(number: int, random: Random) -> Arrival:
    """Who signs up under a number; `random` is the customer's own and as new."""
    currency = pick(random, _CURRENCIES)
    plain = currency in INCLUSIVE and random.random() < 0.15
    card = "pm_card_visa" if plain else pick(random, _CARDS)
    name = company_name(random, number)
    tax = _tax(random, currency, plain)
    plan, interval = (PLAIN, "month") if plain else choose_plan(random)
    newcomer = Newcomer(number, name, email(number), COUNTRIES[currency], currency, plan, interval)
    return Arrival(newcomer, plain, card, tax)


def sign_up(desk: Desk, number: int, random: Random, at: int, early: bool) -> Subscriber:
    """A new customer and its first subscription."""
    arrival = arrive(number, random)
    newcomer = arrival.newcomer
    params: dict[str, Any] = {
        "name": newcomer.name,
        "email": newcomer.email,
        "payment_method": arrival.card,
        "address": {**_NOWHERE, "country": newcomer.country},
        "metadata": {"signup": str(number)},
    }
    customer = desk.billing.customers.create(params, at=at, tax=arrival.tax)
    subscriber = Subscriber(number, random, customer["id"], newcomer.currency, plain=arrival.plain)
    subscriber.plan, subscriber.interval = newcomer.plan, newcomer.interval
    desk.people[number] = subscriber
    if early and not arrival.plain and subscriber.chance(12):
        subscriber.plan, subscriber.interval = CLASSIC, "month"
    bought = replace(newcomer, plan=subscriber.plan, interval=subscriber.interval)
    desk.told.customer_created(subscriber.id, bought, at)
    if arrival.plain:
        _buy_plain(desk, subscriber, at)
    else:
        buy(desk, subscriber, at, **_terms(desk, subscriber, at))
    return subscriber


def _tax(random: Random, currency: str, plain: bool) -> dict[str, Any] | None:
    if currency not in INCLUSIVE or not (plain or random.random() < 0.5):
        return None
    return {"rate": f"txr_1Sandbox{currency.upper()}", "percent": INCLUSIVE[currency][0]}


def choose_plan(random: Random) -> tuple[str, str]:
    """Pick a plan and the interval in which it is paid."""
    plan = pick(random, _PLANS)
    intervals = PLANS[plan].intervals
    wanted = pick(random, _INTERVALS)
    return plan, wanted if wanted in intervals else intervals[0]


def _buy_plain(desk: Desk, subscriber: Subscriber, at: int) -> None:
    subscriber.plan = PLAIN
    price = desk.catalogue.inclusive[subscriber.currency]
    items = [{"price": price, "quantity": str(subscriber.random.randint(1, 3))}]
    sold = desk.billing.subscriptions.create({"customer": subscriber.id, "items": items}, at=at)
    subscriber.subscription = sold["id"]


def buy(desk: Desk, subscriber: Subscriber, at: int, **terms: Any) -> None:
    """Subscribe to the chosen plan."""
    items: list[dict[str, Any]] = [{"price": desk.price(subscriber), "quantity": str(subscriber.seats())}]
    metered = subscriber.currency == "usd" and subscriber.interval == "month" and subscriber.plan in ("team", "business")
    if metered and subscriber.chance(35):
        items.append({"price": desk.catalogue.metered})
        if not subscriber.uses_meter:
            desk.later(subscriber, "use", at + 3 * DAY)
        subscriber.uses_meter = True
    if subscriber.interval == "month" and subscriber.chance(3) and not terms.get("discounts"):
        items[0]["discounts"] = [{"coupon": "LOYAL10"}]
    sold = desk.billing.subscriptions.create({"customer": subscriber.id, "items": items, **terms}, at=at)
    subscriber.subscription = sold["id"]


def _terms(desk: Desk, subscriber: Subscriber, at: int) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    if subscriber.chance(22):
        coupon = pick(subscriber.random, _COUPONS)
        sold = desk.billing.books.store.get("coupon", coupon) is not None
        if sold and (subscriber.currency == "usd" or coupon not in _DOLLARS_ONLY):
            code = coupon == "WELCOME20" and subscriber.chance(40)
            terms["discounts"] = [{"promotion_code": desk.catalogue.promotion_code} if code else {"coupon": coupon}]
    if subscriber.interval != "week" and subscriber.chance(32):
        _plan_trial(desk, subscriber, at, terms)
    elif subscriber.chance(2):
        terms["backdate_start_date"] = str(at - subscriber.random.randint(2, 9) * DAY)
    return terms


def _plan_trial(desk: Desk, subscriber: Subscriber, at: int, terms: dict[str, Any]) -> None:
    days = subscriber.random.choice((7, 14, 14, 30))
    terms["trial_period_days"] = str(days)
    fate = subscriber.random.random()
    if fate < 0.3:
        desk.later(subscriber, "cancel_at_period_end", at + days * DAY // 2)
    elif fate < 0.4:
        desk.later(subscriber, "extend_trial", at + (days - 2) * DAY)
    elif fate < 0.45:
        terms["trial_settings"] = {"end_behavior": {"missing_payment_method": subscriber.random.choice(("pause", "cancel"))}}
        desk.later(subscriber, "lose_card", at + DAY)


def come_back(desk: Desk, subscriber: Subscriber, at: int) -> None:
    """A customer that left subscribes again, with a card that works."""
    if subscriber.gone or desk.running(subscriber) is not None:
        return
    card = {"invoice_settings": {"default_payment_method": "pm_card_visa"}}
    desk.billing.customers.update(subscriber.id, card, at=at)
    if subscriber.plain:
        _buy_plain(desk, subscriber, at)
        return
    if subscriber.chance(50) or desk.price(subscriber) is None or subscriber.plan == CLASSIC:
        subscriber.plan, subscriber.interval = choose_plan(subscriber.random)
    buy(desk, subscriber, at)
