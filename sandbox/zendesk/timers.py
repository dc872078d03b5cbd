"""What service levels measure: timers per ticket, the metric events they leave, and breaches when a target is missed.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metric_events/
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.agenda import Agenda
from sandbox.zendesk.hours import Schedule
from sandbox.zendesk.metric_sets import Spell, added, minutes
from sandbox.zendesk.store import Body, Store, iso

METRICS = ("reply_time", "agent_work_time", "requester_wait_time", "resolution_time")
RUNNING = {"agent_work_time": ("new", "open"), "requester_wait_time": ("new", "open", "hold")}
"""Statuses in which a timer runs; the others pause it."""

Target = tuple[int, bool, int, str]
"""Minutes, whether business minutes, and the policy's id and title."""


@dataclass(slots=True)
class Timer:
    """One measurement: its number, whether it runs and since when, and what it has taken before."""

    instance: int = 0
    since: int | None = None
    spent: Spell = (0, 0)
    target: Target | None = None
    breach: int | None = None
    version: int = 0
    done: bool = True


@dataclass(slots=True)
class MetricEvent:
    """A metric event: a target where one is applied, the time taken where a status is updated."""

    id: int
    ticket: int
    metric: str
    instance: int
    type: str
    time: int
    target: Target | None = None
    taken: Spell | None = None
    deleted: bool = False

    def body(self) -> Body:
        """As the API shows it."""
        shown = {
            "id": self.id, "ticket_id": self.ticket, "metric": self.metric, "instance_id": self.instance,
            "type": self.type, "time": iso(self.time),
        }  # fmt: skip
        if self.target is not None:
            target, business, id, title = self.target
            shown["sla"] = {"target": target, "business_hours": business, "policy": {"id": id, "title": title}}
        if self.taken is not None:
            shown["status"] = minutes(self.taken)
        return {**shown, "deleted": True} if self.deleted else shown


class Timers:
    """The timers of all tickets. `schedule_of` gives the schedule that a ticket has now."""

    def __init__(self, store: Store, agenda: Agenda, schedule_of: Callable[[int], Schedule]) -> None:
        self.events: dict[int, MetricEvent] = {}
        self._store = store
        self._agenda = agenda
        self._schedule_of = schedule_of
        self._timers: dict[tuple[int, str], Timer] = {}
        agenda.handle("breach", self._breach)

    def begin(self, ticket: int, at: int) -> None:
        """A ticket exists from now on."""
        for metric in METRICS:
            self._timers[ticket, metric] = Timer()
            self._tell(ticket, metric, "measure", at)
            self.activate(ticket, metric, at)

    def activate(self, ticket: int, metric: str, at: int) -> None:
        """A new measurement begins, unless one is under way."""
        timer = self._timers[ticket, metric]
        if not timer.done:
            return
        timer.instance += 1
        timer.since, timer.spent, timer.done, timer.breach = at, (0, 0), False, None
        self._tell(ticket, metric, "activate", at)
        if timer.target:
            self._tell(ticket, metric, "apply_sla", at, target=timer.target)
        self._plan(ticket, metric, at)

    def apply(self, ticket: int, metric: str, target: Target | None, at: int) -> None:
        """Another target holds; a breach that it would not have had is deleted."""
        timer = self._timers[ticket, metric]
        if timer.target == target:
            return
        timer.target = target
        if timer.done:
            return
        if target:
            self._tell(ticket, metric, "apply_sla", at, target=target)
        if timer.breach is not None and (target is None or self._taken(ticket, timer, at)[target[1]] < target[0] * 60):
            self.withdraw(timer.breach, at)
            timer.breach = None
        self._plan(ticket, metric, at)

    def withdraw(self, event: int, at: int) -> None:
        """Marks a breach as deleted: the export shows it again at its change, with its old time."""
        self.events[event].deleted = True
        self._store.changes["ticket_metric_events"].touch(event, at)

    def turned(self, ticket: int, status: str, at: int) -> None:
        """Another status: timers pause, go on or end."""
        if status in ("solved", "closed"):
            for metric in ("agent_work_time", "requester_wait_time", "resolution_time"):
                self.fulfill(ticket, metric, at)
            return
        self.activate(ticket, "resolution_time", at)
        for metric, running in RUNNING.items():
            if status in running:
                self.activate(ticket, metric, at)
                self._resume(ticket, metric, at)
            else:
                self._pause(ticket, metric, at)

    def fulfill(self, ticket: int, metric: str, at: int) -> None:
        """The measurement ends well or not."""
        timer = self._timers[ticket, metric]
        if timer.done:
            return
        timer.spent, timer.since, timer.done = self._taken(ticket, timer, at), None, True
        timer.version += 1
        self._tell(ticket, metric, "fulfill", at)
        self._tell(ticket, metric, "update_status", at, taken=timer.spent)

    def settle(self, ticket: int, at: int) -> None:
        """Counts by the schedule in force up to now, before another one holds."""
        for metric in METRICS:
            timer = self._timers[ticket, metric]
            if timer.since is not None:
                timer.spent, timer.since = self._taken(ticket, timer, at), at

    def rescheduled(self, ticket: int, at: int) -> None:
        """Another schedule holds: targets are due at other instants."""
        for metric in METRICS:
            self._plan(ticket, metric, at)

    def _pause(self, ticket: int, metric: str, at: int) -> None:
        timer = self._timers[ticket, metric]
        if timer.done or timer.since is None:
            return
        timer.spent, timer.since = self._taken(ticket, timer, at), None
        timer.version += 1
        self._tell(ticket, metric, "pause", at)
        self._tell(ticket, metric, "update_status", at, taken=timer.spent)

    def _resume(self, ticket: int, metric: str, at: int) -> None:
        timer = self._timers[ticket, metric]
        if timer.done or timer.since is not None:
            return
        timer.since = at
        self._tell(ticket, metric, "activate", at)
        self._plan(ticket, metric, at)

    def _taken(self, ticket: int, timer: Timer, at: int) -> Spell:
        if timer.since is None or at <= timer.since:
            return timer.spent
        return added(timer.spent, (at - timer.since, self._schedule_of(ticket).worked(timer.since, at)))

    def _plan(self, ticket: int, metric: str, at: int) -> None:
        """Enters the instant at which the target will be missed, if nothing happens before."""
        timer = self._timers[ticket, metric]
        timer.version += 1
        if timer.target is None or timer.since is None or timer.breach is not None:
            return
        limit, business = timer.target[0] * 60, timer.target[1]
        left = limit - self._taken(ticket, timer, at)[business]
        due = at + max(left, 0)
        if business and left > 0:
            due = self._schedule_of(ticket).when(at, left)
        self._agenda.enter(due, "breach", f"{ticket} {metric} {timer.version}")

    def _breach(self, key: str, at: int) -> None:
        ticket, metric, version = key.split()
        timer = self._timers.get((int(ticket), metric))
        if timer is not None and timer.version == int(version):
            timer.breach = self._tell(int(ticket), metric, "breach", at)

    def _tell(self, ticket: int, metric: str, type: str, at: int, **more: Any) -> int:
        id = self._store.numbers.take("ticket_metric_events")
        instance = 0 if type == "measure" else self._timers[ticket, metric].instance
        self.events[id] = MetricEvent(id, ticket, metric, instance, type, at, **more)
        self._store.books.begin("ticket_metric_events", id)
        self._store.changes["ticket_metric_events"].touch(id, at)
        return id
