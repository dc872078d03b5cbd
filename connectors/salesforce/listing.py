"""The three ways through rows: pages in the order of ids, pages in the order of change, and Bulk jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.salesforce.api import SalesforceApi
from connectors.salesforce.jobs import JobBroken, Jobs
from connectors.salesforce.queries import pages, select
from connectors.salesforce.refusals import LocatorExpired
from connectors.salesforce.task import Task
from cynosure.extract import Page, Unexpected

# a listing that breaks off is begun again behind what was read, and a job is made anew, so often
ATTEMPTS = 3


Still = Callable[[Task], bool]


def by_pages(api: SalesforceApi, task: Task, under_way: Mapping[str, Any]) -> Iterator[Page]:
    """Every record in the order of ids, which never change: a killed listing goes on behind the last one."""
    after, started, got = under_way["after"], float(under_way["started"]), int(under_way["got"])
    seen, first, rows, attempts = task.until, after is None, task.rows, 0
    while True:
        where = [f"Id > '{after}'"] if after else []
        try:
            for page in pages(api, select(rows.names, task.thing.name, where, "Id")):
                records, seen = rows.from_json(page.records), page.seen
                after, got = (records[-1].id if records else after), got + len(records)
                going = {"after": after, "started": started, "got": got}
                yield Page(records, seen, task.state.cursor(under_way=going), begins=first and not task.thing.kept)
                first = False
            break
        except LocatorExpired:
            attempts += 1
            if attempts == ATTEMPTS:
                raise
    yield _listed(task, started, got, seen)


def by_window(api: SalesforceApi, task: Task, span: tuple[float, float]) -> Iterator[Page]:
    """What changed in a window, oldest first; each page may be the last one of a killed run."""
    stamp, rows, seen = task.shape.stamp, task.rows, task.until
    where, attempts, reached = task.window(*span), 0, task.state.since or 0.0
    while True:
        try:
            for page in pages(api, select(rows.names, task.thing.name, [where], f"{stamp}, Id")):
                records, seen = rows.from_json(page.records), page.seen
                last = records[-1] if records else None
                if last is not None and last.changed is not None:
                    reached = max(reached, min(last.changed, task.until))
                    # if the rest breaks off: the records of that second are read again rather than missed
                    where = task.window(last.changed, span[1])
                yield Page(records, seen, task.state.cursor(since=reached))
            break
        except LocatorExpired:
            attempts += 1
            if attempts == ATTEMPTS:
                raise
    yield Page([], seen, task.state.cursor(since=task.until), as_of=task.until)


def by_job(jobs: Jobs, task: Task, under_way: Mapping[str, Any], still: Still) -> Iterator[Page]:
    """What a Bulk job finds; a job that breaks is made anew, and what it gave so far does no harm."""
    going: dict[str, Any] = dict(under_way)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            yield from _one_job(jobs, task, going, still)
            return
        except JobBroken as broken:
            going = {**going, "job": None}
            yield Page([], task.until, task.state.cursor(under_way=None), notice=str(broken))
            if attempt == ATTEMPTS:
                raise Unexpected(f"{broken} ({ATTEMPTS} jobs were tried; state is kept)") from None


def _one_job(jobs: Jobs, task: Task, going: dict[str, Any], still: Still) -> Iterator[Page]:
    rows, state, listing = task.rows, task.state, bool(going["listing"])
    seen = task.until
    if going["job"] is None:
        id, seen = jobs.create(going["query"])
        going = {**going, "job": id, "made": seen, "locator": "", "got": 0}
        yield Page([], seen, state.cursor(under_way=going), begins=listing and not task.thing.kept)
    found = jobs.wait(going["job"], going["made"])
    unchanged = still(task)
    if going["locator"] != "null":
        for page in jobs.results(going["job"], rows, going["locator"]):
            seen = page.seen
            going = {**going, "locator": page.locator, "got": going["got"] + len(page.records)}
            yield Page(page.records, seen, state.cursor(under_way=going))
    if going["got"] < found:
        raise JobBroken(f"job {going['job']} counted {found} rows and gave {going['got']}")
    described = state.described if unchanged else 0.0
    if listing:
        yield _listed(task, float(going["started"]), going["got"], seen, described)
    else:
        until = float(going["started"])
        yield Page([], seen, state.cursor(since=until, under_way=None, described=described), as_of=until)


def _listed(task: Task, started: float, got: int, seen: float, described: float | None = None) -> Page:
    """The end of a complete listing."""
    known = task.state.described if described is None else described
    cursor = task.state.cursor(since=started, listed=started, rows=got, under_way=None, described=known)
    return Page([], seen, cursor, as_of=started, ends=not task.thing.kept)
