"""Bulk API 2.0 query jobs: made, worked off, and read as CSV by locators that only the server understands.

https://developer.salesforce.com/docs: Bulk API 2.0 query jobs.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from sandbox.salesforce.identifiers import record_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.reply import Call, Refusal, Reply
from sandbox.salesforce.schema import COMPOUND, Row
from sandbox.salesforce.soql import Query, SoqlError, parse, run
from sandbox.salesforce.soql.conditions import reader
from sandbox.salesforce.soql.language import Path
from sandbox.salesforce.values import in_csv, instant_text

KEPT_SECONDS = 7 * 86_400
"""Results can be read for seven days."""
PAGE_ROWS = 50_000
_POLLS_UNTIL_COMPLETE = 2
_DELIMITERS = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^", "BACKQUOTE": "`"}


@dataclass
class _Job:
    id: str
    operation: str
    query: Query
    text: str
    version: str
    user: str
    made: int
    delimiter: str
    ending: str
    state: str = "UploadComplete"
    error: str = ""
    polls: int = 0
    rows: list[list[str]] = field(default_factory=list)
    locators: dict[str, int] = field(default_factory=dict)

    def info(self) -> Row:
        """The job as the API shows it."""
        shown: Row = {
            "id": self.id, "operation": self.operation, "object": self.query.source, "createdById": self.user,
            "createdDate": instant_text(self.made) + "+0000", "systemModstamp": instant_text(self.made) + "+0000",
            "state": self.state, "concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": float(self.version),
            "lineEnding": self.ending, "columnDelimiter": self.delimiter,
        }  # fmt: skip
        if self.state == "Failed":
            shown["errorMessage"] = self.error
        if self.polls:
            shown |= {"jobType": "V2Query", "numberRecordsProcessed": len(self.rows), "retries": 0, "totalProcessingTime": 120}
        return shown


class BulkJobs:
    """The query jobs of the org; `headers_everywhere` puts the column names at the head of every page."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._jobs: dict[str, _Job] = {}
        self._numbers = count(1)
        self.headers_everywhere = True

    def create(self, call: Call, user: str) -> Reply:
        """A new job; Refusal for a query that Bulk does not run."""
        wanted = call.json()
        operation = wanted.get("operation")
        if operation not in ("query", "queryAll"):
            raise Refusal(400, "INVALIDJOB", f"Invalid operation {operation}")
        try:
            query = parse(wanted.get("query") or "")
            kind = self._org.kind(query.source)
            run(self._org, query, deleted=True, hidden=lambda id: True)
        except SoqlError as error:
            raise Refusal(400, error.code, str(error)) from None
        if query.aggregates or query.offset:
            raise Refusal(400, "FUNCTIONALITY_NOT_ENABLED", "Aggregates, GROUP BY and OFFSET are not supported in Bulk Query")
        for entry in query.selected:
            if not isinstance(entry, Path):
                raise Refusal(400, "FUNCTIONALITY_NOT_ENABLED", "Sub-selects are not supported in Bulk Query")
            if kind and reader(self._org, kind, entry)[1] in COMPOUND:
                raise Refusal(400, "FUNCTIONALITY_NOT_ENABLED", f"Selecting compound data not supported in Bulk Query: {entry}")
        job = _Job(
            record_id("750", next(self._numbers)), operation, query, wanted["query"], call.version, user, self._org.now,
            wanted.get("columnDelimiter") or "COMMA", wanted.get("lineEnding") or "LF",
        )  # fmt: skip
        self._jobs[job.id] = job
        return Reply(200, job.info())

    def show(self, call: Call, hidden: Callable[[str], bool]) -> Reply:
        """The state of a job; asking lets it go on."""
        job = self._job(call)
        job.polls += 1
        if job.state in ("UploadComplete", "InProgress"):
            job.state = "InProgress"
            if job.polls >= _POLLS_UNTIL_COMPLETE:
                self._work(job, hidden)
        return Reply(200, job.info())

    def results(self, call: Call) -> Reply:
        """A page of rows as CSV."""
        job = self._job(call)
        if f"{float(job.version):.1f}" != call.version:
            raise Refusal(409, "API_ERROR", f"The API version {call.version} does not match the job's {job.version}")
        if job.state != "JobComplete":
            raise Refusal(400, "INVALIDJOBSTATE", f"Job is in state {job.state}: results are not available")
        start = self._start(job, call.params.get("locator", ""))
        end = start + min(int(call.params.get("maxRecords") or PAGE_ROWS), PAGE_ROWS)
        page = job.rows[start:end]
        body = self._csv(job, page, start)
        headers = {
            "Sforce-NumberOfRecords": str(len(page)),
            "Sforce-Locator": _locator(job, end) if end < len(job.rows) else "null",
        }
        if "gzip" in call.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        return Reply(200, body, headers, "text/csv")

    def abort(self, call: Call) -> Reply:
        """Stops a job."""
        job = self._job(call)
        if call.json().get("state") != "Aborted":
            raise Refusal(400, "INVALIDJOBSTATE", "Only Aborted can be set")
        job.state = "Aborted"
        return Reply(200, job.info())

    def delete(self, call: Call) -> Reply:
        """Forgets a job that has ended."""
        job = self._job(call)
        if job.state in ("UploadComplete", "InProgress"):
            raise Refusal(400, "INVALIDJOBSTATE", "The job is still running")
        del self._jobs[job.id]
        return Reply(204)

    def _job(self, call: Call) -> _Job:
        job = self._jobs.get(call.names["id"])
        if job is None or self._org.now - job.made > KEPT_SECONDS:
            raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    def _work(self, job: _Job, hidden: Callable[[str], bool]) -> None:
        try:
            found = run(self._org, job.query, deleted=job.operation == "queryAll", hidden=hidden)
            columns = [reader(self._org, found.kind, path) for path in job.query.selected]
        except SoqlError as error:
            job.state, job.error = "Failed", f"{error.code}: {error}".replace("\n", " ")
            return
        job.rows = [[in_csv(type, read(row)) for read, type in columns] for row in found.rows]
        job.state = "JobComplete"

    def _start(self, job: _Job, locator: str) -> int:
        if locator in ("", "null"):
            return 0
        start = job.locators.get(locator)
        if start is None:
            raise Refusal(400, "INVALID_LOCATOR", "The locator is invalid")
        return start

    def _csv(self, job: _Job, rows: list[list[str]], start: int) -> bytes:
        text = io.StringIO()
        ending = "\r\n" if job.ending == "CRLF" else "\n"
        writer = csv.writer(text, delimiter=_DELIMITERS[job.delimiter], lineterminator=ending, quoting=csv.QUOTE_ALL)
        if start == 0 or self.headers_everywhere:
            writer.writerow([str(path) for path in job.query.selected])
        writer.writerows(rows)
        return text.getvalue().encode()


def _locator(job: _Job, start: int) -> str:
    """Opaque, and the same whenever it is asked for."""
    locator = hashlib.sha256(f"{job.id} {start}".encode()).hexdigest()[:12]
    job.locators[locator] = start
    return locator
