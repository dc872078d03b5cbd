"""What was published: one row per report, period, group and revision, with every figure as it went out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from cynosure.deliver import ControlStore
from cynosure.deliver.store import Instant, insert_new, metadata
from cynosure.document import Document, Figure, figures

VERSION = 1

report_runs = sa.Table(
    "report_runs",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("period", sa.String(20), primary_key=True),
    sa.Column("audience", sa.String(80), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("dedup_key", sa.String(200), nullable=False),
    sa.Column("figures_json", sa.Text, nullable=False),
    sa.Column("figures_hash", sa.String(64), nullable=False),
    sa.Column("data_as_of", Instant),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
)


@dataclass(frozen=True)
class Edition:
    """Which report, on which day, for which group."""

    name: str
    day: date
    audience: str

    @property
    def key(self) -> str:
        """The deduplication key of its first publication."""
        return f"report:{self.name}:{self.day.isoformat()}:{self.audience}"

    def row(self) -> dict[str, str]:
        """Its columns."""
        return {"name": self.name, "period": self.day.isoformat(), "audience": self.audience}


def ensure_tables(store: ControlStore) -> ControlStore:
    """The store with the table of this package in it."""
    store.ensure("report", VERSION, (report_runs,))
    return store


def published(tx: sa.Connection, edition: Edition) -> sa.RowMapping | None:
    """The newest publication of an edition, or None if it has not gone out."""
    query = sa.select(report_runs).where(_is(edition), report_runs.c.state == "sent").order_by(report_runs.c.revision.desc())
    return tx.execute(query).mappings().first()


def record_held(tx: sa.Connection, edition: Edition, reason: str, now: datetime) -> bool:
    """Remembers that an edition waits, and why; True the first time."""
    empty = {"dedup_key": edition.key, "figures_json": "{}", "figures_hash": "", "data_as_of": None}
    return insert_new(tx, report_runs, **edition.row(), revision=0, state="held", reason=reason[:500], recorded_at=now, **empty)


def record_sent(
    tx: sa.Connection, edition: Edition, document: Document, key: str, data_as_of: datetime | None, now: datetime
) -> int:
    """Keeps every figure as published; returns the revision, 1 for the first publication."""
    last = published(tx, edition)
    revision = (last["revision"] if last else 0) + 1
    kept = figures_json(document)
    tx.execute(
        sa.insert(report_runs).values(
            **edition.row(),
            revision=revision,
            state="sent",
            dedup_key=key,
            figures_json=kept,
            figures_hash=fingerprint(kept),
            data_as_of=data_as_of,
            reason="",
            recorded_at=now,
        )
    )
    return revision


def figures_json(document: Document) -> str:
    """Every figure of a document by name, exact values as text."""
    return json.dumps({f.name: _kept(f) for f in figures(document)}, sort_keys=True, ensure_ascii=False)


def fingerprint(kept: str) -> str:
    """A hash of the texts that were shown: a change too small to show is no correction."""
    shown = {name: figure["text"] for name, figure in json.loads(kept).items()}
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def differences(before: str, after: str) -> list[tuple[str, str, str]]:
    """Name, text before and text after of every figure that is shown differently."""
    old, new = json.loads(before), json.loads(after)
    names: Iterable[str] = [name for name in new if name in old and new[name]["text"] != old[name]["text"]]
    return [(name, old[name]["text"], new[name]["text"]) for name in names]


def _kept(figure: Figure) -> dict[str, Any]:
    value = None if figure.value is None else str(figure.value)
    return {"value": value, "unit": figure.unit, "currency": figure.currency, "text": figure.text}


def _is(edition: Edition) -> sa.ColumnElement[bool]:
    return sa.and_(*(report_runs.c[name] == value for name, value in edition.row().items()))
