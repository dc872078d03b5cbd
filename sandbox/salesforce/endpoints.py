"""The REST endpoints, one function each (https://developer.salesforce.com/docs: REST API developer guide)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.salesforce import API_VERSIONS
from sandbox.salesforce.bulk import BulkJobs
from sandbox.salesforce.org import BIN_DAYS, Org
from sandbox.salesforce.queries import PAGE_ROWS, Queries, readable
from sandbox.salesforce.records import Refused
from sandbox.salesforce.reply import Call, Refusal, Reply
from sandbox.salesforce.schema import COMPOUND, Row, SObject
from sandbox.salesforce.usage import Usage
from sandbox.salesforce.values import attributes, in_rest, instant_text

Endpoint = Callable[["Api", Call], Reply]
MOST_SUBREQUESTS, MOST_SUBQUERIES = 25, 5
_DAY = 86_400


@dataclass
class Api:
    """What the endpoints work with."""

    org: Org
    usage: Usage
    user: str
    write: Callable[[str, dict[str, Any]], Any] = lambda operation, arguments: None
    hidden: Callable[[str], bool] = lambda id: False
    queries: Queries = field(init=False)
    jobs: BulkJobs = field(init=False)

    def __post_init__(self) -> None:
        """Queries and jobs belong to the org."""
        self.queries, self.jobs = Queries(self.org), BulkJobs(self.org)

    def kind(self, call: Call) -> SObject:
        """The object that the path names; Refusal if there is none."""
        kind = self.org.kind(call.names["object"])
        if kind is None:
            raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return kind

    def answer(self, call: Call) -> Reply:
        """The answer to any call of the data API; errors become answers too."""
        try:
            for method, pattern, endpoint in ROUTES:
                found = re.fullmatch(pattern, call.path)
                if found and method == call.method:
                    names = found.groupdict()
                    return endpoint(self, Call(**{**call.__dict__, "names": names}))
            raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        except Refusal as refusal:
            return refusal.reply()
        except Refused as refused:
            return Refusal(refused.status, refused.code, str(refused), refused.fields).reply()


def _query(deleted: bool) -> Endpoint:
    def answer(api: Api, call: Call) -> Reply:
        if "q" not in call.params:
            raise Refusal(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null")
        size = _page_rows(call)
        return Reply(200, api.queries.first(call.params["q"], call.version, deleted=deleted, hidden=api.hidden, size=size))

    return answer


def _more(api: Api, call: Call) -> Reply:
    return Reply(200, api.queries.more(call.names["locator"], call.version, api.hidden))


def _page_rows(call: Call) -> int:
    """How many rows a page may have; the caller may wish for fewer."""
    wished = re.search(r"batchSize=(\d+)", call.headers.get("sforce-query-options", ""))
    return max(1, min(int(wished[1]), PAGE_ROWS)) if wished else PAGE_ROWS


def _objects(api: Api, call: Call) -> Reply:
    shown = []
    for kind in api.org.kinds.values():
        if kind.name not in api.org.forbidden:
            shown.append({name: value for name, value in kind.describe(call.version).items() if not isinstance(value, list)})
    return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown})


def _describe(api: Api, call: Call) -> Reply:
    return Reply(200, api.kind(call).describe(call.version))


def _instant(text: str) -> float:
    try:
        return datetime.fromisoformat(text.replace(" ", "+")).timestamp() // 60 * 60
    except ValueError:
        raise Refusal(400, "INVALID_REPLICATION_DATE", f"invalid date: {text}") from None


def _window(api: Api, call: Call) -> tuple[float, float]:
    start, end = _instant(call.params.get("start", "")), _instant(call.params.get("end", ""))
    if end - start < 60:
        raise Refusal(400, "INVALID_REPLICATION_DATE", "endDate is not at least one minute after startDate")
    if start < api.org.now - 30 * _DAY:
        raise Refusal(400, "INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
    return start, end


def _updated(api: Api, call: Call) -> Reply:
    kind = api.kind(call)
    start, end = _window(api, call)
    table = api.org.table(kind.name)
    rows = [row for row in table.changed_since(int(start)) if not row.get("IsDeleted") and not api.hidden(row["Id"])]
    ids = [row["Id"] for row in rows if row[table.stamp] is not None and row[table.stamp] < end]
    return Reply(200, {"ids": ids, "latestDateCovered": instant_text(int(end)) + "+0000"})


def _deleted(api: Api, call: Call) -> Reply:
    kind = api.kind(call)
    start, end = _window(api, call)
    reach = api.org.now - BIN_DAYS * _DAY
    if start < reach:
        raise Refusal(400, "INVALID_REPLICATION_DATE", "The start date is earlier than the deleted records are kept")
    rows = [row for row in api.org.table(kind.name).rows.values() if row.get("IsDeleted") and start <= row["_deleted"] < end]
    return Reply(
        200,
        {
            "deletedRecords": [{"id": row["Id"], "deletedDate": instant_text(row["_deleted"]) + "+0000"} for row in rows],
            "earliestDateAvailable": instant_text(reach) + "+0000",
            "latestDateCovered": instant_text(int(end)) + "+0000",
        },
    )


def _limits(api: Api, call: Call) -> Reply:
    used = api.usage.used(api.org.now)
    return Reply(
        200,
        {
            "DailyApiRequests": {"Max": api.usage.allowed, "Remaining": max(api.usage.allowed - used, 0)},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": max(10_000 - api.usage.jobs, 0)},
            "DailyBulkV2QueryFileStorageMB": {"Max": 976_562, "Remaining": 976_562},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
        },
    )


def _composite(api: Api, call: Call) -> Reply:
    """Up to 25 requests in one, of which five may be queries; they count as one."""
    parts = call.json().get("compositeRequest") or []
    if len(parts) > MOST_SUBREQUESTS:
        raise Refusal(400, "LIMIT_EXCEEDED", f"Limit of {MOST_SUBREQUESTS} subrequests exceeded")
    if sum("/query" in part.get("url", "") for part in parts) > MOST_SUBQUERIES:
        raise Refusal(400, "LIMIT_EXCEEDED", f"Limit of {MOST_SUBQUERIES} query and collection subrequests exceeded")
    from sandbox.salesforce.app import data_call

    answers = []
    for part in parts:
        made = data_call(part["method"], part["url"], b"", call.headers)
        reply = api.answer(made) if made else Refusal(404, "NOT_FOUND", "The requested resource does not exist").reply()
        answers.append(
            {"body": reply.body, "httpHeaders": {}, "httpStatusCode": reply.status, "referenceId": part["referenceId"]}
        )
    return Reply(200, {"compositeResponse": answers})


def _retrieve(api: Api, call: Call) -> Reply:
    kind = api.kind(call)
    row = readable(api.org, kind, call.names["id"], api.hidden)
    if row is None:
        raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
    asked = call.params.get("fields")
    names = asked.split(",") if asked else [f.name for f in kind.readable() if f.type not in COMPOUND]
    shown: Row = {"attributes": attributes(kind, row["Id"], call.version)}
    for name in names:
        known = kind.find(name)
        if known is None:
            raise Refusal(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}")
        shown[known.name] = in_rest(known.type, api.org.value(kind, row, known.name))
    return Reply(200, shown)


def _create(api: Api, call: Call) -> Reply:
    made = api.write("create", {"object": api.kind(call).name, "values": call.json()})
    return Reply(201, {"id": made["Id"], "success": True, "errors": []})


def _update(api: Api, call: Call) -> Reply:
    api.write("update", {"object": api.kind(call).name, "id": call.names["id"], "values": call.json()})
    return Reply(204)


def _remove(api: Api, call: Call) -> Reply:
    api.write("delete", {"object": api.kind(call).name, "id": call.names["id"]})
    return Reply(204)


def _new_job(api: Api, call: Call) -> Reply:
    api.usage.jobs += 1
    return api.jobs.create(call, api.user)


_OBJECT, _ID, _JOB = r"/sobjects/(?P<object>\w+)", r"/(?P<id>[a-zA-Z0-9]{15,18})", r"/jobs/query/(?P<id>\w+)"
ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", r"/query/?", _query(deleted=False)),
    ("GET", r"/queryAll/?", _query(deleted=True)),
    ("GET", r"/query(?:All)?/(?P<locator>\w+-\d+)", _more),
    ("GET", r"/sobjects/?", _objects),
    ("GET", _OBJECT + r"/describe/?", _describe),
    ("GET", _OBJECT + r"/updated/?", _updated),
    ("GET", _OBJECT + r"/deleted/?", _deleted),
    ("GET", r"/limits/?", _limits),
    ("POST", r"/composite/?", _composite),
    ("POST", _OBJECT + r"/?", _create),
    ("GET", _OBJECT + _ID, _retrieve),
    ("PATCH", _OBJECT + _ID, _update),
    ("DELETE", _OBJECT + _ID, _remove),
    ("POST", r"/jobs/query/?", _new_job),
    ("GET", _JOB, lambda api, call: api.jobs.show(call, api.hidden)),
    ("GET", _JOB + r"/results/?", lambda api, call: api.jobs.results(call)),
    ("PATCH", _JOB, lambda api, call: api.jobs.abort(call)),
    ("DELETE", _JOB, lambda api, call: api.jobs.delete(call)),
)
"""Method, path below the version, and what answers."""
VERSIONS = [{"label": f"v{version}", "url": f"/services/data/v{version}", "version": version} for version in API_VERSIONS]
