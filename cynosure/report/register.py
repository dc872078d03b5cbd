"""The register of published figures: what was said, from what, to whom, in a form that can be asked again later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cynosure import __version__
from cynosure.deliver import ControlStore
from cynosure.deliver.store import Instant, insert_new, metadata
from cynosure.document import Figure
from cynosure.report.measure import Measurement
from cynosure.report.parts import multiple, packed, read_parts
from cynosure.settings import Company
from cynosure.settings.reports import Measured
from cynosure.transform.kpis import Kpi
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
    """A figure on its way out: how it was measured, from which definition and code, of which parts."""

    measured: Measured
    value: Decimal | None
    shown: str
    query: str
    definition: str
    code: str
    parts: str | None


def ensure_tables(store: ControlStore) -> ControlStore:
    """The store with the register in it."""
    store.ensure("published", VERSION, (figures, contents))
    return store


def registered(
    session: Session, sql: Path, at: Measurement, measured: Iterable[Measured], company: Company
) -> tuple[Registered, ...]:
    """What the register keeps of these KPIs."""
    engine = code_fingerprint(sql)
    found = []
    for one in {(m.kpi, m.measure): m for m in measured}.values():
        value = at.value(one)
        parts = read_parts(session, one, at.day)
        adds_up = parts is not None and multiple(one.kpi) * sum((p.amount for p in parts.values()), Decimal(0)) == value
        found.append(
            Registered(
                one, value, _shown(at.kpis[one.kpi], value, at.currency), query(one, at.day),
                definition_fingerprint(sql, at.kpis[one.kpi], company), engine, packed(parts) if parts and adds_up else None,
            )
        )  # fmt: skip
    return tuple(found)


def record(
    tx: sa.Connection, found: Iterable[Registered], *, key: str, report: str, audience: str, day: date,
    data_as_of: datetime | None, loaded: Mapping[str, str], recipients: Sequence[str], now: datetime,
) -> None:  # fmt: skip
    """Writes the figures of one message, in the transaction that puts it into the outbox."""
    state = _keep(tx, json.dumps(dict(loaded), sort_keys=True))
    for one in found:
        tx.execute(
            sa.insert(figures).values(
                dedup_key=key, figure=f"{one.measured.kpi}.{one.measured.measure}", report=report, audience=audience,
                day=day.isoformat(), kpi=one.measured.kpi, measure=one.measured.measure,
                value=None if one.value is None else str(one.value), shown=one.shown, query=one.query, data_as_of=data_as_of,
                definition=one.definition, code=one.code, parts=_keep(tx, one.parts) if one.parts else None, loaded=state,
                recipients=json.dumps(sorted(recipients)), published_at=now,
            )
        )  # fmt: skip


def newest(tx: sa.Connection) -> list[sa.RowMapping]:
    """Of every figure, report, audience and day what was published last, the newest day first."""
    found: dict[tuple[str, ...], sa.RowMapping] = {}
    for row in tx.execute(sa.select(figures).order_by(figures.c.published_at)).mappings():
        found[row["report"], row["audience"], row["day"], row["figure"]] = row
    return sorted(found.values(), key=lambda row: (row["day"], row["report"], row["audience"], row["figure"]), reverse=True)


def content(tx: sa.Connection, hash: str) -> str:
    """What is kept under a hash."""
    return str(tx.scalar(sa.select(contents.c.content).where(contents.c.hash == hash)))


def loaded_batches(session: Session) -> dict[str, str]:
    """The newest batch of every stream, as source.stream."""
    rows = session.rows("select source, stream, max(batch_id) from ops.loads group by source, stream")
    return {f"{source}.{stream}": str(batch) for source, stream, batch in rows}


def query(measured: Measured, day: date) -> str:
    """The statement that gives the figure; the same one that is asked again later."""
    relation, total = f"from kpis.{measured.kpi}", "dimension = 'all' and member = 'all'"
    first = day.replace(day=1)
    if measured.measure == "month_to_date":
        return f"select sum(value) {relation} where grain = 'day' and period_start between '{first}' and '{day}' and {total}"
    grain, start = ("day", day) if measured.measure == "day" else ("month", first)
    return f"select value {relation} where grain = '{grain}' and period_start = '{start}' and {total}"


def definition_fingerprint(sql: Path, kpi: Kpi, company: Company) -> str:
    """Changes with the KPI's own query and entry, the switches of the project and what the configuration decides."""
    files = [*(sql / "models" / "kpis").glob(f"*/{kpi.name}.sql"), sql / "dbt_project.yml"]
    texts = [path.read_text(encoding="utf-8") for path in files if path.is_file()]
    return _hash("\0".join((kpi.model_dump_json(), *texts, company.model_dump_json())))[:16]


def code_fingerprint(sql: Path) -> str:
    """Changes with any model or macro, and with the release."""
    files = sorted(path for folder in ("models", "macros") for path in (sql / folder).rglob("*.sql"))
    return _hash("\0".join((__version__, *(f"{path.name}\0{path.read_text(encoding='utf-8')}" for path in files))))[:16]


def _shown(kpi: Kpi, value: Decimal | None, currency: str) -> str:
    figure: Figure = kpi.figure(kpi.name, value, currency)
    return figure.text


def _keep(tx: sa.Connection, text: str) -> str:
    found = _hash(text)
    insert_new(tx, contents, hash=found, content=text)
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def as_row(row: sa.RowMapping) -> dict[str, Any]:
    """What the register says of a figure, without what only the engine needs."""
    kept = ("report", "audience", "day", "kpi", "measure", "shown", "query", "data_as_of", "definition", "code", "published_at")
    return {name: row[name] for name in kept} | {"value": row["value"], "recipients": json.loads(row["recipients"])}
