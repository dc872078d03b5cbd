"""Streams whose changes no event tells: balance transactions, customers' own balances, payments and items of invoices."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from connectors.stripe.catalogue import BALANCE_TRANSACTIONS, INVOICE_PAYMENTS, Resource
from connectors.stripe.changes import OVERLAP_SECONDS, Changes
from connectors.stripe.listing import READERS, list_params
from connectors.stripe.refetch import batched_ids, by_id, refetched
from connectors.stripe.transport import Gone, StripeApi, identity
from cynosure.extract import Page, Record

DAY = 86_400
# https://docs.stripe.com/api/billing/meter-event: an event's timestamp must be within the past 35 days
METER_LATENESS_DAYS = 35

#: `available_on` (epoch) -> [oldest, newest] `created` of transactions that become available then
Pending = dict[str, list[int]]


#: the query of a small list, and its path where it differs from the endpoint's name
ListRequest = tuple[dict[str, Any], str | None]


class _Transaction(msgspec.Struct):
    created: int
    available_on: int
    status: str


class _Balance(msgspec.Struct):
    id: str
    balance: int = 0
    deleted: bool = False


def note_pending(pending: Pending, objects: list[msgspec.Raw], now: int) -> None:
    """Remembers which ranges of `created` hold transactions that will become available without telling anybody."""
    for raw in objects:
        transaction = msgspec.json.decode(raw, type=_Transaction)
        if transaction.status == "pending":
            due = str(max(transaction.available_on, now + 1))
            low, high = pending.get(due, [transaction.created, transaction.created])
            pending[due] = [min(low, transaction.created), max(high, transaction.created)]


def changed_transactions(api: StripeApi, since: int, until: int, pending: Pending) -> Iterator[Page]:
    """New transactions, and those whose funds have become available since; `pending` is updated in place."""
    windows = [[since - OVERLAP_SECONDS, until]]
    for due in [due for due in pending if int(due) <= until]:
        windows.append(list(pending.pop(due)))
    for window in windows:
        for objects, seen, _ in api.pages(BALANCE_TRANSACTIONS.path, list_params(BALANCE_TRANSACTIONS, list(window))):
            note_pending(pending, objects, until)
            yield Page([Record(identity(raw).id, bytes(raw)) for raw in objects], seen)


def changed_invoice_payments(api: StripeApi, changes: Changes) -> Iterator[Page]:
    """Payments made in the window, those an event names, and those of older invoices that changed."""
    seen_ids: set[str] = set()
    window = list_params(INVOICE_PAYMENTS, [changes.since - OVERLAP_SECONDS, changes.until])
    for objects, seen, _ in api.pages(INVOICE_PAYMENTS.path, window):
        seen_ids.update(identity(raw).id for raw in objects)
        yield Page([Record(identity(raw).id, bytes(raw)) for raw in objects], seen)
    named = {id: at for id, at in changes.changed.get("invoice_payment", {}).items() if id not in seen_ids}
    yield from by_id(api, INVOICE_PAYMENTS, named)
    older = [id for id, created in changes.invoices.items() if created < changes.since - OVERLAP_SECONDS]
    yield from children(api, "/v1/invoice_payments", [({"invoice": id}, None) for id in older])


def changed_invoice_items(api: StripeApi, resource: Resource, changes: Changes) -> Iterator[Page]:
    """Items that an event names, itself or as a line of an invoice, and all of invoices that have too many to be named."""
    changed, created = changes.changed.get(resource.kind, {}), changes.created.get(resource.kind, set())
    yield from refetched(api, resource, changed, created, changes.since - OVERLAP_SECONDS, changes.until)
    query = list_params(resource)
    yield from children(api, resource.path, [({**query, "invoice": id}, None) for id in sorted(changes.long_invoices)])


def customer_balances(api: StripeApi, customers: list[str]) -> Iterator[Page]:
    """Balance transactions of these customers; a customer that is gone has none."""
    paths: list[ListRequest] = [({}, f"/v1/customers/{id}/balance_transactions") for id in customers]
    yield from children(api, "/v1/customers/id/balance_transactions", paths)


def customers_with_balance(api: StripeApi, *, every: bool) -> list[str]:
    """Ids of all customers, or of those whose own balance is not zero (Stripe lists it with the customer)."""
    found = []
    for objects, _, _ in api.pages("/v1/customers"):
        customers = [msgspec.json.decode(raw, type=_Balance) for raw in objects]
        found += [c.id for c in customers if every or c.balance]
    return found


def children(api: StripeApi, endpoint: str, requests: list[ListRequest]) -> Iterator[Page]:
    """All pages of many small lists, several at a time; a parent that is gone gives nothing."""
    with ThreadPoolExecutor(READERS) as pool:
        for numbers in batched_ids([str(i) for i in range(len(requests))]):
            for pages in pool.map(lambda i: _all(api, endpoint, *requests[int(i)]), numbers):
                yield from pages


def _all(api: StripeApi, endpoint: str, params: dict[str, Any], path: str | None) -> list[Page]:
    try:
        return [
            Page([Record(identity(raw).id, bytes(raw)) for raw in objects], seen)
            for objects, seen, _ in api.pages(path or endpoint, params, endpoint=endpoint)
        ]
    except Gone:
        return []
