"""The peer: dlt, reading each API with its own HTTP client, paginators and incremental cursors, as its verified sources do.

Every resource is a list or a search from the newest cursor value on, merged on its key into DuckDB; retries, state and
schema are dlt's (https://dlthub.com/docs). Rows keep their body in one column, so that bodies can be compared.
"""

from __future__ import annotations

import json
import logging
import os
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from dlt.sources.helpers.rest_client.paginators import BasePaginator, JSONLinkPaginator, JSONResponseCursorPaginator

from benchmarks.faultbench.readers import Killed, Outcome, Rows

Json = dict[str, Any]

_FIRST_DAY = "2015-01-01T00:00:00Z"


@dataclass(frozen=True)
class Resource:
    """A stream: what to ask from a cursor value on, where the rows are, and their key and cursor."""

    stream: str
    ask: Callable[[Any], Json]
    rows: str
    paginator: Callable[[], BasePaginator]
    cursor: Callable[[Json], Any]
    first: Any
    key: str = "id"


class _UntilEndOfStream(JSONResponseCursorPaginator):
    """Zendesk's export: the last page has a cursor as well, and says that it is the last."""

    def update_state(self, response: Any, data: Any = None) -> None:
        super().update_state(response, data)
        if response.json().get("end_of_stream"):
            self._has_next_page = False


def _stripe(stream: str) -> Resource:
    # lists can be filtered by `created` alone, which is what the verified source uses
    return Resource(
        stream,
        lambda newest: {"path": f"v1/{stream}", "params": {"limit": 100, "created[gte]": newest}},
        "data",
        partial(JSONResponseCursorPaginator, "data[-1].id", "starting_after", has_more_path="has_more"),
        lambda row: row.get("created"),
        0,
    )


def _hubspot(stream: str, cursor: str = "hs_lastmodifieddate") -> Resource:
    def ask(newest: Any) -> Json:
        filters = [{"propertyName": cursor, "operator": "GTE", "value": newest}]
        sorts = [{"propertyName": cursor, "direction": "ASCENDING"}]
        body = {"limit": 100, "filterGroups": [{"filters": filters}], "sorts": sorts}
        return {"path": f"crm/v3/objects/{stream}/search", "method": "POST", "json": body}

    page = partial(JSONResponseCursorPaginator, "paging.next.after", cursor_body_path="after")
    return Resource(stream, ask, "results", page, lambda row: row["properties"].get(cursor), _FIRST_DAY)


def _salesforce(stream: str, table: str, *fields: str) -> Resource:
    columns = ", ".join(("Id", "SystemModstamp", *fields))

    def ask(newest: Any) -> Json:
        since = newest.replace("+0000", "Z")
        soql = f"SELECT {columns} FROM {table} WHERE SystemModstamp > {since} ORDER BY SystemModstamp ASC"
        return {"path": "services/data/v59.0/query/", "params": {"q": soql}}

    page = partial(JSONLinkPaginator, "nextRecordsUrl")
    return Resource(stream, ask, "records", page, lambda row: row.get("SystemModstamp"), _FIRST_DAY, "Id")


def _zendesk(stream: str) -> Resource:
    def ask(newest: Any) -> Json:
        since = int(datetime.fromisoformat(newest).timestamp())
        return {"path": f"api/v2/incremental/{stream}/cursor.json", "params": {"start_time": since}}

    page = partial(_UntilEndOfStream, "after_cursor", "cursor")
    return Resource(stream, ask, stream, page, lambda row: row.get("updated_at"), _FIRST_DAY)


def _intercom(stream: str, rows: str) -> Resource:
    def ask(newest: Any) -> Json:
        body = {"query": {"field": "updated_at", "operator": ">", "value": newest}, "pagination": {"per_page": 100}}
        return {"path": f"{stream}/search", "method": "POST", "json": body}

    page = partial(JSONResponseCursorPaginator, "pages.next.starting_after", cursor_body_path="pagination.starting_after")
    return Resource(stream, ask, rows, page, lambda row: row.get("updated_at"), 0)


