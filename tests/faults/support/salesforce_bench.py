"""An org that faults are injected into, and a reader of it as it is often written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
from salesforce_account import SalesforceAccount, landed

from connectors.salesforce import queries
from cynosure.extract import Access, Connector, ConnectorSettings, Cursor, Page, Record, Stream, StreamResult

CORE = ("accounts", "contacts", "users")
QUERY_ALL = "*/queryAll/"
MORE = "*/query/01g*"
NULLABLE = "AccountSource"


class NaiveSalesforce(Connector):
    """A reader as it is often written: `query`, strict > on LastModifiedDate, and every failure taken for the end."""

    name = "salesforce"
    title = "Naive"
    api_version = "66.0"
    settings_model = ConnectorSettings
    streams = (Stream("accounts", "Read badly."), Stream("contacts", "Read badly."), Stream("tasks", "Read badly."))
    objects: ClassVar = {"accounts": "Account", "contacts": "Contact", "tasks": "Task"}

    def __init__(self, account: SalesforceAccount) -> None:
        super().__init__(ConnectorSettings())
        sessions = account.vendor.sessions
        form = {"grant_type": "client_credentials", "client_id": sessions.consumer_key, "client_secret": sessions.consumer_secret}
        token = httpx.post(account.url + "/services/oauth2/token", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Sforce-Query-Options": f"batchSize={queries.PAGE_SIZE}"}
        self._http = httpx.Client(base_url=account.url, headers=headers, timeout=0.3, trust_env=False)

    def check(self) -> list[Access]:
        return []

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        name, since = self.objects[stream.name], cursor["since"] if cursor else "1970-01-01T00:00:00Z"
        fields = [field["name"] for field in self._json(f"/services/data/v66.0/sobjects/{name}/describe").get("fields", [])]
        fields = [field for field in fields if not field.endswith("Address")]
        newest, rows = since, list(self._rows(f"SELECT {','.join(fields)} FROM {name} WHERE LastModifiedDate > {since}"))
        for row in rows:
            newest = max(newest, row["LastModifiedDate"].replace("+0000", "Z"))
        yield Page([Record(row["Id"], httpx.Response(200, json=row).content) for row in rows], 0.0, {"since": newest}, as_of=0.0)

    def close(self) -> None:
        self._http.close()

    def _rows(self, query: str) -> Iterator[dict[str, Any]]:
        page = self._json("/services/data/v66.0/query/", {"q": query})
        while True:
            yield from page.get("records", [])
            if page.get("done", True) or not page.get("nextRecordsUrl"):
                return
            page = self._json(page["nextRecordsUrl"])

    def _json(self, url: str, params: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            answer = self._http.get(url, params=params)
            return dict(answer.json()) if answer.status_code == 200 else {}
        except (httpx.HTTPError, ValueError):
            return {}


class Bench:
    """An org of fourteen contacts in pages of five, and a folder for this test."""

    def __init__(self, account: SalesforceAccount, folder: Path) -> None:
        self.account = account
        self.folder = folder

    def run(self, streams: tuple[str, ...] = CORE, **more: Any) -> dict[str, StreamResult]:
        return self.account.extract(self.folder, streams, **more)

    def naive(self) -> dict[str, StreamResult]:
        return self.account.extract(self.folder, connector=NaiveSalesforce(self.account))

    def missing(self, stream: str = "contacts") -> set[str]:
        return set(self.account.truth()[stream]["ids"]) - landed(self.folder, stream).keys()

    def wrong(self, streams: tuple[str, ...] = CORE) -> dict[str, Any]:
        return {stream: True for stream in streams if landed(self.folder, stream) != self.account.objects(stream)}

    def outcomes(self, results: dict[str, StreamResult]) -> dict[str, str]:
        return {name: result.outcome for name, result in results.items()}
