"""Usage: Stripe gives it per meter, customer and day, and only for a customer that one asks for by name."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec

from connectors.stripe.listing import READERS
from connectors.stripe.transport import Gone, StripeApi
from cynosure.extract import Page, Record

DAY = 86_400


class _Recurring(msgspec.Struct):
    meter: str | None = None


class _Price(msgspec.Struct):
    id: str
    recurring: _Recurring | None = None


class _Subscription(msgspec.Struct):
    customer: str
    created: int
    start_date: int


class _Summary(msgspec.Struct):
    start_time: int


def metered_customers(api: StripeApi) -> dict[tuple[str, str], int]:
    """(meter, customer) -> epoch of the day of the first subscription to a price of that meter."""
    found: dict[tuple[str, str], int] = {}
    for meter, price in _metered_prices(api):
        for objects, _, _ in api.pages("/v1/subscriptions", {"status": "all", "price": price}):
            for raw in objects:
                subscription = msgspec.json.decode(raw, type=_Subscription)
                start = min(subscription.created, subscription.start_date) // DAY * DAY
                key = (meter, subscription.customer)
                found[key] = min(start, found.get(key, start))
    return found


def summaries(api: StripeApi, pairs: dict[tuple[str, str], int], since: int | None, until: int) -> Iterator[Page]:
    """Daily usage of each pair from `since` (or its own start) to the end of the day of `until`."""
    end = until // DAY * DAY + DAY
    with ThreadPoolExecutor(READERS) as pool:
        for pages in pool.map(lambda pair: _pair(api, pair[0], pair[1], max(since or 0, pairs[pair]), end), pairs):
            yield from pages


def _pair(api: StripeApi, meter: str, customer: str, start: int, end: int) -> list[Page]:
    path = f"/v1/billing/meters/{meter}/event_summaries"
    params = {"customer": customer, "start_time": start // DAY * DAY, "end_time": end, "value_grouping_window": "day"}
    try:
        return [
            Page([_record(meter, customer, raw) for raw in objects], seen)
            for objects, seen, _ in api.pages(path, params, endpoint="/v1/billing/meters/id/event_summaries")
        ]
    except Gone:
        return []


def _record(meter: str, customer: str, raw: msgspec.Raw) -> Record:
    start = msgspec.json.decode(raw, type=_Summary).start_time
    return Record(f"{meter}/{customer}/{start}", bytes(raw), float(start))


def _metered_prices(api: StripeApi) -> Iterator[tuple[str, str]]:
    for active in ("true", "false"):
        for objects, _, _ in api.pages("/v1/prices", {"active": active, "recurring": {"usage_type": "metered"}}):
            for raw in objects:
                price = msgspec.json.decode(raw, type=_Price)
                if price.recurring and price.recurring.meter:
                    yield price.recurring.meter, price.id