RESOURCES: Mapping[str, tuple[Resource, ...]] = {
    "stripe": tuple(map(_stripe, ("customers", "subscriptions", "invoices", "charges", "refunds", "credit_notes"))),
    "hubspot": (_hubspot("contacts", "lastmodifieddate"), *map(_hubspot, ("companies", "deals", "calls"))),
    "salesforce": (
        _salesforce("accounts", "Account", "Name"),
        _salesforce("contacts", "Contact", "Email", "Title"),
        _salesforce("opportunities", "Opportunity", "StageName", "Amount"),
        _salesforce("campaign_members", "CampaignMember", "Status"),
    ),
    "zendesk": (_zendesk("tickets"), _zendesk("users")),
    "intercom": (_intercom("contacts", "data"), _intercom("conversations", "conversations")),
}


# no account of the bench has half as many pages
_ENDLESS_PAGES = 500


class Dlt:
    """dlt on DuckDB; it has no audit of the source."""

    def __init__(self, source: str, connection: Mapping[str, str], folder: Path) -> None:
        # the waits between retries are shortened, their number is dlt's own
        os.environ.update({
            "RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL", "RUNTIME__REQUEST_BACKOFF_FACTOR": "0",
        })  # fmt: skip
        logging.getLogger("dlt").setLevel(logging.CRITICAL)
        self._source, self._connection, self._folder = source, connection, folder

    def run(self, now: int, killed_after: int | None = None) -> Outcome:
        """One pipeline run of all resources."""
        import dlt

        destination = dlt.destinations.duckdb(str(self._folder / "dlt.duckdb"))
        pipeline = dlt.pipeline(
            "peer", destination=destination, dataset_name="raw", pipelines_dir=str(self._folder / "dlt"), progress=None
        )
        pages = [0]
        try:
            pipeline.run([self._resource(resource, killed_after, pages) for resource in RESOURCES[self._source]])
        except Killed:
            raise
        except Exception as failure:
            return Outcome((f"{type(failure).__name__}: {str(failure).splitlines()[0][:160]}",))
        return Outcome()

    def look(self, now: int) -> Outcome:
        """Nothing beyond its runs."""
        return Outcome()

    @staticmethod
    def same(held: Any, shown: Any) -> bool:
        """It asks for some fields only: those must be equal."""
        if isinstance(held, dict) and isinstance(shown, dict):
            return all(Dlt.same(value, shown.get(name)) for name, value in held.items() if name != "attributes")
        return bool(held == shown)

    def rows(self) -> Rows:
        """What the tables hold."""
        found: Rows = {}
        with duckdb.connect(str(self._folder / "dlt.duckdb")) as connection:
            tables = {row[0] for row in connection.execute("select table_name from information_schema.tables").fetchall()}
            for resource in RESOURCES[self._source]:
                there = resource.stream in tables
                rows = connection.execute(f"select id, payload from raw.{resource.stream}").fetchall() if there else []
                found[resource.stream] = {id: json.loads(payload) for id, payload in rows}
        return found

    def _resource(self, what: Resource, killed_after: int | None, pages: list[int]) -> Any:
        import dlt
        from dlt.sources.helpers.rest_client import RESTClient

        newest_known = dlt.sources.incremental("cursor", initial_value=what.first, on_cursor_value_missing="include")

        @dlt.resource(name=what.stream, primary_key="id", write_disposition="merge", max_table_nesting=0)
        def read(newest: Any = newest_known) -> Iterator[list[Json]]:
            base, headers = self._access()
            client = RESTClient(base, headers=headers)
            asked = what.ask(newest.last_value)
            for page in client.paginate(**asked, data_selector=what.rows, paginator=what.paginator()):
                pages[0] += 1
                if killed_after is not None and pages[0] >= killed_after:
                    raise Killed
                if pages[0] > _ENDLESS_PAGES:
                    raise TimeoutError(f"no end after {_ENDLESS_PAGES} pages; a scheduler would have ended it")
                yield [{"id": str(row[what.key]), "cursor": what.cursor(row), "payload": json.dumps(row)} for row in page]

        return read()

    def _access(self) -> tuple[str, dict[str, str]]:
        """Base URL and headers, from the settings with which Cynosure's connector reads the same account."""
        given = self._connection
        if "api_token" in given:
            basic = b64encode(f"{given['email']}/token:{given['api_token']}".encode()).decode()
            return given["base_url"], {"Authorization": f"Basic {basic}"}
        token = given.get("api_key") or given.get("access_token") or ""
        return given["base_url"], {"Authorization": f"Bearer {token}", "Intercom-Version": "2.16"}
