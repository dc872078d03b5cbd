"""Usage summaries of a billing meter (docs.stripe.com/api/billing/meter-event-summary/list)."""

from __future__ import annotations

import hashlib

from sandbox.stripe.collection import Body
from sandbox.stripe.errors import StripeError, missing, missing_parameter, unknown_parameter
from sandbox.stripe.expand import read_expansions
from sandbox.stripe.filters import integer
from sandbox.stripe.listing import page_of_rows, read_cursor
from sandbox.stripe.reading import Call
from sandbox.stripe.resources import PAGING

DAY = 86_400
_REQUIRED = ("customer", "start_time", "end_time")


def event_summaries(call: Call) -> Body:
    """The usage of one customer: per day, or as one sum over the whole range."""
    read_expansions(call.params, "meter_event_summary", is_list=True)
    meter = call.path["id"]
    if call.store.get("meter", meter) is None:
        raise missing("meter", meter)
    customer, start, end, window = _asked(call)
    days = [
        row
        for row in call.store.where("meter_event_summary", "customer", customer)
        if row["meter"] == meter and start <= row["start_time"] and row["end_time"] <= end
    ]
    rows = days if window == "day" else _summed(days, meter, customer, start, end)
    page = page_of_rows(rows, read_cursor(call.params), "meter event summary")
    return {
        "object": "list",
        "data": [call.store.frozen(row) for row in page.rows],
        "has_more": page.has_more,
        "url": f"/v1/billing/meters/{meter}/event_summaries",
    }


def _asked(call: Call) -> tuple[str, int, int, str | None]:
    for name in _REQUIRED:
        if name not in call.params:
            raise missing_parameter(name)
    for name in call.params:
        if name not in (*_REQUIRED, "value_grouping_window", *PAGING):
            raise unknown_parameter(name)
    window = call.params.get("value_grouping_window")
    if window not in (None, "day"):
        raise StripeError("The sandbox keeps usage per day: use day.", param="value_grouping_window")
    start, end = (integer(name, call.params[name]) for name in ("start_time", "end_time"))
    step = DAY if window else 60
    if start % step or end % step or start >= end:
        raise StripeError(f"Times must be in order and multiples of {step} seconds.", param="start_time")
    return call.params["customer"], start, end, window


def _summed(days: list[Body], meter: str, customer: str, start: int, end: int) -> list[Body]:
    if not days:
        return []
    digest = hashlib.sha256(f"{meter}{customer}{start}{end}".encode()).hexdigest()[:24]
    return [
        {
            **days[0],
            "id": f"mtrusg_{digest}",
            "aggregated_value": float(sum(row["aggregated_value"] for row in days)),
            "start_time": start,
            "end_time": end,
        }
    ]
