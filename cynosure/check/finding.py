"""A finding: what was measured where, what was expected, how bad it is, and which KPIs it touches."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cynosure.warehouse import Session


class Severity(StrEnum):
    """`stop` holds the figures that depend on it back, `warn` only tells."""

    STOP = "stop"
    WARN = "warn"


class Dimension(StrEnum):
    """The dimensions of data quality that findings are counted by."""

    ACCURACY = "accuracy"
    COMPLETENESS = "completeness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"


@dataclass(frozen=True, slots=True)
class Finding:
    """One evaluation of one check. `check_id` is the same every time, `passed` says how it ended this time."""

    check_id: str
    kind: str
    what: str
    expected: str
    passed: bool
    dimension: Dimension
    severity: Severity = Severity.STOP
    measured: Decimal | None = None
    source: str | None = None
    stream: str | None = None
    relation: str | None = None
    affected_kpis: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)


_COLUMNS = (
    "finding_id", "check_id", "kind", "source", "stream", "relation", "what", "measured", "expected", "severity", "status",
    "dimension", "affected_kpis", "detail", "found_at", "data_as_of",
)  # fmt: skip


def store_findings(session: Session, findings: Iterable[Finding], now: datetime, data_as_of: datetime | None) -> None:
    """Appends evaluations to `ops.findings`."""
    marks = ", ".join(f"${i}" for i in range(1, len(_COLUMNS) + 1))
    with session.transaction():
        for f in findings:
            session.execute(
                f"insert into ops.findings ({', '.join(_COLUMNS)}) values ({marks})",
                uuid.uuid4().hex, f.check_id, f.kind, f.source, f.stream, f.relation, f.what, f.measured, f.expected,
                f.severity.value, "passed" if f.passed else "failed", f.dimension.value, json.dumps(f.affected_kpis),
                json.dumps(f.detail, default=str), now, data_as_of,
            )  # fmt: skip


def latest_findings(session: Session) -> list[Finding]:
    """The newest evaluation of every check, failed ones first."""
    rows = session.rows(
        "select check_id, kind, what, expected, status, dimension, severity, measured, source, stream, relation,"
        " affected_kpis, detail from (select *, row_number() over"
        " (partition by check_id order by found_at desc, finding_id) as newest from ops.findings) as evaluations"
        " where newest = 1 order by status, check_id"
    )
    return [_finding(row) for row in rows]


def _finding(row: Sequence[Any]) -> Finding:
    check_id, kind, what, expected, status, dimension, severity, measured, source, stream, relation, affected, detail = row
    return Finding(
        check_id, kind, what, expected, status == "passed", Dimension(dimension), Severity(severity), measured,
        source, stream, relation, tuple(json.loads(affected)), json.loads(detail),
    )  # fmt: skip
