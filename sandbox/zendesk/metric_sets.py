"""Ticket metrics: how long everything took, in calendar and business minutes.

Durations are null until they happen (https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.zendesk import API
from sandbox.zendesk.hours import Schedule
from sandbox.zendesk.store import Body, iso

Spell = tuple[int, int]
"""Seconds by the calendar and of business hours."""

WAITS = {"new": ("requester",), "open": ("requester",), "hold": ("requester", "hold"), "pending": ("agent",)}
"""Who waits while a ticket has a status."""


def added(spell: Spell | None, more: Spell) -> Spell:
    """Both together."""
    return (more[0], more[1]) if spell is None else (spell[0] + more[0], spell[1] + more[1])


def minutes(spell: Spell | None) -> Body:
    """As the API shows a duration."""
    return {"calendar": None, "business": None} if spell is None else {"calendar": spell[0] // 60, "business": spell[1] // 60}


@dataclass(slots=True)
class MetricSet:
    """What is measured of one ticket; instants in epoch seconds."""

    id: int
    created: int
    updated: int
    group_stations: int = 0
    assignee_stations: int = 0
    reopens: int = 0
    replies: int = 0
    assignee_updated: int | None = None
    requester_updated: int | None = None
    status_updated: int | None = None
    custom_status_updated: int | None = None
    initially_assigned: int | None = None
    assigned: int | None = None
    solved: int | None = None
    latest_comment: int | None = None
    elapsed: Spell = (0, 0)
    accrued: int = 0
    stretch: Spell = (0, 0)
    """What the present status has taken so far."""
    waits: dict[str, Spell] = field(default_factory=dict)
    reply: Spell | None = None
    first_resolution: Spell | None = None
    full_resolution: Spell | None = None

    def accrue(self, at: int, schedule: Schedule) -> None:
        """Counts the time since the last call, by the schedule that was in force."""
        if at > self.accrued:
            passed = (at - self.accrued, schedule.worked(self.accrued, at))
            self.elapsed, self.stretch = added(self.elapsed, passed), added(self.stretch, passed)
        self.accrued = max(at, self.accrued)

    def turned(self, old: str, new: str, at: int) -> None:
        """Another status: what the old one took counts for those who waited."""
        for who in WAITS.get(old, ()):
            self.waits[who] = added(self.waits.get(who), self.stretch)
        self.stretch, self.status_updated, self.custom_status_updated = (0, 0), at, at
        if new == "solved":
            self.solved = at
            self.first_resolution = self.first_resolution or self.elapsed
            self.full_resolution = self.elapsed
        elif old == "solved" and new != "closed":
            self.reopens += 1
            self.solved = None

    def body(self, ticket: int) -> Body:
        """The metric set as the API shows it."""
        return {
            "url": f"{API}/ticket_metrics/{self.id}.json",
            "id": self.id,
            "ticket_id": ticket,
            "created_at": iso(self.created),
            "updated_at": iso(self.updated),
            "group_stations": self.group_stations,
            "assignee_stations": self.assignee_stations,
            "reopens": self.reopens,
            "replies": self.replies,
            "assignee_updated_at": iso(self.assignee_updated),
            "requester_updated_at": iso(self.requester_updated),
            "status_updated_at": iso(self.status_updated),
            "initially_assigned_at": iso(self.initially_assigned),
            "assigned_at": iso(self.assigned),
            "solved_at": iso(self.solved),
            "latest_comment_added_at": iso(self.latest_comment),
            "reply_time_in_minutes": minutes(self.reply),
            "first_resolution_time_in_minutes": minutes(self.first_resolution),
            "full_resolution_time_in_minutes": minutes(self.full_resolution),
            "agent_wait_time_in_minutes": minutes(self.waits.get("agent")),
            "requester_wait_time_in_minutes": minutes(self.waits.get("requester")),
            "on_hold_time_in_minutes": minutes(self.waits.get("hold")),
            "custom_status_updated_at": iso(self.custom_status_updated),
        }
