"""How a stream is read: a complete listing, then windows of what changed, and a complete listing again when it is due.

A window is [last run - 15 minutes, now - 5 minutes) on the vendor's clock: rows commit minutes after the instant they
carry. Ties and repeated rows are harmless, since rows are merged by id. The listing finds what no window can: records that
were deleted for good, and fields that the org computes. Both go through Bulk jobs when there are many rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from connectors.salesforce.api import SalesforceApi
from connectors.salesforce.catalogue import SObject
from connectors.salesforce.directory import Directory
from connectors.salesforce.jobs import BULK_FROM, Jobs
from connectors.salesforce.listing import by_job, by_pages, by_window
from connectors.salesforce.queries import is_long, select
from connectors.salesforce.refusals import FieldMissing, ObjectMissing
from connectors.salesforce.shape import Shape, compare, lost_fields
from connectors.salesforce.state import State
from connectors.salesforce.task import Task
from cynosure.extract import AccessDenied, Cursor, Page

# house: rows that commit late are found again by reading the last quarter of an hour twice
LOOKBACK_SECONDS = 900.0


class Reader:
    """Reads any object of one org."""

    def __init__(self, api: SalesforceApi, directory: Directory, given_up: frozenset[tuple[str, str]]) -> None:
        self._api = api
        self._directory = directory
        self._given_up = given_up
        self._jobs = Jobs(api)

    def read(self, thing: SObject, cursor: Cursor | None) -> Iterator[Page]:
        """Everything new of an object."""
        state, until = State.of(cursor), self._directory.until()
        if not state.columns and state.absent is not None and not state.description_is_due(until):
            yield Page([], until, state.cursor())
            return
        before = state
        try:
            state = self._looked_at(thing, state, until)
        except ObjectMissing as missing:
            yield self._absent(thing, state, until, missing)
            return
        if added := [name for name in state.columns if name not in before.columns] if before.columns else []:
            notice = f"{thing.name} has new fields ({', '.join(added[:20])}): everything is listed again"
            yield Page([], until, replace(before, under_way=None).cursor(), notice=notice)
            state = replace(state, under_way=None)
        task = Task(thing, state.shape(), state, until)
        try:
            yield from self._proceed(task, changed=bool(added))
        except FieldMissing:
            # the description that was remembered is older than the org
            self._look_again(thing, state)
            raise

    def _proceed(self, task: Task, *, changed: bool) -> Iterator[Page]:
        state, thing = task.state, task.thing
        if state.under_way:
            yield from self._resumed(task)
        elif changed or state.listing_is_due(thing, task.until):
            yield from self._listing(task)
        elif thing.hourly and task.shape.stamp:
            yield from self._changes(task)
        else:
            yield Page([], task.until, state.cursor())

    def _resumed(self, task: Task) -> Iterator[Page]:
        under_way = task.state.under_way or {}
        if "job" in under_way:
            yield from by_job(self._jobs, task, under_way, self._still)
        else:
            yield from by_pages(self._api, task, under_way)

    def _listing(self, task: Task) -> Iterator[Page]:
        """Everything there is; what it does not hold is gone."""
        size = task.state.rows or self._directory.count(task.thing, None)
        query = select(task.rows.names, task.thing.name)
        if (size >= BULK_FROM or is_long(query)) and not task.shape.needs_rest:
            begun = {"job": None, "query": query, "started": task.until, "listing": True}
            yield from by_job(self._jobs, task, begun, self._still)
        else:
            yield from by_pages(self._api, task, {"after": None, "started": task.until, "got": 0})

    def _changes(self, task: Task) -> Iterator[Page]:
        """What changed in the window, deleted and archived records included."""
        assert task.state.since is not None
        span = (task.state.since - LOOKBACK_SECONDS, task.until)
        count = self._count(task, span)
        query = select(task.rows.names, task.thing.name, [task.window(*span)])
        if not count:
            yield Page([], task.until, task.state.cursor(since=task.until), as_of=task.until)
        elif (count >= BULK_FROM or is_long(query)) and not task.shape.needs_rest:
            begun = {"job": None, "query": query, "started": task.until, "listing": False}
            yield from by_job(self._jobs, task, begun, self._still)
        else:
            yield from by_window(self._api, task, span)

    def _count(self, task: Task, span: tuple[float, float]) -> int:
        """How many rows changed; one row too many where the common question does not fit this object."""
        if task.shape.stamp != task.thing.stamp or task.shape.stamp_may_be_null:
            return 1
        return self._directory.count(task.thing, span)

    def _looked_at(self, thing: SObject, state: State, until: float) -> State:
        """The state with a description that is not older than a day; FieldLost if fields are missing from it."""
        if state.columns and not state.description_is_due(until):
            return state
        shape = self._directory.shape(thing.name)
        self._compare(thing, state, shape)
        return state.described_as(shape, until)

    def _look_again(self, thing: SObject, state: State) -> Shape:
        """The description right now; FieldLost if fields are missing from it."""
        shape = self._directory.fresh_shape(thing.name)
        self._compare(thing, state, shape)
        return shape

    def _still(self, task: Task) -> bool:
        """Whether the object is as it was when a job began; FieldLost if fields are missing."""
        return set(self._look_again(task.thing, task.state).columns) == set(task.state.columns)

    def _compare(self, thing: SObject, state: State, shape: Shape) -> None:
        lost = compare(thing.name, state.columns, shape, self._given_up).lost
        if lost:
            raise lost_fields(thing.name, lost)

    def _absent(self, thing: SObject, state: State, until: float, missing: AccessDenied) -> Page:
        """An object that not every org has; loud if it was there before."""
        if state.columns or not self._directory.may_lack(thing):
            raise missing
        return Page([], until, state.cursor(absent=until), as_of=until, notice=f"this org has no {thing.name}")
