"""A portal that faults are injected into, and a reader of it that pages searches by offset from the newest date it saw, takes what it
gets for everything, and any failure for the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from hubspot_account import HubspotAccount
from vendor_account import differences

from cynosure.extract import StreamResult

CONTACTS = "/crm/v3/objects/contacts"
CORE = ("contacts", "companies", "deals")


@dataclass
class Bench:
    account: HubspotAccount
    landing: Path

    def run(self, *streams: str, **more: Any) -> dict[str, StreamResult]:
        return self.account.extract(self.landing, streams or CORE, **more)

    def good(self, *streams: str, **more: Any) -> None:
        assert {result.error for result in self.run(*streams, **more).values()} == {""}

    def wrong(self, *streams: str) -> dict[str, Any]:
        return differences(self.account, self.landing, streams or CORE)


class Careless:
    """Reads contacts as it is often done."""

    def __init__(self, account: HubspotAccount) -> None:
        self._http = httpx.Client(
            base_url=account.url, headers={"Authorization": f"Bearer {account.vendor.tokens.private}"}, timeout=0.3
        )
        self.rows: dict[str, Any] = {}
        self.newest = "0"

    def read(self, page: int = 3, most: int = 100) -> None:
        """Everything changed after the newest date, page by page."""
        after: str | None = None
        since = self.newest
        for _ in range(most):
            filters = [{"propertyName": "lastmodifieddate", "operator": "GT", "value": since}] if since != "0" else []
            body: dict[str, Any] = {"filterGroups": [{"filters": filters}], "limit": page, "sorts": ["lastmodifieddate"]}
            try:
                answer = self._http.post(f"{CONTACTS}/search", json=body | ({"after": after} if after else {})).json()
                results = answer["results"]
            except (httpx.HTTPError, ValueError, KeyError):
                return
            for row in results:
                self.rows[row["id"]] = row
                self.newest = row["properties"].get("lastmodifieddate") or self.newest
            after = answer.get("paging", {}).get("next", {}).get("after")
            if after is None:
                return

    def lost(self, account: HubspotAccount) -> set[str]:
        return set(account.truth()["contacts"]["ids"]) - self.rows.keys()
