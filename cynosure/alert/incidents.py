"""Incidents: pending, firing, resolved; with every evaluation that was ever made, so that 'consecutive' survives restarts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from cynosure.alert.observe import Observation
from cynosure.deliver import ControlStore
from cynosure.deliver.store import Instant, insert_new, metadata
from cynosure.settings.alerts import AlertRule

VERSION = 1
State = Literal["pending", "firing", "resolved"]
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(7243302)"

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("incident_id", sa.String(80), primary_key=True),
    sa.Column("rule", sa.String(80), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("severity", sa.String(10), nullable=False),
    sa.Column("labels_json", sa.Text, nullable=False),
    sa.Column("streak", sa.Integer, nullable=False),
    sa.Column("last_period", sa.String(40), nullable=False),
    sa.Column("held_back", sa.String(500), nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("fired_at", Instant),
    sa.Column("resolved_at", Instant),
    sa.Column("acknowledged_at", Instant),
    sa.Column("acknowledged_by", sa.String(200)),
    sa.Index("incidents_open", "rule", "subject", unique=True, sqlite_where=sa.text("state <> 'resolved'"),
             postgresql_where=sa.text("state <> 'resolved'")),
)  # fmt: skip

evaluations = sa.Table(
    "alert_evaluations",
    metadata,
    sa.Column("rule", sa.String(80), primary_key=True),
    sa.Column("subject", sa.String(200), primary_key=True),
    sa.Column("evaluated_at", Instant, primary_key=True),
    sa.Column("period", sa.String(40), nullable=False),
    sa.Column("holds", sa.Boolean),
    sa.Column("measured", sa.String(60)),
    sa.Column("held_back", sa.String(500), nullable=False),
)

notices = sa.Table(
    "alert_notices",
    metadata,
    sa.Column("incident_id", sa.String(80), sa.ForeignKey(incidents.c.incident_id), primary_key=True),
    sa.Column("route", sa.String(120), primary_key=True),
    sa.Column("said", sa.String(20), primary_key=True),
    sa.Column("dedup_key", sa.String(200), nullable=False),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
)


@dataclass(frozen=True)
class Incident:
    """Something that is, or was, wrong."""

    incident_id: str
    rule: str
    subject: str
    state: State
    severity: str
    labels: Mapping[str, str]
    streak: int
    last_period: str
    held_back: str
    opened_at: datetime
    fired_at: datetime | None
    resolved_at: datetime | None
    acknowledged_at: datetime | None


def ensure_tables(store: ControlStore) -> ControlStore:
    """The store with the tables of this package in it."""
    store.ensure("alert", VERSION, (incidents, evaluations, notices))
    return store


def lock(tx: sa.Connection) -> None:
    """One evaluation at a time; SQLite's write transaction already sees to that."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql(_ONE_AT_A_TIME)


def advance(tx: sa.Connection, rule: AlertRule, seen: Observation, now: datetime) -> Incident | None:
    """Records the observation and moves its incident on; returns the incident if there is one."""
    _record(tx, seen, now)
    current = find_open(tx, seen.rule, seen.subject)
    if seen.holds is None:
        if current:
            _update(tx, current, held_back=seen.held_back)
    elif seen.holds:
        current = current or _open(tx, rule, seen, now)
        _strengthen(tx, rule, current, seen, now)
    elif current:
        _update(tx, current, state="resolved", resolved_at=now, held_back="")
    return _get(tx, current.incident_id) if current else None


def close_vanished(tx: sa.Connection, rule: str, subjects: Iterable[str], now: datetime) -> None:
    """Resolves open incidents of a rule whose subject is no longer looked at, or of a rule that is gone."""
    query = sa.update(incidents).where(
        incidents.c.rule == rule, incidents.c.state != "resolved", incidents.c.subject.not_in(list(subjects))
    )
    tx.execute(query.values(state="resolved", resolved_at=now))


def _strengthen(tx: sa.Connection, rule: AlertRule, current: Incident, seen: Observation, now: datetime) -> None:
    """Counts a new period; fires once the condition has held often and long enough."""
    streak = current.streak + (current.last_period != seen.period)
    lasting = now - current.opened_at >= rule.for_
    values: dict[str, Any] = {"streak": streak, "last_period": seen.period, "held_back": ""}
    if current.state == "pending" and streak >= rule.consecutive and lasting:
        values |= {"state": "firing", "fired_at": now}
    _update(tx, current, **values)


def _open(tx: sa.Connection, rule: AlertRule, seen: Observation, now: datetime) -> Incident:
    identity = hashlib.sha256(f"{seen.rule}\0{seen.subject}\0{now.isoformat()}".encode()).hexdigest()[:12]
    incident_id = f"{seen.rule[:60]}-{identity}"
    tx.execute(
        sa.insert(incidents).values(
            incident_id=incident_id, rule=seen.rule, subject=seen.subject, state="pending", severity=rule.severity,
            labels_json=json.dumps(dict(seen.labels), sort_keys=True), streak=0, last_period="", held_back="", opened_at=now,
        )
    )  # fmt: skip
    return _get(tx, incident_id)


def _record(tx: sa.Connection, seen: Observation, now: datetime) -> None:
    measured = None if seen.measured is None else str(seen.measured)[:60]
    insert_new(
        tx, evaluations, rule=seen.rule, subject=seen.subject, evaluated_at=now, period=seen.period,
        holds=seen.holds, measured=measured, held_back=seen.held_back[:500],
    )  # fmt: skip


def _update(tx: sa.Connection, incident: Incident, **values: Any) -> None:
    tx.execute(sa.update(incidents).where(incidents.c.incident_id == incident.incident_id).values(**values))


def find_open(tx: sa.Connection, rule: str, subject: str) -> Incident | None:
    """The unresolved incident of a rule about a subject, if there is one."""
    found = select(tx, incidents.c.rule == rule, incidents.c.subject == subject, incidents.c.state != "resolved")
    return found[0] if found else None


def _get(tx: sa.Connection, incident_id: str) -> Incident:
    return select(tx, incidents.c.incident_id == incident_id)[0]


def select(tx: sa.Connection, *conditions: sa.ColumnElement[bool]) -> Sequence[Incident]:
    """Incidents under conditions, the oldest first."""
    query = sa.select(incidents).where(*conditions).order_by(incidents.c.opened_at, incidents.c.rule, incidents.c.subject)
    return [_incident(row) for row in tx.execute(query).mappings()]


def acknowledge(tx: sa.Connection, incident_id: str, by: str, now: datetime) -> bool:
    """Stops the ladder of a firing incident; False if it is not firing or was acknowledged before."""
    change = sa.update(incidents).where(
        incidents.c.incident_id == incident_id, incidents.c.state == "firing", incidents.c.acknowledged_at.is_(None)
    )
    return tx.execute(change.values(acknowledged_at=now, acknowledged_by=by[:200])).rowcount == 1


def _incident(row: sa.RowMapping) -> Incident:
    return Incident(
        incident_id=row["incident_id"], rule=row["rule"], subject=row["subject"], state=row["state"],
        severity=row["severity"], labels=json.loads(row["labels_json"]), streak=row["streak"],
        last_period=row["last_period"], held_back=row["held_back"], opened_at=row["opened_at"],
        fired_at=row["fired_at"], resolved_at=row["resolved_at"], acknowledged_at=row["acknowledged_at"],
    )  # fmt: skip
