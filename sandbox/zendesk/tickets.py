"""What happens to tickets: each update is an audit, moves metrics and timers, and shows in the exports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from sandbox.agenda import Agenda
from sandbox.zendesk import API
from sandbox.zendesk.configuration import Configuration
from sandbox.zendesk.errors import ZendeskError, blank, not_found
from sandbox.zendesk.metric_sets import MetricSet
from sandbox.zendesk.people import STAFF, People
from sandbox.zendesk.store import Body, Store, iso
from sandbox.zendesk.ticket import Audit, Child, Ticket
from sandbox.zendesk.timers import METRICS, Timers

DAY = 86_400
ARCHIVED_AFTER, SCRUBBED_AFTER, RATING_OFFERED_AFTER = 120 * DAY, 30 * DAY, DAY


class Tickets:
    """All tickets of the account."""

    def __init__(self, store: Store, people: People, configuration: Configuration, agenda: Agenda) -> None:
        self.by_id: dict[int, Ticket] = {}
        self.audits: dict[int, Audit] = {}
        self.tags: Counter[str] = Counter()
        self._requested: defaultdict[int, set[int]] = defaultdict(set)
        self.timers = Timers(store, agenda, lambda id: configuration.schedules[self.by_id[id].schedule])
        self._store, self._people, self._configuration, self._agenda = store, people, configuration, agenda
        self._applied: dict[str, Callable[[Ticket, Any, Any, int], None]] = {
            "status": self._turned, "assignee_id": self._assigned, "group_id": self._grouped, "tags": self._tagged,
            "priority": self._retarget,
        }  # fmt: skip
        for job, act in {"archive": self._archive_due, "scrub": self._scrub_due, "offer": self._offer_due}.items():
            agenda.handle(job, act)

    def live(self, id: int) -> Ticket:
        """A ticket that is not deleted; 404 if there is none."""
        ticket = self.by_id.get(id)
        if ticket is None or ticket.deleted is not None:
            raise not_found()
        return ticket

    def create(self, at: int, requester: int, subject: str, text: str, **values: Any) -> Ticket:
        """A new ticket of a requester; `values` are further fields."""
        if not text:
            raise blank("description")
        user = self._people.user(requester)
        settings = self._configuration
        id = self._store.numbers.take("tickets")
        metric = MetricSet(self._store.numbers.take("metric_sets"), at, at, accrued=at, latest_comment=at, requester_updated=at)
        metric.status_updated = metric.custom_status_updated = at
        ticket = Ticket(
            id, at, requester, values.pop("submitter_id", requester), subject, text, values.pop("priority", None),
            values.pop("channel", "web"), values.pop("organization_id", user["organization_id"]), settings.brand,
            values.pop("ticket_form_id", settings.form), settings.statuses["new"], settings.schedule, metric,
            updated=at, generated=at,
        )  # fmt: skip
        self.by_id[id] = ticket
        self._requested[requester].add(id)
        self._store.books.begin("tickets", id)
        self._tagged(ticket, values.pop("tags", []), [], at)
        ticket.custom_fields.update(values.pop("custom_fields", {}))
        created = [("Create", self._child(), name, getattr(ticket, name), None) for name in ("subject", "status", "priority")]
        self._audit(ticket, at, requester, [("Comment", self._child(), True, text), *created])
        self.timers.begin(id, at)
        self._retarget(ticket, ticket.priority, None, at)
        if values:
            self.update(id, at, requester, values)
        return ticket

    def update(self, id: int, at: int, author: int, values: dict[str, Any], comment: tuple[str, bool] | None = None) -> Ticket:
        """One update: other values and perhaps a comment (text, public). A closed ticket refuses."""
        ticket = self.live(id)
        if ticket.status == "closed":
            raise ZendeskError.invalid("status", "Status: closed prevents ticket update", "InvalidValue")
        ticket.metric.accrue(at, self._schedule(ticket))
        children: list[Child] = []
        if comment:
            children.append(("Comment", self._child(), comment[1], comment[0]))
            self._commented(ticket, at, author, comment[1])
        for name, given in values.items():
            old = getattr(ticket, name)
            new = {**old, **given} if name == "custom_fields" else given
            if new != old:
                children.append(("Change", self._child(), name, new, old))
                setattr(ticket, name, new)
                if name in self._applied:
                    self._applied[name](ticket, new, old, at)
        if children:
            ticket.metric.updated = at
            self._audit(ticket, at, author, children)
        return ticket

    def system_update(self, id: int, at: int, **values: Any) -> Ticket:
        """A change by Zendesk itself: no audit, and only `generated_timestamp` moves."""
        ticket = self.by_id[id]
        for name, value in values.items():
            setattr(ticket, name, value)
        self._generated(ticket, at)
        return ticket

    def rate(self, id: int, at: int, score: str, comment: str) -> Body:
        """The requester's judgement; a second one changes the first."""
        ticket = self.live(id)
        values = {"score": score, "comment": comment or None, "assignee_id": ticket.assignee_id, "group_id": ticket.group_id}
        if ticket.rating is None:
            self._offer(ticket, at)
        assert ticket.rating is not None
        rating = self._store.change("satisfaction_ratings", ticket.rating, at, **values)
        self._audit(ticket, at, ticket.requester_id, [("Change", self._child(), "satisfaction_score", score, None)])
        return rating

    def delete(self, id: int, at: int, actor: int) -> None:
        """Puts a ticket into the bin, from which it is scrubbed after 30 days."""
        ticket = self.live(id)
        ticket.before_deletion, ticket.deleted, ticket.deleted_by, ticket.updated = ticket.status, at, actor, at
        self.tags.subtract(ticket.tags)
        self._store.books.end("tickets", id)
        self._note_tags(ticket.tags)
        if not ticket.archived:
            self._store.books.begin("deleted_tickets", id)
        self._generated(ticket, at)
        self._agenda.enter(at + SCRUBBED_AFTER, "scrub", f"{id} {at}")

    def restore(self, id: int, at: int) -> Ticket:
        """Takes a ticket out of the bin."""
        ticket = self._binned(id)
        ticket.deleted = ticket.deleted_by = None
        ticket.updated = at
        self.tags.update(ticket.tags)
        self._store.books.begin("tickets", id)
        self._note_tags(ticket.tags)
        self._store.books.end("deleted_tickets", id)
        self._generated(ticket, at)
        return ticket

    def scrub(self, id: int) -> None:
        """Deletes a binned ticket permanently: no export shows it again."""
        self._binned(id)
        self._store.books.end("deleted_tickets", id)
        self._store.changes["tickets"].forget(id)
        del self.by_id[id]

    def reschedule(self, id: int, schedule: int, at: int) -> None:
        """Another schedule counts from now on."""
        ticket = self.live(id)
        ticket.metric.accrue(at, self._schedule(ticket))
        self.timers.settle(id, at)
        ticket.schedule = schedule
        self.timers.rescheduled(id, at)
        self._generated(ticket, at)

    def reassign_requester(self, loser: int, winner: int, at: int) -> None:
        """After a merge of users: their tickets belong to the winner, without an audit."""
        moved = [id for id in sorted(self._requested.pop(loser, ())) if id in self.by_id]
        self._requested[winner].update(moved)
        for id in moved:
            submitter = winner if self.by_id[id].submitter_id == loser else self.by_id[id].submitter_id
            self.system_update(id, at, requester_id=winner, submitter_id=submitter)

    def body(self, ticket: Ticket) -> Body:
        """The ticket as the API shows it."""
        rating = self._store.get("satisfaction_ratings", ticket.rating) if ticket.rating is not None else None
        return ticket.body(self._configuration.fields, rating)

    def _turned(self, ticket: Ticket, new: str, old: str, at: int) -> None:
        ticket.metric.turned(old, new, at)
        ticket.custom_status_id = self._configuration.statuses["solved" if new == "closed" else new]
        self.timers.turned(ticket.id, new, at)
        if new == "solved" and ticket.rating is None:
            self._agenda.enter(at + RATING_OFFERED_AFTER, "offer", str(ticket.id))
        if new == "closed":
            self._agenda.enter(at + ARCHIVED_AFTER, "archive", str(ticket.id))

    def _assigned(self, ticket: Ticket, new: int | None, old: int | None, at: int) -> None:
        metric = ticket.metric
        metric.assignee_stations += new is not None
        metric.assignee_updated, metric.assigned = at, at
        metric.initially_assigned = metric.initially_assigned or at
        if ticket.status == "new" and new is not None:
            ticket.status = "open"
            self._turned(ticket, "open", "new", at)

    def _grouped(self, ticket: Ticket, new: int | None, old: int | None, at: int) -> None:
        ticket.metric.group_stations += new is not None

    def _tagged(self, ticket: Ticket, new: list[str], old: list[str], at: int) -> None:
        ticket.tags = sorted(set(new))
        self.tags.subtract(old)
        self.tags.update(ticket.tags)
        self._note_tags([*old, *new])
        if old:
            self._retarget(ticket, ticket.priority, None, at)

    def _note_tags(self, tags: list[str]) -> None:
        for tag in tags:
            (self._store.books.begin if self.tags[tag] > 0 else self._store.books.end)("tags", tag)

    def _retarget(self, ticket: Ticket, new: Any, old: Any, at: int) -> None:
        targets = self._configuration.targets(ticket.tags, ticket.priority, ticket.organization_id)
        for metric in METRICS:
            self.timers.apply(ticket.id, metric, targets.get(metric), at)

    def _commented(self, ticket: Ticket, at: int, author: int, public: bool) -> None:
        metric = ticket.metric
        metric.latest_comment = at
        if self._people.user(author)["role"] not in STAFF:
            metric.requester_updated = at
            self.timers.activate(ticket.id, "reply_time", at)
        elif public:
            metric.assignee_updated = at
            metric.replies += 1
            metric.reply = metric.reply or metric.elapsed
            self.timers.fulfill(ticket.id, "reply_time", at)

    def _offer(self, ticket: Ticket, at: int) -> None:
        id = self._store.numbers.take("satisfaction_ratings")
        ticket.rating = id
        body = {
            "url": f"{API}/satisfaction_ratings/{id}.json", "id": id, "assignee_id": ticket.assignee_id,
            "group_id": ticket.group_id, "requester_id": ticket.requester_id, "ticket_id": ticket.id, "score": "offered",
            "created_at": iso(at), "updated_at": iso(at), "comment": None, "reason": None, "reason_id": None, "reason_code": None,
        }  # fmt: skip
        self._store.add("satisfaction_ratings", body, at)

    def _offer_due(self, key: str, at: int) -> None:
        ticket = self.by_id.get(int(key))
        if ticket and ticket.rating is None and ticket.deleted is None and ticket.status in ("solved", "closed"):
            self._offer(ticket, at)
            self._generated(ticket, at)

    def _archive_due(self, key: str, at: int) -> None:
        ticket = self.by_id.get(int(key))
        if ticket and ticket.deleted is None:
            ticket.archived = True

    def _scrub_due(self, key: str, at: int) -> None:
        id, deleted = map(int, key.split())
        ticket = self.by_id.get(id)
        if ticket and ticket.deleted == deleted:
            self.scrub(id)

    def _binned(self, id: int) -> Ticket:
        ticket = self.by_id.get(id)
        if ticket is None or ticket.deleted is None:
            raise not_found()
        return ticket

    def _schedule(self, ticket: Ticket) -> Any:
        return self._configuration.schedules[ticket.schedule]

    def _child(self) -> int:
        return self._store.numbers.take("comments")

    def _audit(self, ticket: Ticket, at: int, author: int, children: list[Child]) -> None:
        audit = Audit(self._store.numbers.take("ticket_events"), ticket.id, at, author, ticket.channel, children)
        ticket.audits.append(audit)
        self.audits[audit.id] = audit
        self._store.books.begin("ticket_events", audit.id)
        self._store.changes["ticket_events"].touch(audit.id, at)
        ticket.updated = at
        self._generated(ticket, at)

    def _generated(self, ticket: Ticket, at: int) -> None:
        ticket.generated = at
        self._store.changes["tickets"].touch(ticket.id, at)
