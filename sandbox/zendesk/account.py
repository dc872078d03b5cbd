"""The whole account: its records, what is due, and what exists by its own books."""

from __future__ import annotations

from typing import Any

from sandbox.agenda import Agenda
from sandbox.zendesk.configuration import Configuration
from sandbox.zendesk.hours import ZONES
from sandbox.zendesk.people import People
from sandbox.zendesk.store import Body, Store
from sandbox.zendesk.ticket import event_body
from sandbox.zendesk.tickets import Tickets

PLAIN = (
    "users", "organizations", "groups", "group_memberships", "organization_memberships", "satisfaction_ratings",
    "sla_policies", "ticket_fields", "ticket_forms", "custom_statuses", "brands",
)  # fmt: skip
STREAMS = ("tickets", "ticket_events", "ticket_metric_events", *PLAIN, "schedules", "tags", "deleted_tickets")
"""The streams of the connector."""

_SINCE_RAILS = {iana: rails for rails, iana in ZONES.items()}


class Account:
    """One Zendesk Support account; `reached` is the instant up to which everything has happened."""

    def __init__(self, seed: int, begin: int, timezone: str) -> None:
        self.seed = seed
        self.reached = begin
        self.store = Store()
        self._agenda = Agenda()
        self.people = People(self.store)
        self.configuration = Configuration(self.store, _SINCE_RAILS.get(timezone, "UTC"), begin)
        self.tickets = Tickets(self.store, self.people, self.configuration, self._agenda)
        self.owner: int = self.people.add_user(begin, "Olivia Owner", "owner@northwind.example", "admin")["id"]
        self.default_group: int = self.people.add_group(begin, "Support", default=True)["id"]
        self.people.join_group(self.owner, self.default_group, begin)
        self.frozen_counts: dict[str, Body] = {}

    def advance(self, now: int) -> None:
        """Lets everything happen that is due."""
        self._agenda.run_until(now)
        self.reached = max(self.reached, now)

    def objects(self, stream: str) -> dict[str, Any]:
        """Every existing row of a stream by id, whole: a ticket with its metric set, a schedule with its holidays."""
        if stream in PLAIN:
            existing = self.store.books.existing[stream]
            return {str(id): dict(body) for id, body in self.store.rows[stream].items() if str(id) in existing}
        special = {
            "tickets": self._tickets, "ticket_events": self._events, "ticket_metric_events": self._metric_events,
            "schedules": self._schedules, "tags": self.tag_bodies, "deleted_tickets": self.bin_bodies,
        }  # fmt: skip
        return {str(body.get("id", body.get("name"))): body for body in special[stream]()}

    def tag_bodies(self) -> list[Body]:
        """Tags in use, the most used first."""
        return [{"name": name, "count": count} for name, count in self.tickets.tags.most_common() if count > 0]

    def bin_bodies(self) -> list[Body]:
        """Deleted tickets as far as they can be restored; those that were archived are missing."""
        binned = [t for t in self.tickets.by_id.values() if t.deleted is not None and not t.archived]
        return [t.deleted_body(self._name(t.deleted_by)) for t in binned]

    def holidays(self, schedule: int) -> list[Body]:
        """The days off of a schedule."""
        found: list[Body] = self.store.rows["holidays"].get(schedule, {}).get("holidays", [])
        return found

    def _name(self, user: int | None) -> str:
        body = self.store.get("users", user) if user is not None else None
        return body["name"] if body else ""

    def _tickets(self) -> list[Body]:
        return [
            {**_once(self.tickets.body(t)), "metric_set": t.metric.body(t.id)}
            for t in self.tickets.by_id.values()
            if t.deleted is None
        ]

    def _events(self) -> list[Body]:
        return [event_body(audit, with_comments=True) for audit in self.tickets.audits.values()]

    def _metric_events(self) -> list[Body]:
        return [event.body() for event in self.tickets.timers.events.values()]

    def _schedules(self) -> list[Body]:
        return [{**body, "holidays": self.holidays(id)} for id, body in self.store.rows["schedules"].items()]


def _once(ticket: Body) -> Body:
    """Without `fields`, which repeats `custom_fields`."""
    return {name: value for name, value in ticket.items() if name != "fields"}
