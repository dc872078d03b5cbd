"""Decides what is said to whom now: new incidents, repetitions, escalations and resolutions, each exactly once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from cynosure.alert import messages
from cynosure.alert.incidents import Incident, notices
from cynosure.alert.messages import Case, Kind
from cynosure.deliver import Recipient, compose, enqueue, formats_for, group_recipients, unsubscribed
from cynosure.deliver.leases import sent_to
from cynosure.register.figures import Registrar, record
from cynosure.settings.recipients import Recipients
from cynosure.settings.routes import Inhibition, Resolved, Routing, matches, routes_for

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """That an incident was announced on a route (firing) or closed there (resolved), first and last."""

    incident_id: str
    route: str
    said: str
    dedup_key: str
    first_at: datetime
    last_at: datetime


@dataclass
class Desk:
    """One pass over all incidents, inside the transaction that moved them on."""

    tx: sa.Connection
    routing: Routing
    recipients: Recipients
    company: str
    now: datetime
    registrar: Registrar
    keys: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def announce(self, cases: Sequence[Case]) -> None:
        """Says everything that is due about these incidents."""
        firing = [case for case in cases if case.incident.state == "firing"]
        loud = [c for c in firing if not c.incident.held_back and not inhibited(c.incident, firing, self.routing.inhibit)]
        for (path, _), (route, members) in self._grouped(loud).items():
            self._group(path, route, members)
        for case in loud:
            self._escalate(case)
        for case in cases:
            if case.incident.state == "resolved":
                self._resolve(case)

    def _grouped(self, cases: Sequence[Case]) -> Mapping[tuple[str, tuple[str, ...]], tuple[Resolved, list[Case]]]:
        groups: dict[tuple[str, tuple[str, ...]], tuple[Resolved, list[Case]]] = {}
        for case in cases:
            for route in routes_for(self.routing, case.incident.labels):
                values = tuple(case.incident.labels.get(label, "") for label in route.group_by)
                groups.setdefault((route.path, values), (route, []))[1].append(case)
        return groups

    def _group(self, path: str, route: Resolved, members: list[Case]) -> None:
        if any(window.covers(self.now) for window in route.mute):
            return
        told = {n.incident_id: n for n in self._notices(members) if n.route == path and n.said == "firing"}
        new = [case for case in members if case.incident.incident_id not in told]
        last = max((notice.last_at for notice in told.values()), default=None)
        if new and last is None:
            fired = min(case.incident.fired_at or self.now for case in new)
            due, repetition = self.now >= fired + route.group_wait, 0
        elif last is None:
            return
        elif new:
            due, repetition = self.now >= last + route.group_interval, 0
        else:
            due, repetition = self.now >= last + route.repeat_interval, _times(told.values(), route.repeat_interval, self.now)
        if due:
            subjects = new if repetition == 0 else members
            key = _key("alert", path, [c.incident.incident_id for c in subjects], str(repetition))
            if self._say("firing", members, path, key, self._people(route.receivers)):
                self._remember(members, path, "firing", key)

    def _escalate(self, case: Case) -> None:
        """Climbs the ladder of a critical alert until somebody acknowledges it."""
        incident = case.incident
        if incident.severity != "critical" or incident.acknowledged_at is not None:
            return
        told = [notice for notice in self._notices([case]) if notice.said == "firing"]
        first = min((n.first_at for n in told if not n.route.startswith("escalation.")), default=None)
        for n, step in enumerate(self.routing.escalation):
            path = f"escalation.{n}"
            if first is None or self.now < first + step.after or path in {notice.route for notice in told}:
                continue
            key = _key("escalate", path, [incident.incident_id])
            if self._say("escalated", [case], path, key, self._people((step.to,))):
                self._remember([case], path, "firing", key)

    def _resolve(self, case: Case) -> None:
        """Closes an incident with everyone who was told that it began."""
        told = self._notices([case])
        closed = {notice.route for notice in told if notice.said == "resolved"}
        for notice in told:
            if notice.said != "firing" or notice.route in closed:
                continue
            people = tuple(Recipient(*address) for address in sent_to(self.tx, notice.dedup_key))
            key = _key("resolve", notice.route, [case.incident.incident_id])
            if self._say("resolved", [case], notice.route, key, people, thread=notice.dedup_key):
                self._remember([case], notice.route, "resolved", key)

    def _say(
        self, kind: Kind, cases: Sequence[Case], path: str, key: str, people: tuple[Recipient, ...], thread: str = ""
    ) -> bool:
        """Puts a message into the outbox; one that cannot be built is left for the next pass and reported."""
        try:
            document = messages.build(kind, cases, self.company, self.now)
            message = compose(
                document, formats_for({r.channel for r in people}), key=key, kind="alert", thread=thread,
                severity=cases[0].incident.severity, subject=messages.subject(kind, cases),
            )  # fmt: skip
            figures = [(case.incident.rule, o, self.registrar.registered(o.questions)) for case in cases if (o := case.seen)]
        except Exception as error:  # one alert that cannot be built must not silence the others
            log.error("alert %s cannot be built: %s", key, type(error).__name__)
            self.failed.append(f"{key}: {type(error).__name__}: {error}")
            return False
        refused = unsubscribed(self.recipients, people)
        if enqueue(self.tx, message, people, self.now, refused):
            self.keys.append(message.key)
            for rule, seen, found in figures:
                record(
                    self.tx, found, key=message.key, name=rule, audience=path, data_as_of=seen.data_as_of,
                    loaded=self.registrar.loaded, recipients=[to for to in people if to not in refused], now=self.now,
                )  # fmt: skip
        return True

    def _people(self, groups: Sequence[str]) -> tuple[Recipient, ...]:
        everyone = (person for name in groups for person in group_recipients(self.recipients.groups[name]))
        return tuple(dict.fromkeys(everyone))

    def _notices(self, cases: Sequence[Case]) -> list[Notice]:
        query = sa.select(notices).where(notices.c.incident_id.in_([case.incident.incident_id for case in cases]))
        return [Notice(**row) for row in self.tx.execute(query).mappings()]

    def _remember(self, cases: Sequence[Case], path: str, said: str, key: str) -> None:
        for case in cases:
            row = {"incident_id": case.incident.incident_id, "route": path, "said": said}
            same = sa.and_(*(notices.c[name] == value for name, value in row.items()))
            if not self.tx.execute(sa.update(notices).where(same).values(last_at=self.now)).rowcount:
                self.tx.execute(sa.insert(notices).values(**row, dedup_key=key, first_at=self.now, last_at=self.now))


def inhibited(incident: Incident, firing: Sequence[Case], rules: Sequence[Inhibition]) -> bool:
    """Whether another firing incident explains this one."""
    others = [case.incident for case in firing if case.incident.incident_id != incident.incident_id]
    return any(
        matches(rule.mutes, incident.labels) and any(_explains(rule, other.labels, incident.labels) for other in others)
        for rule in rules
    )


def _explains(rule: Inhibition, cause: Mapping[str, str], effect: Mapping[str, str]) -> bool:
    return matches(rule.when, cause) and all(
        set(cause.get(label, "").split(",")) & set(effect.get(label, "").split(",")) for label in rule.same
    )


def _times(told: Iterable[Notice], interval: timedelta, now: datetime) -> int:
    """Which repetition this is, counted from the first announcement; at least the first."""
    first = min(notice.first_at for notice in told)
    return max(int((now - first) / interval), 1)


def _key(what: str, path: str, incident_ids: Sequence[str], repetition: str = "") -> str:
    """Made of what happened and nothing else: the same transition gives the same key."""
    digest = hashlib.sha256("\0".join([*sorted(incident_ids), repetition]).encode()).hexdigest()[:16]
    return f"{what}:{path}:{sorted(incident_ids)[0]}:{digest}"
