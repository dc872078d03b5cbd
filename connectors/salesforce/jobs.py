"""Bulk API 2.0 query jobs: made, waited for, and read page by page, so that a killed run goes on within the same job.

https://developer.salesforce.com/docs: Bulk API 2.0. The SDK's own reader polls without a bound we could set, never logs in
again and hides the locators, so its plain REST call is used.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from simple_salesforce.api import Salesforce as Client

from connectors.salesforce.api import SalesforceApi
from connectors.salesforce.payload import Rows
from connectors.salesforce.refusals import Gone
from cynosure.extract import Answer, Deferred, ExtractError, Record, RetryLater, Unexpected

# from about so many rows on a job costs fewer requests than pages of 2,000 (Salesforce's own advice)
BULK_FROM = 2_000
PAGE_SIZE = 10_000
# of objects with many fields fewer rows: several streams hold a page each
PAGE_VALUES = 100_000
# waits between looks at a job, then every half minute, together at most half an hour in one run
_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0)
_LONG_WAIT = 30.0
PATIENCE_SECONDS = 1_800.0
# a job that takes longer than this will not end: it is stopped and made anew
OLDEST_SECONDS = 6 * 3_600.0
_LAST = "null"

csv.field_size_limit(2**31 - 1)


class JobBroken(Unexpected):
    """A job failed, vanished, or gave fewer rows than it counted."""


class _Info(msgspec.Struct, rename="camel"):
    id: str
    state: str
    error_message: str = ""
    number_records_processed: int = 0


@dataclass(frozen=True, slots=True)
class Bulk:
    """A page of results: its records, the vendor's clock, and where the next page begins (null: nowhere)."""

    records: list[Record]
    seen: float
    locator: str


class Jobs:
    """Query jobs of one org."""

    def __init__(self, api: SalesforceApi) -> None:
        self._api = api

    def create(self, query: str) -> tuple[str, float]:
        """The id of a new job over deleted and archived rows too, and the vendor's clock."""
        wanted = {"operation": "queryAll", "query": query, "columnDelimiter": "COMMA", "lineEnding": "LF"}
        info, seen = self._api.call(lambda client: client.restful("jobs/query", method="POST", json=wanted), _info)
        return info.id, seen

    def wait(self, id: str, made: float) -> int:
        """How many rows the job found, once it is complete; JobBroken if it failed, Deferred if it takes too long."""
        waited = 0.0
        for wait in _waits():
            try:
                info, seen = self._api.call(lambda client: client.restful(f"jobs/query/{id}"), _info)
            except Gone:
                raise JobBroken(f"job {id} does not exist any more; its query is run again") from None
            if info.state == "JobComplete":
                return info.number_records_processed
            if info.state in ("Failed", "Aborted"):
                raise JobBroken(f"job {id} ended as {info.state}: {info.error_message[:300]}")
            if seen - made > OLDEST_SECONDS:
                self._stop(id)
                raise JobBroken(f"job {id} was still {info.state} after {OLDEST_SECONDS / 3_600:.0f} hours; it was stopped")
            if waited + wait > PATIENCE_SECONDS:
                raise Deferred(f"job {id} is still {info.state} after {PATIENCE_SECONDS / 60:.0f} minutes; the next run reads it")
            waited += wait
            self._api.sleep(wait)
        raise AssertionError("unreachable")

    def results(self, id: str, rows: Rows, locator: str) -> Iterator[Bulk]:
        """The pages from a locator on; JobBroken if the job or the locator is gone."""
        while True:
            asked = locator
            try:
                page = self._api.call(self._action(id, locator, len(rows.names)), lambda answer: _page(answer, rows))
            except Gone:
                raise JobBroken(f"the results of job {id} do not exist any more; its query is run again") from None
            yield page
            locator = page.locator
            if locator == _LAST:
                return
            if locator == asked:
                raise Unexpected(f"the results of job {id} do not advance beyond {asked}; nothing was skipped, state is kept")

    def _action(self, id: str, locator: str, columns: int) -> Any:
        params = {"maxRecords": min(PAGE_SIZE, max(PAGE_VALUES // columns, 1))} | ({"locator": locator} if locator else {})

        def action(client: Client) -> object:
            return client.restful(f"jobs/query/{id}/results", params=params, headers={"Accept": "text/csv"})

        return action

    def _stop(self, id: str) -> None:
        try:
            stop = {"state": "Aborted"}
            self._api.call(lambda client: client.restful(f"jobs/query/{id}", method="PATCH", json=stop), lambda answer: None)
        except ExtractError:
            return  # it is given up either way


def _waits() -> Iterator[float]:
    yield from _WAITS
    while True:
        yield _LONG_WAIT


def _info(answer: Answer) -> tuple[_Info, float]:
    try:
        return msgspec.json.decode(answer.body, type=_Info), answer.seen
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RetryLater(f"the state of a job cannot be read: {error}") from None


def _page(answer: Answer, rows: Rows) -> Bulk:
    """The page, if it is whole: as many rows as announced, with the columns that were asked for."""
    try:
        announced, locator = int(answer.headers["sforce-numberofrecords"]), answer.headers["sforce-locator"]
        records = rows.from_csv(csv.reader(io.StringIO(answer.body.decode(), newline=""), strict=True))
    except (KeyError, ValueError, csv.Error) as error:
        raise RetryLater(f"a page of results cannot be read: {error}") from None
    if len(records) != announced:
        raise RetryLater(f"a page of results holds {len(records)} rows of {announced} announced")
    return Bulk(records, answer.seen, locator)
