"""A connector as it is often written, wrong on purpose: what the injected faults do to it proves that they bite.

It lists by `created[gt]`, takes the payload of events for the object, trusts a missing `has_more`, keeps the first page
of nested lists, drops statuses that it does not know, and takes every failure for the end of the data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from cynosure.extract import Access, Connector, ConnectorSettings, Cursor, Page, Record, Stream

_PATHS = {
    "customers": ("/v1/customers", "customer"),
    "subscriptions": ("/v1/subscriptions", "subscription"),
    "invoices": ("/v1/invoices", "invoice"),
}
_STATUSES = {"active", "trialing", "past_due", "canceled", "unpaid", "incomplete", "paused", "draft", "open", "paid", "void"}
_MOST_PAGES = 30


class NaiveStripe(Connector):
    """Reads three streams of Stripe badly."""

    name = "stripe"
    title = "Naive"
    api_version = "whatever"
    settings_model = ConnectorSettings
    streams = tuple(Stream(name, "Read badly.") for name in _PATHS)

    def __init__(self, base_url: str, key: str, timeout: float = 5.0) -> None:
        super().__init__(ConnectorSettings())
        self._http = httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout)
        self._date = 0

    def check(self) -> list[Access]:
        """Believes that all is well."""
        return []

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Objects created since, then the payloads of events since."""
        path, kind = _PATHS[stream.name]
        since, told = (cursor["created"], cursor["told"]) if cursor else (0, None)
        rows = list(
            self._rows(path, {"created[gt]": since, "status": "all"} if kind == "subscription" else {"created[gt]": since})
        )
        yield Page([_record(row) for row in rows if row.get("status", "active") in _STATUSES], 0.0)
        events = list(self._rows("/v1/events", {"created[gt]": told})) if told else []
        objects = [e["data"]["object"] for e in reversed(events) if e["data"]["object"]["object"] == kind]
        yield Page([_record(thing) for thing in objects], 0.0)
        newest = max((row["created"] for row in rows), default=since)
        yield Page([], 0.0, {"created": newest, "told": self._date}, as_of=self._date)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _rows(self, path: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for _ in range(_MOST_PAGES):
            try:
                answer = self._http.get(path, params={"limit": 5, **params})
                body = answer.json()
            except (httpx.HTTPError, ValueError):
                return
            if answer.status_code != 200 or not body.get("data"):
                return
            self._date = int(parsedate_to_datetime(answer.headers["date"]).timestamp())
            yield from body["data"]
            if not body.get("has_more"):
                return
            params = {**params, "starting_after": body["data"][-1]["id"]}


def _record(body: dict[str, Any]) -> Record:
    return Record(body["id"], json.dumps(body).encode())
