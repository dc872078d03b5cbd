"""A walk through everything that a list shows now, for the audit: it may stop after any page and go on days later.

Lists run from newest to oldest; the cursor is the last object of a page, with its `created` for the case that the
object itself is gone when the walk goes on (https://docs.stripe.com/api/pagination).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from connectors.stripe.balance import customer_balances
from connectors.stripe.catalogue import Resource
from connectors.stripe.listing import list_params
from connectors.stripe.refetch import record_of
from connectors.stripe.transport import Gone, Params, StripeApi, identity
from cynosure.extract import Cursor, Page

_CUSTOMERS = "/v1/customers"


def walked(api: StripeApi, resource: Resource, after: Cursor | None) -> Iterator[Page]:
    """Every object with its body, a page at a time; the last page `ends`."""
    for objects, seen, more in _pages(api, resource.path, list_params(resource), after, dated=resource.dated):
        records = [record for raw in objects if not (record := record_of(api, resource, raw, None)).deleted]
        yield Page(records, seen, _cursor(objects[-1]) if more else None, ends=not more)


def walked_balances(api: StripeApi, after: Cursor | None) -> Iterator[Page]:
    """The balance transactions of every customer, a customer at a time."""
    seen = 0.0
    for customers, listed, _ in _pages(api, _CUSTOMERS, {}, after, dated=True):
        for customer in customers:
            pages = list(customer_balances(api, [identity(customer).id]))
            seen = max([listed, *(page.seen for page in pages)])
            yield Page([record for page in pages for record in page.records], seen, _cursor(customer))
        seen = max(seen, listed)
    yield Page([], seen, ends=True)


def _pages(
    api: StripeApi, path: str, params: Params, after: Cursor | None, *, dated: bool
) -> Iterator[tuple[list[msgspec.Raw], float, bool]]:
    """(objects, vendor time, more to come) from the cursor on."""
    if after is None:
        yield from api.pages(path, params)
        return
    try:
        yield from api.pages(path, {**params, "starting_after": after["id"]})
    except Gone:
        # what the walk stopped at was deleted: those of the same second come again, or all where there is no filter
        rest = {"created": {"lte": after["created"]}} if dated and after["created"] else {}
        yield from api.pages(path, {**params, **rest})


def _cursor(raw: msgspec.Raw) -> Cursor:
    last = identity(raw)
    return {"id": last.id, "created": last.begun}
