"""The input of the loading benchmarks: pages of 100 invoices of about 1.2 KB, as Stripe sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator

PAGE = 100


def pages(rows: int, version: int = 1) -> Iterator[bytes]:
    """Pages with `rows` invoices in all; another version changes every object."""
    for start in range(0, rows, PAGE):
        objects = [_invoice(number, version) for number in range(start, min(start + PAGE, rows))]
        yield json.dumps({"object": "list", "data": objects, "has_more": start + PAGE < rows, "url": "/v1/invoices"}).encode()


def _invoice(number: int, version: int) -> dict[str, object]:
    lines = [
        {
            "id": f"il_{number:09d}_{k}", "object": "line_item", "amount": 1000 + k, "currency": "usd", "quantity": k,
            "period": {"start": 1_767_225_600, "end": 1_769_904_000}, "pricing": {"unit_amount_decimal": "1000", "type": "price_details"},
        }
        for k in range(4)
    ]  # fmt: skip
    return {
        "id": f"in_{number:09d}", "object": "invoice", "customer": f"cus_{number % 5000:06d}", "created": 1_767_225_600 + number,
        "status": "paid", "currency": "usd", "amount_due": 4000 + number % 97, "amount_paid": 4000 + number % 97,
        "metadata": {"version": str(version)}, "lines": {"object": "list", "data": lines, "has_more": False},
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": f"sub_{number % 5000:06d}"}},
        "number": f"INV-{number:09d}", "collection_method": "charge_automatically", "attempt_count": 1, "attempted": True,
    }  # fmt: skip
