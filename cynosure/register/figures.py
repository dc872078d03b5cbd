"""Keeps published figures: what was said, from what, to whom, in a form that can be asked again later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cynosure import __version__
from cynosure.deliver import ControlStore, Recipient
from cynosure.deliver.store import Instant, insert_new, metadata
from cynosure.deliver.tables import ensure_tables as ensure_outbox
from cynosure.deliver.tables import outbox
from cynosure.register.parts import multiple, packed, read_parts
from cynosure.register.question import Question
from cynosure.settings import Company
from cynosure.transform.kpis import Kpi, KpiReader
from cynosure.warehouse import Session

VERSION = 1

figures = sa.Table(
    "published_figures",
    metadata,
    sa.Column("dedup_key", sa.String(200), primary_key=True),
    sa.Column("figure", sa.String(120), primary_key=True),
    sa.Column("report", sa.String(80), nullable=False),
    sa.Column("audience", sa.String(80), nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("kpi", sa.String(80), nullable=False),
    sa.Column("measure", sa.String(20), nullable=False),
    sa.Column("value", sa.String(60)),
    sa.Column("shown", sa.String(60), nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("data_as_of", Instant),
    sa.Column("definition", sa.String(16), nullable=False),
    sa.Column("code", sa.String(16), nullable=False),
    sa.Column("parts", sa.String(64)),
    sa.Column("loaded", sa.String(64), nullable=False),
    sa.Column("recipients", sa.Text, nullable=False),
    sa.Column("published_at", Instant, nullable=False),
)
# what many figures share is kept once, under its own hash
contents = sa.Table(
    "published_contents",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
)


@dataclass(frozen=True)
class Registered:
    """A figure on its way out: what it answers, from which definition and code, of which parts."""

    question: Question
    value: Decimal | None
    shown: str
    definition: str
    code: str
    parts: str | None


def ensure_tables(store: ControlStore) -> ControlStore:
    """The store with the register in it, and the outbox that says what the figures went out in."""
    ensure_outbox(store)
    store.ensure("published", VERSION, (figures, contents))
    return store


@dataclass(frozen=True)
class Registrar:
    """Answers questions from one published state, with everything that the register keeps of an answer."""

    session: Session
    sql: Path
    kpis: Mapping[str, Kpi]
    company: Company

    def registered(self, questions: Iterable[Question]) -> tuple[Registered, ...]:
        """The answers to these questions, each once."""
        return tuple(map(self._registered, dict.fromkeys(questions)))

    def _registered(self, question: Question) -> Registered:
        kpi, value = self.kpis[question.kpi], question.answer(KpiReader(self.session))
        parts = read_parts(self.session, question)
        adds_up = parts is not None and multiple(kpi.name) * sum((p.amount for p in parts.values()), Decimal(0)) == value
        return Registered(
            question, value, kpi.figure(kpi.name, value, self.company.currency).text,
            definition_fingerprint(self.sql, kpi, self.company), self._code, packed(parts) if parts and adds_up else None,
        )  # fmt: skip

    @cached_property
    def loaded(self) -> Mapping[str, str]:
        """The newest batch of every stream, as source.stream."""
        rows = self.session.rows("select source, stream, max(batch_id) from ops.loads group by source, stream")
        return {f"{source}.{stream}": str(batch) for source, stream, batch in rows}

    @cached_property
    def _code(self) -> str:
        return code_fingerprint(self.sql)


def record(
    tx: sa.Connection, found: Iterable[Registered], *, key: str, name: str, audience: str,
    data_as_of: datetime | None, loaded: Mapping[str, str], recipients: Sequence[Recipient], now: datetime,
) -> None:  # fmt: skip
    """Writes figures of a message, in the transaction that puts it into the outbox; `name` is its report or alert rule.

    A figure that two rules show in one message is kept under the first.
    """
    state = _keep(tx, json.dumps(dict(loaded), sort_keys=True))
    for one in found:
        asked = one.question
        insert_new(
            tx, figures, dedup_key=key, figure=asked.name, report=name, audience=audience, day=asked.day.isoformat(),
            kpi=asked.kpi, measure=asked.measure, value=None if one.value is None else str(one.value), shown=one.shown,
            query=asked.statement, data_as_of=data_as_of, definition=one.definition, code=one.code,
            parts=_keep(tx, one.parts) if one.parts else None, loaded=state,
            recipients=json.dumps(sorted(f"{to.channel}:{to.address}" for to in recipients)), published_at=now,
        )  # fmt: skip


def newest(tx: sa.Connection) -> list[sa.RowMapping]:
    """Of every figure by report or rule, audience and day what was published last, the newest day first."""
    found: dict[tuple[str, ...], sa.RowMapping] = {}
    query = sa.select(figures, outbox.c.kind).join(outbox, outbox.c.dedup_key == figures.c.dedup_key)
    for row in tx.execute(query.order_by(figures.c.published_at)).mappings():
        found[row["kind"], row["report"], row["audience"], row["figure"]] = row
    by_name = sorted(found.values(), key=lambda row: (row["kind"], row["report"], row["audience"], row["figure"]), reverse=True)
    return sorted(by_name, key=lambda row: row["day"], reverse=True)


def content(tx: sa.Connection, hash: str) -> str:
    """What is kept under a hash."""
    return str(tx.scalar(sa.select(contents.c.content).where(contents.c.hash == hash)))


def definition_fingerprint(sql: Path, kpi: Kpi, company: Company) -> str:
    """Changes with the KPI's own query and entry, the switches of the project and what the configuration decides."""
    files = [*(sql / "models" / "kpis").glob(f"*/{kpi.name}.sql"), sql / "dbt_project.yml"]
    texts = [path.read_text(encoding="utf-8") for path in files if path.is_file()]
    return _hash("\0".join((kpi.model_dump_json(), *texts, company.model_dump_json())))[:16]


def code_fingerprint(sql: Path) -> str:
    """Changes with any model or macro, and with the release."""
    files = sorted(path for folder in ("models", "macros") for path in (sql / folder).rglob("*.sql"))
    return _hash("\0".join((__version__, *(f"{path.name}\0{path.read_text(encoding='utf-8')}" for path in files))))[:16]


def _keep(tx: sa.Connection, text: str) -> str:
    found = _hash(text)
    insert_new(tx, contents, hash=found, content=text)
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def as_row(row: sa.RowMapping) -> dict[str, Any]:
    """What the register says of a figure, without what only the engine needs."""
    kept = ("kind", "audience", "day", "kpi", "measure", "value", "shown", "query", "data_as_of", "definition", "code")
    own = {"name": row["report"], "recipients": json.loads(row["recipients"]), "published_at": row["published_at"]}
    return {column: row[column] for column in kept} | own
