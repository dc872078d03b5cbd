"""A help desk that faults are injected into, and a reader of it as it is often written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
from simulated import MINUTE
from vendor_account import differences
from zendesk_account import ZendeskAccount

from connectors.zendesk import exports
from cynosure.extract import StreamResult

TICKETS = "/api/v2/incremental/tickets/cursor.json"
EVENTS = "/api/v2/incremental/ticket_events.json"
GROUPS = "/api/v2/group_memberships.json"
CORE = ("tickets", "ticket_events", "group_memberships")
PATHS = dict(zip(CORE, (TICKETS, EVENTS, GROUPS), strict=True))


@dataclass
class Bench:
    """A help desk and a landing folder of this test."""

    desk: ZendeskAccount
    landing: Path

    def run(self, *streams: str, **more: Any) -> dict[str, StreamResult]:
        return self.desk.extract(self.landing, streams or CORE, **more)

    def wrong(self, *streams: str) -> dict[str, Any]:
        return differences(self.desk, self.landing, streams or CORE)

    def id(self, key: str) -> int:
        return self.desk.vendor.id_of("ticket", key)


class NaiveZendesk:
    """A reader as it is often written: filters on `updated_at`, metrics from their list, and every failure is the end."""

    def __init__(self, desk: ZendeskAccount) -> None:
        credentials = desk.vendor.credentials
        self._http = httpx.Client(base_url=desk.url, timeout=5, auth=(f"{credentials.email}/token", credentials.api_token))
        self.tickets: dict[int, dict[str, Any]] = {}
        self.since = 1

    def _get(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            body: dict[str, Any] = self._http.get(path, params=params).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return body

    def run(self) -> None:
        place: dict[str, Any] = {"start_time": self.since}
        for _ in range(50):
            page = self._get(TICKETS, {**place, "per_page": exports.EXPORT_PAGE})
            for row in page.get("tickets", []):
                if datetime.fromisoformat(row["updated_at"]).timestamp() >= self.since and row["status"] in (
                    "new",
                    "open",
                    "pending",
                    "solved",
                    "closed",
                ):
                    self.tickets[row["id"]] = row
            if page.get("end_of_stream", True) or {"cursor": page.get("after_cursor")} == place:
                break
            place = {"cursor": page["after_cursor"]}
        self.since = int(parsedate_to_datetime(self._http.get("/api/v2/users/me.json").headers["date"]).timestamp()) - MINUTE

    def metrics(self) -> set[int]:
        return {row["ticket_id"] for row in self._get("/api/v2/ticket_metrics.json", {}).get("ticket_metrics", [])}

    def missing(self, desk: ZendeskAccount) -> set[int]:
        return {int(id) for id in desk.truth()["tickets"]["ids"]} - self.tickets.keys()
